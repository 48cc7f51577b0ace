"""Markov models of letters and of words: the yardstick that an LSTM has to beat. NumPy only.

T symbols of a text, V vocabulary. A model of order k sees the k symbols before. Orders are mixed as
Witten & Bell (1991) do: p_k(x|h) = (count(hx) + kinds(h) * p_(k-1)(x|h')) / (count(h) + kinds(h)), where
kinds(h) counts the different symbols seen behind h; it is among the best smoothings for letters, since
nearly every letter has been seen. With large vocabularies Kneser & Ney (1995) are better (Chen & Goodman
1998): p_k(x|h) = (count(hx) - D + D * kinds(h) * p_(k-1)(x|h')) / count(h), where the lower orders count
not how often x stands behind h' but behind how many different symbols h'x stands.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

HIGHEST_ORDER = 6  # of letters: six and the next one are seven bytes of an int64


@dataclass(frozen=True)
class _Counts:
    """Of one order: contexts and context-with-next, as sorted packed integers; Kneser & Ney's D, or None."""

    context: np.ndarray
    context_count: np.ndarray
    kinds: np.ndarray
    gram: np.ndarray
    gram_count: np.ndarray
    discount: float | None


class MarkovModel:
    """Counts of a training text up to an order; gives probabilities of every order up to it."""

    def __init__(
        self, ids: np.ndarray, vocabulary: int, order: int = HIGHEST_ORDER, kneser_ney: bool = False
    ) -> None:
        """ids [T] of the training text. With kneser_ney only the highest order is a model by itself."""
        if order < 0 or vocabulary ** (order + 1) >= 2**63:
            raise ValueError(
                f"order={order} with vocabulary={vocabulary}: {order + 1} such symbols do not fit into "
                "63 bits; give a lower order"
            )
        self.order, self.vocabulary = order, vocabulary
        self._levels = [_count(self._pack(ids, k + 1), vocabulary) for k in range(order + 1)]
        if kneser_ney:
            for k in range(order):  # each different symbol before counts once
                kept = self._levels[k + 1].gram % vocabulary ** (k + 1)
                self._levels[k] = _count(kept, vocabulary, discounted=True)
            self._levels[order] = _count(self._pack(ids, order + 1), vocabulary, discounted=True)

    def log2_probabilities(self, ids: np.ndarray) -> np.ndarray:
        """Text [T] -> log2 p of each letter from position `order` on, for orders 0..order: [order + 1, T'].

        Every order is scored on the same letters.
        """
        rows, before = [], np.full(len(ids) - self.order, 1 / self.vocabulary)
        for k, level in enumerate(self._levels):
            grams = self._pack(ids, k + 1)[self.order - k :]
            contexts = np.zeros(len(grams), np.int64)
            if k:
                contexts = self._pack(ids, k)[self.order - k : len(ids) - k]
            before = _mix(level, contexts, grams, before)
            rows.append(np.log2(before))
        return np.stack(rows)

    def distribution(self, context: np.ndarray) -> np.ndarray:
        """The next letter's probabilities [V] after the letters `context` [any length]."""
        context = context[len(context) - min(self.order, len(context)) :]
        probabilities = np.full(self.vocabulary, 1 / self.vocabulary)
        every = np.arange(self.vocabulary)
        for k, level in enumerate(self._levels[: len(context) + 1]):
            packed = int(self._pack(context[len(context) - k :], k)[0]) if k else 0
            contexts = np.full(self.vocabulary, packed, np.int64)
            probabilities = _mix(level, contexts, packed * self.vocabulary + every, probabilities)
        return probabilities

    def _pack(self, ids: np.ndarray, size: int) -> np.ndarray:
        """Every run of `size` symbols as one integer: [T - size + 1]."""
        packed = np.zeros(len(ids) - size + 1, np.int64)
        for place in range(size):
            packed = packed * self.vocabulary + ids[place : place + len(packed)]
        return packed


def bits_per_letter(model: MarkovModel, ids: np.ndarray) -> np.ndarray:
    """Cross-entropy in bits of each order on a text [T]: [order + 1]."""
    return -model.log2_probabilities(ids).mean(1)


def _count(grams: np.ndarray, vocabulary: int, discounted: bool = False) -> _Counts:
    gram, gram_count = np.unique(grams, return_counts=True)
    context, first, kinds = np.unique(gram // vocabulary, return_index=True, return_counts=True)
    once, twice = (int((gram_count == times).sum()) for times in (1, 2))
    discount = once / max(once + 2 * twice, 1) if discounted else None
    return _Counts(context, np.add.reduceat(gram_count, first), kinds, gram, gram_count, discount)


def _mix(level: _Counts, contexts: np.ndarray, grams: np.ndarray, lower: np.ndarray) -> np.ndarray:
    seen = _look_up(level.context, level.context_count, contexts)
    kinds = _look_up(level.context, level.kinds, contexts)
    count = _look_up(level.gram, level.gram_count, grams)
    if level.discount is None:
        mixed = (count + kinds * lower) / np.maximum(seen + kinds, 1)
    else:
        mixed = (np.maximum(count - level.discount, 0) + level.discount * kinds * lower) / np.maximum(seen, 1)
    return np.where(seen > 0, mixed, lower)


def _look_up(keys: np.ndarray, values: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    place = np.searchsorted(keys, wanted).clip(max=len(keys) - 1)
    return np.where(keys[place] == wanted, values[place], 0)
