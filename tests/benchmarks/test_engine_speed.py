"""Engine and peers take turns; without the peer there is a clear word."""

import sys

import pytest

from benchmarks.engine_speed import WANTED, Case, cases, rows
from benchmarks.transformer_peer import SIZES


def test_without_ctranslate2_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ctranslate2", None)
    with pytest.raises(ValueError, match=r"CTranslate2 cannot be imported.*make bench"):
        rows(["--rounds", "1"])


def test_every_round_compares_the_same_run() -> None:
    assert {name: len(wanted) for name, wanted in WANTED.items()} == dict.fromkeys(SIZES, 4)
    case = Case(64, 1, [{"ours": 1.0, "peer": 4.0}, {"ours": 2.0, "peer": 4.0}, {"ours": 4.0, "peer": 4.0}])
    assert case.ratios("peer") == [4, 2, 1] and case.own == 2 and case.rate == 800
    turns: list[str] = []
    two = {name: lambda sentences, beam, name=name: turns.append(name) for name in ("ours", "peer")}
    assert len(list(cases(two, 2))) == 4
    assert turns[-6:] == ["ours", "peer"] * 3, "warm, then two rounds in turns"
