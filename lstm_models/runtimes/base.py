"""What a runtime does for the engine. Arrays are NumPy's; a runtime keeps no conversation.

B conversations, S tokens of a segment, U upper layers, M memory tokens, A heads, D head width, H hidden,
R rows of a search.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, Self, cast

import numpy as np

from lstm_models.config import ModelConfig
from lstm_models.search import StepOutput
from lstm_models.state import ContextState

if TYPE_CHECKING:
    from lstm_models.seq2seq import Seq2Seq

MIDDLE = 0.5  # a match that speaks neither for a segment nor against it
ABSENT = -1  # the age of a place in the memory where there is no token


class Encoded(NamedTuple):
    """What reading a segment gives, float32."""

    hidden: np.ndarray  # [B, U, H] to carry on
    cell: np.ndarray  # [B, U, H]
    summary: np.ndarray  # [B, H] encoder output at the end of the segment
    keys: np.ndarray  # [B, A, S, D] for the memory bank
    values: np.ndarray  # [B, A, S, D]


class Memories(NamedTuple):
    """What the answers to B conversations begin with, memories padded to the longest."""

    summary: np.ndarray  # [B, H]
    keys: np.ndarray  # [B, A, M, D]
    values: np.ndarray  # [B, A, M, D]
    token_ids: np.ndarray  # [B, M] int64
    age: np.ndarray  # [B, M] int64, segments since a token was read; ABSENT where there is none


def memories_of(states: Sequence[ContextState]) -> Memories:
    """What the answers to the newest segments of these states begin with."""
    rows, longest = len(states), max(1, max(state.num_tokens for state in states))
    heads, _, width = states[0].keys.shape
    keys = np.zeros((rows, heads, longest, width), np.float32)
    values, token_ids = np.zeros_like(keys), np.zeros((rows, longest), np.int64)
    age = np.full((rows, longest), ABSENT, np.int64)
    for row, state in enumerate(states):
        size = state.num_tokens
        keys[row, :, :size], values[row, :, :size] = state.keys, state.values
        token_ids[row, :size] = state.token_ids
        age[row, :size] = state.num_segments - 1 - state.token_segment
    return Memories(np.stack([state.summary for state in states]), keys, values, token_ids, age)


class Decoding(Protocol):
    """The decoder's state for R rows of a search: a value, which neither `select` nor a step changes."""

    @property
    def expected(self) -> np.ndarray:
        """What the pointing head expects of each memory token before a word is said [R, M]: the logits that
        `lstm_models.loss.answer_loss` teaches; -inf where there is no token."""
        ...

    def select(self, rows: np.ndarray) -> Self:
        """The state whose row i is row rows[i] of this one; rows may repeat or leave rows out."""
        ...

    def plus(self, other: Self) -> Self:
        """The rows of this one, then those of another of the same model."""
        ...


class Runtime(Protocol):
    """One model, loaded."""

    name: str

    @property
    def config(self) -> ModelConfig: ...

    @property
    def lists(self) -> Mapping[str, int]:
        """The tags whose answers have a shortlist of words, and its number."""
        ...

    def read(self, tokens: np.ndarray, lengths: np.ndarray, hidden: np.ndarray, cell: np.ndarray) -> Encoded:
        """One more segment each: tokens [B, S] int64, lengths [B], the upper layers' state [B, U, H]."""
        ...

    def compared(self, keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Of a model with `match_size`, keys [B, A, M, D]: what is compared [B, M, C], weights [B, M]."""
        ...

    def begin(self, memories: Memories) -> Decoding:
        """The decoder's first state, a row for each conversation."""
        ...

    def step(self, tokens: np.ndarray, state: Any, few: int = 0, tag: str = "") -> tuple[StepOutput, Any]:
        """One token for each row [R]: what may come next, and the next state.

        state: a `Decoding` that this runtime gave. few: so many of the likeliest words of each row are
        enough, see `StepOutput.tokens`; 0 = all words. Padding, the unknown word and tags, which no answer
        holds, are not counted. tag: the one that the answers of all rows begin with, where that is so: of
        few words, those of its shortlist and of the source are enough.
        """
        ...


def runtime_of(model: Runtime | Seq2Seq) -> Runtime:
    """A runtime as it is; of the PyTorch model itself, its runtime."""
    if hasattr(model, "begin"):
        return cast(Runtime, model)
    from lstm_models.runtimes.torch import TorchRuntime

    return TorchRuntime(cast("Seq2Seq", model))


def age_bucket(age: np.ndarray, buckets: int, max_age: int = 0) -> np.ndarray:
    """Bucket of an age in segments: half of them linear, then two for every doubling, the last has no end.

    Older than `max_age` is as old as that; 0 = without end.

    The same as `lstm_models.attention.age_bucket`, without PyTorch; a test holds them equal.
    """
    age = np.minimum(age, max_age) if max_age else age
    linear = buckets // 2
    steps = np.float32(2) * np.log2(np.maximum(age, linear).astype(np.float32) / np.float32(linear))
    far = np.minimum(linear + np.floor(steps + np.float32(1e-4)).astype(np.int64), buckets - 1)
    return np.where(age < linear, np.maximum(age, 0), far)


def newest_match(vectors: np.ndarray, weights: np.ndarray, age: np.ndarray) -> np.ndarray:
    """How well the segment of each token matches the newest one: [B, M, C], [B, M], age [B, M] -> [B, M].

    vectors: of length 1, tokens of a segment side by side. What `lstm_models.matching` gives for the newest
    segment, without PyTorch; a test holds them equal. 0 where there is no token.
    """
    found = np.zeros(age.shape, np.float32)
    for row in range(len(age)):
        real = age[row] != ABSENT
        ages, these = age[row, real], vectors[row, real]
        asked = ages == 0
        starts = np.flatnonzero(np.diff(ages, prepend=ages[:1] - 1))
        best = np.maximum.reduceat(these[asked] @ these.T, starts, axis=1)  # [S, G]
        counted = weights[row, real][asked]
        match = counted @ best / max(counted.sum(), 1e-6)  # [G]
        found[row, real] = np.repeat(match, np.diff(starts, append=len(ages)))
    return found
