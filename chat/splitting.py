"""A text of any length cut into parts that one segment can hold, between sentences where it can. No torch."""

from __future__ import annotations

from collections.abc import Iterator

import sentencex

from chat.segments import plain
from lstm_models.tokenizer import Tokenizer

MAX_CHARACTERS = 20_000  # of one message; longer texts are documents (documents/)
_LONGEST_PIECE = 400  # characters without a full stop that are looked at as one piece


def sentences(text: str) -> list[str]:
    """The sentences of a text, without the blanks around them; lines end a sentence, too."""
    found = (part.strip() for line in text.splitlines() for part in sentencex.segment("en", line))
    return [part for part in found if part]


def split_text(tokenizer: Tokenizer, text: str, longest: int) -> list[str]:
    """Parts of at most `longest` tokens each, as full as whole sentences allow. Linear in the text's length.

    A text that fits is one part, unchanged; one without words gives no part.
    """
    if len(text) <= 8 * longest and (size := _size(tokenizer, text)) <= longest:
        return [text] if size else []
    parts: list[str] = []
    held, room = "", longest
    for piece in _pieces(tokenizer, text, longest):
        size = _size(tokenizer, piece)
        if held and size > room:
            parts.append(held)
            held, room = "", longest
        held, room = f"{held} {piece}".strip(), room - size
    return [*parts, held] if held else parts


def _pieces(tokenizer: Tokenizer, text: str, longest: int) -> Iterator[str]:
    """Sentences; a sentence that no segment holds in words, and such a word in characters."""
    for sentence in sentences(text):
        if len(sentence) <= _LONGEST_PIECE and 0 < _size(tokenizer, sentence) <= longest:
            yield sentence
            continue
        for word in sentence.split():
            # A character is at most four tokens (its bytes) and the mark of a word's beginning.
            fits = _size(tokenizer, word[:_LONGEST_PIECE]) <= longest
            step = _LONGEST_PIECE if fits else max(1, longest // 4 - 1)
            pieces = (word[start : start + step] for start in range(0, len(word), step))
            yield from (piece for piece in pieces if _size(tokenizer, piece))


def _size(tokenizer: Tokenizer, text: str) -> int:
    return len(tokenizer.encode(plain(text)))
