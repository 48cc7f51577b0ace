"""Facts of the form "X's A is V": people, things, favourites and attributes of any kind, from the tables."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

from data_prep.dialogues.cast import NAMED, Owned, as_asked, draw_person, draw_thing, name_question, own
from data_prep.dialogues.facts import Draw, Question, Told
from data_prep.dialogues.subjects import SELF, Subject, shift_person
from data_prep.dialogues.tables import load_table
from data_prep.dialogues.values import core
from data_prep.dialogues.whether import answered, asked_whether, put
from data_prep.dialogues.wording import Asked, ask, choose, render, sentence

INTRODUCED = 0.18  # share of statements that follow a sentence which names their subject
PLAIN = 0.25  # share of statements in the plainest words ("my name is Ada"), the commonest in real life
BACKWARD = 0.07  # share of questions that ask who it is
OPEN = ("why", "since when", "for how long")  # left open by what a fact tells
EXISTS = 0.3  # share of the questions for yes or no that ask whether somebody has such a thing, or relative
HAVE = ("~do {S} | have", "~do {S} | have", "~have {S} | got")
_HAS = re.compile(r"(?:my|(?P<of>.+)'s) (?P<what>[a-z -]+)")
HAVE_I = ("did I tell you", "do you know", "did I say", "have I mentioned")
WHO = Subject("f", "who", "who")


@dataclass(frozen=True)
class Attribute:
    """One relation of a table. The fields are those of people.yaml and things.yaml."""

    name: str
    v: str
    say: tuple[str, ...]
    ask: tuple[str, ...]
    tell: tuple[str, ...] = ()
    self_tell: tuple[str, ...] = ()
    ask_self: tuple[str, ...] = ()
    ask_direct: tuple[str, ...] = ()
    owner: tuple[str, ...] = ()
    ack: tuple[str, ...] = ()
    who: tuple[str, ...] = ()
    of: tuple[str, ...] = ()
    w: str = ""
    held: bool = False

    def make(self, draw: Draw) -> AttributeFact:
        """A new fact about a person or thing of a fitting kind."""
        value = draw.values.draw(draw.rng, self.v)
        if self.of:
            owned = draw_thing(draw, draw.rng.choice(self.of))
            return AttributeFact(self, owned.subject, value, owned)
        second = draw.values.draw(draw.rng, self.w) if self.w else ""
        return AttributeFact(self, draw_person(draw, self.who), value, second=second)


@dataclass(frozen=True)
class AttributeFact:
    """An attribute of somebody or something with its value."""

    attribute: Attribute
    subject: Subject
    value: str
    owned: Owned | None = None
    second: str = ""  # the value of {w}

    @property
    def key(self) -> str:
        return f"{self.attribute.name}/{self.subject.key}/{self.second}".rstrip("/")

    @property
    def relation(self) -> str:
        return self.attribute.name

    @property
    def acks(self) -> tuple[str, ...]:
        return self.attribute.ack

    def _slots(self, bot: bool) -> dict[str, str]:
        value = shift_person(self.value) if bot else self.value
        noun = self.owned.noun if self.owned else ""
        second = shift_person(self.second) if bot else self.second
        bare = value.removeprefix("at ").removeprefix("on ")
        return {"v": value, "v_bare": bare, "N": noun, "w": second}

    def _say(self, draw: Draw, bot: bool) -> str:
        template = choose(draw.rng.choice(self.attribute.say), draw.rng)
        return render(template, self.subject, self._slots(bot), bot)

    def tell(self, draw: Draw) -> Told:
        a = self.attribute
        owner = self.owned.owner if self.owned else None
        options = [*a.say, *a.tell]
        if owner and a.owner and draw.rng.random() < 0.5:
            template = choose(draw.wordings.pick(draw.rng, a.owner), draw.rng).replace("{O}", "{S}")
            return Told(render(template, owner, self._slots(False)), self._say(draw, bot=True))
        if self.subject.is_self and a.self_tell:
            options += [*a.self_tell] * 2
        if not draw.wordings.held and draw.rng.random() < PLAIN:
            options = [*a.say]
        template = choose(draw.wordings.pick(draw.rng, options), draw.rng)
        echo = self._say(draw, bot=True)
        named = not self.subject.is_self and not self.subject.by_pronoun
        if named and template.startswith("{S") and draw.rng.random() < INTRODUCED:
            return Told(self._introduced(draw, template), echo)
        return Told(render(template, self.subject, self._slots(False)), echo)

    def _introduced(self, draw: Draw, template: str) -> str:
        """Two sentences: one that names the subject, then the fact about "her" or "it"."""
        subject = self.subject
        mine = subject.user.startswith("my ") and not subject.alias and subject.form != "p"
        mine = mine and "'s " not in subject.user
        kinds = [*(["introduce_mine"] if mine else []), f"introduce_{subject.kind}"]
        if f"introduce_{subject.kind}" not in load_table("frames"):
            return render(template, subject, self._slots(False))
        frame = draw.wordings.pick(draw.rng, load_table("frames")[draw.rng.choice(kinds)])
        first = frame.replace("{N}", subject.user.removeprefix("my "))
        said = render(template, subject.pronominal(), self._slots(False))
        return f"{sentence(render(first, subject, {}))} {sentence(said, '')}"

    def ask(self, draw: Draw) -> Question:
        a = self.attribute
        if self.subject.alias and draw.rng.random() < NAMED:
            return name_question(draw, self.subject, self.key)
        if self.subject.kind == "person" and draw.rng.random() < BACKWARD:
            return self._whose(draw)
        options = [*a.ask, *(a.ask_self if self.subject.is_self else ())]
        template = choose(draw.wordings.pick(draw.rng, options), draw.rng)
        slots = {"N": self._slots(False)["N"], "w": self.second}
        subject = as_asked(draw, self.subject)
        asked = ask(template, subject, slots)
        if self.subject.is_self and a.ask_direct and draw.rng.random() < 0.2:
            direct = choose(draw.wordings.pick(draw.rng, a.ask_direct), draw.rng)
            asked = replace(asked, direct=direct, indirect="")
        return Question(asked, self._say(draw, bot=True), shift_person(core(self.value)), self.key)

    def _whose(self, draw: Draw) -> Question:
        """The question turned round: who lives in V, whose name is V."""
        template = choose(draw.rng.choice(self.attribute.say), draw.rng)
        text = render(template.replace("{S's}", "whose").replace("{his}", "their"), WHO, self._slots(False))
        value = self.subject.bot if self.subject.is_self else core(self.subject.user)
        asked = Asked(text, text, shift_person(text))
        return Question(asked, self._say(draw, bot=True), value, f"{self.key}/subject")

    def unknown(self, draw: Draw) -> Question | None:
        """Why, or since when: it has all the words of what was told, and nobody told it."""
        if self.subject.kind == "world":
            return None
        lead, template = draw.rng.choice(OPEN), choose(draw.rng.choice(self.attribute.say), draw.rng)
        told = [f"{lead} {render(template, self.subject, self._slots(bot), bot)}" for bot in (False, True)]
        direct = f"{draw.rng.choice(HAVE_I)} {told[0]}"
        return Question(Asked(direct, told[0], told[1]), "", "", f"{self.key}/{lead}")

    def whether(self, draw: Draw) -> Question | None:
        if draw.rng.random() < EXISTS and (question := self._there_is(draw)):
            return question
        other = self.changed(draw) if draw.rng.random() < 0.5 else None
        claimed = other or self
        subject = as_asked(draw, self.subject)
        template = choose(draw.rng.choice(self.attribute.say), draw.rng)
        asked = asked_whether(template, subject, claimed._slots(bot=False))
        answer = answered(other is None, self._say(draw, bot=True))
        value = shift_person(core(self.value))
        return Question(asked, answer, value, f"{self.key}/whether") if asked else None

    def _there_is(self, draw: Draw) -> Question | None:
        """Whether somebody has what the fact is about: "do I have a cat" where the cat's name was told."""
        found = _HAS.fullmatch(self.subject.user.removesuffix(f" {self.subject.alias}"))
        if not found or self.subject.form == "p":
            return None
        name = found["of"]
        owner = SELF if name is None else Subject("f", name, shift_person(name))
        asked = put(f"{draw.rng.choice(HAVE)} a {found['what']}", owner, {})
        answer = answered(True, self._say(draw, bot=True))
        return Question(asked, answer, shift_person(core(self.value)), f"{self.key}/exists")

    def sibling(self, draw: Draw) -> AttributeFact | None:
        if self.second:
            fresh = self.attribute.make(draw)
            same = fresh.key == self.key or core(fresh.value).lower() == core(self.value).lower()
            return None if same else fresh
        value = draw.values.draw(draw.rng, self.attribute.v)
        if not self.owned:
            other = replace(self, subject=draw_person(draw, self.attribute.who), value=value)
        else:
            owned = own(draw, self.owned.listed)
            other = replace(self, subject=owned.subject, owned=owned, value=value)
        return other if other.key != self.key and core(value).lower() != core(self.value).lower() else None

    def changed(self, draw: Draw) -> AttributeFact | None:
        for _ in range(5):
            value = draw.values.draw(draw.rng, self.attribute.v)
            if core(value).lower() != core(self.value).lower():
                return replace(self, value=value)
        return None


