"""Markov models of letters, orders 1 to 6: the yardstick that an LSTM of letters has to beat. NumPy only.

T letters of a text, V vocabulary. A model of order k sees the k letters before. Orders are mixed as
Witten & Bell (1991) do: p_k(x|h) = (count(hx) + kinds(h) * p_(k-1)(x|h')) / (count(h) + kinds(h)), where
kinds(h) counts the different letters seen behind h; it is among the best smoothings for letters, since
nearly every letter has been seen (Chen & Goodman 1998 find Kneser-Ney's gains with large vocabularies).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lab.text.corpus import LARGEST_LETTER_VOCABULARY

HIGHEST_ORDER = 6  # six letters and the next one are seven bytes of an int64


@dataclass(frozen=True)
class _Counts:
    """Of one order: contexts and context-with-next, as sorted packed integers."""

    context: np.ndarray
    context_count: np.ndarray
    kinds: np.ndarray
    gram: np.ndarray
    gram_count: np.ndarray


class MarkovModel:
    """Counts of a training text up to an order; gives probabilities of every order up to it."""

    def __init__(self, ids: np.ndarray, vocabulary: int, order: int = HIGHEST_ORDER) -> None:
        """ids [T] of the training text."""
        if not 0 <= order <= HIGHEST_ORDER:
            raise ValueError(f"order={order}: give 0 to {HIGHEST_ORDER} letters of context")
        if vocabulary > LARGEST_LETTER_VOCABULARY:
            raise ValueError(f"vocabulary={vocabulary}: {LARGEST_LETTER_VOCABULARY} letters at most")
        self.order, self.vocabulary = order, vocabulary
        self._levels = [_count(ids, k) for k in range(order + 1)]

    def log2_probabilities(self, ids: np.ndarray) -> np.ndarray:
        """Text [T] -> log2 p of each letter from position `order` on, for orders 0..order: [order + 1, T'].

        Every order is scored on the same letters.
        """
        rows, before = [], np.full(len(ids) - self.order, 1 / self.vocabulary)
        for k, level in enumerate(self._levels):
            grams = _pack(ids, k + 1)[self.order - k :]
            contexts = _pack(ids, k)[self.order - k : len(ids) - k] if k else np.zeros(len(grams), np.int64)
            before = _mix(level, contexts, grams, before)
            rows.append(np.log2(before))
        return np.stack(rows)

    def distribution(self, context: np.ndarray) -> np.ndarray:
        """The next letter's probabilities [V] after the letters `context` [any length]."""
        context = context[len(context) - min(self.order, len(context)) :]
        probabilities = np.full(self.vocabulary, 1 / self.vocabulary)
        every = np.arange(self.vocabulary)
        for k, level in enumerate(self._levels[: len(context) + 1]):
            packed = int(_pack(context[len(context) - k :], k)[0]) if k else 0
            contexts = np.full(self.vocabulary, packed, np.int64)
            probabilities = _mix(level, contexts, packed * 256 + every, probabilities)
        return probabilities


def bits_per_letter(model: MarkovModel, ids: np.ndarray) -> np.ndarray:
    """Cross-entropy in bits of each order on a text [T]: [order + 1]."""
    return -model.log2_probabilities(ids).mean(1)


def _pack(ids: np.ndarray, size: int) -> np.ndarray:
    """Every run of `size` letters as one integer: [T - size + 1]."""
    packed = np.zeros(len(ids) - size + 1, np.int64)
    for place in range(size):
        packed = packed * 256 + ids[place : place + len(packed)]
    return packed


def _count(ids: np.ndarray, k: int) -> _Counts:
    gram, gram_count = np.unique(_pack(ids, k + 1), return_counts=True)
    context, first, kinds = np.unique(gram // 256, return_index=True, return_counts=True)
    return _Counts(context, np.add.reduceat(gram_count, first), kinds, gram, gram_count)


def _mix(level: _Counts, contexts: np.ndarray, grams: np.ndarray, lower: np.ndarray) -> np.ndarray:
    seen = _look_up(level.context, level.context_count, contexts)
    kinds = _look_up(level.context, level.kinds, contexts)
    count = _look_up(level.gram, level.gram_count, grams)
    return np.where(seen > 0, (count + kinds * lower) / np.maximum(seen + kinds, 1), lower)


def _look_up(keys: np.ndarray, values: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    place = np.searchsorted(keys, wanted).clip(max=len(keys) - 1)
    return np.where(keys[place] == wanted, values[place], 0)
