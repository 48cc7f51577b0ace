"""Facts of what somebody did, does or will do: an object and up to three circumstances, each asked for."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache

from data_prep.dialogues.cast import NAMED, draw_person, name_question
from data_prep.dialogues.event_words import (
    ACKS,
    FRONTED,
    HELD,
    PHRASES,
    PLACES,
    SLOTS,
    STATES,
    STRANDED,
    TIMES,
)
from data_prep.dialogues.facts import Draw, Question, Told
from data_prep.dialogues.inflect import past, present_participle, third_person
from data_prep.dialogues.subjects import Subject, shift_person
from data_prep.dialogues.tables import load_table
from data_prep.dialogues.values import core
from data_prep.dialogues.whether import answered, put
from data_prep.dialogues.wording import Asked, ask, choose, render


@dataclass(frozen=True)
class Action:
    """A verb with the objects and circumstances that it takes. `made_up`: verb and object are no words."""

    verb: str
    objects: str
    slots: tuple[str, ...]
    tenses: tuple[str, ...]
    others: tuple[str, ...] = ()  # verbs that say the same
    held: bool = False
    made_up: bool = False

    @property
    def name(self) -> str:
        """The relation's name."""
        return "event"

    def make(self, draw: Draw) -> EventFact:
        """A new event with one to three circumstances."""
        action = _invented(draw, self) if self.made_up else self
        rng = draw.rng
        tense = rng.choice(action.tenses)
        slots = _fitting(action.slots, tense)
        chosen = sorted(
            rng.sample(slots, min(len(slots), rng.choice((0, 1, 1, 1, 2, 2, 3)))), key=slots.index
        )
        circumstances = {slot: draw.values.draw(rng, SLOTS[slot][0]) for slot in chosen}
        subject = draw_person(draw, ("self", "self", "kin", "friend", "named", "named", "group"))
        return EventFact(action, subject, tense, _object(draw, action), tuple(circumstances.items()))


def _fitting(slots: tuple[str, ...], tense: str) -> list[str]:
    if tense in ("future", "doing"):
        swapped = ["future" if slot == "time" else slot for slot in slots if slot not in ("reason", "price")]
        return [slot for slot in swapped if tense == "future" or slot != "future"]
    return [slot for slot in slots if not (tense == "present" and slot in ("time", "price"))]


def _object(draw: Draw, action: Action) -> str:
    if not action.objects or action.objects.startswith("="):
        return action.objects[1:]
    kinds = _object_kinds(action.objects)
    return draw.rng.choice(kinds[1]) if kinds[1] and draw.rng.random() < 0.7 else (
        draw.values.draw(draw.rng, kinds[0]) if kinds[0] else draw.rng.choice(kinds[1])
    )  # fmt: skip


@cache
def _object_kinds(objects: str) -> tuple[str, tuple[str, ...]]:
    """("fruit|flower", ("mushrooms", "olives")) from "fruit|flower|[mushrooms, olives]"."""
    listed = re.search(r"\[(.*)\]", objects)
    kinds = "|".join(part for part in re.sub(r"\[.*\]", "", objects).strip().split("|") if part)
    return kinds, tuple(listed[1].split(", ")) if listed else ()


def _invented(draw: Draw, action: Action) -> Action:
    verb = draw.values.word(draw.rng)
    noun = draw.values.word(draw.rng)
    thing = draw.rng.choice((f"a {noun}", f"the {noun}", f"{noun}s", f"an old {noun}", f"two {noun}s"))
    return replace(action, verb=verb, objects="=" + thing, made_up=False)


