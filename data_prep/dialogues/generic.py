"""Attributes of any name: "the nickname of my boat is V", and of names that nobody has seen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from data_prep.dialogues.attributes import Attribute, AttributeFact
from data_prep.dialogues.cast import own
from data_prep.dialogues.facts import Draw
from data_prep.dialogues.tables import load_table

_SAY = ("the {A} of {S} is {v}",)
_TELL = (
    "{S's} {A} is {v}", "{v} is the {A} of {S}", "as {A}, {S} [have] {v}", "{S} [have] {v} as its {A}",
    "they gave {v} as the {A} of {S}", "the {A} for {S} is {v}", "the {A} of {S} turned out to be {v}",
)  # fmt: skip
_ASK = (
    "what ~be the {A} of {S} |", "what ~be {S's} {A} |", "which {A} ~do {S} | have",
    "what {A} ~do {S} | have", "what ~be the {A} for {S} |", "what ~did I | say was the {A} of {S}",
)  # fmt: skip
_COUNT = (
    ("{S} [have] {v} {Ns}",),
    ("what ~be the number of {S's} {Ns} |", "how many {Ns} ~do {S} | have", "how many {Ns} ~do {S} | have"),
    ("{S} [own] {v} {Ns}", "{S's} {Ns} are {v} in number",
     "all in all, {S} [have] {v} {Ns}"),
)  # fmt: skip
_CONTENT = (
    ("{S} [contain] {v}",),
    ("what is in {S}", "what ~do {S} | contain", "what ~did I | put into {S}", "what ~do I | keep in {S}",
     "what is inside {S}", "what ~can I | find in {S}"),
    ("I keep {v} in {S}", "I put {v} into {S}", "{S} [be] full of {v}", "you find {v} in {S}",
     "{S} [hold] {v}", "{v} can be found in {S}", "we store {v} in {S}"),
)  # fmt: skip
_HELD = ("nickname", "captain", "designer", "temperature", "mileage", "fee")


@dataclass(frozen=True)
class GenericAttribute:
    """Attributes with values of one kind: real words for them, or made-up ones."""

    name: str
    kind: str
    words: tuple[str, ...]
    held: bool = False

    def make(self, draw: Draw) -> AttributeFact:
        """A fact about a thing of any class."""
        rng = draw.rng
        word = rng.choice(self.words) if self.words else draw.values.word(rng)
        if self.words or rng.random() < 0.5:
            classes = load_table("things")["classes"]
            listed = rng.choice(classes[rng.choice(list(classes))])
        else:
            listed = draw.values.word(rng)

        def named(templates: tuple[str, ...]) -> tuple[str, ...]:
            return tuple(text.replace("{A}", word) for text in templates)

        attribute = Attribute(f"{word}", self.kind, named(_SAY), named(_ASK), named(_TELL), of=("any",))
        owned = own(draw, listed)
        return AttributeFact(
            attribute, owned.subject, draw.values.draw(rng, self.kind), replace(owned, owner=None)
        )


@dataclass(frozen=True)
class Counted:
    """How many of a thing somebody has."""

    name: str = "count"
    held: bool = False

    def make(self, draw: Draw) -> AttributeFact:
        """A fact about a person and a number."""
        rows = [noun for row in load_table("counts") for noun in row.split()]
        nouns = draw.rng.choice(rows).replace("_", " ")
        say, ask, tell = (tuple(text.replace("{Ns}", nouns) for text in part) for part in _COUNT)
        attribute = Attribute(
            f"count {nouns}", "number", say, ask, tell, who=("self", "kin", "friend", "named")
        )
        return attribute.make(draw)


@dataclass(frozen=True)
class Contained:
    """What a box or drawer holds."""

    name: str = "content"
    held: bool = False

    def make(self, draw: Draw) -> AttributeFact:
        """A fact about a container, told from others like it by colour, size or owner."""
        nouns = [noun for row in load_table("containers") for noun in row.split()]
        words = load_table("subjects")["adjective"]
        listed = draw.rng.choice(nouns)
        if draw.rng.random() < 0.6:
            listed = f"{draw.rng.choice(words)} {listed}"
        say, ask, tell = _CONTENT
        attribute = Attribute("content", "content", say, ask, tell, of=("any",))
        owned = own(draw, listed)
        return AttributeFact(
            attribute, owned.subject, draw.values.draw(draw.rng, "content"), replace(owned, owner=None)
        )


def generic_relations(held: bool) -> Iterator[GenericAttribute]:
    """One relation for each list of generic.yaml, and one for made-up attributes."""
    kinds = {"name_like": "name|full_name|word", "number_like": "number|digits|code"}
    for key, kind in kinds.items():
        words = tuple(word for word in load_table("generic")[key] if (word in _HELD) == held)
        if words:
            yield GenericAttribute(key, kind, words, held)
    if not held:
        yield GenericAttribute("made_up", "name|word|number|code|colour", ())
