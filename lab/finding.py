"""What a lesson gives back: sentences, checks, pictures and tables, all of them plain values.

A picture is an array with named axes and a word on how to draw it; `charts.py` draws it, and a file format
takes it as it is. Nothing here knows the page or the terminal.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
import xarray as xr

Kind = Literal["line", "bar", "heat", "points", "frames"]


@dataclass(frozen=True)
class Picture:
    """An array and how to draw it.

    x, y: axes of the array along which it is laid out; for lines and bars `y` is the axis that is told apart
    by colour, or "". down: one small picture for each entry of this axis, or "". log: a logarithmic scale
    of values. middle: for heat maps, the value that is neutral in colour (None: none is).
    """

    title: str
    array: xr.DataArray
    kind: Kind
    x: str
    y: str = ""
    down: str = ""
    log: bool = False
    middle: float | None = None


@dataclass(frozen=True)
class Table:
    """Rows of numbers with a title."""

    title: str
    rows: pd.DataFrame


@dataclass(frozen=True)
class Check:
    """Something that ought to hold, with what was measured."""

    what: str
    measured: str
    holds: bool


@dataclass(frozen=True)
class Finding:
    """What one run of a lesson found."""

    says: tuple[str, ...]
    checks: tuple[Check, ...] = ()
    pictures: tuple[Picture, ...] = ()
    tables: tuple[Table, ...] = ()

    def _repr_html_(self) -> str:
        """What a notebook shows. Needs the extra [lab]."""
        from lab.notebook import as_html

        return as_html(self)

    def arrays(self) -> xr.Dataset:
        """All pictures' arrays in one set, each under its title; an axis is prefixed where sizes differ."""
        return xr.Dataset(
            {
                p.title: p.array.rename({str(d): f"{p.title}: {d}" for d in p.array.dims})
                for p in self.pictures
            }
        )


def array(values: Any, name: str, **axes: Any) -> xr.DataArray:
    """Values with named axes, in order: array(a, "gradient", net=[...], steps=range(5))."""
    values = np.asarray(values)
    if values.ndim != len(axes):
        raise ValueError(f"{name}: {values.ndim} axes of values and {len(axes)} names: give one for each")
    return xr.DataArray(values, dims=list(axes), coords={k: list(v) for k, v in axes.items()}, name=name)