@dataclass(frozen=True)
class EventFact:
    """Who did what, with its circumstances as (slot, value)."""

    action: Action
    subject: Subject
    tense: str
    thing: str
    circumstances: tuple[tuple[str, str], ...]

    @property
    def key(self) -> str:
        return f"event/{self.action.verb}/{self.subject.key}"

    @property
    def relation(self) -> str:
        return "event"

    @property
    def value(self) -> str:
        return self.thing

    @property
    def acks(self) -> tuple[str, ...]:
        return ACKS[self.tense]

    def _clause(self, verb: str, bot: bool, fronted: bool = False, only: str = "") -> str:
        """ "{S} rented a bike in Paris", with the verb's phrase given.

        fronted: place or time first; only: the one circumstance that is said (or "object": none).
        """
        parts, front = [], ""
        for slot, value in self.circumstances:
            if only and slot != only:
                continue
            text = SLOTS[slot][1] + (shift_person(value) if bot else value)
            if fronted and not front and slot in FRONTED:
                front = text + ", "
            else:
                parts.append(text)
        thing = shift_person(self.thing) if bot else self.thing
        return front + render(f"{{S}} {verb} {thing} {' '.join(parts)}", self.subject, {}, bot)

    def _statement(self, draw: Draw) -> str:
        """As the user tells it."""
        rng, verb = draw.rng, self.action.verb
        if self.action.others and rng.random() < 0.2:
            verb = rng.choice(self.action.others)
        phrases = PHRASES[self.tense][: 1 if verb in STATES else None]
        phrase = choose(draw.wordings.pick(rng, phrases), rng)
        return self._clause(_conjugated(phrase, verb), bot=False, fronted=rng.random() < 0.25)

    def tell(self, draw: Draw) -> Told:
        return Told(self._statement(draw), self._said())

    def _said(self, only: str = "") -> str:
        """As the bot says it: all of it, or only one circumstance."""
        return self._clause(_conjugated(PHRASES[self.tense][0], self.action.verb), bot=True, only=only)

    def ask(self, draw: Draw) -> Question:
        if self.subject.alias and draw.rng.random() < NAMED:
            return name_question(draw, self.subject, self.key)
        slots = [slot for slot, _ in self.circumstances]
        possible = [*slots, *slots, *(["object"] if self.thing else [])]
        if not possible or draw.rng.random() < 0.15:
            value = self.subject.bot if self.subject.is_self else core(self.subject.user)
            return Question(self._who(draw), self._said(), value, f"{self.key}/subject")
        what = draw.rng.choice(possible)
        asked = self._what(draw) if what == "object" else self._circumstance(draw, what)
        value = shift_person(core(self.thing if what == "object" else dict(self.circumstances)[what]))
        answer = self._said(what if draw.rng.random() < 0.8 else "")
        return Question(asked, answer, value, f"{self.key}/{what}")

    def unknown(self, draw: Draw) -> Question | None:
        told = {slot for slot, _ in self.circumstances}
        groups = [group for group in (PLACES, TIMES) if group & told]
        left = [
            slot
            for slot in _fitting(self.action.slots, self.tense)
            if slot not in told and not any(slot in group for group in groups)
        ]
        if not left:
            return None
        slot = draw.rng.choice(left)
        return Question(self._circumstance(draw, slot), "", "", f"{self.key}/{slot}")

    def _verb(self, draw: Draw) -> str:
        others = self.action.others
        return draw.rng.choice(others) if others and draw.rng.random() < 0.25 else self.action.verb

    def _who(self, draw: Draw) -> Asked:
        verb, thing = self._verb(draw), _definite(self.thing)
        said = {
            "past": past(verb),
            "present": third_person(verb),
            "future": f"is going to {verb}",
            "doing": f"is {present_participle(verb)}",
        }[self.tense]
        return ask(f"who {said} {thing}", self.subject, {})

    def _what(self, draw: Draw) -> Asked:
        word = "who" if self.thing[0].isupper() and "person" in self.action.objects else "what"
        if "my_relative" in self.action.objects and self.thing.startswith("my "):
            word = "who"
        hint = ""
        if self.circumstances and draw.rng.random() < 0.3:
            slot, value = draw.rng.choice(self.circumstances)
            hint = SLOTS[slot][1] + value
        return ask(f"{word} {_aux(self.tense)} {{S}} | {self._infinitive(draw)} {hint}", self.subject, {})

    def _infinitive(self, draw: Draw) -> str:
        verb = self._verb(draw)
        if self.tense == "future":
            return f"going to {verb}"
        return present_participle(verb) if self.tense == "doing" else verb

    def _circumstance(self, draw: Draw, slot: str) -> Asked:
        rng = draw.rng
        thing = _definite(self.thing)
        words = choose(rng.choice(SLOTS[slot][2]), rng)
        head, tail = f"{words} {_aux(self.tense)} {{S}} | {self._infinitive(draw)} {thing}", ""
        if slot in STRANDED and rng.random() < 0.75:
            word, tail = STRANDED[slot]
            head = f"{word}{head.removeprefix(words)}"
        if slot == "price" and rng.random() < 0.7:
            head = rng.choice(
                (f"how much ~did {{S}} | pay for {thing}", f"how much ~did {thing} | cost",
                 f"what ~did {{S}} | pay for {thing}")
            )  # fmt: skip
        return ask(f"{head} {tail}", self.subject, {})

    def sibling(self, draw: Draw) -> EventFact | None:
        fresh = replace(self.action, tenses=(self.tense,)).make(draw)
        if fresh.key == self.key or (self.thing and core(fresh.thing) == core(self.thing)):
            return None
        return fresh

    def changed(self, draw: Draw) -> EventFact | None:
        return None if self.tense == "past" or self.action.held else self._otherwise(draw)

    def _otherwise(self, draw: Draw) -> EventFact | None:
        """With another value of one circumstance."""
        if not self.circumstances:
            return None
        slot, old = draw.rng.choice(self.circumstances)
        new = draw.values.draw(draw.rng, SLOTS[slot][0])
        if core(new).lower() == core(old).lower():
            return None
        return replace(self, circumstances=tuple((s, new if s == slot else v) for s, v in self.circumstances))

    def whether(self, draw: Draw) -> Question | None:
        other = self._otherwise(draw) if draw.rng.random() < 0.6 else None  # not all have a circumstance
        said = " ".join(SLOTS[slot][1] + value for slot, value in (other or self).circumstances)
        question = f"{_aux(self.tense)} {{S}} | {self._infinitive(draw)} {self.thing} {said}"
        value = core(dict(self.circumstances)[_differing(self, other)]) if other else core(self.thing)
        answer = answered(other is None, self._said())
        return Question(put(question, self.subject, {}), answer, shift_person(value), f"{self.key}/whether")


