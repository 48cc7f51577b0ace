"""Beam search for answers that must hold given phrases, or begin in a given way.

Dynamic beam allocation (Post and Vilar 2018, arXiv 1804.06609): at every step the beam is shared out among
hypotheses that have met one phrase, two, ..., so that those on the way to all of them are not crowded out by
likelier ones that ignore them; the end may only come when all are met. Here a bank counts phrases rather
than tokens, because a phrase of ten tokens would take every place of a beam of five, and the first place
belongs to whoever has the most required tokens, so that all phrases are met after as many steps as they have
tokens, however unlikely the model finds them.

S live sentences, K beams, R = S * K rows, V vocabulary.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np

from lstm_models.search.beam import BeamSearch, _Candidates
from lstm_models.search.hypothesis import StepOutput
from lstm_models.search.log_probs import top
from lstm_models.search.options import SearchOptions
from lstm_models.search.stepwise import NOT_NUMBERS, Guard

# The beam is at least so wide, and has a place for each phrase besides.
NARROWEST, WIDEST = 5, 12
# Hypotheses that rush their phrases end first and are seldom the best: more of them are waited for.
PATIENCE = 3.0


@dataclass(frozen=True, eq=False)
class Constraint:
    """What one answer must be like; all fields are token ids.

    phrases: each stands in the answer as it is, in any order. prefix: the answer begins so. avoid: what may
    not come right after the prefix. inside: what may only come as part of a phrase. glue [V]: True for what
    may not follow a phrase directly, because it would make another word of it.
    """

    phrases: tuple[tuple[int, ...], ...] = ()
    prefix: tuple[int, ...] = ()
    avoid: tuple[int, ...] = ()
    inside: frozenset[int] = frozenset()
    glue: np.ndarray | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if not all(self.phrases):
            raise ValueError("a required phrase has no tokens: leave it out, or give at least one")

    @property
    def tokens(self) -> int:
        """Tokens that the answer needs at the least."""
        return len(self.prefix) + sum(map(len, self.phrases))


FREE = Constraint()


class Progress(NamedTuple):
    """How far a hypothesis has come with its phrases."""

    met: int = 0  # bits of the phrases that stand there
    phrase: int = -1  # the one that it is in the middle of, or -1
    place: int = 0  # tokens of it that stand there
    closed: bool = False  # the last token ended a phrase

    def after(self, token: int, phrases: tuple[tuple[int, ...], ...]) -> Progress:
        """With one more token. In the middle of a phrase, any other token breaks it off."""
        if self.phrase >= 0 and phrases[self.phrase][self.place] == token:
            return self._at(self.phrase, self.place + 1, phrases)
        for number, phrase in enumerate(phrases):
            if not self.met >> number & 1 and phrase[0] == token:
                return self._at(number, 1, phrases)
        return Progress(self.met)

    def _at(self, number: int, place: int, phrases: tuple[tuple[int, ...], ...]) -> Progress:
        if place == len(phrases[number]):
            return Progress(self.met | 1 << number, closed=True)
        return Progress(self.met, number, place)

    def wanted(self, phrases: tuple[tuple[int, ...], ...]) -> list[int]:
        """The tokens that bring it forward: the next of its phrase, or the first of any that is not met."""
        if self.phrase >= 0:
            return [phrases[self.phrase][self.place]]
        return [phrase[0] for number, phrase in enumerate(phrases) if not self.met >> number & 1]

    def count(self, phrases: tuple[tuple[int, ...], ...]) -> int:
        """Required tokens that stand there."""
        return self.place + sum(
            len(phrase) for number, phrase in enumerate(phrases) if self.met >> number & 1
        )

    @property
    def bank(self) -> int:
        """Phrases met or begun."""
        return self.met.bit_count() + (self.phrase >= 0)


class _Candidate(NamedTuple):
    total: float
    beam: int
    token: int
    log_prob: float
    progress: Progress


class ConstrainedBeamSearch(BeamSearch):
    """A beam whose sentences each have a `Constraint`: tell them with `require` before `join`."""

    def __init__(self, eos_id: int, options: SearchOptions, guard: Guard | None = None) -> None:
        super().__init__(eos_id, options, guard)
        self._waiting: list[Constraint] = []
        self._constraints: list[Constraint] = []  # of each live sentence
        self._progress: list[Progress] = []  # of each live row
        self._raw: list[list[tuple[int, float]]] = []  # of each row, wanted tokens and their log-probability
        self._enough = max(self._enough, int(np.ceil(PATIENCE * options.beam_size)))

    @staticmethod
    def widened(options: SearchOptions, constraints: Sequence[Constraint]) -> SearchOptions:
        """The options with a beam that has a place for every phrase, without sampling."""
        most = max((len(constraint.phrases) for constraint in constraints), default=0)
        needed = min(WIDEST, max(NARROWEST, most + 3)) if most else 1
        width = max(options.beam_size, options.n_best, needed)
        return replace(options, beam_size=width, temperature=0.0, top_k=0, top_p=1.0)

    def require(self, constraints: Sequence[Constraint]) -> None:
        """What the sentences that join next must be like, in their order."""
        self._waiting.extend(constraints)

    def _begin(self, keys: np.ndarray, max_lengths: np.ndarray, seeds: np.ndarray) -> None:
        new, self._waiting = self._waiting[: len(keys)], self._waiting[len(keys) :]
        if len(new) != len(keys):
            raise ValueError(
                f"{len(keys)} sentences join and {len(new)} constraints were given: one for each"
            )
        self._constraints.extend(new)
        self._progress.extend([Progress()] * len(new) * self.options.beam_size)
        needed = np.array([constraint.tokens for constraint in new], dtype=np.int64)
        super()._begin(keys, np.maximum(max_lengths, needed + max_lengths // 2), seeds)

    def advance(self, output: StepOutput) -> np.ndarray:
        beams, before, constraints = self.options.beam_size, self._progress, self._constraints
        self._raw = []
        for row, progress in enumerate(before):
            wanted = progress.wanted(constraints[row // beams].phrases)
            self._raw.append([(token, float(output.log_probs[row, token])) for token in wanted])
        parents = super().advance(output)
        after = [
            before[parent].after(int(token), constraints[parent // beams].phrases)
            for parent, token in zip(parents, self.tokens, strict=True)
        ]
        self._progress = after
        self._constraints = [constraints[parent // beams] for parent in parents[::beams]]
        return parents

    @property
    def needs_all(self) -> bool:
        """Wanted words can be unlikely ones."""
        return True

    def _candidates(self, log_probs: np.ndarray, tokens: np.ndarray | None = None) -> _Candidates:
        """log_probs [S * K, V] -> 2 K continuations of each sentence, those that fill its beam first."""
        beams = self.options.beam_size
        self._restrict(log_probs)
        if not any(constraint.phrases for constraint in self._constraints):
            return super()._candidates(log_probs)  # nothing takes a place of the beam
        ids, chosen = top(log_probs, beams + 1)  # [S * K, C]
        if np.isnan(chosen).any():
            raise ValueError(NOT_NUMBERS)
        found = [self._of_sentence(s, ids, chosen) for s in range(len(self._constraints))]
        return _Candidates(
            np.array([[one.beam for one in row] for row in found]),
            np.array([[one.token for one in row] for row in found]),
            np.array([[one.log_prob for one in row] for row in found]),
            np.array([[one.total for one in row] for row in found]),
        )

    def _restrict(self, log_probs: np.ndarray) -> None:
        """Sets to -inf what must not come, but for the wanted tokens, which `_of_sentence` adds again."""
        beams = self.options.beam_size
        for row, progress in enumerate(self._progress):
            constraint, length = self._constraints[row // beams], int(self._live.length[row // beams])
            if length < len(constraint.prefix):
                kept = constraint.prefix[length]
                value = max(float(log_probs[row, kept]), -1e3)
                log_probs[row] = -np.inf
                log_probs[row, kept] = value
                continue
            if length == len(constraint.prefix) and constraint.avoid:
                log_probs[row, list(constraint.avoid)] = -np.inf
            last = constraint.phrases[progress.phrase][progress.place - 1] if progress.place else -1
            if last in constraint.inside:  # it may not stand there alone: the phrase has to go on
                log_probs[row] = -np.inf
                continue
            if constraint.inside:
                log_probs[row, list(constraint.inside)] = -np.inf
            if progress.closed and constraint.glue is not None:
                log_probs[row, constraint.glue] = -np.inf
            if progress.met.bit_count() < len(constraint.phrases):
                log_probs[row, self.eos_id] = -np.inf

    def _of_sentence(self, sentence: int, ids: np.ndarray, chosen: np.ndarray) -> list[_Candidate]:
        beams, constraint = self.options.beam_size, self._constraints[sentence]
        phrases, in_prefix = constraint.phrases, self._live.length[sentence] < len(constraint.prefix)
        found: dict[tuple[int, int], _Candidate] = {}
        for beam in range(beams):
            row, total = sentence * beams + beam, float(self._live.total[sentence, beam])
            if total == -np.inf:
                continue
            pairs = list(zip(ids[row].tolist(), chosen[row].tolist(), strict=True))
            for token, log_prob in pairs if in_prefix else pairs + self._raw[row]:
                if log_prob > -np.inf:
                    progress = self._progress[row].after(token, phrases)
                    found[beam, token] = _Candidate(total + log_prob, beam, token, log_prob, progress)
        ranked = sorted(found.values(), key=lambda one: -one.total)
        filled = _allocate(ranked, beams, phrases, self.eos_id)
        chosen_ids = {(one.beam, one.token) for one in filled}
        rest = [one for one in ranked if (one.beam, one.token) not in chosen_ids]
        none = _Candidate(-np.inf, 0, self.eos_id, -np.inf, Progress())
        return (filled + rest + [none] * (2 * beams))[: 2 * beams]


def _allocate(
    ranked: list[_Candidate], beams: int, phrases: tuple[tuple[int, ...], ...], eos_id: int
) -> list[_Candidate]:
    """The candidates that fill the beam, and ends beside them, best first; ranked is best first.

    The first place goes to the one with the most required tokens, the others in turns to the banks, the
    fullest first; a bank's places go to its best candidates. Ends take no place.
    """
    if not ranked:
        return []
    ends = [one for one in ranked if one.token == eos_id]
    going = [one for one in ranked if one.token != eos_id]
    if not phrases or not going:
        return ranked[:beams]
    taken = [max(going, key=lambda one: (one.progress.count(phrases), one.total))]
    banks: dict[int, list[_Candidate]] = {}
    for one in going:
        if one is not taken[0]:
            banks.setdefault(one.progress.bank, []).append(one)
    order = sorted(banks, reverse=True)
    place = 0
    while len(taken) < beams and any(banks.values()):
        bank = banks[order[place % len(order)]]
        place += 1
        if bank:
            taken.append(bank.pop(0))
    # An end counts only among the first K, as in a plain beam: it takes the place of a worse one.
    taken.sort(key=lambda one: -one.total)
    best_ends = ends[: max(1, beams // 2)]
    return (
        sorted([*taken[: beams - len(best_ends)], *best_ends], key=lambda one: -one.total)
        + taken[beams - len(best_ends) :]
    )
