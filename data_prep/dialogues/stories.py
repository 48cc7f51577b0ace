"""What people tell in their own words: several facts in one breath, each of which may be asked for."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from data_prep.dialogues.cast import draw_person
from data_prep.dialogues.facts import Draw, Question, Told
from data_prep.dialogues.subjects import SELF, Subject, shift_person
from data_prep.dialogues.tables import load_table
from data_prep.dialogues.values import core
from data_prep.dialogues.wording import Asked, ask, choose, render

MINE = 0.6  # share of stories that the user tells of himself, where it could be anybody's


@dataclass(frozen=True)
class Story:
    """One story of tables/stories.yaml, whose head explains the fields."""

    name: str
    slots: dict[str, str]
    telling: tuple[str, ...]
    asks: dict[str, tuple[tuple[str, ...], str]]  # what is asked: its questions and their answer
    open: tuple[str, ...] = ()
    held: bool = False

    def make(self, draw: Draw) -> StoryFact:
        """The story of somebody, with values."""
        anybody = any("{S" in text for text in self.telling)
        mine = not anybody or draw.rng.random() < MINE
        subject = SELF if mine else draw_person(draw, ("kin", "named"))
        return StoryFact(self, subject, self._values(draw), draw.rng.choice(list(self.asks)))

    def _values(self, draw: Draw) -> dict[str, str]:
        """Values that differ from each other."""
        values: dict[str, str] = {}
        for slot in self.slots:
            for _ in range(8):
                values[slot] = self.value(draw, slot)
                if list(values.values()).count(values[slot]) == 1:
                    break
        return values

    def value(self, draw: Draw, slot: str) -> str:
        """A value for a slot: of a kind, or of the list in brackets."""
        kind = self.slots[slot]
        return (
            draw.rng.choice(kind[1:-1].split(", "))
            if kind.startswith("[")
            else draw.values.draw(draw.rng, kind)
        )


@dataclass(frozen=True)
class StoryFact:
    """A story told of somebody. `asked`: what its first question is about."""

    story: Story
    subject: Subject
    values: dict[str, str]
    asked: str

    @property
    def key(self) -> str:
        return f"story/{self.story.name}"

    @property
    def relation(self) -> str:
        return "event"  # corrected as a whole, as events are

    @property
    def value(self) -> str:
        return self.values.get(self.asked, self.asked)

    @property
    def acks(self) -> tuple[str, ...]:
        return ()

    def tell(self, draw: Draw) -> Told:
        template = choose(draw.wordings.pick(draw.rng, self.story.telling), draw.rng)
        return Told(render(template, self.subject, self._slots()), self._answer(draw, self.asked))

    def _answer(self, draw: Draw, about: str) -> str:
        return render(choose(self.story.asks[about][1], draw.rng), self.subject, self._slots(), bot=True)

    def _slots(self) -> dict[str, str]:
        """Every value, and as `the_x` the same as something known: "the old tractor"."""
        known = {f"the_{name}": re.sub(r"^an? ", "the ", value) for name, value in self.values.items()}
        return self.values | known

    def ask(self, draw: Draw) -> Question:
        about = draw.rng.choice(list(self.story.asks))
        template = choose(draw.wordings.pick(draw.rng, self.story.asks[about][0]), draw.rng)
        value = shift_person(core(self.values.get(about, "")))
        return Question(self._as_asked(template), self._answer(draw, about), value, f"{self.key}/{about}")

    def _as_asked(self, template: str) -> Asked:
        return ask(template, self.subject, self._slots())

    def unknown(self, draw: Draw) -> Question | None:
        if not self.story.open:
            return None
        template = choose(draw.rng.choice(self.story.open), draw.rng)
        return Question(self._as_asked(template), "", "", f"{self.key}/open")

    def whether(self, draw: Draw) -> Question | None:
        return None

    def sibling(self, draw: Draw) -> StoryFact | None:
        return None

    def changed(self, draw: Draw) -> StoryFact | None:
        if self.asked not in self.story.slots:
            return None
        for _ in range(5):
            value = self.story.value(draw, self.asked)
            if core(value).lower() != core(self.value).lower():
                return replace(self, values={**self.values, self.asked: value})
        return None


def stories(held: bool) -> list[Story]:
    """The stories of the table: those trained on, or those held out."""
    return [
        Story(
            name,
            row["slots"],
            tuple(row["tell"]),
            {about: (tuple(questions), answer) for about, (questions, answer) in row["ask"].items()},
            tuple(row.get("open", ())),
            row.get("held", False),
        )
        for name, row in load_table("stories").items()
        if row.get("held", False) == held
    ]
