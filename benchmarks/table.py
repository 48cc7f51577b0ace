"""What a benchmark found, as rows of one table in Markdown: ours, a peer's, the ratio and its spread."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

HEADS = ("what", "ours", "against", "ratio (lowest to highest over the runs)", "wanted", "command")


@dataclass(frozen=True)
class Row:
    """One figure. ours: text with its unit. ratio: the median over the runs, None where there is no peer."""

    what: str
    ours: str
    against: str = ""
    ratio: float | None = None
    low: float | None = None
    high: float | None = None
    wanted: str = ""


def compared(what: str, ours: str, against: str, ratios: Sequence[float], wanted: str = "") -> Row:
    """A row with the median of the ratios, one of each run, and their spread. Raises ValueError for none."""
    if not ratios:
        raise ValueError(f"{what}: no run was left to compare; measure more rounds")
    return Row(what, ours, against, statistics.median(ratios), min(ratios), max(ratios), wanted)


def spread(values: Sequence[float], unit: str, digits: int = 1) -> str:
    """The median of what was measured several times, with its spread where there is one."""
    text = f"{statistics.median(values):,.{digits}f} {unit}"
    return f"{text} ({min(values):,.{digits}f} to {max(values):,.{digits}f})" if len(values) > 1 else text


def head() -> str:
    """The two lines that a table begins with."""
    return f"{_line(HEADS)}\n{'| --- ' * len(HEADS)}|"


def line(row: Row, command: str = "") -> str:
    """A row of the table. command: what measures it again."""
    ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
    if row.low is not None and row.high is not None:
        ratio += f" ({row.low:.2f} to {row.high:.2f})"
    cells = (row.what, row.ours, row.against, ratio, row.wanted, f"`{command}`" if command else "")
    return _line(cells)


def _line(cells: Sequence[str]) -> str:
    """Cells on one line: a line break or a bar inside of one would break the table."""
    return "| " + " | ".join(" ".join(cell.split()).replace("|", "\\|") for cell in cells) + " |"
