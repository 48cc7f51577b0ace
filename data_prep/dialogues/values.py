"""Values for facts: everyday words by kind, and made-up names that nobody has seen."""

from __future__ import annotations

import random
from dataclasses import dataclass

from data_prep.dialogues.made_up import is_test_word, syllable_word, with_mark
from data_prep.dialogues.tables import load_table
from data_prep.dialogues.value_makers import MAKERS


@dataclass(frozen=True)
class Values:
    """Draws values by kind. `unseen`: made-up names only, of those kept for tests.

    `made_up`: the share of names that are made up where a list of real ones exists.
    """

    unseen: bool = False
    made_up: float = 0.6

    def word(self, rng: random.Random) -> str:
        """A made-up word on this side of the split."""
        while True:
            word = syllable_word(rng)
            if is_test_word(word) == self.unseen:
                return word

    def name(self, rng: random.Random) -> str:
        """A made-up name."""
        return with_mark(self.word(rng)).capitalize()

    def draw(self, rng: random.Random, kind: str) -> str:
        """A value of a kind: a list of tables/values.yaml, a maker below, or alternatives "a|b".

        Raises: ValueError for an unknown kind.
        """
        kind = rng.choice(kind.split("|")).strip()
        if kind in MAKERS:
            return MAKERS[kind](self, rng)
        lists = load_table("values")
        if kind not in lists:
            known = ", ".join(sorted({*lists, *MAKERS}))
            raise ValueError(f"unknown kind of value {kind!r}: the kinds are {known}")
        return rng.choice(lists[kind])

    def listed_or_made_up(self, rng: random.Random, kind: str) -> str:
        """A real name of a list, or a made-up one."""
        if self.unseen or rng.random() < self.made_up:
            return self.name(rng)
        return rng.choice(load_table("values")[kind])


def core(value: str) -> str:
    """The value without a leading preposition, article or possessive: what an answer must contain."""
    words = value.split()
    while len(words) > 1 and words[0].lower() in _LEADING:
        words = words[1:]
    return " ".join(words)


_LEADING = {
    "in", "at", "on", "with", "for", "to", "from", "by", "a", "an", "the", "my", "your", "next", "of",
    "behind", "opposite", "near", "under", "because", "front", "not", "far", "some",
}  # fmt: skip
