"""What is so or not so: "I do not eat meat", "my sister has a car", asked for with yes or no."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from chat.words import content_words
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
BESIDE = 0.3  # share told of two people at once, in short of the second: "..., but my brother does"
ALIKE = 0.25  # share of these in which it is so, or not so, of both
ANEW = 0.3  # share of the others in which the second is told with a word for the value: "I never had one"
WHOLE = 0.2  # share in which it is told with the value again
SHORTENED = 0.75  # share of "does not" at the end that becomes "doesn't"
_NOT = re.compile(r"\b(do|does|is|are|has|have) not$")
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
    brief: str = ""
    anew: Mapping[str, Sequence[str]] = field(default_factory=dict)
    what_not: tuple[str, ...] = ()
    near: Mapping[str, Sequence[str]] = field(default_factory=dict)
    held: bool = False

    def make(self, draw: Draw) -> PolarFact:
        """Something that is so or not so, equally often; at times of somebody else, too."""
        fact = PolarFact(self, self.subject(draw), self.value(draw), draw.rng.random() < 0.5)
        if not self.brief or draw.rng.random() > BESIDE:
            return fact
        so = fact.so if draw.rng.random() < ALIKE else not fact.so
        other = replace(fact, subject=self.subject(draw), so=so)
        return fact if other.subject.key == fact.subject.key else replace(fact, beside=other)

    def subject(self, draw: Draw) -> Subject:
        """A person, or a machine."""
        return draw_thing(draw, "machine").subject if "thing" in self.who else draw_person(draw, self.who)

    def value(self, draw: Draw) -> str:
        """What is eaten, owned, spoken."""
        return draw.values.draw(draw.rng, self.v) if isinstance(self.v, str) else draw.rng.choice(self.v)


@dataclass(frozen=True)
class PolarFact:
    """A relation that holds (`so`) or does not between somebody and a value.

    `later`: it has become so. `beside`: the same of somebody else, told in the same sentence.
    """

    polar: Polar
    subject: Subject
    value: str
    so: bool
    later: bool = False
    beside: PolarFact | None = None

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
        if self.beside:
            return self._of_both(draw, self.beside)
        first, more, changed = (p.say, p.say_too, p.now) if self.so else (p.deny, p.deny_too, p.ended)
        options = changed if self.later else first if draw.rng.random() < PLAIN else (*first, *more)
        return Told(self._filled(draw, options), self._said(draw))

    def _of_both(self, draw: Draw, other: PolarFact) -> Told:
        """Of two people in one sentence, of the second one only whether it is so of them, too."""
        alike = self.so == other.so
        name = ("alike" if self.so else "alike_not") if alike else "contrast"
        frame = draw.wordings.pick(draw.rng, load_table("frames")[name])
        brief = self.polar.brief
        first = self._filled(draw, self.polar.say if self.so else self.polar.deny)
        second = other._after_the_first(draw, alike)
        parts = {"s": first, "t": second, "i": render(f"{brief} {{S}}", other.subject, {})}
        text = frame.format(**parts).replace("can not", "cannot")
        return Told(text, f"{self._said(draw)}{' and ' if alike else ', but '}{other._said(draw)}")

    def _after_the_first(self, draw: Draw, alike: bool) -> str:
        """In short, as a rule: "my aunt does not", "my aunt has none", "my aunt never had a car"."""
        shape, key = draw.rng.random(), "so" if self.so else "not"
        if not alike and shape < ANEW and self.polar.anew:
            return self._filled(draw, self.polar.anew[key])
        if not alike and shape > 1 - WHOLE:
            p = self.polar
            return self._filled(draw, (*p.say, *p.say_too) if self.so else (*p.deny, *p.deny_too))
        said = render(f"{{S}} {self.polar.brief}{'' if self.so else ' not'}", self.subject, {})
        return _NOT.sub(r"\1n't", said.replace("can not", "can't")) if draw.rng.random() < SHORTENED else said

    def _filled(self, draw: Draw, options: Sequence[str]) -> str:
        template = choose(draw.wordings.pick(draw.rng, options), draw.rng)
        return render(template, self.subject, {"v": self.value})

    def _said(self, draw: Draw) -> str:
        template = draw.rng.choice(self.polar.say if self.so else self.polar.deny)
        return render(template, self.subject, {"v": shift_person(self.value)}, bot=True)

    def ask(self, draw: Draw) -> Question:
        one = draw.rng.choice(self._each)
        return one._ask_what(draw) if one._what and draw.rng.random() < WHAT else one._ask_whether(draw)

    def whether(self, draw: Draw) -> Question:
        return draw.rng.choice(self._each)._ask_whether(draw)

    def _ask_what(self, draw: Draw) -> Question:
        template = choose(draw.wordings.pick(draw.rng, self._what), draw.rng)
        asked = ask(template, as_asked(draw, self.subject), {"v": self.value})
        return Question(asked, self._said(draw), self._answer, f"{self.key}/what")

    def _ask_whether(self, draw: Draw) -> Question:
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
            other = replace(self.alone, value=self.polar.value(draw), so=so, later=False)
        else:
            other = replace(self.alone, subject=self.polar.subject(draw), so=so, later=False)
        return other if other.key != self.key else None

    @property
    def alone(self) -> PolarFact:
        """Without what is told beside it."""
        return replace(self, beside=None)

    def changed(self, draw: Draw) -> PolarFact | None:
        return replace(self.alone, so=not self.so, later=True)

    def speaks_of(self, other: Fact, text: str) -> bool:
        """Whether another fact may answer what is asked of this one. text: words of that fact."""
        if isinstance(other, PolarFact):
            return any(one._answers(two) for one in self._each for two in other._each)
        return bool({*content_words(self.value), *self.polar.near.get(self.value, ())} & content_words(text))

    @property
    def _each(self) -> tuple[PolarFact, ...]:
        return (self, self.beside) if self.beside else (self,)

    def _answers(self, other: PolarFact) -> bool:
        alike = (other.polar.name, other.so) == (self.polar.name, self.so) and bool(self._what)
        same = alike or bool(content_words(self.value) & content_words(other.value))
        return other.subject == self.subject and same


def polars() -> Iterator[Polar]:
    """Every relation of the table."""
    for name, row in load_table("polar").items():
        lists: dict[str, Any] = {key: tuple(one) for key, one in row.items() if isinstance(one, list)}
        yield Polar(name, **{**row, **lists})
