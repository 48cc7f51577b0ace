"""Rows become one table, whatever stands in them; medians and spreads are of the runs."""

import pytest

from benchmarks.table import HEADS, Row, compared, head, line, spread


def test_a_ratio_is_the_median_of_the_runs_with_its_spread() -> None:
    row = compared("speed", "10 ms", "a peer", [3.0, 1.0, 9.0, 2.0], "at least 2")
    assert (row.ratio, row.low, row.high) == (2.5, 1.0, 9.0)
    assert line(row, "run it") == "| speed | 10 ms | a peer | 2.50 (1.00 to 9.00) | at least 2 | `run it` |"


def test_without_a_run_there_is_nothing_to_compare() -> None:
    with pytest.raises(ValueError, match=r"speed: no run.*more rounds"):
        compared("speed", "10 ms", "a peer", [])


def test_every_row_has_as_many_cells_as_the_head() -> None:
    rows = [line(Row("size", "3 MB")), line(Row("odd", "a | b\nc", "", 1.0)), *head().splitlines()]
    assert all(row.replace("\\|", "").count("|") == len(HEADS) + 1 for row in rows)
    assert "a \\| b c" in rows[1] and "1.00 |" in rows[1]


def test_a_spread_needs_more_than_one_run() -> None:
    assert spread([4.0], "s") == "4.0 s"
    assert spread([4.0, 5.5, 1000.0], "MB", 0) == "6 MB (4 to 1,000)"
