"""One token for each row at every step: greedy, or sampled. R live rows, V vocabulary."""

from dataclasses import dataclass

import numpy as np

from lstm_models.search.hypothesis import StepOutput
from lstm_models.search.log_probs import draw, likely, mix, uniforms
from lstm_models.search.options import SearchOptions
from lstm_models.search.stepwise import NOT_NUMBERS, Arrays, Ended, Guard, Searching


@dataclass
class _Rows(Arrays):
    """The live rows, every field [R]."""

    key: np.ndarray
    length: np.ndarray  # tokens so far
    limit: np.ndarray  # tokens at most
    start: np.ndarray  # column of the trace where the row began
    seed: np.ndarray  # uint64
    total: np.ndarray  # log-probability so far


class SingleSearch(Searching):
    """Greedy search, or with temperature above 0 sampling, n_best independent samples of each sentence."""

    def __init__(self, eos_id: int, options: SearchOptions, guard: Guard | None = None) -> None:
        super().__init__(eos_id, options, guard)
        self.rows_per_sentence = options.n_best if options.sampling else 1
        none = np.zeros(0, dtype=np.int64)
        self._rows = _Rows(none, none, none, none, np.zeros(0, dtype=np.uint64), np.zeros(0))

    def _begin(self, keys: np.ndarray, max_lengths: np.ndarray, seeds: np.ndarray) -> None:
        samples, count = self.rows_per_sentence, len(keys) * self.rows_per_sentence
        sample = np.tile(np.arange(samples, dtype=np.uint64), len(keys))
        new = _Rows(
            key=np.repeat(keys, samples),
            length=np.zeros(count, dtype=np.int64),
            limit=np.repeat(max_lengths, samples),
            start=np.full(count, self._trace.last),
            seed=mix(np.repeat(seeds.astype(np.uint64), samples)) + sample,
            total=np.zeros(count),
        )
        self._rows = self._rows.plus(new)

    @property
    def keys(self) -> np.ndarray:
        """The sentence of every live row [R]."""
        return self._rows.key

    def cut_off(self, keys: np.ndarray) -> None:
        """As `Searching.cut_off`."""
        self._rows.limit = np.where(np.isin(self._rows.key, keys), 0, self._rows.limit)

    def advance(self, output: StepOutput) -> np.ndarray:
        rows = self._rows
        short = rows.length < np.minimum(self.options.min_length, rows.limit)
        log_probs = self._allowed(output, short)
        column = self._choose(log_probs)
        every = np.arange(len(column))
        chosen = log_probs[every, column].astype(np.float64)
        tokens = column if output.tokens is None else output.tokens[every, column]
        if np.isnan(chosen).any():
            raise ValueError(NOT_NUMBERS)
        # At the limit, or with nothing possible at all, a row is cut off as it stands.
        finished = (tokens == self.eos_id) & (chosen > -np.inf)
        over = finished | (rows.length >= rows.limit) | (chosen == -np.inf)
        parents = np.arange(len(tokens))
        if over.any():
            tokens, chosen, parents = self._leave(tokens, chosen, finished, over)
        self._rows.total = self._rows.total + chosen
        self._rows.length = self._rows.length + 1
        self._go_on(tokens, parents, chosen, output)
        return parents

    def _leave(
        self, tokens: np.ndarray, chosen: np.ndarray, finished: np.ndarray, over: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Rows that are over [R] leave; gives tokens, their log-probabilities and places of the others."""
        rows, out, kept = self._rows, np.nonzero(over)[0], np.nonzero(~over)[0]
        total = rows.total + np.where(finished, chosen, 0.0)
        last = np.full(len(out), self._trace.last)
        ended = Ended(rows.key[out], last, out, rows.length[out], total[out], finished[out])
        self._rows = rows.pick(kept)
        self._end(ended, np.setdiff1d(ended.key, self._rows.key))
        return tokens[kept], chosen[kept], kept

    @property
    def _starts(self) -> np.ndarray:
        return self._rows.start

    def _choose(self, log_probs: np.ndarray) -> np.ndarray:
        """log_probs [R, V] -> the column of the next token of each row [R]."""
        if not self.options.sampling:
            return log_probs.argmax(axis=1)
        if np.isnan(log_probs.max(axis=1)).any():
            raise ValueError(NOT_NUMBERS)
        ids, probs = likely(log_probs, self.options.temperature, self.options.top_k, self.options.top_p)
        column = draw(probs, uniforms(self._rows.seed, self._rows.length))
        return ids[np.arange(len(column)), column]
