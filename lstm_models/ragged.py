"""Sequences of many lengths inside one padded array, run through a layer without paying for the padding.

A conversation's segments (and its targets) stand one behind the other in a row, but a recurrent layer that
starts anew for each wants them as rows of their own. Padding those to the longest would multiply the work, so
they are sorted into buckets of similar length.

B conversations, L tokens of one, N sequences in all, of which n are in a bucket of width S.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

# Widths of the buckets: 8, 12, 16, 24, 32, 48, ... Every new width costs a kernel build.
_NARROWEST = 8


class Bucket(NamedTuple):
    """Sequences of similar length."""

    rows: Tensor  # [n] which of the N sequences
    lengths: Tensor  # [n]
    gather: Tensor  # [n, S] where each of their tokens stands in the flattened [B * L]


class Ragged(NamedTuple):
    """Where N sequences stand inside an array [B, L]."""

    buckets: list[Bucket]
    scatter: Tensor  # [B, L] where each token stands among the buckets' flattened outputs

    def run(self, x: Tensor, layer: Callable[[Tensor, Bucket], Tensor]) -> Tensor:
        """x [B, L, E]; the layer takes [n, S, E] of a bucket and gives [n, S, H] -> [B, L, H].

        What stands in padding is any token's output.
        """
        flat, outputs = x.flatten(0, 1), []
        for bucket in self.buckets:
            size = bucket.gather.shape
            rows = flat.index_select(0, bucket.gather.flatten()).unflatten(0, size)  # [n, S, E]
            outputs.append(layer(rows, bucket).flatten(0, 1))  # [n * S, H]
        return torch.cat(outputs).index_select(0, self.scatter.flatten()).unflatten(0, x.shape[:2])


def ragged(lengths: Sequence[np.ndarray], width: int) -> Ragged:
    """lengths: for each conversation those of its sequences, which stand one behind the other; width: L."""
    starts = [row * width + np.cumsum(sizes) - sizes for row, sizes in enumerate(lengths)]
    size, start = np.concatenate(lengths), np.concatenate(starts)  # [N]
    bucket_width = bucket_widths(size)
    scatter = np.zeros(len(lengths) * width, np.int64)  # padding reads the first token
    buckets, before = [], 0
    for wide in np.unique(bucket_width):
        rows = np.flatnonzero(bucket_width == wide)
        inside = np.arange(wide)[None] < size[rows, None]  # [n, S]
        gather = np.where(inside, start[rows, None] + np.arange(wide)[None], 0)
        scatter[gather[inside]] = before + np.flatnonzero(inside)
        before += gather.size
        buckets.append(Bucket(*(torch.from_numpy(part) for part in (rows, size[rows], gather))))
    return Ragged(buckets, torch.from_numpy(scatter.reshape(-1, width)))


def bucket_widths(lengths: np.ndarray) -> np.ndarray:
    """The width of each length's bucket: the least of 8, 12, 16, 24, 32, ... that is not below it."""
    power = np.exp2(np.ceil(np.log2(np.maximum(lengths, _NARROWEST))))
    return np.where(lengths <= 0.75 * power, 0.75 * power, power).astype(np.int64).clip(_NARROWEST)
