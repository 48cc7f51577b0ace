"""A search that goes one step at a time, so that a caller may batch many and let new rows join at any step.

B sentences that join, R live rows (a sentence has one row, or one for each beam or sample), V vocabulary.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass, fields
from typing import Protocol, Self

import numpy as np

from lstm_models.search.hypothesis import Hypothesis, StepOutput
from lstm_models.search.log_probs import length_norm
from lstm_models.search.options import SearchOptions
from lstm_models.search.trace import Trace

NOT_NUMBERS = (
    "the step gave log_probs that are not numbers: the model's weights are damaged; load or train it anew"
)


class Guard(Protocol):
    """Forbids tokens by what each row has produced (see `loops.py`)."""

    def join(self, source_runs: np.ndarray) -> None: ...
    def ban(self, log_probs: np.ndarray) -> None: ...
    def advance(self, rows: np.ndarray, tokens: np.ndarray) -> None: ...


@dataclass
class Arrays:
    """Arrays with one entry for each of some things; things are picked and joined together."""

    def pick(self, where: np.ndarray) -> Self:
        return type(self)(*(getattr(self, field.name)[where] for field in fields(self)))

    def plus(self, other: Self) -> Self:
        pairs = ((getattr(self, field.name), getattr(other, field.name)) for field in fields(self))
        return type(self)(*(np.concatenate(pair) for pair in pairs))


@dataclass
class Ended(Arrays):
    """Paths that reached the end or their limit."""

    key: np.ndarray  # of their sentence
    column: np.ndarray  # where in the trace the last token is
    row: np.ndarray
    length: np.ndarray  # tokens
    total: np.ndarray  # log-probability
    finished: np.ndarray  # False: cut off


class Searching(ABC):
    """Many rows on their way, driven by

        output, state = step(searching.tokens, state)
        state = state.select(searching.advance(output))

    while `searching.live`. `take` gives the answers of the sentences that are done.
    """

    rows_per_sentence = 1

    def __init__(self, eos_id: int, options: SearchOptions, guard: Guard | None = None) -> None:
        self.eos_id, self.options, self.guard = eos_id, options, guard
        self._banned = np.array(options.banned_tokens, dtype=np.int64)
        # By id; the last place stands for all higher ids, which are allowed.
        self._is_banned = np.zeros(self._banned.max(initial=-1) + 2, dtype=bool)
        self._is_banned[self._banned] = True
        self._trace = Trace()
        self._next_key = 0
        none = np.zeros(0, dtype=np.int64)
        self._ended = Ended(none, none, none, none, np.zeros(0), np.zeros(0, dtype=bool))
        self._done = none

    @property
    def tokens(self) -> np.ndarray:
        """The last token of every live row [R]: what the next step takes."""
        return self._trace.tokens

    @property
    def log_probs(self) -> np.ndarray:
        """The log-probability of that token [R]."""
        return self._trace.log_probs

    @property
    def live(self) -> bool:
        return len(self.tokens) > 0

    @property
    def needs_all(self) -> bool:
        """Whether a step has to say something about every word, not only about the likeliest `few`."""
        return self.options.sampling or self.guard is not None

    @property
    def few(self) -> int:
        """So many of the likeliest words are enough, of which some are banned, or are an end too soon."""
        return self.options.beam_size + 2 + len(self._banned)

    def join(
        self,
        start_tokens: np.ndarray,
        max_lengths: np.ndarray,
        seeds: np.ndarray | None = None,
        source_runs: np.ndarray | None = None,
    ) -> np.ndarray:
        """B sentences begin, `rows_per_sentence` rows each, after the live rows; returns their keys [B].

        start_tokens [B]; max_lengths [B] tokens, end not counted, above 0; seeds [B] (default: the option's);
        source_runs [B]: how far each source repeats itself (`longest_run`), for the guard.
        """
        count = len(start_tokens)
        keys = self._next_key + np.arange(count)
        self._next_key += count
        seeds = np.full(count, self.options.seed, dtype=np.uint64) if seeds is None else seeds
        self._begin(keys, max_lengths, seeds)
        self._trace.join(np.repeat(start_tokens, self.rows_per_sentence))
        if self.guard is not None:
            runs = np.zeros(count, dtype=np.int64) if source_runs is None else source_runs
            self.guard.join(np.repeat(runs, self.rows_per_sentence))
        return keys

    @abstractmethod
    def _begin(self, keys: np.ndarray, max_lengths: np.ndarray, seeds: np.ndarray) -> None:
        """Takes note of sentences [B] that join."""

    @abstractmethod
    def cut_off(self, keys: np.ndarray) -> None:
        """These sentences are to end with the next step, as at their length limit."""

    @abstractmethod
    def advance(self, output: StepOutput) -> np.ndarray:
        """Chooses the next tokens; returns the former row that each live row goes on from [R]."""

    def _allowed(self, output: StepOutput, too_short: np.ndarray) -> np.ndarray:
        """The step's log_probs [R, V], -inf for what must not come; rows too_short [R] must not end."""
        log_probs = output.log_probs
        rows = len(self.tokens)
        if log_probs.ndim != 2 or log_probs.shape[0] != rows or log_probs.shape[1] <= max(self.eos_id, 1):
            raise ValueError(
                f"the step gave log_probs of shape {log_probs.shape}: "
                f"needed are {rows} rows and a vocabulary with the end token {self.eos_id}"
            )
        if not log_probs.flags.writeable:
            log_probs = log_probs.copy()
        if self.options.last_tokens:
            too_short = too_short | ~np.isin(self.tokens, self.options.last_tokens)
        if output.tokens is not None:
            self._allow_few(log_probs, output.tokens, too_short)
            return log_probs
        log_probs[too_short, self.eos_id] = -np.inf
        if len(self._banned):
            log_probs[:, self._banned] = -np.inf
        if self.guard is not None:
            self.guard.ban(log_probs)
        return log_probs

    def _allow_few(self, log_probs: np.ndarray, tokens: np.ndarray, too_short: np.ndarray) -> None:
        """As `_allowed`, of words that are named [R, C]."""
        if self.needs_all:
            raise ValueError("sampling, guards and constraints look at all words: the step gave a few")
        if len(self._banned):
            log_probs[self._is_banned[np.minimum(tokens, len(self._is_banned) - 1)]] = -np.inf
        if too_short.any():
            log_probs[too_short[:, None] & (tokens == self.eos_id)] = -np.inf

    def _go_on(self, tokens: np.ndarray, rows: np.ndarray, log_probs: np.ndarray, output: StepOutput) -> None:
        """Live row i goes on from former row rows[i] with tokens[i]."""
        self._trace.extend(tokens, rows, log_probs, output)
        if self.guard is not None:
            self.guard.advance(rows, tokens)
        self._forget()

    @property
    @abstractmethod
    def _starts(self) -> np.ndarray:
        """The columns of the trace where the live rows began."""

    def _end(self, ended: Ended, done: np.ndarray) -> None:
        """Notes paths that ended and keys of sentences that are done."""
        self._ended = self._ended.plus(ended)
        self._done = np.concatenate([self._done, done])

    def _forget(self) -> None:
        """Drops the part of the trace that is behind everything live or waiting to be taken."""
        waiting = self._ended.column - self._ended.length
        oldest = min(self._starts.min(initial=self._trace.last), waiting.min(initial=self._trace.last))
        self._trace.forget(int(oldest))

    def take(self) -> dict[int, list[Hypothesis]]:
        """The n_best hypotheses of each sentence that is done and was not taken yet, by key, best first."""
        done = np.isin(self._ended.key, self._done)
        ended, self._ended = self._ended.pick(done), self._ended.pick(~done)
        self._done = self._done[:0]
        scores = ended.total / length_norm(ended.length + ended.finished, self.options.length_penalty)
        # By sentence; in it what reached the end before what was cut off; then by score.
        order = np.lexsort((-scores, ~ended.finished, ended.key))
        key = ended.key[order]
        rank = np.arange(len(key)) - np.searchsorted(key, key)
        order = order[rank < self.options.n_best]
        ended, scores = ended.pick(order), scores[order]
        paths = self._trace.read(ended.column, ended.row, ended.length)
        self._forget()
        taken: dict[int, list[Hypothesis]] = {}
        for i, length in enumerate(ended.length):
            hypothesis = Hypothesis(
                tokens=paths.tokens[i, :length].tolist(),
                score=float(scores[i]),
                log_prob=float(ended.total[i]),
                token_log_probs=paths.log_probs[i, :length].tolist(),
                copy_weights=paths.copy_weights[i, :length].copy(),
                null_weights=paths.null_weights[i, :length].copy(),
                finished=bool(ended.finished[i]),
            )
            taken.setdefault(int(ended.key[i]), []).append(hypothesis)
        return taken