def _differing(one: EventFact, other: EventFact) -> str:
    """The circumstance that two versions of a fact have different values of."""
    pairs = zip(one.circumstances, other.circumstances, strict=True)
    return next(slot for (slot, value), (_, changed) in pairs if value != changed)


def _conjugated(phrase: str, verb: str) -> str:
    """A phrase of PHRASES with the verb in it; [live] agrees with the subject when it is rendered."""
    first, _, rest = verb.partition(" ")
    done = phrase.replace("[<base>]", f"[{first}] {rest}".strip()).replace("<base>", verb)
    return done.replace("<past>", past(verb)).replace("<ing>", present_participle(verb))


def _aux(tense: str) -> str:
    return {"past": "~did", "present": "~do", "future": "~be", "doing": "~be"}[tense]


def _definite(thing: str) -> str:
    """the bike, for "a bike"; other objects as they are."""
    first, _, rest = thing.partition(" ")
    return f"the {rest}" if first.lower() in ("a", "an") and rest else thing


def actions() -> list[Action]:
    """Every verb of events.yaml, and one that stands for verbs and nouns nobody has seen."""
    synonyms = load_table("synonyms")
    made = []
    rows = [*load_table("events").items()]
    rows += [(verb, f" | {row}") for verb, row in load_table("intransitive").items()]
    for verb, row in rows:
        objects, slots, tenses = (part.strip() for part in row.rsplit(" | ", 2))
        others = tuple(synonyms.get(verb, ())) if objects else ()
        parts = objects, tuple(slots.split()), tuple(tenses.split()), others
        made.append(Action(verb, *parts, held=verb in HELD))
    all_slots = ("place", "time", "price", "source", "company", "recipient", "reason")
    made.append(Action("", "", all_slots, ("past", "past", "present", "future", "doing"), made_up=True))
    return made
