"""What is slow is run once, all else in every round, and each is told as it comes."""

from collections import Counter

import pytest

from benchmarks.cost_curves import SLOW, measured, table


def test_rounds(capsys: pytest.CaptureFixture[str]) -> None:
    now, runs = [0.0], Counter[str]()

    def takes(name: str, seconds: float) -> None:
        runs[name] += 1
        now[0] += seconds * (2 if runs[name] == 1 else 1)  # the first time is always longer

    cases = {10: {"quick": lambda: takes("quick", 0.5), "slow": lambda: takes("slow", SLOW)}}
    rows = measured(cases, 3, lambda: now[0])
    assert runs == {"quick": 4, "slow": 1}
    assert rows == [
        {"size": 10, "engine": "slow", "ms": 2e3 * SLOW},
        {"size": 10, "engine": "quick", "ms": 500.0},
    ]
    assert capsys.readouterr().err.count("quick") == 4
    assert "| 10 | 4,000.0 | 500.0 |" in table(rows, "tokens")
