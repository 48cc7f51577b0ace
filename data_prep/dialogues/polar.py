"""What is so or not so: "I do not eat meat", "my sister has a car", asked for with yes or no."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from data_prep.dialogues.cast import as_asked, draw_person, draw_thing
from data_prep.dialogues.facts import Draw, Fact, Question, Told
from data_prep.dialogues.subjects import Subject, shift_person
from data_prep.dialogues.tables import load_table
from data_prep.dialogues.values import core
from data_prep.dialogues.whether import answered, put
from data_prep.dialogues.wording import ask, choose, render

WHAT = 0.3  # share of the questions that ask for which value it is not so, where the table has them
SAME_SUBJECT = 0.6  # share of what is easily confused that is told of the same person
PLAIN = 0.35  # share of statements in the plainest words
_OTHER_WAY = "!"  # behind a question whose yes means that it is not so ("do I hate jazz")


@dataclass(frozen=True)
class Polar:
    """One relation of the table; the fields are explained there."""

    name: str
    who: tuple[str, ...]
    v: str | tuple[str, ...]
    say: tuple[str, ...]
    deny: tuple[str, ...]
    say_too: tuple[str, ...]
    deny_too: tuple[str, ...]
    now: tuple[str, ...]
    ended: tuple[str, ...]
    ask: tuple[str, ...]
    what_not: tuple[str, ...] = ()
    near: Mapping[str, Sequence[str]] = field(default_factory=dict)
    held: bool = False

    def make(self, draw: Draw) -> PolarFact:
        """Something that is so or not so, equally often."""
        return PolarFact(self, self.subject(draw), self.value(draw), draw.rng.random() < 0.5)

    def subject(self, draw: Draw) -> Subject:
        """A person, or a machine."""
        return draw_thing(draw, "machine").subject if "thing" in self.who else draw_person(draw, self.who)

    def value(self, draw: Draw) -> str:
        """What is eaten, owned, spoken."""
        return draw.values.draw(draw.rng, self.v) if isinstance(self.v, str) else draw.rng.choice(self.v)


@dataclass(frozen=True)
class PolarFact:
    """A relation that holds (`so`) or does not between somebody and a value. `later`: it has become so."""

    polar: Polar
    subject: Subject
    value: str
    so: bool
    later: bool = False

    @property
    def key(self) -> str:
        return f"{self.polar.name}/{self.subject.key}/{self.value.lower()}"

    @property
    def relation(self) -> str:
        return "polar"

    @property
    def acks(self) -> tuple[str, ...]:
        return ()

    def tell(self, draw: Draw) -> Told:
        p = self.polar
        first, more, changed = (p.say, p.say_too, p.now) if self.so else (p.deny, p.deny_too, p.ended)
        options = changed if self.later else first if draw.rng.random() < PLAIN else (*first, *more)
        template = choose(draw.wordings.pick(draw.rng, options), draw.rng)
        return Told(render(template, self.subject, {"v": self.value}), self._said(draw))

    def _said(self, draw: Draw) -> str:
        template = draw.rng.choice(self.polar.say if self.so else self.polar.deny)
        return render(template, self.subject, {"v": shift_person(self.value)}, bot=True)

    def ask(self, draw: Draw) -> Question:
        if not self._what or draw.rng.random() > WHAT:
            return self.whether(draw)
        template = choose(draw.wordings.pick(draw.rng, self._what), draw.rng)
        asked = ask(template, as_asked(draw, self.subject), {"v": self.value})
        return Question(asked, self._said(draw), self._answer, f"{self.key}/what")

    def whether(self, draw: Draw) -> Question:
        template = choose(draw.wordings.pick(draw.rng, self.polar.ask), draw.rng)
        asked = put(template.removesuffix(_OTHER_WAY), as_asked(draw, self.subject), {"v": self.value})
        yes = self.so != template.endswith(_OTHER_WAY)
        answer = answered(yes, self._said(draw))
        return Question(asked, answer, self._answer, f"{self.key}/whether", is_clause=False)

    @property
    def _what(self) -> tuple[str, ...]:
        """Questions for the value, which one fact of somebody must answer alone."""
        return () if self.so else self.polar.what_not

    @property
    def _answer(self) -> str:
        return shift_person(core(self.value))

    def unknown(self, draw: Draw) -> Question | None:
        return None  # that of another value is asked by way of `sibling`

    def sibling(self, draw: Draw) -> PolarFact | None:
        """The same of another value, or of somebody else, mostly the other way round."""
        so = self.so if draw.rng.random() < 0.3 else not self.so
        if draw.rng.random() < SAME_SUBJECT and "thing" not in self.polar.who:
            other = replace(self, value=self.polar.value(draw), so=so, later=False)
        else:
            other = replace(self, subject=self.polar.subject(draw), so=so, later=False)
        return other if other.key != self.key else None

    def changed(self, draw: Draw) -> PolarFact | None:
        return replace(self, so=not self.so, later=True)

    def speaks_of(self, other: Fact, text: str) -> bool:
        """Whether another fact may answer what is asked of this one. text: words of that fact."""
        if isinstance(other, PolarFact):
            alike = (other.polar.name, other.so) == (self.polar.name, self.so) and bool(self._what)
            return other.subject == self.subject and (alike or bool(_words(self.value) & _words(other.value)))
        return bool({*_words(self.value), *self.polar.near.get(self.value, ())} & _words(text))


def polars() -> Iterator[Polar]:
    """Every relation of the table."""
    for name, row in load_table("polar").items():
        lists: dict[str, Any] = {key: tuple(one) for key, one in row.items() if isinstance(one, list)}
        yield Polar(name, **{**row, **lists})


def _words(text: str) -> set[str]:
    """Its words without those that stand everywhere."""
    return {word for word in re.findall(r"[^\W_]+", text.lower()) if len(word) > 2} - _SMALL


_SMALL = frozenset(["the", "for", "and", "with", "new", "had", "any", "from", "not"])
