"""What counts as going round in circles, and what the guards forbid."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstm_models.search import SearchOptions, search, stream
from lstm_models.search.loops import LoopGuard, NgramGuard, PhraseGuard, find_loops, longest_run
from tests.lstm_models.search.markov import EOS, logs, start, step


@pytest.mark.parametrize(
    ("tokens", "run"),
    [
        ([], 0),
        ([1, 2, 3, 4, 5, 6, 7, 8, 9], 0),
        ([7] * 7, 0),
        ([7] * 8, 8),
        ([1, 2] * 3, 0),
        ([1, 2] * 4, 8),
        ([1, 2, 3] * 3, 9),
        ([9, 9, *[1, 2, 3] * 3, 1, 8], 10),
        ([1, 2, 3, 4] * 2 + [1, 2, 3], 0),
        ([5, *[1, 2, 3, 4] * 3, 6], 12),
        ([1, 2, 3, 9, 1, 2, 3, 8, 1, 2, 3, 7], 0),
    ],
)
def test_longest_run(tokens: list[int], run: int) -> None:
    assert longest_run(tokens) == run


def test_a_source_that_repeats_itself_allows_it() -> None:
    outputs = [[7] * 16, [7] * 17, [1, 2], []]
    assert find_loops(outputs, np.array([8, 8, 0, 0])).tolist() == [False, True, False, False]
    assert find_loops([], np.zeros(0, int)).tolist() == []


def _generate(guard: NgramGuard, wishes: np.ndarray, runs: list[int]) -> list[list[int]]:
    """R rows that take what their wishes [steps, R, V] rank first, as far as the guard lets them."""
    rows = np.arange(len(runs))
    guard.join(np.array(runs))
    out = []
    for log_probs in wishes.copy():
        guard.ban(log_probs)
        out.append(tokens := log_probs.argmax(axis=1))
        guard.advance(rows, tokens)
    return np.array(out).T.tolist()


@given(st.integers(0, 10_000), st.integers(20, 30), st.floats(0, 1))
def test_guards_leave_no_loop(seed: int, vocab: int, stubborn: float) -> None:
    """Rows wish for much the same at every step, the more so the more stubborn they are."""
    generator = np.random.default_rng(seed)
    same, changing = generator.normal(size=(1, 3, vocab)), generator.normal(size=(40, 3, vocab))
    for guard in (NgramGuard(), LoopGuard()):
        for tokens in _generate(guard, stubborn * same + (1 - stubborn) * changing, [0, 0, 0]):
            assert longest_run(tokens) == 0


def test_the_loop_guard_allows_what_the_source_does() -> None:
    wishes = np.tile([0.0, -1.0, -2.0], (30, 2, 1))
    first, second = _generate(LoopGuard(), wishes, [0, 10])
    assert first[:8] == [0] * 7 + [1]
    assert second[:21] == [0] * 20 + [1]


def test_a_row_that_once_looped_repeats_no_trigram() -> None:
    [tokens] = _generate(LoopGuard(), np.tile(-np.arange(30.0), (40, 1, 1)), [0])
    grams = list(zip(tokens[5:], tokens[6:], tokens[7:], strict=False))
    assert tokens[:8] == [0] * 7 + [1]
    assert len(grams) == len(set(grams))


def test_a_row_that_joins_later_is_not_bound_by_others() -> None:
    for guard in (NgramGuard(), LoopGuard()):
        guard.join(np.zeros(1, int))
        for token in [1, 1, 1, 2, 1, 1, 1]:
            guard.advance(np.arange(1), np.array([token]))
        guard.join(np.zeros(1, int))
        for token in [1, 1]:
            log_probs = np.zeros((2, 3))
            guard.ban(log_probs)
            assert np.isfinite(log_probs[1]).all()
            guard.advance(np.arange(2), np.array([0, token]))
        assert guard.recent[1].tolist() == [1, 1] + [-1] * 7


def test_rows_that_move_take_their_past_along() -> None:
    guard = NgramGuard(2)
    guard.join(np.zeros(2, int))
    guard.advance(np.arange(2), np.array([1, 2]))
    guard.advance(np.array([1, 0]), np.array([3, 3]))
    guard.advance(np.array([0, 1]), np.array([2, 2]))
    log_probs = np.zeros((2, 5))
    guard.ban(log_probs)
    assert np.isneginf(log_probs).tolist() == [[False] * 3 + [True, False], [False] * 5]


def test_words_are_not_said_again_but_digits_may_be() -> None:
    starts = np.array([True, True, True, False, False])  # three words, two digits
    guard = PhraseGuard(3, starts)
    guard.join(np.zeros(1, int))
    banned = []
    for token in [0, 1, 2, 0, 1, 3, 4, 3, 4, 3, 4]:
        log_probs = np.zeros((1, 5))
        guard.ban(log_probs)
        banned.append(np.flatnonzero(np.isneginf(log_probs[0])).tolist())
        guard.advance(np.arange(1), np.array([token]))
    assert banned[5] == [2]  # 0 1 2 would stand there twice
    assert not any(banned[6:]), "3 4 3 ends inside a word"


@pytest.mark.parametrize("way", ["search", "stream"])
def test_an_answer_says_no_words_twice(way: str) -> None:
    """The model would say 3 4 5 6 3 4 5 6 ...; with no three words twice, it has to leave that."""
    table = np.full((8, 8), 0.001)
    table[[2, 3, 4, 5, 6], [3, 4, 5, 6, 3]] = 0.9
    table[:, 7] = 0.05
    tables = logs(table.tolist())
    for size, wanted in ((0, [3, 4, 5, 6, 3, 4, 5]), (3, [3, 4, 5, 6, 3, 4, 7])):
        options = SearchOptions(no_repeat_ngram_size=size)
        if way == "search":
            [[best]] = search(step, start(tables), np.array([2]), EOS, np.array([7]), options)
        else:
            best = list(stream(step, start(tables), 2, EOS, 7, options))[-1]
        assert best.tokens == wanted


def test_a_size_that_makes_no_sense_is_refused() -> None:
    with pytest.raises(ValueError, match="no_repeat_ngram_size=1: .* from 2 to 16 or 0"):
        SearchOptions(no_repeat_ngram_size=1)
