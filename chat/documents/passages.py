"""A text cut into passages of a few whole sentences, which is what the bot reads at once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from chat.splitting import sentences

# In characters: a sentence or two. What the bot answers out of the two best passages was scored with several
# lengths, on questions that are not for the test (benchmarks/README.md).
LONGEST_PASSAGE = 200


@dataclass(frozen=True)
class Passage:
    """A part of a document. number: its place among the passages, from 0."""

    document: str
    number: int
    text: str


def passages_of(document: str, text: str, longest: int = LONGEST_PASSAGE) -> list[Passage]:
    """The passages of a text, in order. A paragraph's end ends a passage, unless that is a heading's."""
    texts = [part for part in _texts(text, longest) if any(map(str.isalnum, part))]
    return [Passage(document, number, part) for number, part in enumerate(texts)]


def _texts(text: str, longest: int) -> Iterator[str]:
    held = ""
    for paragraph in re.split(r"\n\s*\n", text):
        joined = " ".join(paragraph.split())
        for sentence in _bounded(joined, longest):
            if held and len(held) + 1 + len(sentence) > longest:
                yield held
                held = ""
            held = f"{held} {sentence}".strip()
        if held.endswith((".", "!", "?", '"', "\u201d")):  # a heading stays with what follows it
            yield held
            held = ""
    if held:
        yield held


def _bounded(paragraph: str, longest: int) -> Iterator[str]:
    """Sentences, and the parts of one that is longer than a passage."""
    for sentence in sentences(paragraph):
        while len(sentence) > longest:
            cut = sentence.rfind(" ", 1, longest)
            cut = cut if cut > 0 else longest
            yield sentence[:cut].strip()
            sentence = sentence[cut:].strip()
        yield sentence
