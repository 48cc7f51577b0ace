"""Findings of looks inside a model: alignment, copying, gates and cells by token and unit.

Units come in the order of what changed most, and no more of them than fit into a picture.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd
import xarray as xr

from lab.finding import Picture, Table, array

MOST_UNITS = 40
MOST_TOKENS = 60  # the newest ones of a memory


def numbered(tokens: Iterable[str]) -> list[str]:
    """Tokens as labels that differ: "3 ▁the"."""
    return [f"{place} {token}" for place, token in enumerate(tokens, 1)]


def most_changed(values: xr.DataArray, axis: str, count: int = MOST_UNITS) -> np.ndarray:
    """The units (axis `unit`) whose values change most along `axis`, those first."""
    change = np.abs(np.diff(values.transpose(axis, "unit").values, axis=0)).sum(0)
    return np.argsort(-change, kind="stable")[:count]


def of_gate(seen: xr.Dataset, layer: str, gate: str) -> Picture:
    """Heat map of one gate (or the cell) of a layer, token by unit."""
    side, axis = ("encoder", "source") if layer.startswith("encoder") else ("decoder", "target")
    if side not in seen:
        raise ValueError(seen.attrs["missing"])
    layers = list(seen[f"{side}_layer"].values)
    if layer not in layers or gate not in seen.gate:
        raise ValueError(
            f"layer={layer!r}, gate={gate!r}: choose of {', '.join(layers)}; {', '.join(seen.gate.values)}"
        )
    values = seen[side].sel({f"{side}_layer": layer, "gate": gate})  # [position, unit]
    values = values[-MOST_TOKENS:]
    units = most_changed(values, axis)
    labels = numbered(seen[f"{axis}_token"].values[-MOST_TOKENS:])
    shown = array(values.values[:, units].T, gate, unit=[f"unit {u}" for u in units], token=labels)
    middle = 0.0 if gate in ("candidate", "cell", "hidden") else None
    return Picture(
        f"{layer}: {gate}, units that change most first", shown, "heat", "token", "unit", middle=middle
    )


def alignment(seen: xr.Dataset) -> list[Picture]:
    """Where the answer's tokens looked, what they copied, and the copy gate."""
    newest = seen.isel(memory=slice(max(0, seen.sizes["memory"] - MOST_TOKENS), None))
    said, told = numbered(seen.target_token.values), _memory_labels(newest)
    attention = newest.attention.mean("head").values
    return [
        Picture(
            "Attention, mean of the heads",
            array(attention, "weight", said=said, memory=told),
            "heat",
            "memory",
            "said",
        ),
        Picture(
            "Copied share from each token",
            array(newest.copied.values, "share", said=said, memory=told),
            "heat",
            "memory",
            "said",
        ),
        Picture(
            "May be copied (copy gate), and attention on nothing (null slot)",
            array(
                [seen.copy_gate.values, seen.null.values], "share", what=["copy gate", "null slot"], said=said
            ),
            "bar",
            "said",
            "what",
        ),
    ]


def _memory_labels(seen: xr.Dataset) -> list[str]:
    several = len(set(seen.memory_segment.values.tolist())) > 1
    return [
        f"{place + 1} {token}" + (f" (turn {segment + 1})" if several else "")
        for place, token, segment in zip(
            seen.memory.values, seen.memory_token.values, seen.memory_segment.values, strict=True
        )
    ]


def tokens_table(seen: xr.Dataset) -> Table:
    """A row for each token of the answer: probability, copied share, source."""
    best = seen.copied.argmax("memory").values
    rows = pd.DataFrame(
        {
            "token": seen.target_token.values,
            "probability": np.exp(seen.log_prob.values).round(4),
            "copied": seen.copied.sum("memory").values.round(4),
            "mostly from": seen.memory_token.values[best],
            "null slot": seen.null.values.round(4),
        }
    )
    return Table("Token by token", rows)
