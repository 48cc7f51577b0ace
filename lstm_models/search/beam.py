"""Beam search, batched over sentences.

S live sentences, K beams, R = S * K rows, V vocabulary, C candidates of each row.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from lstm_models.search.hypothesis import StepOutput
from lstm_models.search.log_probs import length_norm, top
from lstm_models.search.options import SearchOptions
from lstm_models.search.stepwise import NOT_NUMBERS, Arrays, Ended, Guard, Searching


@dataclass
class _Sentences(Arrays):
    """The live sentences, every field [S, ...]."""

    key: np.ndarray
    length: np.ndarray  # tokens so far, the same for all its beams
    limit: np.ndarray  # tokens at most
    start: np.ndarray  # column of the trace where the sentence began
    count: np.ndarray  # hypotheses that reached the end
    best: np.ndarray  # [S, n_best] their best scores, -inf where there are fewer
    total: np.ndarray  # [S, K] log-probability of each beam, -inf where there is none


class _Candidates(NamedTuple):
    """The best continuations of each sentence, best first: 2 K, so that K of them go on."""

    beam: np.ndarray  # [S, 2 K] which beam it continues
    token: np.ndarray
    log_prob: np.ndarray  # of the token
    total: np.ndarray  # of the whole path


class BeamSearch(Searching):
    """K beams a sentence; what reaches the end among the K best continuations is kept, K others go on.

    A sentence is done when patience * K hypotheses have ended, when no beam can beat the n_best that have
    (log-probabilities only fall, and dividing by the norm of the longest output allowed bounds the score),
    or at its length limit.
    """

    def __init__(self, eos_id: int, options: SearchOptions, guard: Guard | None = None) -> None:
        super().__init__(eos_id, options, guard)
        self.rows_per_sentence = options.beam_size
        self._enough = max(options.n_best, int(np.ceil(options.patience * options.beam_size)))
        self._live = self._new(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))

    def _new(self, keys: np.ndarray, max_lengths: np.ndarray) -> _Sentences:
        total = np.full((len(keys), self.options.beam_size), -np.inf)
        total[:, 0] = 0.0  # at first all beams are alike: only one counts
        zeros, best = np.zeros(len(keys), dtype=np.int64), np.full((len(keys), self.options.n_best), -np.inf)
        start = np.full(len(keys), self._trace.last)
        return _Sentences(keys, zeros, max_lengths, start, zeros, best, total)

    def _begin(self, keys: np.ndarray, max_lengths: np.ndarray, seeds: np.ndarray) -> None:
        self._live = self._live.plus(self._new(keys, max_lengths))

    def cut_off(self, keys: np.ndarray) -> None:
        """As `Searching.cut_off`."""
        self._live.limit = np.where(np.isin(self._live.key, keys), 0, self._live.limit)

    def advance(self, output: StepOutput) -> np.ndarray:
        live, beams = self._live, self.options.beam_size
        short = live.length < np.minimum(self.options.min_length, live.limit)
        best = self._candidates(self._allowed(output, np.repeat(short, beams)), output.tokens)
        is_end = best.token == self.eos_id
        finished = is_end & (best.total > -np.inf)
        finished[:, beams:] = False  # an end that is not among the K best is passed over
        going = np.argsort(is_end, axis=1, kind="stable")[:, :beams]  # [S, K] the best that do not end
        total = _take(best.total, going)
        stuck = (live.length >= live.limit) | (total.max(axis=1) == -np.inf)
        ends, done = finished.any(), stuck
        if ends:
            self._count(finished, best.total)
        if live.count.any():
            done = stuck | (live.count >= self._enough) | self._unbeatable(total)
        if ends or done.any():
            ended = self._finished(finished, best).plus(self._cut_off(stuck, finished, best.beam))
            self._end(ended, live.key[done])

        parents = np.arange(len(total))[:, None] * beams + _take(best.beam, going)  # [S, K] former rows
        tokens, chosen = _take(best.token, going), _take(best.log_prob, going)
        live.length, live.total = live.length + 1, total
        if done.any():
            kept = np.nonzero(~done)[0]
            self._live = live.pick(kept)
            parents, tokens, chosen = parents[kept], tokens[kept], chosen[kept]
        self._go_on(tokens.ravel(), parents.ravel(), chosen.ravel(), output)
        return parents.ravel()

    @property
    def _starts(self) -> np.ndarray:
        return self._live.start

    def _candidates(self, log_probs: np.ndarray, tokens: np.ndarray | None = None) -> _Candidates:
        """log_probs [S * K, V], or of the words `tokens` [S * K, C] -> the 2 K best of each sentence.

        K + 1 a row are enough: K of them do not end.
        """
        sentences, beams = self._live.total.shape
        ids, chosen = top(log_probs, beams + 1)  # [S * K, K + 1]
        if tokens is not None:
            ids = _take(tokens, ids)
        if np.isnan(chosen).any():
            raise ValueError(NOT_NUMBERS)
        width = beams * ids.shape[1]
        flat = chosen.reshape(sentences, width).astype(np.float64)
        total = np.repeat(self._live.total, ids.shape[1], axis=1) + flat  # [S, K * C]
        order = np.argsort(-total, axis=1, kind="stable")[:, : 2 * beams]
        return _Candidates(
            order // ids.shape[1],
            _take(ids.reshape(sentences, width), order),
            _take(flat, order),
            _take(total, order),
        )

    def _count(self, finished: np.ndarray, total: np.ndarray) -> None:
        """Takes note of the scores of what ended; finished and total [S, 2 K]."""
        live = self._live
        norm = length_norm(live.length + 1, self.options.length_penalty)[:, None]
        scores = np.concatenate([live.best, np.where(finished, total / norm, -np.inf)], axis=1)
        live.best = -np.sort(-scores, axis=1)[:, : self.options.n_best]
        live.count = live.count + finished.sum(axis=1)

    def _unbeatable(self, total: np.ndarray) -> np.ndarray:
        """Where no beam, of these totals [S, K], can still come among the n_best [S]."""
        bound = total.max(axis=1) / length_norm(self._live.limit + 1, self.options.length_penalty)
        return (self._live.count >= self.options.n_best) & (bound <= self._live.best[:, -1])

    def _finished(self, finished: np.ndarray, best: _Candidates) -> Ended:
        sentence, place = np.nonzero(finished)
        return self._paths(sentence, best.beam[sentence, place], best.total[sentence, place], True)

    def _cut_off(self, stuck: np.ndarray, finished: np.ndarray, beam: np.ndarray) -> Ended:
        """The beams of stuck sentences [S] as they stand, where too few reached the end."""
        sentence, place = np.nonzero(finished)
        open_ = ~np.isneginf(self._live.total)
        open_[sentence, beam[sentence, place]] = False
        sentence, beams = np.nonzero((stuck & (self._live.count < self.options.n_best))[:, None] & open_)
        return self._paths(sentence, beams, self._live.total[sentence, beams], False)

    def _paths(self, sentence: np.ndarray, beam: np.ndarray, total: np.ndarray, finished: bool) -> Ended:
        live, count = self._live, len(sentence)
        return Ended(
            key=live.key[sentence],
            column=np.full(count, self._trace.last),
            row=sentence * self.options.beam_size + beam,
            length=live.length[sentence],
            total=total,
            finished=np.full(count, finished),
        )


def _take(values: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """values [S, N] at columns [S, n] of each row; np.take_along_axis does the same more slowly."""
    return values[np.arange(len(values))[:, None], columns]
