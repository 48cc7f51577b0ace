"""From prepared examples to batches: which examples go together, in which order, and as which tensors.

B conversations of a batch, L tokens of a conversation, Q tokens of its targets, N targets of the batch.

The order is a pure function of (seed, batch number), so that a resumed run meets the very batches that an
uninterrupted one would have met.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import IterableDataset

from lstm_models.encoded import (
    ANYWHERE,
    MOST_STEPS,
    NOWHERE,
    UNKNOWN,
    EncodedExample,
    EncodedTarget,
    padded_steps,
)
from lstm_models.ragged import Ragged, ragged
from lstm_models.shards import ShardedDataset

PAD = 0
REFUSAL_START = 4  # tokens of a refusal that are the same whatever was asked ("You haven't told me")
ROWS = 16  # batch sizes are multiples of this: matrix kernels on CPU like it
LENGTHS = 4  # lengths are padded to multiples of this: every new length costs a kernel build


class Batch(NamedTuple):
    """Conversations and what is to be answered in them, as tensors.

    The targets of a conversation stand one behind the other in its row; N is their number in all.
    """

    src: Tensor  # [B, L] all segments of a conversation one behind the other, padded on the right
    src_lengths: Tensor  # [B]
    src_segment: Tensor  # [B, L] index of the segment that a token stands in
    segments: Ragged | None  # None: one segment each
    tgt_in: Tensor  # [B, Q] of each target the task tag, then the words
    tgt_out: Tensor  # [B, Q] the words, then </s>; padded on the right
    tgt_row: Tensor  # [B, Q] which of the N targets a token belongs to
    tgt_evidence: Tensor  # [B, Q] the segment to point at, NOWHERE or ANYWHERE
    tgt_steps: Tensor  # [MOST_STEPS, B, Q] those to point at before, the last one last, or ANYWHERE
    targets: Ragged | None  # None: one target each
    tgt_conversation: Tensor  # [N] the conversation of each target
    tgt_segment: Tensor  # [N] the segment that it answers
    tgt_last: Tensor  # [N] where that segment's last token stands in L
    tgt_answer: Tensor  # [N, 2] from where to where in L the words stand that answer; see `_answers`


def round_up(number: int, multiple: int) -> int:
    """The least multiple that is not below the number."""
    return -(-number // multiple) * multiple


def collate(examples: Sequence[EncodedExample]) -> Batch:
    """Examples -> one batch of right-padded tensors."""
    lengths = [sum(map(len, example.segments)) for example in examples]
    size = round_up(max(lengths), LENGTHS)
    src = np.full((len(examples), size), PAD, np.int64)
    src_segment = np.zeros_like(src)
    sizes = [np.array([len(segment) for segment in example.segments]) for example in examples]
    for row, example in enumerate(examples):
        src[row, : lengths[row]] = np.concatenate(example.segments)
        src_segment[row, : lengths[row]] = np.repeat(np.arange(len(sizes[row])), sizes[row])
    single = all(len(example.segments) == 1 for example in examples)
    answered = [(row, target.segment) for row, example in enumerate(examples) for target in example.targets]
    last = [sizes[row][: segment + 1].sum() - 1 for row, segment in answered]
    return Batch(
        torch.from_numpy(src),
        torch.tensor(lengths),
        torch.from_numpy(src_segment),
        None if single else ragged(sizes, size),
        *_targets(examples),
        torch.tensor([row for row, _ in answered]),
        torch.tensor([segment for _, segment in answered]),
        torch.from_numpy(np.array(last)),
        torch.from_numpy(_answers(examples, sizes)),
    )


def _answers(examples: Sequence[EncodedExample], sizes: Sequence[np.ndarray]) -> np.ndarray:
    """[N, 2] for each target; NOWHERE twice where nobody told it, 0 twice where nothing is known."""
    places = []
    for example, size in zip(examples, sizes, strict=True):
        for target in example.targets:
            if target.evidence == NOWHERE:
                places.append((NOWHERE, NOWHERE))
                continue
            before = 0 if target.answer == UNKNOWN else int(size[: target.evidence].sum())
            places.append((before + target.answer[0], before + target.answer[1]))
    return np.array(places)


def _targets(
    examples: Sequence[EncodedExample],
) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor, Ragged | None]:
    """tgt_in, tgt_out, tgt_row, tgt_evidence, tgt_steps, targets."""
    sizes = [np.array([len(target.ids) - 1 for target in example.targets]) for example in examples]
    shape = (len(examples), round_up(max(int(size.sum()) for size in sizes), LENGTHS))
    tgt_in, tgt_out, tgt_row, evidence = (np.full(shape, f, np.int64) for f in (PAD, PAD, 0, ANYWHERE))
    steps = np.full((MOST_STEPS, *shape), ANYWHERE, np.int64)
    before = 0
    for row, example in enumerate(examples):
        filled = slice(0, int(sizes[row].sum()))
        tgt_in[row, filled] = np.concatenate([target.ids[:-1] for target in example.targets])
        tgt_out[row, filled] = np.concatenate([target.ids[1:] for target in example.targets])
        tgt_row[row, filled] = before + np.repeat(np.arange(len(sizes[row])), sizes[row])
        evidence[row, filled] = np.concatenate([_evidence(target) for target in example.targets])
        known = [padded_steps(target) for target in example.targets]
        steps[:, row, filled] = np.repeat(known, sizes[row], axis=0).T
        before += len(sizes[row])
    single = all(len(example.targets) == 1 for example in examples)
    arrays = (torch.from_numpy(array) for array in (tgt_in, tgt_out, tgt_row, evidence, steps))
    return *arrays, None if single else ragged(sizes, shape[1])  # type: ignore[return-value]


def _evidence(target: EncodedTarget) -> np.ndarray:
    """Where each token of a target should point. A refusal copies words of the question behind its start."""
    evidence = np.full(len(target.ids) - 1, target.evidence)
    if target.evidence == NOWHERE:
        evidence[REFUSAL_START:] = ANYWHERE
    return evidence


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
