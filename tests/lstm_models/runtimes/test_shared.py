"""Many threads on one engine: the answers are those of each alone, and nobody waits for ever."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from lstm_models.engine import Engine
from lstm_models.scheduler import Busy, Late, Request, Scheduler
from lstm_models.search import Constraint, SearchOptions
from lstm_models.shared import SharedEngine
from lstm_models.state import ContextState
from tests.toys import conversations

SHORT = SearchOptions(max_length=12)
ENDLESS = SearchOptions(max_length=100_000, banned_tokens=(2,), avoid_loops=False)


@pytest.fixture
def scheduler() -> Iterator[Scheduler]:
    made = Scheduler(longest_queue=8)
    yield made
    made.close()


@pytest.fixture
def shared(quick: Engine, scheduler: Scheduler) -> SharedEngine:
    return SharedEngine(quick, scheduler)


def told(engine: Engine, count: int) -> list[ContextState]:
    """Conversations of up to four segments, of different lengths."""
    states = []
    for example in conversations(engine.tokenizer, count, seed=4):
        state = engine.new_state()
        for segment in example.segments:
            (state,) = engine.read([state], [segment])
        states.append(state)
    return states


def until(reached: object, seconds: float = 60) -> None:
    """Waits for a condition; fails where it does not come about."""
    end = time.monotonic() + seconds
    while not reached():  # type: ignore[operator]
        assert time.monotonic() < end, "nothing happened"
        time.sleep(0.002)


@pytest.mark.parametrize("beam", [1, 3])
def test_answers_among_others_are_those_of_each_alone(quick: Engine, shared: SharedEngine, beam: int) -> None:
    states = told(quick, 6)
    options = replace(SHORT, beam_size=beam)

    def answer(number: int) -> tuple[ContextState, list[int], list[int], float]:
        time.sleep(0.003 * number)  # so that they join while others are on their way
        (state,) = shared.read([states[number]], [[40 + number, 2]])
        found = shared.generate([state], ["<reply>"], options)[0][0]
        *_, last = shared.stream(state, "<reply>", SHORT)
        (scored,) = shared.score([state], ["<reply>"], [[40, 2]])
        return state, found.tokens, last.tokens, float(scored.sum())

    with ThreadPoolExecutor(6) as threads:
        together = list(threads.map(answer, range(6)))
    for number, (state, tokens, streamed, score) in enumerate(together):
        (alone,) = quick.read([states[number]], [[40 + number, 2]])
        np.testing.assert_allclose(state.keys, alone.keys, atol=1e-5)
        expected = quick.generate([alone], ["<reply>"], options)[0][0]
        assert tokens == expected.tokens
        assert streamed == list(quick.stream(alone, "<reply>", SHORT))[-1].tokens
        assert score == pytest.approx(float(quick.score([alone], ["<reply>"], [[40, 2]])[0].sum()), abs=1e-3)


def test_a_stream_grows_and_knows_its_sources(quick: Engine, shared: SharedEngine) -> None:
    (state,) = told(quick, 1)
    expected, found = (list(engine.stream(state, "<reply>", SHORT)) for engine in (quick, shared))
    assert [part.tokens for part in found] == [part.tokens for part in expected]
    for one, two in zip(expected, found, strict=True):
        np.testing.assert_allclose(one.copy_weights, two.copy_weights, atol=1e-5)
        assert one.score == pytest.approx(two.score, abs=1e-3)
    assert [part.tokens for part in shared.stream(quick.new_state(), "<reply>", SHORT)] == [[]]
    assert shared.generate([quick.new_state()], ["<reply>"])[0][0].tokens == []


def test_whoever_leaves_is_no_longer_computed_for(quick: Engine, shared: SharedEngine) -> None:
    (state,) = told(quick, 1)
    stream = shared.stream(state, "<reply>", ENDLESS)
    assert len(next(stream).tokens) == 1
    assert shared.scheduler._groups
    stream.close()  # type: ignore[attr-defined]
    until(lambda: not shared.scheduler._groups)


def test_a_request_that_takes_too_long(quick: Engine, scheduler: Scheduler) -> None:
    (state,) = told(quick, 1)
    hurried = SharedEngine(quick, scheduler, seconds=0.3)
    with pytest.raises(Late, match="took longer than it may: try"):
        hurried.generate([state], ["<reply>"], ENDLESS)
    until(lambda: not scheduler._groups)
    assert hurried.generate([state], ["<reply>"], SHORT)[0][0].tokens, "others are served as before"


def test_a_full_queue_says_when_to_try_again(quick: Engine, scheduler: Scheduler) -> None:
    hold = threading.Event()
    blocker = scheduler.submit(Request("a", False, time.monotonic() + 60, work=hold.wait))
    until(lambda: scheduler.waiting == 0)
    far = time.monotonic() + 60
    waiting = [scheduler.submit(Request("b", False, far, work=lambda: 1)) for _ in range(8)]
    with pytest.raises(Busy, match=r"busy, try again in \d+ s") as refused:
        scheduler.submit(Request("c", True, far, work=lambda: 1))
    assert refused.value.seconds >= 1
    hold.set()
    assert scheduler.wait(blocker) and [scheduler.wait(request) for request in waiting] == [1] * 8


def test_chat_goes_first_and_users_take_turns(scheduler: Scheduler) -> None:
    hold, order = threading.Event(), []
    scheduler.submit(Request("x", False, time.monotonic() + 60, work=hold.wait))
    until(lambda: scheduler.waiting == 0)
    asked = []
    for name, user, urgent in (
        ("a1", "a", False), ("a2", "a", False), ("a3", "a", False), ("b1", "b", False), ("chat", "c", True)
    ):  # fmt: skip
        work = lambda name=name: order.append(name)  # noqa: E731
        asked.append(scheduler.submit(Request(user, urgent, time.monotonic() + 60, work=work)))
    hold.set()
    for request in asked:
        scheduler.wait(request)
    assert order == ["chat", "a1", "b1", "a2", "a3"]


def test_a_fault_is_its_owners(quick: Engine, shared: SharedEngine) -> None:
    (state,) = told(quick, 1)
    with pytest.raises(ValueError, match="token ids"):
        shared.read([state], [[10**6]])
    with pytest.raises(ValueError, match="unknown tag"):
        shared.generate([state], ["<none>"])
    with pytest.raises(ValueError, match="another model"):
        shared.generate([replace(state, model_hash="other")], ["<reply>"])
    with pytest.raises(ValueError, match="2 states and 1 tags"):
        shared.generate([state, state], ["<reply>"])
    with pytest.raises(ValueError, match="beam_size=2"):
        shared.stream(state, "<reply>", SearchOptions(beam_size=2))
    assert shared.generate([state], ["<reply>"], SHORT)[0][0].tokens


def test_a_closed_scheduler_leaves_nobody_waiting(quick: Engine) -> None:
    scheduler = Scheduler()
    engine = SharedEngine(quick, scheduler)
    (state,) = told(quick, 1)
    stream = engine.stream(state, "<reply>", ENDLESS)
    next(stream)
    scheduler.close()
    with pytest.raises(ValueError, match="closed while"):
        for _ in stream:
            pass
    with pytest.raises(ValueError, match="scheduler is closed"):
        engine.generate([state], ["<reply>"])


def test_what_waits_to_be_judged_is_judged_together(quick: Engine, shared: SharedEngine) -> None:
    states, hold = told(quick, 2), threading.Event()
    asked = [([states[0]] * 3, [[40, 2], [41], [42, 43, 2]]), ([states[1]], [[40, 2]])]
    shared.scheduler.submit(Request("x", False, time.monotonic() + 60, work=hold.wait))
    until(lambda: shared.scheduler.waiting == 0)
    with ThreadPoolExecutor(3) as threads:
        found = [threads.submit(shared.score, own, ["<reply>"] * len(own), given) for own, given in asked]
        wrong = threads.submit(shared.score, [states[0]], ["<none>"], [[40]])
        until(lambda: shared.scheduler.waiting == 3)
        hold.set()
        for (own, given), scores in zip(asked, found, strict=True):
            for state, one, score in zip(own, given, scores.result(60), strict=True):
                (alone,) = quick.score([state], ["<reply>"], [one])
                np.testing.assert_allclose(alone, score, atol=1e-3)
        with pytest.raises(ValueError, match="unknown tag"):
            wrong.result(60)


def counted(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The rows of every step from now on."""
    rows: list[int] = []
    step = engine.runtime.step

    def noting(tokens: np.ndarray, state: Any, few: int = 0, tag: str = "") -> Any:
        rows.append(len(tokens))
        return step(tokens, state, few, tag)

    monkeypatch.setattr(engine.runtime, "step", noting)
    return rows


