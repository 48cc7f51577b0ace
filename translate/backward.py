"""A translation read back: its translation into the first language, compared with the original."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher

from translate.alignment import Word, words_of


@dataclass(frozen=True)
class BackTranslation:
    """The way back. agreement: 0 to 1, how much of the words of both is the same, in order.

    missing: words of the original that did not come back; added: words of `text` that the original lacks.
    """

    original: str
    text: str
    agreement: float
    missing: tuple[Word, ...] = ()
    added: tuple[Word, ...] = ()


def compared(original: str, back: str) -> BackTranslation:
    """Two texts in one language, word by word; upper and lower case are the same."""
    first, second = words_of(original), words_of(back)
    matcher = SequenceMatcher(
        None, [word.text.casefold() for word in first], [word.text.casefold() for word in second], False
    )
    missing: list[Word] = []
    added: list[Word] = []
    for kind, a, a_end, b, b_end in matcher.get_opcodes():
        if kind != "equal":
            missing += first[a:a_end]
            added += second[b:b_end]
    agreement = matcher.ratio() if first or second else 1.0
    return BackTranslation(original, back, agreement, tuple(missing), tuple(added))
