"""The rows of the long conversation: late against early, question by question."""

import pytest

from benchmarks.chat_cost import Cost, rows


def test_rows_compare_the_longest_with_the_shortest(monkeypatch: pytest.MonkeyPatch) -> None:
    early, late = Cost(10, 117, 0.06, [0.01, 0.02, 0.01]), Cost(1000, 4089, 1.92, [0.02, 0.02, 0.03])
    monkeypatch.setattr("benchmarks.chat_cost.costs", lambda options: [early, Cost(100, 1, 1, [1.0]), late])
    reply, state = rows([])
    assert (reply.what, reply.ours, reply.against) == ("reply at turn 1,000", "20 ms", "turn 10")
    assert reply.low == 1 and reply.ratio == 2 and reply.high == pytest.approx(3)
    assert state.ours == "1.92 MB"
