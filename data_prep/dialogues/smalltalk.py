"""Turns of real conversations: what people talk about between the facts, and replies to learn from."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from chat.refusals import is_refusal
from data_prep.dialogues.tables import load_table

USER_SIDES = ("user", "A", "user_1", "agent_1")
_PERSONAL = re.compile(  # what would pass for a fact about the user, or for an introduction
    r"\bmy (own )?(name|favou?rite|wife|husband|mom|mum|dad|mother|father|sister|brother|dog|cat|job|"
    r"birthday|address|phone|number|email|boyfriend|girlfriend|son|daughter)\b|\bcall me\b|"
    r"\b(I live|I work|I'm from)\b",
    re.IGNORECASE,
)
_FACTUAL = re.compile(r"\b(who|what|when|where|which|how (many|much|old|long|far))\b[^?]*\?", re.IGNORECASE)
_ODD = re.compile(r"[\[\]{}<>|_*#@\\¿¡]|https?:|\b(user|agent) ?[12]\b|turker|mturk|\bHIT\b", re.IGNORECASE)
MAX_WORDS = 32


@dataclass(frozen=True)
class Exchange:
    """A user's turn and a reply. `learn`: whether the reply is one to train on."""

    user: str
    bot: str
    learn: bool


Run = tuple[Exchange, ...]


class Pool:
    """The conversations of a corpus, made into exchanges when they are first drawn."""

    def __init__(self, rows: Sequence[Mapping[str, Any]]) -> None:
        self._rows = rows
        self._runs: dict[int, Run] = {}

    def __len__(self) -> int:
        return len(self._rows)

    def draw(self, rng: random.Random) -> Run:
        """The exchanges of one conversation, in order; () where none of its turns can be used."""
        index = rng.randrange(len(self._rows))
        if index not in self._runs:
            turns = [(turn["speaker"], clean(turn["text"])) for turn in self._rows[index]["turns"]]
            self._runs[index] = tuple(_exchanges(turns))
        return self._runs[index]


def clean(text: str) -> str:
    """One line, no blanks before marks."""
    return re.sub(
        r" (?=[.,?!;:](\s|$))| (?='(s|t|m|re|ve|ll|d)\b)|(?<=\w) (?=n't\b)", "", " ".join(text.split())
    )


def _exchanges(turns: Sequence[tuple[str, str]]) -> Iterable[Exchange]:
    for (speaker, text), (other, reply) in pairwise(turns):
        if speaker not in USER_SIDES or other == speaker:
            continue
        if not usable(text) or not usable(reply) or _PERSONAL.search(text):
            continue
        yield Exchange(text, reply, learnable(text, reply))


def usable(text: str) -> bool:
    """Whether a turn can stand in a dialogue at all."""
    foreign = sum(not letter.isascii() and letter.isalpha() for letter in text) > 2
    return 0 < len(text.split()) <= MAX_WORDS and len(text) < 220 and not foreign and not _ODD.search(text)


def learnable(text: str, reply: str) -> bool:
    """Whether a reply teaches something: not a fact out of nowhere, not a new question's answer."""
    words = reply.split()
    if not 2 <= len(words) <= 24 or _PERSONAL.search(reply) or is_refusal(reply):
        return False
    asks_fact = _FACTUAL.search(text) and not re.search(r"\byou(r|'re)?\b", text, re.IGNORECASE)
    return not asks_fact and not re.search(r"\d{2,}", reply)


def written_runs() -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """The project's own exchanges: ways to say something, ways to reply."""
    return [(tuple(row["say"]), tuple(row["reply"])) for row in load_table("smalltalk")]


@dataclass
class SmallTalk:
    """Draws exchanges: runs of real conversations, and now and then one of the project's own."""

    pools: Sequence[tuple[float, Pool]]
    own_share: float = 0.4

    def draw(self, rng: random.Random, count: int) -> list[Exchange]:
        """About `count` exchanges, consecutive ones where a conversation has as many."""
        drawn: list[Exchange] = []
        while len(drawn) < count:
            if not self.pools or rng.random() < self.own_share:
                drawn.append(self._own(rng))
                continue
            weights = [weight for weight, _ in self.pools]
            run = rng.choices([pool for _, pool in self.pools], weights)[0].draw(rng)
            if run:
                start = rng.randrange(len(run))
                drawn += run[start : start + min(count - len(drawn), rng.choice((1, 2, 3, 4, 6)))]
        return drawn

    def _own(self, rng: random.Random) -> Exchange:
        says, replies = rng.choice(written_runs())
        return Exchange(rng.choice(says), rng.choice(replies), True)
