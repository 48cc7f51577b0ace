"""An engine for many threads at once: the same methods, computed together by a scheduler."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from lstm_models.engine import Engine
from lstm_models.group import Answering, loops
from lstm_models.scheduler import SECONDS, Request, Scheduler
from lstm_models.search import ConstrainedBeamSearch, Constraint, Hypothesis, SearchOptions
from lstm_models.state import ContextState


class SharedEngine(Engine):
    """What a thread asks for waits its turn, and is computed with what others ask for.

    urgent: before what others ask of engines that are not; seconds: that a request may take, see `Late`.
    Every method may raise Busy or Late. A thread counts as one user, and users are served in turns.
    """

    def __init__(
        self, engine: Engine, scheduler: Scheduler, urgent: bool = False, seconds: float = SECONDS
    ) -> None:
        super().__init__(engine.runtime, engine.tokenizer, engine.model_hash, engine.card)
        self.engine, self.scheduler, self.urgent, self.seconds = engine, scheduler, urgent, seconds

    def _ask(self, **what: object) -> Request:
        deadline = time.monotonic() + self.seconds
        request = Request(threading.get_ident(), self.urgent, deadline, **what)  # type: ignore[arg-type]
        return self.scheduler.submit(request)

    def _all(self, requests: Sequence[Request]) -> list[object]:
        """All results; where one fails, the others are given up."""
        try:
            return [self.scheduler.wait(request) for request in requests]
        finally:
            for request in requests:
                request.cancelled = True

    def read(self, states: Sequence[ContextState], segments: Sequence[Sequence[int]]) -> list[ContextState]:
        """As `Engine.read`."""
        if len(states) != len(segments):
            return self.engine.read(states, segments)  # raises
        if len(states) > 1:  # a batch already
            return self.scheduler.wait(self._ask(work=lambda: self.engine.read(states, segments)))
        asked = [
            self._ask(reading=(self.engine, state, list(segment)))
            for state, segment in zip(states, segments, strict=True)
        ]
        return self._all(asked)  # type: ignore[return-value]

    def generate(
        self,
        states: Sequence[ContextState],
        tags: Sequence[str],
        options: SearchOptions | None = None,
        constraints: Sequence[Constraint] | None = None,
    ) -> list[list[Hypothesis]]:
        """As `Engine.generate`."""
        own: Sequence[Constraint | None] = [None] * len(states) if constraints is None else constraints
        if len(states) != len(tags) or len(own) != len(states):
            return self.engine.generate(states, tags, options, constraints)  # raises
        options = options or SearchOptions()
        if constraints is not None:
            options = ConstrainedBeamSearch.widened(options, constraints)
        wanted = [
            Answering(self.engine, state, tag, options, constraint=constraint)
            for state, tag, constraint in zip(states, tags, own, strict=True)
        ]
        found = self._answers(wanted)
        again = [row for row, one in enumerate(wanted) if loops(one, found[row])]
        strict = self._answers([replace(wanted[row], way="strict") for row in again])
        for row, hypotheses in zip(again, strict, strict=True):
            found[row] = hypotheses
        return found

    def _answers(self, wanted: Sequence[Answering]) -> list[list[Hypothesis]]:
        asked = [self._ask(answering=one) for one in wanted]
        empty = Hypothesis([], 0.0, 0.0, [], np.zeros((0, 0), np.float32), np.zeros(0, np.float32), True)
        return [result[0] or [empty] for result in self._all(asked)]  # type: ignore[index]

    def stream(
        self, state: ContextState, tag: str, options: SearchOptions | None = None, seldom: bool = False
    ) -> Iterator[Hypothesis]:
        """As `Engine.stream`; whoever stops listening cancels it."""
        options = options or SearchOptions()
        if options.beam_size > 1 or options.n_best > 1:
            return self.engine.stream(state, tag, options)  # raises
        request = self._ask(answering=Answering(self.engine, state, tag, options, "stream"), seldom=seldom)
        return self._listen(request)

    def _listen(self, request: Request) -> Iterator[Hypothesis]:
        for part in self.scheduler.parts(request):
            if isinstance(part, Hypothesis):
                yield part
            else:
                empty = np.zeros((0, 0), np.float32)
                nothing = Hypothesis([], 0.0, 0.0, [], empty, np.zeros(0, np.float32), True)
                yield part[0] if part else nothing

    def score(
        self,
        states: Sequence[ContextState],
        tags: Sequence[str],
        targets: Sequence[Sequence[int]],
        least: float = -np.inf,
    ) -> list[np.ndarray]:
        """As `Engine.score`."""
        given = self.engine, least, list(states), list(tags), [list(target) for target in targets]
        return self.scheduler.wait(self._ask(scoring=given))

    def next_log_probs(self, state: ContextState, tag: str, prefix: Sequence[int]) -> np.ndarray:
        """As `Engine.next_log_probs`."""
        return self.scheduler.wait(self._ask(work=lambda: self.engine.next_log_probs(state, tag, prefix)))

    def expected(self, state: ContextState) -> np.ndarray:
        """As `Engine.expected`."""
        return self.scheduler.wait(self._ask(work=lambda: self.engine.expected(state)))


def share(bulk: Any, urgent: Any) -> None:
    """Has what all threads ask of two models (or None) computed together, what they ask of `urgent` first.

    A model here is whatever has an `engine`: a translator, a bot.
    """
    scheduler = Scheduler()
    for model in (bulk, urgent):
        if model is not None:
            model.engine = SharedEngine(model.engine, scheduler, urgent=model is urgent)
