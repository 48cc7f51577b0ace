"""Many requests on one machine: the rows of all who ask are decoded together, step by step.

Continuous batching (Yu et al. 2022, Orca): a new request joins at the next step, and one that is done leaves.
One thread computes; whoever asks waits in a queue that is bounded, is served in turns with others, and may
give up. Urgent requests (a chat reply) go before bulk (a document), which goes on more slowly meanwhile.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from queue import SimpleQueue
from typing import Any

from lstm_models.group import Answering, Group
from lstm_models.state import ContextState

LONGEST_QUEUE = 1024  # requests that wait
MOST_ROWS = 160  # rows of a step, all groups together
BULK_SHARE = 4  # while urgent requests run, bulk takes one step in so many rounds
SECONDS = 120.0  # that a request may take
# Seconds until a thread of Python lets others go on (sys.setswitchinterval): the scheduler comes back to it
# after every step.
SWITCH = 0.0005
SHOWN_EVERY = 0.04  # seconds from some parts of an answer to the next
SHOWN_SELDOM = (
    1.0  # the same where only the whole answer is wanted, and whether to go on is asked now and then
)


class Busy(ValueError):
    """The queue is full. `seconds`: when to try again. A ValueError, like all refusals that are shown."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"too many requests at once: busy, try again in {seconds} s")
        self.seconds = seconds


class Late(ValueError):
    """A request took longer than it was given."""


@dataclass(eq=False)
class Request:
    """Something that waits its turn: a computation, or an answer that is decoded with others."""

    user: Any
    urgent: bool
    deadline: float  # time.monotonic()
    work: Callable[[], Any] | None = None  # run as it is
    reading: tuple[Any, ContextState, list[int]] | None = None  # engine, state, segment: read with others
    # engine, least, states, tags, targets: as `Engine.score`, with others that have the same least
    scoring: tuple[Any, float, list[ContextState], list[str], list[list[int]]] | None = None
    answering: Answering | None = None
    seldom: bool = False  # whoever asked wants the whole answer: a part is shown now and then
    # Parts of an answer, then a result or an exception.
    results: SimpleQueue[Any] = field(default_factory=SimpleQueue)
    cancelled: bool = False
    _parts: list[Any] = field(default_factory=list)  # not handed over yet
    _shown: float = 0.0  # time.monotonic() when parts were

    def __post_init__(self) -> None:
        if self.seldom:
            self._shown = time.monotonic()

    def show(self, part: Any) -> None:
        """Hands over a part of an answer: the first at once, others by the handful.

        Waking whoever listens takes longer than computing a token does.
        """
        self._parts.append(part)
        if self.due:
            self._hand_over()

    @property
    def due(self) -> bool:
        """Whether it is time to hand something over."""
        return time.monotonic() - self._shown >= (SHOWN_SELDOM if self.seldom else SHOWN_EVERY)

    def finish(self, result: Any) -> None:
        """Hands over what whoever asked is waiting for."""
        if self._parts:
            self._hand_over()
        self.results.put(result)

    def _hand_over(self) -> None:
        self.results.put((self._parts, False))
        self._parts, self._shown = [], time.monotonic()

    @property
    def rows(self) -> int:
        """Of a step, while it is computed."""
        if self.answering:
            return self.answering.rows
        return len(self.scoring[2]) if self.scoring else 1

    @property
    def over(self) -> bool:
        return self.cancelled or time.monotonic() > self.deadline


