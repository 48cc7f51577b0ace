"""Wrong forms, and what is left alone because it could be right."""

import random

import pytest

from data_prep.mistakes import forms
from data_prep.mistakes.tokens import Spoiler, joined, tokens_of


def results(spoil: Spoiler, sentence: str, count: int = 200) -> set[str]:
    rng = random.Random(1)
    found = (spoil(tokens_of(sentence), rng) for _ in range(count))
    return {joined(one) for one in found if one is not None}


@pytest.mark.parametrize(
    ("sentence", "wrong"),
    [
        ("I may leave it.", "I may leaving it."),
        ("She is writing a letter.", "She is write a letter."),
        ("He writes well.", "He write well."),
        ("I have seen it.", "I have saw it."),
        ("They taught him.", "They teached him."),
        ("Yesterday they taught him.", "Yesterday they teach him."),
    ],
)
def test_verbs_in_forms_that_their_neighbours_forbid(sentence: str, wrong: str) -> None:
    assert wrong in results(forms.verb, sentence) and sentence not in results(forms.verb, sentence)


def test_what_could_be_right_is_left() -> None:
    assert not {"They teach him.", "They teaches him."} & results(forms.verb, "They taught him.")
    assert results(forms.verb, "The walk was nice.") == set()
    assert results(forms.noun, "I saw the dogs there.") == set(), "one dog could be meant"


def test_nouns_in_the_wrong_number() -> None:
    assert results(forms.noun, "These dogs bark.") == {"These dog bark."}
    assert results(forms.noun, "He saw a dog.") == {"He saw a dogs."}
    assert results(forms.noun, "Many children came.") == {"Many child came.", "Many childs came."}
    assert results(forms.noun, "We need advice.") == {"We need advices."}


def test_agreement_auxiliaries_and_comparison() -> None:
    assert results(forms.agreement, "The dogs were here.") == {"The dogs was here."}
    assert "It have gone." in results(forms.auxiliary, "It has gone.")
    assert results(forms.comparison, "This is easier.") == {"This is more easier.", "This is more easy."}
    assert results(forms.comparison, "He ate more.") == set()


def test_words_of_one_family() -> None:
    assert "He drives careful." in results(forms.derivation, "He drives carefully.")
    assert results(forms.derivation, "Tom is in.") == set()