def test_required_words_are_found_together(
    quick: Engine, shared: SharedEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    states = told(quick, 4)
    wanted = [Constraint(((50 + n, 60),), avoid=(7,)) for n in range(4)]
    steps = counted(quick, monkeypatch)
    alone = [
        quick.generate([state], ["<reply>"], SHORT, [constraint])[0][0].tokens
        for state, constraint in zip(states, wanted, strict=True)
    ]
    apart, hold = len(steps), threading.Event()
    steps.clear()
    shared.scheduler.submit(Request("x", False, time.monotonic() + 60, work=hold.wait))
    until(lambda: shared.scheduler.waiting == 0)
    with ThreadPoolExecutor(4) as threads:
        found = [
            threads.submit(shared.generate, [state], ["<reply>"], SHORT, [constraint])
            for state, constraint in zip(states, wanted, strict=True)
        ]
        until(lambda: shared.scheduler.waiting == 4)
        hold.set()
        assert [one.result(60)[0][0].tokens for one in found] == alone
    assert all({50 + n, 60} <= set(tokens) for n, tokens in enumerate(alone))
    assert len(steps) < 0.6 * apart, "each was computed on its own"
    with pytest.raises(ValueError, match="1 constraints for 2 rows"):
        shared.generate(states[:2], ["<reply>"] * 2, SHORT, wanted[:1])


def test_answers_that_begin_alike_are_judged_once(quick: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = told(quick, 2)
    states, given = [one, one, one, two], [[40, 41, 2], [40, 42], [43], [40, 41]]
    alone = [quick.score([state], ["<reply>"], [ids])[0] for state, ids in zip(states, given, strict=True)]
    rows = counted(quick, monkeypatch)
    for expected, found in zip(alone, quick.score(states, ["<reply>"] * 4, given), strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-3)
    assert rows == [2, 2, 1]
    rows.clear()
    certain = float(alone[0][0])  # of the first token: below it, nothing is looked at any further
    (found,) = quick.score([one], ["<reply>"], [given[0]], certain + 0.1)
    assert len(rows) == 1 and found[0] == pytest.approx(certain, abs=1e-3) and not found[1:].any()


def test_a_reply_that_nobody_watches_is_shown_seldom(
    quick: Engine, shared: SharedEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    (state,) = told(quick, 1)
    monkeypatch.setattr("lstm_models.scheduler.SHOWN_SELDOM", 1e9)
    (whole,) = shared.stream(state, "<reply>", SHORT, seldom=True)
    *grown, last = shared.stream(state, "<reply>", SHORT)
    assert whole.tokens == last.tokens and len(grown) > 1
    monkeypatch.setattr(
        "lstm_models.scheduler.SHOWN_SELDOM", 0.0
    )  # whether to go on has to be asked at times
    assert len(list(shared.stream(state, "<reply>", SHORT, seldom=True))) == len(grown) + 1
