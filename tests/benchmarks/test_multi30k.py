"""Scores on Multi30k: both measures, and the texts that the second compares."""

import pytest

from benchmarks.multi30k import as_published, score


def test_texts_are_made_as_published() -> None:
    assert as_published(["Ein Mann, der „läuft“."], "de") == ['ein mann , der " läuft " .']
    assert as_published(["L'homme court."], "fr") == ["l' homme court ."]


def test_capitals_count_in_one_measure_alone() -> None:
    right = ["Ein Hund läuft über den Strand.", "Zwei Kinder spielen im Garten."]
    scores = score([one.lower() for one in right], right, "de")
    assert scores.lowered == pytest.approx(100) and scores.cased < 90
    assert "tok:13a" in scores.signatures[0] and "tok:none" in scores.signatures[1]
    with pytest.raises(ValueError, match="1 translations of 2"):
        score(right[:1], right, "de")
