"""How far a checkpoint's own probabilities can be trusted: calibration.json beside it.

Logistic regression (Platt 1999) on features of a search. F features. No torch.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from lstm_models.checkpoint import CALIBRATION
from lstm_models.files import write_text

FORMAT = "longshort-calibration"
Found = TypeVar("Found")


def write_calibration(folder: str | Path, content: Mapping[str, Any]) -> Path:
    """Writes calibration.json into a checkpoint folder. content: "model", sha256 of its weights, and more."""
    path = Path(folder) / CALIBRATION
    write_text(path, json.dumps({"format": FORMAT, **content}, indent=2) + "\n")
    return path


def read_calibration(
    folder: str | Path, model: str, parse: Callable[[Mapping[str, Any]], Found]
) -> Found | None:
    """What stands in a checkpoint folder; None where there is nothing, or it is of other weights.

    model: sha256 of the weights. Raises: ValueError for a damaged file, with the remedy.
    """
    path = Path(folder) / CALIBRATION
    if not path.is_file():
        return None
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content.pop("format") != FORMAT:
            raise ValueError("another format")
        read, of = parse(content), str(content["model"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        remedy = f"run `longshort calibrate {folder}`, or delete the file"
        raise ValueError(f"{path} is damaged ({error}): {remedy}") from error
    return read if of == model else None


def weights_of(given: Sequence[Any], size: int) -> tuple[float, ...]:
    """As many weights as there are features. Raises: ValueError for others."""
    weights = tuple(map(float, given))
    if len(weights) != size:
        raise ValueError(f"{len(weights)} weights in the place of {size}")
    if not np.isfinite(weights).all():
        raise ValueError("weights that are not numbers")
    return weights


def probability(features: Sequence[float], weights: Sequence[float]) -> float:
    """The logistic function of their product: [F], [F] -> 0 to 1."""
    return float(1 / (1 + np.exp(-np.clip(np.dot(features, weights), -30, 30))))
