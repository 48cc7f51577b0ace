"""Messages as people type them, each with what may be asked of it, and how it turned out otherwise later.

The tables are in tables/episodes; in tables/plain what is told in one to three plain sentences, which is
drawn more often; in tables/passages texts that somebody gives the bot to read. An episode:

    slots: kinds of value, or lists of values
    tell:  the message in several wordings, each with every fact
    ask:   [[questions], the bot's answer with the words that answer *marked*]
    open:  questions close to the message that it leaves open
    then:  a later message (tell) that changes something, and what may be asked from then on (ask)
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from data_prep.dialogues.exchange import EXCHANGED, another, exchange, exchanged
from data_prep.dialogues.facts import Draw, Question, Told
from data_prep.dialogues.inflect import put_behind
from data_prep.dialogues.subjects import shift_person
from data_prep.dialogues.tables import load_folder
from data_prep.dialogues.whether import answered, is_verdict, marks_subject, turned_round
from data_prep.dialogues.wording import Asked

HELD_OUT = 12  # one episode in so many is never trained on
_SLOT = re.compile(r"\{(\w+)\}")
_FILLED = re.compile(r"(?:\b([A-Za-z]+)( \*?))?\{(\w+)\}")  # with the word before it
_MARK = re.compile(r"\*([^*]+)\*")


@dataclass(frozen=True)
class Answerable:
    """Questions that have the same answer; its *marked* words are what counts."""

    questions: tuple[str, ...]
    answer: str


@dataclass(frozen=True)
class Scene:
    """One message in several wordings, and what may be asked once it is sent."""

    tell: tuple[str, ...]
    asks: tuple[Answerable, ...]

    def asked(self) -> Iterator[str]:
        """Its questions and answers."""
        for asked in self.asks:
            yield from (*asked.questions, asked.answer)


@dataclass(frozen=True)
class Episode:
    """One row of the tables."""

    name: str
    slots: Mapping[str, str | list[str]]
    first: Scene
    open: tuple[str, ...]
    then: Scene | None = None

    @property
    def held(self) -> bool:
        """Whether it is never trained on: decided by its name, so that adding others changes nothing."""
        return zlib.crc32(self.name.encode()) % HELD_OUT == 0

    @property
    def for_test(self) -> bool:
        """Whether, of those held out, it is for reports; the others are for fitting and choosing."""
        return self.held and zlib.crc32(self.name.encode()) // HELD_OUT % 2 == 1

    def make(self, draw: Draw) -> EpisodeFact:
        """The episode with values that differ from each other, told of other things if it is not held out."""
        values: dict[str, str] = {}
        for slot in self.slots:
            values[slot] = self.value(draw, slot, tuple(values.values()))
        fact = EpisodeFact(self, values)
        if self.held or draw.rng.random() > EXCHANGED:
            return fact
        return replace(fact, exchanged=exchange(draw.rng, *fact.texts()))

    def value(self, draw: Draw, slot: str, taken: Collection[str]) -> str:
        """A value for a slot, most likely none of those taken."""
        kind, value = self.slots[slot], ""
        for _ in range(8):
            drawn = draw.rng.choice(kind) if isinstance(kind, list) else draw.values.draw(draw.rng, kind)
            value = str(drawn)
            if value not in taken:
                break
        return value


@dataclass(frozen=True)
class EpisodeFact:
    """An episode with its values. `later`: what was told last is how it turned out otherwise.

    `exchanged`: words that stand for each other in all its texts.
    """

    episode: Episode
    values: Mapping[str, str]
    later: bool = False
    exchanged: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return f"episode/{self.episode.name}"

    @property
    def relation(self) -> str:
        return "episode"

    @property
    def value(self) -> str:
        return ""  # there are several, none more important than the others

    @property
    def acks(self) -> tuple[str, ...]:
        return ()

    def tell(self, draw: Draw) -> Told:
        return Told(self._filled(draw.wordings.pick(draw.rng, self._scene.tell)), "", as_typed=True)

    def ask(self, draw: Draw) -> Question:
        asked = draw.rng.choice(self._scene.asks)
        answer = self._filled(asked.answer, bot=True)
        found = _MARK.search(answer)
        question = self._filled(draw.wordings.pick(draw.rng, asked.questions))
        topic = f"{self.key}/{asked.answer}"
        return Question(
            Asked(question, "", ""), answer.replace("*", ""), found[1] if found else "", topic, as_typed=True
        )

    def unknown(self, draw: Draw) -> Question:
        question = self._filled(draw.rng.choice(self.episode.open))
        return Question(Asked(question, "", ""), "", "", f"{self.key}/open", as_typed=True)

    def missed(self, draw: Draw) -> Question | None:
        """What is told asked of another name, thing or day, which is not; None where nothing is exchanged."""
        asked = draw.rng.choice(self._scene.asks)
        question, marked = draw.rng.choice(asked.questions), _MARK.search(asked.answer)
        slots = set(_SLOT.findall(question))
        if not is_verdict(asked.answer):
            slots -= set(_SLOT.findall(marked[1] if marked else ""))
        elif not marks_subject(asked.answer):
            return None  # whether it is on another day has an answer: no
        if slots:
            slot, taken = draw.rng.choice(sorted(slots)), set(self.values.values())
            other = self.episode.value(draw, slot, tuple(taken))
            values = {**self.values, slot: other}
            missed = None if other in taken else replace(self, values=values)._filled(question)
        else:
            told = " ".join(map(self._filled, (*self.episode.first.tell, *self._scene.tell)))
            question = self._filled(question)
            other_word = another(draw.rng, question, told)
            missed = exchanged(question, other_word) if other_word else None
        topic = f"{self.key}/missed"
        return Question(Asked(missed, "", ""), "", "", topic, as_typed=True) if missed else None

    def whether(self, draw: Draw) -> Question | None:
        asks = draw.rng.sample(self._scene.asks, len(self._scene.asks))
        found = ((one, _MARK.search(one.answer), turned_round(one.answer)) for one in asks)
        fitting = ((one, m[1], text) for one, m, text in found if m and text and _SLOT.search(m[1]))
        asked, marked, question = next(fitting, (None, "", ""))
        slot = _SLOT.search(marked)
        if not (asked and slot):
            return None
        so, claimed = marks_subject(asked.answer) or draw.rng.random() < 0.5, self
        if not so:
            other = self.episode.value(draw, slot[1], self.values.values())
            claimed = replace(self, values={**self.values, slot[1]: other})
            so = other == self.values[slot[1]]
        answer = answered(so, self._filled(asked.answer, bot=True).replace("*", ""))
        direct = claimed._filled(question).replace("*", "")
        value = self._filled(marked, bot=True)
        return Question(Asked(direct, "", ""), answer, value, f"{self.key}/whether", as_typed=True)

    def sibling(self, draw: Draw) -> EpisodeFact | None:
        return None

    def changed(self, draw: Draw) -> EpisodeFact | None:
        return replace(self, later=True) if self.episode.then and not self.later else None

    @property
    def _scene(self) -> Scene:
        return self.episode.then if self.later and self.episode.then else self.episode.first

    def _filled(self, text: str, bot: bool = False) -> str:
        """bot: what the user calls his own becomes "your" in the values."""
        values = {slot: shift_person(value) for slot, value in self.values.items()} if bot else self.values

        def put(match: re.Match[str]) -> str:
            word, between, slot = match.groups(default="")
            word, value = put_behind(word, values[slot])
            return f"{word}{between}{value}"

        return exchanged(_FILLED.sub(put, text), self.exchanged)

    def texts(self) -> tuple[list[str], list[str]]:
        """The message's wordings with its values, and every other text that it may give."""
        first, then = self.episode.first, self.episode.then
        others = [*first.asked(), *(then.tell if then else ()), *(then.asked() if then else ())]
        return list(map(self._filled, first.tell)), list(map(self._filled, (*others, *self.episode.open)))


def episodes(held: bool, folder: str = "episodes") -> list[Episode]:
    """The episodes trained on, or those held out. folder: episodes, plain, or passages."""
    return [episode for episode in _all(folder) if episode.held == held]


@cache
def _all(folder: str) -> tuple[Episode, ...]:
    return tuple(_episode(name, row) for name, row in load_folder(folder).items())


def _episode(name: str, row: Mapping[str, Any]) -> Episode:
    then = _scene(row["then"]) if row.get("then") else None
    return Episode(name, row.get("slots") or {}, _scene(row), tuple(row["open"]), then)


def _scene(row: Mapping[str, Any]) -> Scene:
    asks = tuple(Answerable(tuple(questions), answer) for questions, answer in row["ask"])
    return Scene(tuple(row["tell"]), asks)
