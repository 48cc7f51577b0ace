"""A model to be worked out by hand or enumerated: the next token depends on the last one alone."""

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from lstm_models.search import Hypothesis, SearchOptions, StepOutput

EOS = 0
SLOTS = 3


@dataclass
class MarkovState:
    """R rows; each knows its own table of log-probabilities [V, V] and how far it is."""

    tables: np.ndarray  # [R, V, V]
    position: np.ndarray  # [R]
    names: np.ndarray  # [R] who the row is, so that its copy weights tell
    selections: list[int] = field(default_factory=list)  # rows left after every selection

    def select(self, rows: np.ndarray) -> "MarkovState":
        self.selections.append(len(rows))
        return MarkovState(self.tables[rows], self.position[rows], self.names[rows], self.selections)


def start(tables: np.ndarray, names: np.ndarray | None = None) -> MarkovState:
    rows = len(tables)
    return MarkovState(tables, np.zeros(rows, int), np.arange(rows) if names is None else names)


def step(tokens: np.ndarray, state: MarkovState) -> tuple[StepOutput, MarkovState]:
    log_probs = state.tables[np.arange(len(tokens)), tokens].astype(np.float32)
    output = StepOutput(log_probs, *marks(state.names, tokens, state.position))
    return output, MarkovState(state.tables, state.position + 1, state.names, state.selections)


def marks(names: np.ndarray, last: np.ndarray, position: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Copy weights [R, SLOTS] and null weight [R] that say which path they were made on."""
    copied = np.stack([names + 0 * last, last, position], axis=-1).astype(np.float32)
    return copied, (10 * position + last).astype(np.float32)


def random_tables(seed: int, rows: int, vocab: int, sharpness: float = 2.0) -> np.ndarray:
    """Tables [rows, V, V] in float32 precision, rows normalised."""
    logits = np.random.default_rng(seed).normal(size=(rows, vocab, vocab)) * sharpness
    return normalised(logits)


def normalised(logits: np.ndarray) -> np.ndarray:
    with np.errstate(divide="ignore"):
        return (logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))).astype(np.float32)


def logs(probs: list[list[float]]) -> np.ndarray:
    """A table from probabilities, alone in a batch [1, V, V]."""
    with np.errstate(divide="ignore"):
        return np.log(np.array(probs)).astype(np.float32)[None]


def score(log_prob: float, length: int, alpha: float) -> float:
    return log_prob / ((5 + length) / 6) ** alpha


def rescore(table: np.ndarray, first: int, tokens: list[int], finished: bool) -> float:
    """The log-probability of these tokens, added up by hand."""
    path = [first, *tokens, *([EOS] if finished else [])]
    return float(sum(np.float64(table[a, b]) for a, b in itertools.pairwise(path)))


def every_answer(
    table: np.ndarray, first: int, limit: int, options: SearchOptions
) -> Iterator[tuple[float, list[int]]]:
    """The score of every finished answer there is."""
    tokens = [t for t in range(len(table)) if t != EOS and t not in options.banned_tokens]
    for length in range(options.min_length, limit + 1):
        for answer in itertools.product(tokens, repeat=length):
            total = rescore(table, first, list(answer), True)
            if math.isfinite(total):
                yield score(total, length + 1, options.length_penalty), list(answer)


def assert_honest(
    hypothesis: Hypothesis, table: np.ndarray, name: int, first: int, options: SearchOptions
) -> None:
    """The scores are those of the tokens, and every weight was made on the tokens' own path."""
    tokens, count = hypothesis.tokens, len(hypothesis.tokens)
    assert EOS not in tokens
    total = rescore(table, first, tokens, hypothesis.finished)
    assert math.isclose(hypothesis.log_prob, total, rel_tol=1e-6, abs_tol=1e-6)
    expected = score(total, count + hypothesis.finished, options.length_penalty)
    assert math.isclose(hypothesis.score, expected, rel_tol=1e-6, abs_tol=1e-6)
    path = [first, *tokens]
    assert np.allclose(hypothesis.token_log_probs, [table[a, b] for a, b in itertools.pairwise(path)])
    copied, null = marks(np.full(count, name), np.array(path[:-1], int), np.arange(count))
    assert np.array_equal(hypothesis.copy_weights.reshape(count, -1), copied.reshape(count, -1))
    assert np.array_equal(hypothesis.null_weights, null)
