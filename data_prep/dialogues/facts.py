"""What a fact offers to a dialogue: ways to tell it, to ask for it, and to answer."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Protocol

from data_prep.dialogues.values import Values
from data_prep.dialogues.wording import Asked, Wordings


@dataclass(frozen=True)
class Draw:
    """Everything a choice depends on: the random numbers, the values and the wordings allowed."""

    rng: random.Random
    values: Values
    wordings: Wordings


@dataclass(frozen=True)
class Question:
    """A question about a fact. `answer`: a plain clause of the bot's; `value`: what it must contain.

    `topic` says what is asked, so that two questions for the same thing are known as such.
    """

    asked: Asked
    answer: str
    value: str
    topic: str
    is_clause: bool = True  # else the answer is a phrase, which stands alone
    as_typed: bool = False  # question and answer are whole messages, to be left as they are


@dataclass(frozen=True)
class Told:
    """A statement: the user's clause, and the same as the bot would say it.

    `as_typed`: a whole message, to be left as it is.
    """

    text: str
    echo: str
    as_typed: bool = False


class Fact(Protocol):
    """One thing to remember."""

    @property
    def key(self) -> str:
        """What it is about: no two facts of a dialogue share it, except a fact and its update."""

    @property
    def relation(self) -> str:
        """The relation's name."""

    @property
    def value(self) -> str:
        """The main value, as the user says it."""

    @property
    def acks(self) -> tuple[str, ...]:
        """Replies that fit this relation only."""

    def tell(self, draw: Draw) -> Told:
        """A statement of the fact."""

    def ask(self, draw: Draw) -> Question:
        """A question that the fact answers."""

    def unknown(self, draw: Draw) -> Question | None:
        """A question about the same thing that the fact leaves open, or None."""

    def whether(self, draw: Draw) -> Question | None:
        """A question that wants a yes or a no, of what is so or of what is not, or None.

        Its answer begins with the one or the other and says how it is; `value` is in that.
        """

    def sibling(self, draw: Draw) -> Fact | None:
        """Another fact of the relation that is easily confused with this one, or None."""

    def changed(self, draw: Draw) -> Fact | None:
        """The same fact with another value, or None where that makes no sense."""


class Relation(Protocol):
    """A kind of fact."""

    @property
    def name(self) -> str:
        """What it is called in the tables."""

    @property
    def held(self) -> bool:
        """Whether it is never trained on."""

    def make(self, draw: Draw) -> Fact:
        """A new fact."""
