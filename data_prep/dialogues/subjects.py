"""Whom a fact is about, seen by the user who tells it and by the bot who answers."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

PRONOUNS = {  # nominative, possessive, object
    "i": ("I", "my", "me"),
    "you": ("you", "your", "you"),
    "f": ("she", "her", "her"),
    "m": ("he", "his", "him"),
    "n": ("it", "its", "it"),
    "p": ("they", "their", "them"),
}

# The same words from the other side of the conversation, for statements that nobody templated.
_SHIFTS = {
    "i": "you", "me": "you", "my": "your", "mine": "yours", "myself": "yourself", "i'm": "you're",
    "i've": "you've", "i'll": "you'll", "i'd": "you'd", "we": "you", "us": "you", "our": "your",
    "ours": "yours", "we're": "you're", "we've": "you've", "we'll": "you'll",
}  # fmt: skip
_WORD = re.compile(r"[^\W\d_]+(?:'[a-z]+)?")
_BE = re.compile(r"\b(I) (am|was|wasn't)\b|\b(am|was) (I)\b")


@dataclass(frozen=True)
class Subject:
    """A person, thing or group. `form`: i (the speaker), f, m, n (one of them) or p (several).

    `user` and `bot` are its name in the mouth of each: ("my sister", "your sister"), ("I", "you").
    """

    form: str
    user: str
    bot: str
    kind: str = "person"
    alias: str = ""  # a shorter name that means the same: "Piet" for "my friend Piet"
    by_pronoun: bool = False

    @property
    def key(self) -> str:
        """What makes two subjects the same."""
        return self.user.lower()

    @property
    def is_self(self) -> bool:
        """Whether it is the user."""
        return self.form == "i"

    def pronominal(self) -> Subject:
        """The same called "she" or "it", in a sentence that follows one with its name."""
        return replace(self, by_pronoun=True)

    def aliased(self) -> Subject:
        """The same by its shorter name, where it has one."""
        return replace(self, user=self.alias, bot=self.alias, alias="") if self.alias else self

    def name(self, bot: bool) -> str:
        """Its nominative: I, you, my sister, your sister, Marta."""
        if self.by_pronoun:
            return self.pronoun(0, bot)
        return self.bot if bot else self.user

    def possessive(self, bot: bool) -> str:
        """my, your, my sister's, Marta's."""
        if self.is_self or self.by_pronoun:
            return self.pronoun(1, bot)
        name = self.name(bot)
        return name + ("'" if self.form == "p" and name.endswith("s") else "'s")

    def objective(self, bot: bool) -> str:
        """me, you, my sister, Marta."""
        return self.pronoun(2, bot) if self.is_self or self.by_pronoun else self.name(bot)

    def pronoun(self, case: int, bot: bool) -> str:
        """case 0: she, 1: her (possessive), 2: her (object)."""
        return PRONOUNS["you" if bot and self.is_self else self.form][case]


SELF = Subject("i", "I", "you")


def shift_person(text: str) -> str:
    """What the user said, said to the user: "I sold my car" gives "you sold your car"."""

    def swap_be(match: re.Match[str]) -> str:
        be = {"am": "are", "was": "were", "wasn't": "weren't"}
        return f"you {be[match[2]]}" if match[1] else f"{be[match[3]]} you"

    def swap(match: re.Match[str]) -> str:
        word = match[0]
        other = _SHIFTS.get(word.lower())
        if other is None or (word != "I" and word.isupper() and len(word) > 1):
            return word
        return other.capitalize() if word[0].isupper() and not word.lower().startswith("i") else other

    return _WORD.sub(swap, _BE.sub(swap_be, text))
