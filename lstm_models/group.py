"""Answers that are decoded together, because they are searched for in the same way by the same engine.

R rows of a step, M memory tokens.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from lstm_models.search import (
    BeamSearch,
    ConstrainedBeamSearch,
    Constraint,
    Hypothesis,
    LoopGuard,
    NgramGuard,
    SearchOptions,
    SingleSearch,
    length_limits,
    longest_run,
)
from lstm_models.search.log_probs import length_norm
from lstm_models.search.loops import find_loops
from lstm_models.search.run import phrase_guard
from lstm_models.search.stepwise import Searching
from lstm_models.state import ContextState

if TYPE_CHECKING:
    from lstm_models.engine import Engine
    from lstm_models.scheduler import Request


@dataclass(frozen=True, eq=False)
class Answering:
    """An answer to be found. way: "whole"; "strict", with no n-gram twice; "stream", token by token.

    constraint: what it must hold; the options have a beam that is wide enough for it.
    """

    engine: Engine
    state: ContextState
    tag: str
    options: SearchOptions
    way: str = "whole"
    constraint: Constraint | None = None

    @property
    def key(self) -> tuple[Any, ...]:
        """Answers with equal keys can be decoded together."""
        constrained = self.constraint is not None
        alike = replace(self.options, max_length=None, seed=0)
        return id(self.engine), alike, self.way, constrained, self.listed

    @property
    def listed(self) -> str:
        """The tag, where only the words of its shortlist are looked at."""
        return self.tag if self.tag in self.engine.runtime.lists and self.constraint is None else ""

    @property
    def rows(self) -> int:
        return max(self.options.beam_size, self.options.n_best)


class Group:
    """A search that requests join and leave."""

    def __init__(self, first: Answering) -> None:
        self.engine, self.way, self.listed = first.engine, first.way, first.listed
        options = self.engine.complete(replace(first.options, max_length=None))
        guard = {"strict": NgramGuard, "stream": LoopGuard}.get(self.way)
        made = guard() if guard and options.avoid_loops else None
        made = phrase_guard(options, self.engine.tokenizer.word_starts) or made
        self.options, self.searching = options, _search_of(first, options, made)
        self._requests: dict[int, Request] = {}
        self._shown: dict[int, list[tuple[int, float, np.ndarray, float]]] = {}
        self._state: Any = None

    @property
    def rows(self) -> int:
        return len(self.searching.tokens)

    def join(self, requests: Sequence[Request]) -> None:
        """Their rows come after those there are. A request that cannot be answered is told why."""
        joining: list[tuple[Request, Answering, int, int]] = []
        for request in requests:
            answering = request.answering
            assert answering is not None
            try:
                self.engine.check_states([answering.state])
                tag = self.engine.tokenizer.tag_id(answering.tag)
            except ValueError as error:
                request.finish(error)
                continue
            limit = int(length_limits(np.array([len(answering.state.newest)]), answering.options)[0])
            if limit:
                joining.append((request, answering, tag, limit))
            else:  # nothing was said yet
                request.finish(([], True))
        if joining:
            self._begin(joining)

    def _begin(self, joining: Sequence[tuple[Request, Answering, int, int]]) -> None:
        answerings = [answering for _, answering, _, _ in joining]
        state = self.engine.begin([answering.state for answering in answerings])
        if isinstance(self.searching, ConstrainedBeamSearch):
            self.searching.require([one.constraint for one in answerings if one.constraint is not None])
        keys = self.searching.join(
            np.array([tag for _, _, tag, _ in joining]),
            np.array([limit for _, _, _, limit in joining]),
            np.array([answering.options.seed for answering in answerings], dtype=np.uint64),
            np.array([longest_run(answering.state.newest.tolist()) for answering in answerings]),
        )
        state = state.select(np.repeat(np.arange(len(joining)), self.searching.rows_per_sentence))
        self._state = state if self._state is None else self._state.plus(state)
        self._requests |= {int(key): one[0] for key, one in zip(keys, joining, strict=True)}

    def step(self, late: Callable[[], Exception]) -> None:
        """One token more of every answer; hands over what is done. late: makes the error of what is over."""
        over = [key for key, request in self._requests.items() if request.over]
        for key in over:
            self._requests.pop(key).finish(late())
        if over:
            self.searching.cut_off(np.array(over))
        if not self.rows:
            return
        few = 0 if self.searching.needs_all else self.searching.few
        output, state = self.engine.step_few(self.searching.tokens, self._state, few, self.listed)
        rows = self.searching.advance(output)
        self._state = state.select(rows) if self.searching.live else None
        if self.way == "stream":
            self._show(output.copy_weights[rows], output.null_weight[rows])
        for key, hypotheses in self.searching.take().items():
            if request := self._requests.pop(key, None):
                self._hand_over(key, request, hypotheses)

    def _show(self, copied: np.ndarray, null: np.ndarray) -> None:
        """The newest token of each row that goes on, with what came before."""
        searching = self.searching
        assert isinstance(searching, SingleSearch)
        for row, key in enumerate(searching.keys.tolist()):
            if request := self._requests.get(key):
                shown = self._shown.setdefault(key, [])
                token, log_prob = int(searching.tokens[row]), float(searching.log_probs[row])
                shown.append((token, log_prob, copied[row], float(null[row])))
                if request.due or not request.seldom:
                    request.show(self._so_far(request, shown))

    def _so_far(self, request: Request, shown: list[tuple[int, float, np.ndarray, float]]) -> Hypothesis:
        assert request.answering is not None
        size = request.answering.state.num_tokens
        tokens, log_probs, copied, null = (list(part) for part in zip(*shown, strict=True))
        total = sum(log_probs)
        score = total / float(length_norm(np.array(len(tokens)), self.options.length_penalty))
        weights = np.stack([row[:size] for row in copied])  # [T, M]
        return Hypothesis(tokens, score, total, log_probs, weights, np.array(null, np.float32), False)

    def _hand_over(self, key: int, request: Request, hypotheses: list[Hypothesis]) -> None:
        self._shown.pop(key, None)
        assert request.answering is not None
        size = request.answering.state.num_tokens
        whole = [replace(one, copy_weights=one.copy_weights[:, :size]) for one in hypotheses]
        request.finish((whole, True))

    def fail(self, error: BaseException) -> None:
        """Tells all who wait, and is empty then."""
        for request in self._requests.values():
            request.finish(error)
        self._requests.clear()
        self._state = None
        self.searching = type(self.searching)(self.searching.eos_id, self.options, None)


def _search_of(first: Answering, options: SearchOptions, guard: NgramGuard | None) -> Searching:
    eos_id = first.engine.tokenizer.eos_id
    if first.constraint is not None:
        return ConstrainedBeamSearch(eos_id, options, guard)
    return (SingleSearch if options.beam_size == 1 else BeamSearch)(eos_id, options, guard)


def loops(answering: Answering, hypotheses: list[Hypothesis]) -> bool:
    """Whether an answer goes round in circles, and has to be found again with no n-gram twice."""
    outputs = [one.tokens for one in hypotheses]
    options = answering.options
    if answering.way != "whole" or not options.avoid_loops or options.no_repeat_ngram_size or not outputs:
        return False
    run = longest_run(answering.state.newest.tolist())
    return bool(find_loops(outputs, np.full(len(outputs), run)).any())