class Scheduler:
    """One thread that computes for all. Close it, or leave it to the end of the program."""

    def __init__(self, longest_queue: int = LONGEST_QUEUE, most_rows: int = MOST_ROWS) -> None:
        self.longest_queue, self.most_rows = longest_queue, most_rows
        self._waiting: dict[bool, dict[Any, deque[Request]]] = {True: {}, False: {}}
        self._groups: dict[Any, Group] = {}
        self._lock = threading.Condition()
        self._count, self._round, self._took = 0, 0, 0.05  # seconds that a request took of late
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="scheduler", daemon=True)
        self._thread.start()

    def submit(self, request: Request) -> Request:
        """Puts it into the queue. Raises Busy where that is full."""
        with self._lock:
            if self._closed:
                raise ValueError("the scheduler is closed: make another one")
            if self._count >= self.longest_queue:
                raise Busy(max(1, round(self._count * self._took)))
            self._waiting[request.urgent].setdefault(request.user, deque()).append(request)
            self._count += 1
            self._lock.notify()
        return request

    def wait(self, request: Request) -> Any:
        """Its result, once it is there. Raises what went wrong, Late when it took too long."""
        result = request.results.get()
        if isinstance(result, BaseException):
            raise result
        return result

    def parts(self, request: Request) -> Iterator[Any]:
        """Parts of an answer as they come, then the result. Leaving the loop cancels the request."""
        try:
            while True:
                part, final = self.wait(request)
                if final:
                    yield part
                    return
                yield from part
        finally:
            request.cancelled = True

    def close(self) -> None:
        """Ends the thread; what waits is refused."""
        with self._lock:
            self._closed = True
            self._lock.notify()
        self._thread.join(10)

    @property
    def waiting(self) -> int:
        """Requests in the queue."""
        return self._count

    def _run(self) -> None:
        while True:
            with self._lock:
                while not (self._closed or self._count or self._groups):
                    self._lock.wait()
                if self._closed:
                    break
                chosen = self._choose()
            started = time.monotonic()
            self._begin(chosen)
            self._step()
            if chosen:
                passed = (time.monotonic() - started) / len(chosen)
                self._took = 0.9 * self._took + 0.1 * passed
        closed = ValueError("the server was closed while the request waited: start it again")
        for queues in self._waiting.values():
            for queue in queues.values():
                for request in queue:
                    request.finish(closed)
        for group in self._groups.values():
            group.fail(closed)

    def _choose(self) -> list[Request]:
        """Takes requests from the queue: urgent ones first, users in turns, as many as there is room for."""
        room = self.most_rows - sum(group.rows for group in self._groups.values())
        chosen: list[Request] = []
        for urgent in (True, False):
            queues = self._waiting[urgent]
            while queues and (room > 0 or urgent):
                user, queue = next(iter(queues.items()))
                request = queue.popleft()
                del queues[user]
                if queue:
                    queues[user] = queue  # behind the others
                self._count -= 1
                chosen.append(request)
                room -= request.rows
        return chosen

    def _begin(self, chosen: list[Request]) -> None:
        reading: dict[int, list[Request]] = {}
        scoring: dict[tuple[int, float], list[Request]] = {}
        joining: dict[Any, list[Request]] = {}
        for request in chosen:
            if request.over:
                request.finish(_late())
            elif request.reading:
                reading.setdefault(id(request.reading[0]), []).append(request)
            elif request.scoring:
                scoring.setdefault((id(request.scoring[0]), request.scoring[1]), []).append(request)
            elif request.work:
                request.finish(_caught(request.work))
            elif request.answering:
                joining.setdefault((request.urgent, request.answering.key), []).append(request)
        for requests in reading.values():
            _read(requests)
        for requests in scoring.values():
            _score(requests)
        for requests in joining.values():
            self._join(requests)

    def _join(self, requests: list[Request]) -> None:
        first = requests[0].answering
        assert first is not None
        key = (requests[0].urgent, *first.key)
        try:
            group = self._groups.get(key) or Group(first)
            group.join(requests)
        except Exception as error:  # whatever it is, it belongs to whoever asked
            for request in requests:
                request.finish(error)
        else:
            self._groups[key] = group

    def _step(self) -> None:
        """One step of every group; of bulk only now and then while something urgent runs."""
        self._round += 1
        hurry = any(key[0] for key in self._groups)
        for key, group in list(self._groups.items()):
            if hurry and not key[0] and self._round % BULK_SHARE:
                continue
            try:
                group.step(_late)
            except Exception as error:
                group.fail(error)
            if not group.rows:
                del self._groups[key]


def _read(requests: list[Request]) -> None:
    """Segments of one engine, read together; where that fails, one by one: a fault is its owner's."""
    readings = [request.reading for request in requests if request.reading]
    engine = readings[0][0]
    try:
        states = engine.read([reading[1] for reading in readings], [reading[2] for reading in readings])
    except Exception:
        states = [_caught(partial(_read_one, *reading)) for reading in readings]
    for request, state in zip(requests, states, strict=True):
        request.finish(state)


def _score(requests: list[Request]) -> None:
    """Given answers, judged together by one engine; where that fails, request by request."""
    asked = [request.scoring for request in requests if request.scoring]
    engine, least = asked[0][:2]
    try:
        given: list[Any] = [ask[2:5] for ask in asked]
        states, tags, targets = ([one for ask in given for one in ask[part]] for part in range(3))
        found = iter(engine.score(states, tags, targets, least))
        results: list[Any] = [[next(found) for _ in ask[2]] for ask in asked]
    except Exception:
        results = [_caught(partial(engine.score, *ask[2:], least)) for ask in asked]
    for request, result in zip(requests, results, strict=True):
        request.finish(result)


def _read_one(engine: Any, state: ContextState, segment: list[int]) -> ContextState:
    return engine.read([state], [segment])[0]


def _caught(work: Callable[[], Any]) -> Any:
    try:
        return work()
    except Exception as error:
        return error


def _late() -> Late:
    return Late("this took longer than it may: try a shorter text, or again when less is going on")
