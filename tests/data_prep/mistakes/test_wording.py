"""Wrong, missing and needless words."""

import random

from data_prep.mistakes import wording
from data_prep.mistakes.tokens import Spoiler, joined, neighbour, replaced, tokens_of, without


def results(spoil: Spoiler, sentence: str) -> set[str]:
    rng = random.Random(1)
    found = (spoil(tokens_of(sentence), rng) for _ in range(300))
    return {joined(one) for one in found if one is not None}


def test_articles_and_prepositions() -> None:
    assert {"Dog is on the mat.", "A dog is on the mat.", "The dog is on mat."} <= results(
        wording.article, "The dog is on the mat."
    )
    assert {"The dog is in the mat.", "The dog is the mat."} <= results(
        wording.preposition, "The dog is on the mat."
    )


def test_small_words_and_their_order() -> None:
    assert {"He is to tired.", "He is also tired."} <= results(wording.confused, "He is too tired.")
    assert results(wording.pronoun, "I see.") == {"Me see.", "My see."}
    assert results(wording.missing, "They are here.") == {"They here."}
    assert "They are here here." in results(wording.needless, "They are here.")
    assert "Where you are going?" in results(wording.order, "Where are you going?")
    assert results(wording.order, "Go!") == set() == results(wording.pronoun, "Go!")


def test_words_are_taken_out_with_their_blank() -> None:
    tokens = tokens_of("The end, really.")
    assert joined(without(tokens, 0)) == "End, really." and joined(without(tokens, 2)) == "The, really."
    assert neighbour(tokens, 2, -1) == "the" and neighbour(tokens, 2, 1) == "" == neighbour(tokens, 0, -1)
    assert joined(replaced(tokens_of("I am."), 0, "me")) == "Me am."
