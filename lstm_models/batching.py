"""From prepared examples to batches: which examples go together, in which order, and as which tensors.

B conversations of a batch, L tokens of a conversation, R targets of a conversation, T tokens of a target.

The order is a pure function of (seed, batch number), so that a resumed run meets the very batches that an
uninterrupted one would have met.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import IterableDataset

from lstm_models.encoder import SegmentIndex
from lstm_models.shards import EncodedExample, ShardedDataset

PAD = 0
ROWS = 16  # batch sizes are multiples of this: matrix kernels on CPU like it
LENGTHS = 4  # lengths are padded to multiples of this: every new length costs a kernel build


class Batch(NamedTuple):
    """Conversations and their targets as tensors."""

    """Conversations and what is to be answered in them, as tensors."""

    src: Tensor  # [B, L] all segments of a conversation one behind the other, padded on the right
    src_lengths: Tensor  # [B]
    src_segment: Tensor  # [B, L] index of the segment that a token stands in
    segments: SegmentIndex | None  # None: one segment each
    tgt_in: Tensor  # [B * R, T] task tag, then the words
    tgt_out: Tensor  # [B * R, T] the words, then </s>, then padding (all padding: no such target)
    tgt_segment: Tensor  # [B, R] the segment that a target answers
    tgt_last: Tensor  # [B, R] where that segment's last token stands in L


def round_up(number: int, multiple: int) -> int:
    """The least multiple that is not below the number."""
    """The next multiple: round_up(5, 4) == 8."""
    return -(-number // multiple) * multiple


def collate(examples: Sequence[EncodedExample]) -> Batch:
    """Examples -> one batch of right-padded tensors."""
    lengths = [sum(map(len, example.segments)) for example in examples]
    size = round_up(max(lengths), LENGTHS)
    src = np.full((len(examples), size), PAD, np.int64)
    src_segment = np.zeros_like(src)
    ends = []  # for each example, the position behind each segment
    for row, example in enumerate(examples):
        sizes = [len(segment) for segment in example.segments]
        src[row, : lengths[row]] = np.concatenate(example.segments)
        src_segment[row, : lengths[row]] = np.repeat(np.arange(len(sizes)), sizes)
        ends.append(np.cumsum(sizes))
    single = all(len(example.segments) == 1 for example in examples)
    segments = None if single else _segment_index(ends, size)
    tgt_in, tgt_out, tgt_segment = _targets(examples)
    last = np.array([[ends[row][s] - 1 for s in line] for row, line in enumerate(tgt_segment)])
    return Batch(
        src=torch.from_numpy(src),
        src_lengths=torch.tensor(lengths),
        src_segment=torch.from_numpy(src_segment),
        segments=segments,
        tgt_in=torch.from_numpy(tgt_in),
        tgt_out=torch.from_numpy(tgt_out),
        tgt_segment=torch.from_numpy(tgt_segment),
        tgt_last=torch.from_numpy(last),
    )


def _targets(examples: Sequence[EncodedExample]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    count = max(len(example.targets) for example in examples)
    longest = max(len(target.ids) for example in examples for target in example.targets) - 1
    shape = (len(examples), count, round_up(longest, LENGTHS))
    tgt_in, tgt_out = np.full(shape, PAD, np.int64), np.full(shape, PAD, np.int64)
    tgt_segment = np.zeros(shape[:2], np.int64)
    for row, example in enumerate(examples):
        for r, target in enumerate(example.targets):
            tgt_in[row, r, : len(target.ids) - 1] = target.ids[:-1]
            tgt_out[row, r, : len(target.ids) - 1] = target.ids[1:]
            tgt_segment[row, r] = target.segment
    return tgt_in.reshape(-1, shape[2]), tgt_out.reshape(-1, shape[2]), tgt_segment


def _segment_index(ends: Sequence[np.ndarray], size: int) -> SegmentIndex:
    """Every segment of the batch as a row of its own, and the way back."""
    starts = [np.concatenate([[0], end[:-1]]) for end in ends]
    lengths = np.concatenate([end - start for end, start in zip(ends, starts, strict=True)])
    longest = round_up(int(lengths.max()), LENGTHS)
    first = np.concatenate([row * size + start for row, start in enumerate(starts)])  # [N] in B * L
    inside = np.arange(longest)[None] < lengths[:, None]  # [N, S]
    gather = np.where(inside, first[:, None] + np.arange(longest)[None], 0)
    scatter = np.zeros(len(ends) * size, np.int64)  # padding reads anything
    scatter[gather[inside]] = np.flatnonzero(inside)
    parts = (gather, lengths, scatter.reshape(len(ends), size))
    return SegmentIndex(*(torch.from_numpy(part) for part in parts))


class BatchPlan:
    """Cuts a dataset into batches of similar lengths; batch number i is the same whenever it is asked for.

    Examples are sorted by length, ties in an order drawn anew for every epoch, and cut at the same places
    each time; then the batches are shuffled. So an epoch always has `len(plan)` batches.
    """

    def __init__(
        self, src_lengths: np.ndarray, tgt_lengths: np.ndarray, batch_tokens: int, seed: int
    ) -> None:
        if not len(src_lengths):
            raise ValueError("no examples to make batches of: check the recipe's corpora and cleaning")
        self.seed = seed
        self.src = -(-src_lengths // LENGTHS)
        self.tgt = -(-tgt_lengths // LENGTHS)
        self.longest = np.maximum(self.src, self.tgt)
        self._cuts = self._cut(np.lexsort((self.src, self.tgt, self.longest)), batch_tokens // LENGTHS)
        self._epoch, self._order, self._shuffled_cuts = -1, np.zeros(0, np.int64), np.zeros(0, np.int64)

    def __len__(self) -> int:
        return len(self._cuts)

    def _cut(self, order: np.ndarray, budget: int) -> list[tuple[int, int]]:
        src, tgt = self.src[order], self.tgt[order]

        def padded(rows: int) -> int:
            part = slice(start, start + rows)
            return rows * int(src[part].max() + tgt[part].max())

        cuts, start = [], 0
        while start < len(order):
            rows = max(1, budget // int(src[start] + tgt[start]))  # no row costs less than the first
            while rows > 1 and padded(rows) > budget:
                rows -= max(1, rows // 16)
            rows = rows - rows % ROWS if rows > ROWS else rows
            cuts.append((start, min(start + rows, len(order))))
            start += rows
        return cuts

    def batch(self, number: int) -> np.ndarray:
        """Indices of the examples in batch `number` (0, 1, ... without end)."""
        epoch, place = divmod(number, len(self))
        if epoch != self._epoch:
            rng = np.random.default_rng((self.seed, epoch))
            shuffled = rng.permutation(len(self.src))
            keys = (self.src[shuffled], self.tgt[shuffled], self.longest[shuffled])
            self._order = shuffled[np.lexsort(keys)]
            self._shuffled_cuts = rng.permutation(len(self))
            self._epoch = epoch
        start, end = self._cuts[self._shuffled_cuts[place]]
        return self._order[start:end]


class TrainingStream(IterableDataset[Batch]):
    """The batches of one device from a given update on, to the last update of the run."""

    def __init__(
        self, data: ShardedDataset, plan: BatchPlan, first: int, updates: int, rank: int = 0, devices: int = 1
    ) -> None:
        self.data, self.plan, self.first, self.updates = data, plan, first, updates
        self.rank, self.devices = rank, devices

    def __len__(self) -> int:
        return self.updates  # of the whole run: progress counts on from `first`

    def __iter__(self) -> Iterator[Batch]:
        for update in range(self.first, self.updates):
            indices = self.plan.batch(update * self.devices + self.rank)
            yield collate([self.data[int(i)] for i in indices])


def evaluation_batches(data: ShardedDataset, batch_tokens: int, most: int) -> list[Batch]:
    """At most `most` batches spread evenly over a split, always the same ones."""
    plan = BatchPlan(data.src_lengths, data.tgt_lengths, batch_tokens, seed=0)
    step = max(1, len(plan) // most)
    numbers = range(0, min(len(plan), step * most), step)
    return [collate([data[int(i)] for i in plan.batch(number)]) for number in numbers]
