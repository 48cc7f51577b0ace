"""Mistakes of punctuation, capitals and blanks."""

import random

import pytest

from data_prep.mistakes import signs
from data_prep.mistakes.tokens import Spoiler, joined, tokens_of

CASES = [
    (signs.comma, "It rained, so we left.", {"It rained so we left."}),
    (signs.comma, "We left because it rained.", {"We left, because it rained."}),
    (signs.run_on, "It rained, so we left.", {"It rained, we left.", "It rained. So we left."}),
    (signs.apostrophe, "I don't know.", {"I dont know.", "I don t know."}),
    (signs.full_stop, "I know it.", {"I know it"}),
    (signs.capital, "we met Tom here.", {"we met tom here.", "we met Tom Here."}),
    (
        signs.blank,
        "He ate a lot without bread.",
        {"He ate alot without bread.", "He ate a lot with out bread."},
    ),
]


@pytest.mark.parametrize(("spoil", "sentence", "wrong"), CASES)
def test_what_becomes_of_a_sentence(spoil: Spoiler, sentence: str, wrong: set[str]) -> None:
    rng = random.Random(1)
    found = {joined(one) for _ in range(100) if (one := spoil(tokens_of(sentence), rng)) is not None}
    assert found == wrong


def test_no_place_for_a_mistake() -> None:
    rng = random.Random(2)
    for spoil in (signs.comma, signs.run_on, signs.apostrophe, signs.full_stop, signs.blank):
        assert spoil(tokens_of("ok"), rng) is None
