"""What the search found for a sentence, and the words of it: where they come from, how sure they are.

T tokens of the translation, W its words, N words of the source.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher

import numpy as np

from lstm_models.search import Hypothesis, SearchOptions
from lstm_models.state import ContextState
from lstm_models.tokenizer import Tokenizer
from translate.alignment import align, token_spans, word_tokens, words_of
from translate.languages import encode_source
from translate.prepared import Prepared

# A word of the source counts as an origin when at least this much of the word's attention rested on it.
_ORIGIN = 0.25


@dataclass(frozen=True)
class Wanted:
    """What sentences of one request are to become. context: what was read before, of a conversation."""

    source: str
    target: str
    options: SearchOptions
    context: ContextState | None = None


@dataclass(frozen=True)
class Draft:
    """A hypothesis with its text, stand-ins replaced and markers put back.

    whole: False where the text was put together from parts, which the hypothesis does not speak of.
    """

    wanted: Wanted
    prepared: Prepared
    hypothesis: Hypothesis
    text: str
    lost: tuple[str, ...]
    whole: bool = True


@dataclass(frozen=True)
class TranslatedWord:
    """A word of a sentence's translation: text == translation[start:end].

    confidence: the probability, 0 to 1, that a human's translation has this word at this place; None where
    that is not known (no calibration, or a word that came through as it was). sources: places (start, end)
    in the source sentence of the words that it comes from.
    """

    start: int
    end: int
    text: str
    confidence: float | None = None
    sources: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class SentenceTranslation:
    """One sentence of a text.

    score: its log-probability, normalised by length (0 is best). lost: what should have come through as it
    was and did not. words: its words, with confidence and origin. confidence: the share of its words that is
    expected to stand in a human's translation, 0 to 1; None where the checkpoint is not calibrated.
    alternatives: the next best that differ in words, as many as were asked for. draft: what the search found.
    """

    source: str
    text: str
    score: float
    lost: tuple[str, ...] = ()
    words: tuple[TranslatedWord, ...] = ()
    confidence: float | None = None
    alternatives: tuple[SentenceTranslation, ...] = ()
    draft: Draft | None = field(default=None, compare=False, repr=False)


def matched(first: str, second: str) -> list[int | None]:
    """For each word of `first` the word of `second` that it is, or that stands in its place."""
    ours, theirs = ([word.text.casefold() for word in words_of(text)] for text in (first, second))
    found: list[int | None] = [None] * len(ours)
    for kind, a, a_end, b, b_end in SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes():
        if kind == "equal" or (kind == "replace" and a_end - a == b_end - b):
            found[a:a_end] = range(b, b_end)
    return found


def written_words(tokenizer: Tokenizer, draft: Draft) -> list[tuple[TranslatedWord, list[int]]]:
    """The words of a draft's text, each with the places of its tokens in the hypothesis.

    A word that the search did not write (an address that came through) has no tokens.
    """
    words = words_of(draft.text)
    if not draft.whole or not draft.hypothesis.tokens:
        return [(TranslatedWord(word.start, word.end, word.text), []) for word in words]
    written, _ = token_spans(tokenizer, draft.hypothesis.tokens)
    said = [word.text.casefold() for word in words_of(written)]
    tokens, origins = word_tokens(tokenizer, draft.hypothesis.tokens), _origins(tokenizer, draft)
    found = []
    for word, place in zip(words, matched(draft.text, written), strict=True):
        sources = origins[place] if place is not None else ()
        own = tokens[place] if place is not None and said[place] == word.text.casefold() else []
        found.append((TranslatedWord(word.start, word.end, word.text, None, sources), own))
    return found


def _origins(tokenizer: Tokenizer, draft: Draft) -> list[tuple[tuple[int, int], ...]]:
    """Of each word that the search wrote, the places in the source sentence that it rests on."""
    ids = encode_source(tokenizer, draft.prepared.text)
    weights = align(tokenizer, ids, draft.hypothesis)  # [W, N]
    read, _ = token_spans(tokenizer, ids)
    source = words_of(draft.prepared.source)
    places = [source[i] if i is not None else None for i in matched(read, draft.prepared.source)]
    return [_strongest(row, [(one.start, one.end) if one else None for one in places]) for row in weights]


def _strongest(row: np.ndarray, places: Sequence[tuple[int, int] | None]) -> tuple[tuple[int, int], ...]:
    if not len(row):
        return ()
    return tuple(
        place
        for weight, place in zip(row, places, strict=True)
        if place is not None and weight >= max(_ORIGIN, 0.75 * row.max())
    )
