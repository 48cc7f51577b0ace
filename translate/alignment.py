"""Which word of a translation comes from which word of its source, by the attention that points for copying.

T tokens of the translation, M tokens of the source, W words of the translation, N words of the source.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lstm_models.search import Hypothesis
from lstm_models.tokenizer import Tokenizer

_WORD = re.compile(r"\w+(?:[-'’.,:/@]\w+)*")
_BYTE = re.compile(r"<0x([0-9A-F]{2})>")


@dataclass(frozen=True)
class Word:
    """A word of a text: text[start:end]."""

    start: int
    end: int
    text: str


def words_of(text: str) -> list[Word]:
    """The words of a text; numbers, addresses and hyphenated words are one each, punctuation is none."""
    return [Word(match.start(), match.end(), match.group()) for match in _WORD.finditer(text)]


def token_spans(tokenizer: Tokenizer, ids: Sequence[int]) -> tuple[str, list[tuple[int, int]]]:
    """The text of `ids` and where in it each token stands; tags, padding and the end are empty."""
    raw = bytearray()
    ends = []
    for token, piece in zip(ids, tokenizer.pieces(ids), strict=True):
        if match := _BYTE.fullmatch(piece):
            raw.append(int(match.group(1), 16))
        elif token >= len(tokenizer.TAGS) + 3:
            raw += piece.replace("\u2581", " ").encode()
        ends.append(len(raw))
    text = raw.decode("utf-8", "replace")
    # A place between the bytes of one character is that character's beginning.
    place_of = np.cumsum([0, *(byte & 0xC0 != 0x80 for byte in raw)])
    lead = len(text) - len(text.lstrip())
    places = [max(0, int(place_of[end]) - lead) for end in ends]
    return text.strip(), list(zip([0, *places[:-1]], places, strict=True))


def align(tokenizer: Tokenizer, source_ids: Sequence[int], hypothesis: Hypothesis) -> np.ndarray:
    """Weights [W, N]: how much each word of the translation rests on each word of the source; rows sum to 1.

    The words are `words_of` the texts of the tokens. The share that is copied is the pointer's attention
    times the copy gate, which is one number for each token: dividing by the sum gives the attention again.
    A row is even where the pointer rested on no word at all.
    """
    source, source_spans = token_spans(tokenizer, source_ids)
    target, target_spans = token_spans(tokenizer, hypothesis.tokens)
    copied = hypothesis.copy_weights[:, -len(source_spans) :].astype(np.float64)  # [T, M]
    pointer = copied / np.maximum(copied.sum(axis=1, keepdims=True), 1e-30)
    from_tokens = _membership(target_spans, words_of(target))  # [T, W]
    to_words = _membership(source_spans, words_of(source))  # [M, N]
    weights = from_tokens.T @ pointer @ to_words  # [W, N]
    total = weights.sum(axis=1, keepdims=True)
    return np.where(total > 1e-9, weights / np.maximum(total, 1e-9), 1.0 / max(1, weights.shape[1]))


def word_tokens(tokenizer: Tokenizer, ids: Sequence[int]) -> list[list[int]]:
    """The places in `ids` that make each word of their text."""
    text, spans = token_spans(tokenizer, ids)
    member = _membership(spans, words_of(text))
    return [np.nonzero(member[:, word])[0].tolist() for word in range(member.shape[1])]


def _membership(spans: Sequence[tuple[int, int]], words: Sequence[Word]) -> np.ndarray:
    """[tokens, words] 1 where a token has a part of a word."""
    member = np.zeros((len(spans), len(words)))
    for row, (start, end) in enumerate(spans):
        for column, word in enumerate(words):
            # A byte in the middle of a character covers nothing; it belongs where it stands.
            if (start < word.end and word.start < end) or (start == end and word.start < start <= word.end):
                member[row, column] = 1.0
    return member
