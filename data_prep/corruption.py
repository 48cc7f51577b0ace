"""Mistakes put into clean English, as learners make them: material for the task <fix>.

How often each kind comes follows what is counted in annotated learners' English (spelling, articles,
prepositions, verb forms, punctuation and the number of nouns first; Bryant et al. 2019, W19-4406, and
Napoles et al. 2017, E17-2037), and how many stand in a sentence what essays have: none, one, or several, more
in longer ones. BLiMP's agreement pairs are read here as well.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from data_prep.mistakes import forms, signs, wording
from data_prep.mistakes.spelling import spelling
from data_prep.mistakes.tokens import Spoiler, joined, tokens_of

KEPT_CLEAN = 0.3  # of the sentences: what is right has to stay
_SINGLE = 0.4  # of the others have one mistake
_RATES = (0.06, 0.25)  # mistakes a word in the rest, drawn anew for each sentence
_TRIES = 4  # kinds tried for each mistake, where a kind finds no place
_AGREEMENT = (
    "subject_verb_agreement", "determiner_noun_agreement", "anaphor_agreement", "irregular_forms",
)  # fmt: skip
_SPOILERS: dict[Spoiler, float] = {
    spelling: 21, wording.article: 13, wording.preposition: 10, forms.verb: 10, forms.noun: 9,
    forms.agreement: 4, forms.auxiliary: 2, signs.comma: 5, wording.confused: 6, wording.missing: 4,
    wording.needless: 3, forms.derivation: 3, signs.capital: 3, wording.pronoun: 2, wording.order: 2.5,
    signs.blank: 2, signs.apostrophe: 1.5, signs.full_stop: 1.5, signs.run_on: 1, forms.comparison: 1,
}  # fmt: skip


def corrupted(sentence: str, rng: random.Random) -> str:
    """The sentence with mistakes, or as it is."""
    if rng.random() < KEPT_CLEAN:
        return sentence
    count = 1
    if rng.random() > _SINGLE:
        count = max(2, round(rng.uniform(*_RATES) * len(sentence.split())))
    return spoilt(sentence, count, rng)


def spoilt(sentence: str, count: int, rng: random.Random) -> str:
    """The sentence with so many mistakes, fewer where it has no place for them."""
    tokens = tokens_of(sentence)
    for _ in range(count):
        for spoil in rng.choices(list(_SPOILERS), list(_SPOILERS.values()), k=_TRIES):
            if (changed := spoil(tokens, rng)) is not None:
                tokens = changed
                break
    return joined(tokens) or sentence


def agreement_pair(row: Mapping[str, Any]) -> tuple[str, str] | None:
    """(wrong, right) of a BLiMP row, where it is about agreement or a form; else None."""
    if row["linguistics_term"] not in _AGREEMENT:
        return None
    return row["sentence_bad"], row["sentence_good"]
