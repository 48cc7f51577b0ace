"""The memories of several sentences, as the exported step takes them.

B sentences, K beams of each, M memory tokens, N = 1 + M with the null slot, U different words among them,
A heads, D width of a head.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import onnxruntime as ort

from lstm_models.runtimes.session import value_of

LONG = 512  # memory tokens from which looking at all words is cheaper than sorting the memory's


@dataclass(frozen=True)
class Bank:
    """The memories of B sentences, ready for a step (arrays are never written to)."""

    keys: np.ndarray  # [B, A, D, N], the null slot first
    values: np.ndarray  # [B, A, N, D]
    bias: np.ndarray  # [B, A, 1, N]
    token_ids: np.ndarray  # [B, M]
    follow: bool = False  # whether the graph asks for the token before each
    _feeds: dict[int, dict[str, ort.OrtValue]] = field(default_factory=dict, init=False, repr=False)

    def pick(self, rows: np.ndarray) -> Bank:
        return Bank(self.keys[rows], self.values[rows], self.bias[rows], self.token_ids[rows], self.follow)

    def plus(self, other: Bank) -> Bank:
        return Bank(
            _stacked(self.keys, other.keys),
            _stacked(self.values, other.values),
            _stacked(self.bias, other.bias, -np.inf),
            _stacked(self.token_ids, other.token_ids),
            self.follow,
        )

    def feeds(self, beams: int) -> dict[str, ort.OrtValue]:
        """What every step with so many beams takes."""
        if beams not in self._feeds:
            sentences, heads, width, _ = self.keys.shape
            unique, merge = self.words
            arrays = {
                "keys": self.keys,
                "values": self.values,
                "bias": self.bias,
                "merge": merge,
                "source": np.repeat(self.token_ids, beams, axis=0),
                "unique": np.repeat(unique, beams, axis=0),
                "shape": np.array([sentences, beams, heads, width]),
            }
            if self.follow:  # before the null slot and the first token there is none
                sides = [(0, 0), (0, 0), (2, 0)]
                arrays["before"] = np.pad(self.token_ids[:, None, :-1], sides, constant_values=-1)
            self._feeds[beams] = {name: value_of(array) for name, array in arrays.items()}
        return self._feeds[beams]

    @cached_property
    def words(self) -> tuple[np.ndarray, np.ndarray]:
        """The different words of each memory [B, U], padded with 0; which of them each token is [B, M, U].

        Of a long memory neither is worth its while: U = 0.
        """
        sentences, size = self.token_ids.shape
        if size > LONG:
            return np.zeros((sentences, 0), np.int64), np.zeros((sentences, size, 0), np.float32)
        order = np.argsort(self.token_ids, axis=1, kind="stable")
        ids = np.take_along_axis(self.token_ids, order, axis=1)
        new = np.ones(ids.shape, bool)
        new[:, 1:] = ids[:, 1:] != ids[:, :-1]
        place = np.cumsum(new, axis=1) - 1  # [B, M] which of the different words, in the sorted order
        row = np.arange(sentences)[:, None]
        unique = np.zeros((sentences, int(place.max(initial=-1)) + 1), np.int64)
        unique[row, place] = ids
        merge = np.zeros((sentences, size, unique.shape[1]), np.float32)
        merge[row, order, place] = 1
        return unique, merge


def _stacked(one: np.ndarray, two: np.ndarray, empty: float = 0) -> np.ndarray:
    """One behind the other, the shorter padded with `empty`; each number is copied once."""
    sizes = (max(pair) for pair in zip(one.shape[1:], two.shape[1:], strict=True))
    both = np.full((len(one) + len(two), *sizes), empty, one.dtype)
    for part, array in ((both[: len(one)], one), (both[len(one) :], two)):
        part[tuple(map(slice, array.shape))] = array
    return both
