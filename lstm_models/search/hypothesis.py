"""What goes into a search and what comes out.

R rows of one step (a row is a sentence, or one beam of it), V vocabulary, M memory slots, T tokens,
C likeliest words.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, Protocol, Self, TypeVar

import numpy as np


class StepOutput(NamedTuple):
    """What one step says about each row. The arrays are the search's own: it writes into log_probs."""

    log_probs: np.ndarray  # [R, V] float32, normalised; [R, C] where tokens are given
    copy_weights: np.ndarray  # [R, M] share of the next token that is copied from each memory slot
    null_weight: np.ndarray  # [R] attention on "nobody told me"
    tokens: np.ndarray | None = None  # [R, C] the words that log_probs speaks of; None: all, in order


class State(Protocol):
    """The decoder's state for R rows: a value, which neither `select` nor a step changes."""

    def select(self, rows: np.ndarray) -> Self:
        """The state whose row i is row rows[i] of this one; rows may repeat or leave rows out."""
        ...


AnyState = TypeVar("AnyState", bound=State)
# Takes the last token of each row [R] and the state; gives what may come next and the next state.
Step = Callable[[np.ndarray, AnyState], tuple[StepOutput, AnyState]]


@dataclass(frozen=True, eq=False)
class Hypothesis:
    """One answer. `tokens` has neither the tag it began with nor the end."""

    tokens: list[int]
    score: float  # log_prob, normalised by length: what hypotheses are ranked by
    log_prob: float  # of all tokens, and of the end if it was reached
    token_log_probs: list[float]  # [T] of each token
    copy_weights: np.ndarray  # [T, M] copied share of each token from each memory slot
    null_weights: np.ndarray  # [T] attention on "nobody told me" at each token
    finished: bool  # False: cut off at the length limit