def attributes() -> list[Attribute]:
    """Every attribute of the tables: people, things and favourites."""
    things = load_table("things")["relations"]
    return [
        *(_parse(name, row) for name, row in load_table("people").items()),
        *(_parse(name, row) for name, row in things.items()),
        *(_parse(name, row) for name, row in load_table("pairs").items()),
        *_favourites(),
    ]


def _parse(name: str, row: dict) -> Attribute:
    lists: dict[str, Any] = {key: tuple(value) for key, value in row.items() if isinstance(value, list)}
    if "self" in lists:
        lists["self_tell"] = lists.pop("self")
    return Attribute(name=name, v=row["v"], w=row.get("w", ""), held=row.get("held", False), **lists)


_HELD_FAVOURITES = ("perfume", "cheese", "opera", "beach", "comic")
_FAVOURITE_SAY = ("{S's} favourite {C} is {v}",)
_FAVOURITE_TELL = (
    "{S's} favorite {C} is {v}", "the {C} {S} [like] best is {v}", "{S} [love] {v} more than any other {C}",
    "{S} [like] {v} best of all {Cs}", "of all {Cs}, {S} [prefer] {v}", "{v} is {S's} favourite {C}",
    "{v} is {S's} favorite {C}", "no {C} is better than {v}, if you ask {S.o}", "{S's} preferred {C} is {v}",
    "as for {Cs}, {S} [like] {v} most", "{S's} all-time favourite {C} is {v}",
    "when it comes to {Cs}, {S} [love] {v}",
    "{S's} number one {C} is {v}", "{S} [think] {v} is the best {C}",
)  # fmt: skip
_FAVOURITE_ASK = (
    "what ~be {S's} (favourite|favorite) {C} |", "(which|what) {C} ~do {S} | like best",
    "(which|what) {C} ~do {S} | love most", "(which|what) {C} ~do {S} | prefer",
    "which {C} ~do {S} | like most of all",
    "what ~be {S's} preferred {C} |", "(which|what) {C} ~be {S's} (favourite|favorite) |",
    "which {C} ~do {S} | think is the best", "which of all {Cs} ~do {S} | like most",
)  # fmt: skip


def _favourites() -> list[Attribute]:
    made = []
    for category, kind in load_table("favourites").items():
        single, _, plural = category.partition(" (")
        plural = plural.rstrip(")") or _plural(single)

        def fill(templates: tuple[str, ...], one: str = single, many: str = plural) -> tuple[str, ...]:
            return tuple(text.replace("{Cs}", many).replace("{C}", one) for text in templates)

        made.append(
            Attribute(
                name=f"favourite {single}",
                v=kind,
                say=fill(_FAVOURITE_SAY),
                tell=fill(_FAVOURITE_TELL),
                ask=fill(_FAVOURITE_ASK),
                ack=("Good choice!", "{v} is a good choice.", "I like that too.", "Nice, {v}!"),
                who=("self", "kin", "friend", "named"),
                held=single in _HELD_FAVOURITES,
            )
        )
    return made


def _plural(noun: str) -> str:
    head, _, tail = noun.partition(" of ")
    if head.endswith("y") and head[-2] not in "aeiou":
        head = head[:-1] + "ies"
    else:
        head += "es" if head.endswith(("s", "sh", "ch", "x")) else "s"
    return f"{head} of {tail}" if tail else head
