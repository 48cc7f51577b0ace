"""Mistakes put into clean sentences."""

import random

import pytest

from data_prep.corruption import KEPT_CLEAN, agreement_pair, corrupted, spoilt

SENTENCE = "I would like to learn how to cook, but the kitchen is too small for all of my friends."


def test_some_stay_as_they_are_and_the_others_stay_close() -> None:
    rng = random.Random(1)
    found = [corrupted(SENTENCE, rng) for _ in range(1000)]
    clean = sum(one == SENTENCE for one in found) / len(found)
    assert KEPT_CLEAN - 0.05 < clean < KEPT_CLEAN + 0.05
    assert len(set(found)) > 400 and all(abs(len(one) - len(SENTENCE)) < 30 for one in found)
    assert all(one == " ".join(one.split()) and one for one in found)


def test_more_mistakes_are_further_away() -> None:
    def distance(count: int) -> float:
        rng = random.Random(4)
        words = set(SENTENCE.split())
        return sum(len(words - set(spoilt(SENTENCE, count, rng).split())) for _ in range(100))

    assert spoilt(SENTENCE, 0, random.Random(1)) == SENTENCE
    assert distance(1) * 2 < distance(4)


def test_the_seed_decides() -> None:
    first, second = (
        [corrupted(SENTENCE, rng) for _ in range(20)] for rng in (random.Random(2), random.Random(2))
    )
    assert first == second


@pytest.mark.parametrize(
    "text", ["", "a", "?", "Ok", "I", "1 2 3", "the", "The a an", "日本語", ", ,", "i'm"]
)
def test_hard_sentences_survive(text: str) -> None:
    rng = random.Random(3)
    for _ in range(200):
        assert isinstance(corrupted(text, rng), str)


def test_only_agreement_is_taken_from_minimal_pairs() -> None:
    row = {
        "sentence_good": "He goes.",
        "sentence_bad": "He go.",
        "linguistics_term": "subject_verb_agreement",
    }
    assert agreement_pair(row) == ("He go.", "He goes.")
    assert agreement_pair({**row, "linguistics_term": "island_effects"}) is None
