"""How far a checkpoint's own probabilities can be trusted: calibration.json beside it.

Logistic regression (Platt 1999) on features of a search. F features. No torch.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np

from lstm_models.checkpoint import CALIBRATION
from lstm_models.files import write_text

FORMAT = "longshort-calibration"


@dataclass(frozen=True)
class StoredCalibration:
    """What a task found out about its weights. model: sha256 of the weights that it was fitted for.

    A task's own class adds what was fitted, and says in `parse` how to read it.
    """

    model: str

    @classmethod
    def parse(cls, content: Mapping[str, Any]) -> Self:
        """From the file's content. Raises: ValueError, KeyError or TypeError for what does not fit."""
        raise NotImplementedError

    def save(self, folder: str | Path) -> Path:
        """Writes calibration.json into a checkpoint folder."""
        path = Path(folder) / CALIBRATION
        write_text(path, json.dumps({"format": FORMAT, **asdict(self)}, indent=2) + "\n")
        return path

    @classmethod
    def load(cls, folder: str | Path, model: str) -> Self | None:
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
            found = cls.parse(content)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            remedy = f"run `longshort calibrate {folder}`, or delete the file"
            raise ValueError(f"{path} is damaged ({error}): {remedy}") from error
        return found if found.model == model else None


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
