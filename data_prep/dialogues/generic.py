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


def generic_relations(held: bool) -> Iterator[GenericAttribute]:
    """One relation for each list of generic.yaml, and one for made-up attributes."""
    kinds = {"name_like": "name|full_name|word", "number_like": "number|digits|code"}
    for key, kind in kinds.items():
        words = tuple(word for word in load_table("generic")[key] if (word in _HELD) == held)
        if words:
            yield GenericAttribute(key, kind, words, held)
    if not held:
        yield GenericAttribute("made_up", "name|word|number|code|colour", ())
