"""Output that goes round in circles: how it is noticed, and how it is prevented.

R rows, N outputs, T tokens, C tokens produced so far.
A block of p tokens that stands there again and again is a loop when it stands three times, eight tokens at
least ("!!!!!!!!", "ha ha ha ha", "the city of the city of the city of"). Where the source repeats itself,
the output may do so twice as long.
"""

from collections.abc import Sequence

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

TIMES, TOKENS, ALLOWANCE = 3, 8, 2


def longest_run(tokens: Sequence[int]) -> int:
    """Tokens covered by the longest loop; 0 where there is none."""
    if len(tokens) - len(set(tokens)) < TOKENS - TOKENS // TIMES:  # a loop says so much again at the least
        return 0
    return int(_covered(_padded([tokens]))[0])


def find_loops(outputs: Sequence[Sequence[int]], source_runs: np.ndarray) -> np.ndarray:
    """Which of N outputs loop [N], each knowing the `longest_run` of its source [N]."""
    return _covered(_padded(outputs)) > ALLOWANCE * source_runs if len(outputs) else np.zeros(0, dtype=bool)


def _padded(outputs: Sequence[Sequence[int]]) -> np.ndarray:
    """[N, T]; the padding is a different number in every place, so that it never repeats."""
    longest = max(len(tokens) for tokens in outputs)
    padded = np.tile(-1 - np.arange(longest), (len(outputs), 1))
    for row, tokens in zip(padded, outputs, strict=True):
        row[: len(tokens)] = tokens
    return padded


def _covered(tokens: np.ndarray) -> np.ndarray:
    """Tokens covered by the longest loop in each row of tokens [N, T]."""
    covered = np.zeros(len(tokens), dtype=np.int64)
    if tokens.shape[1] < TOKENS:
        return covered
    for period in range(1, tokens.shape[1] // TIMES + 1):
        same = tokens[:, period:] == tokens[:, :-period]
        place = np.arange(same.shape[1])
        run = (place - np.maximum.accumulate(np.where(same, -1, place), axis=1)).max(axis=1)
        run = np.where(run > 0, run + period, 0)  # the first block repeats nothing, but is part of the loop
        covered = np.maximum(covered, np.where(run >= max(TIMES * period, TOKENS), run, 0))
    return covered


class NgramGuard:
    """Allows no n-gram twice in a row's output. With n = 3 nothing that `find_loops` finds can come about."""

    def __init__(self, n: int = 3) -> None:
        self.n = n
        self.recent = np.empty((0, 0), dtype=np.int64)  # [R, C] newest first, -1 before a row began

    def join(self, source_runs: np.ndarray) -> None:
        """New rows begin, after those already there."""
        new = np.full((len(source_runs), self.recent.shape[1]), -1)
        self.recent = np.concatenate([self.recent, new])

    def ban(self, log_probs: np.ndarray) -> None:
        """Sets to -inf, in log_probs [R, V], what must not come next."""
        log_probs[self._repeating(np.ones(len(log_probs), dtype=bool))] = -np.inf

    def advance(self, rows: np.ndarray, tokens: np.ndarray) -> None:
        """Row i goes on from former row rows[i], with tokens[i]."""
        self.recent = np.concatenate([tokens[:, None], self.recent[rows]], axis=1)

    def _repeating(self, where: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Rows, of those where [R], and tokens that would make an n-gram stand there twice."""
        head = self.n - 1
        if self.recent.shape[1] < self.n:
            nothing = np.zeros(0, dtype=np.int64)
            return nothing, nothing
        last = self.recent[:, None, :head]
        earlier = sliding_window_view(self.recent[:, 1:], head, axis=1)  # [R, C - n + 1, n - 1]
        same = (earlier == last).all(axis=2) & (where & (self.recent[:, head - 1] >= 0))[:, None]
        rows, places = np.nonzero(same)
        return rows, self.recent[rows, places]


class LoopGuard(NgramGuard):
    """For streaming, where nothing shown can be taken back: forbids the token that would complete a loop.

    A row in which that happened is allowed no n-gram twice from then on.
    """

    def __init__(self, n: int = 3) -> None:
        super().__init__(n)
        self.runs = np.empty(
            (0, 0), dtype=np.int64
        )  # [R, C]: how long the output has repeated itself at lag c + 1
        self.allowed = np.empty(0, dtype=np.int64)  # [R]
        self.strict = np.empty(0, dtype=bool)  # [R]

    def join(self, source_runs: np.ndarray) -> None:
        super().join(source_runs)
        new = np.zeros((len(source_runs), self.runs.shape[1]), dtype=np.int64)
        self.runs = np.concatenate([self.runs, new])
        self.allowed = np.concatenate([self.allowed, ALLOWANCE * source_runs])
        self.strict = np.concatenate([self.strict, np.zeros(len(source_runs), dtype=bool)])

    def ban(self, log_probs: np.ndarray) -> None:
        lags = 1 + np.arange(self.recent.shape[1])
        covered = self.runs + 1 + lags  # if the token of that lag came again
        loop = (covered >= np.maximum(TIMES * lags, TOKENS)) & (covered > self.allowed[:, None])
        rows, places = np.nonzero(loop & (self.recent >= 0))
        log_probs[rows, self.recent[rows, places]] = -np.inf
        self.strict[rows] = True
        if self.strict.any():
            log_probs[self._repeating(self.strict)] = -np.inf

    def advance(self, rows: np.ndarray, tokens: np.ndarray) -> None:
        runs = np.where(self.recent[rows] == tokens[:, None], self.runs[rows] + 1, 0)
        self.runs = np.concatenate([runs, np.zeros((len(rows), 1), dtype=np.int64)], axis=1)
        self.allowed, self.strict = self.allowed[rows], self.strict[rows]
        super().advance(rows, tokens)


class PhraseGuard(LoopGuard):
    """Besides, allows no n-gram twice that ends with the first token of a word (Paulus et al. 2018).

    Inside a word it may stand there again, as digits in a number and signs in a password do. Where the source
    repeats whole words, that is not known here: the answer repeats them less often.
    word_starts [V]: which tokens begin a word; None = all.
    """

    def __init__(self, n: int, word_starts: np.ndarray | None) -> None:
        super().__init__(n)
        self.word_starts = word_starts

    def ban(self, log_probs: np.ndarray) -> None:
        super().ban(log_probs)
        rows, tokens = self._repeating(np.ones(len(log_probs), dtype=bool))
        if self.word_starts is not None:
            begins = self.word_starts[tokens]
            rows, tokens = rows[begins], tokens[begins]
        log_probs[rows, tokens] = -np.inf
