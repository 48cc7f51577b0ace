"""Keeps validation and test out of training.

A training pair goes when either of its sides, normalised, stands on the same language's side of a
validation or test pair. Both sides are compared whatever the direction, because one model learns all
directions: en->de training data that holds a de->en test sentence would give it away as well.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from data_prep.cleaning import digest
from lstm_models.tokenizer import normalise

_WORDS = re.compile(r"\w+")


def leak_key(text: str, language: str) -> bytes:
    """Key of a text: its words alone, NFKC and case folded, so that spacing and signs hide no leak.

    Normalised first: evaluation texts are held as they were published, training texts as they are read.
    """
    text = normalise(text)
    words = _WORDS.findall(unicodedata.normalize("NFKC", text).casefold())
    return digest(language, " ".join(words) or text)


def in_zone(text: str, share: float) -> bool:
    """Whether a text falls into the share (0 to 1) that is held out: the same texts on every machine."""
    return share > 0 and int.from_bytes(leak_key(text, "")[:6], "big") < share * 2**48


class LeakCheck:
    """The sentences that evaluation holds; `leaks` says whether training would show one of them."""

    def __init__(self) -> None:
        self._held: set[bytes] = set()

    def __len__(self) -> int:
        return len(self._held)

    def hold(self, sides: Iterable[tuple[str, str]]) -> None:
        """Adds the (text, language) sides of an evaluation example."""
        self._held.update(leak_key(text, language) for text, language in sides)

    def leaks(self, sides: Iterable[tuple[str, str]]) -> bool:
        """Whether any (text, language) side stands in evaluation data."""
        return any(leak_key(text, language) in self._held for text, language in sides)
