"""The searches on tiny Markov models: by hand, against every answer there is, and against one another."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lstm_models.search import (
    BeamSearch,
    Hypothesis,
    SearchOptions,
    SingleSearch,
    StepOutput,
    longest_run,
    search,
    stream,
)
from lstm_models.search.run import _drive
from tests.lstm_models.search import markov
from tests.lstm_models.search.markov import EOS, assert_honest, every_answer, logs, random_tables, start, step

seeds = st.integers(0, 100_000)


def decode(tables: np.ndarray, options: SearchOptions, limit: int = 6, **more: Any) -> list[list[Hypothesis]]:
    count = len(tables)
    return search(step, start(tables), np.ones(count, int), EOS, np.full(count, limit), options, **more)


def same(left: list[list[Hypothesis]], right: list[list[Hypothesis]], names: bool = True) -> bool:
    """Equal answers; without names, whose copy weights they are does not count."""

    def plain(hypothesis: Hypothesis) -> Any:
        weights = hypothesis.copy_weights[:, 0 if names else 1 :]
        scores = hypothesis.score, hypothesis.log_prob, hypothesis.token_log_probs
        return (
            hypothesis.tokens,
            scores,
            weights.tolist(),
            hypothesis.null_weights.tolist(),
            hypothesis.finished,
        )

    return [[plain(h) for h in row] for row in left] == [[plain(h) for h in row] for row in right]


# Token 0 is the end. Greedy takes 2 (0.5), 3 (0.4) and ends (0.9); better is 3 (0.4) and to end (0.9).
GARDEN_PATH = logs(
    [[0.97, 0.01, 0.01, 0.01], [0.05, 0.05, 0.5, 0.4], [0.3, 0.1, 0.2, 0.4], [0.9, 0.04, 0.03, 0.03]]
)


def test_greedy_by_hand() -> None:
    [[best]] = decode(GARDEN_PATH, SearchOptions(length_penalty=1.0))
    assert best.tokens == [2, 3] and best.finished
    assert best.log_prob == pytest.approx(np.log(0.5 * 0.4 * 0.9))
    assert best.score == pytest.approx(np.log(0.5 * 0.4 * 0.9) / (8 / 6))
    assert best.token_log_probs == pytest.approx(np.log([0.5, 0.4]))


def test_beam_by_hand() -> None:
    best, second = decode(GARDEN_PATH, SearchOptions(beam_size=2, n_best=2, length_penalty=0.0))[0]
    assert best.tokens == [3] and best.log_prob == pytest.approx(np.log(0.4 * 0.9))
    assert second.tokens == [2, 3] and second.log_prob == pytest.approx(np.log(0.5 * 0.4 * 0.9))


def test_length_penalty_prefers_longer_answers() -> None:
    ranked = [
        decode(GARDEN_PATH, SearchOptions(beam_size=4, length_penalty=a))[0][0].tokens for a in (0.0, 5.0)
    ]
    assert ranked[0] == [3] and len(ranked[1]) > 1


def test_the_length_limit_cuts_off() -> None:
    never_ends = markov.normalised(np.array([[[0.0] * 3, [-20.0, -2, 0], [-20.0, 0, -2]]]))
    for options in (SearchOptions(avoid_loops=False), SearchOptions(beam_size=2, avoid_loops=False)):
        best = decode(never_ends, options, limit=5)[0][0]
        assert best.tokens == [2, 1, 2, 1, 2] and not best.finished
        assert_honest(best, never_ends[0], 0, 1, options)


def test_an_answer_may_end_exactly_at_its_limit() -> None:
    for options in (SearchOptions(), SearchOptions(beam_size=2, length_penalty=5.0)):
        best = decode(GARDEN_PATH, options, limit=2)[0][0]
        assert best.tokens == [2, 3] and best.finished


def test_never_empty_unless_allowed_or_nothing_was_asked() -> None:
    ends_at_once = markov.normalised(np.array([[[9.0, 0, 0], [9.0, 1, 0], [9.0, 0, 0]]]))
    for size in (1, 3):
        assert decode(ends_at_once, SearchOptions(beam_size=size))[0][0].tokens == [1]
        [[empty]] = decode(ends_at_once, SearchOptions(beam_size=size, min_length=0))
        assert empty.tokens == [] and empty.finished and empty.copy_weights.shape[0] == 0
        assert len(decode(ends_at_once, SearchOptions(beam_size=size, min_length=4))[0][0].tokens) == 4
        assert (
            len(decode(ends_at_once, SearchOptions(beam_size=size, min_length=4), limit=2)[0][0].tokens) == 2
        )
    nothing = search(step, start(ends_at_once), np.array([1]), EOS, np.array([0]), SearchOptions())
    assert nothing[0][0].tokens == [] and nothing[0][0].finished


def test_no_rows() -> None:
    none = np.zeros(0, int)
    assert search(step, start(np.zeros((0, 3, 3))), none, EOS, none, SearchOptions(beam_size=3)) == []


def test_banned_tokens_never_come() -> None:
    for options in ({"beam_size": 4}, {"temperature": 3.0, "n_best": 20}, {}):
        answers = decode(random_tables(1, 4, 6), SearchOptions(banned_tokens=(2, 5), **options))
        assert all({2, 5}.isdisjoint(h.tokens) for row in answers for h in row)


def test_an_answer_ends_behind_the_tokens_it_may_end_with() -> None:
    for options in ({"beam_size": 4, "n_best": 4}, {"temperature": 3.0, "n_best": 20}, {}):
        answers = decode(random_tables(2, 4, 6), SearchOptions(last_tokens=(3,), **options))
        assert all(h.tokens[-1] == 3 for row in answers for h in row if h.finished)
        assert any(h.finished for row in answers for h in row)


def test_a_dead_end_is_cut_off() -> None:
    dead = logs([[1, 0, 0], [0, 0, 1], [0, 0, 0]])
    for options in (SearchOptions(), SearchOptions(beam_size=2), SearchOptions(temperature=1.0, top_p=0.9)):
        with np.errstate(all="raise"):
            [[best]] = decode(dead, options)
        assert best.tokens == [2] and not best.finished and best.log_prob == 0.0
    for size in (1, 2):
        [[best]] = decode(logs([[1, 0], [1, 0]]), SearchOptions(beam_size=size))
        assert best.tokens == [] and not best.finished


@settings(deadline=None)
@given(seed=seeds, vocab=st.integers(2, 7), limit=st.integers(1, 9), alpha=st.sampled_from([0.0, 0.6, 2.0]))
def test_a_beam_of_one_is_greedy(seed: int, vocab: int, limit: int, alpha: float) -> None:
    tables = np.round(random_tables(seed, 3, vocab), seed % 2)  # rounded: many ties
    options = SearchOptions(length_penalty=alpha, avoid_loops=False)
    found = []
    for kind in (SingleSearch, BeamSearch):
        searching = kind(EOS, options)
        searching.join(np.ones(3, int), np.full(3, limit))
        _drive(searching, step, start(tables))
        taken = searching.take()
        found.append([taken[key] for key in range(3)])
    assert same(*found)


@settings(deadline=None)
@given(
    seed=seeds, vocab=st.integers(2, 4), limit=st.integers(1, 4), alpha=st.sampled_from([0.0, 0.6, 1.0]),
    n_best=st.integers(1, 5), min_length=st.integers(0, 2),
)  # fmt: skip
def test_a_wide_beam_finds_the_best_of_all_answers(
    seed: int, vocab: int, limit: int, alpha: float, n_best: int, min_length: int
) -> None:
    tables = random_tables(seed, 2, vocab)
    min_length = min(min_length, limit)
    options = SearchOptions(
        beam_size=256,
        patience=100,
        n_best=n_best,
        length_penalty=alpha,
        min_length=min_length,
        avoid_loops=False,
    )
    for table, found in zip(tables, decode(tables, options, limit), strict=True):
        expected = sorted(every_answer(table, 1, limit, options), key=lambda pair: -pair[0])[:n_best]
        finished = [h for h in found if h.finished]
        assert [h.score for h in finished] == pytest.approx([pair[0] for pair in expected], rel=1e-5)
        assert len({tuple(h.tokens) for h in finished}) == len(expected)  # with ties, the order may differ
        if expected:
            assert finished[0].tokens == expected[0][1] or finished[0].score == pytest.approx(expected[1][0])


option_sets = st.sampled_from(
    [
        SearchOptions(),
        SearchOptions(beam_size=2, n_best=2),
        SearchOptions(beam_size=4, n_best=3, length_penalty=1.0),
        SearchOptions(beam_size=3, patience=2.0, min_length=2),
        SearchOptions(temperature=1.0, n_best=2, seed=3),
        SearchOptions(temperature=2.0, top_k=3, top_p=0.8),
    ]
)


@settings(deadline=None)
@given(seed=seeds, options=option_sets, limit=st.integers(1, 12))
def test_scores_and_traces_are_those_of_the_tokens(seed: int, options: SearchOptions, limit: int) -> None:
    tables = random_tables(seed, 3, 5)
    for name, row in enumerate(decode(tables, options, limit)):
        ranks = [(h.finished, h.score) for h in row]
        assert ranks == sorted(ranks, reverse=True) and 1 <= len(row) <= options.n_best
        for hypothesis in row:
            assert_honest(hypothesis, tables[name], name, 1, options)
            assert len(hypothesis.tokens) <= limit


@settings(deadline=None)
@given(seed=seeds, options=option_sets, order=st.permutations(range(5)))
def test_order_and_neighbours_change_nothing(seed: int, options: SearchOptions, order: list[int]) -> None:
    tables = random_tables(seed, 5, 5, sharpness=1.0 + seed % 3)
    limits = np.array([3, 9, 6, 0, 12])
    own = np.arange(5) * 7

    def run(rows: list[int]) -> list[list[Hypothesis]]:
        state = start(tables[rows], np.array(rows))
        return search(step, state, np.ones(len(rows), int), EOS, limits[rows], options, seeds=own[rows])

    alone = [run([row])[0] for row in range(5)]
    assert same(run(order), [alone[row] for row in order])


def test_rows_that_are_done_leave_the_batch() -> None:
    short = markov.normalised(np.array([[-9.0, -9, 0], [-9.0, -9, 0], [9.0, -9, 0]]))
    long = markov.normalised(np.array([[-9.0, -9, 0], [-9.0, -9, 0], [-5.0, -9, 0]]))
    for size in (1, 3):
        state = start(np.stack([short, long, short]))
        options = SearchOptions(beam_size=size, patience=100, avoid_loops=False)
        answers = search(step, state, np.ones(3, int), EOS, np.array([9, 5, 9]), options)
        assert [len(row[0].tokens) for row in answers] == [1, 5, 1]
        assert state.selections[0] == 3 * size and state.selections[-1] == size


def test_a_beam_stops_when_nothing_can_beat_what_it_has() -> None:
    sure = markov.normalised(np.array([[[0.0] * 3, [-99.0, -9, 0], [9.0, -9, -9]]]))
    calls: list[int] = []

    def counted(tokens: np.ndarray, state: markov.MarkovState) -> Any:
        calls.append(len(tokens))
        return step(tokens, state)

    options = SearchOptions(beam_size=3, patience=50)
    [[best]] = search(counted, start(sure), np.array([1]), EOS, np.array([500]), options)
    assert best.tokens == [2] and len(calls) == 2


def test_samples_follow_the_distribution() -> None:
    table = logs([[0.98, 0.01, 0.01], [0.0001, 0.6999, 0.3], [1 - 2e-9, 1e-9, 1e-9]])
    options = SearchOptions(temperature=1.0, n_best=256, seed=1, min_length=0, avoid_loops=False)
    tokens = [h.tokens for seed in range(8) for h in decode(table, options, 1, seeds=np.array([seed]))[0]]
    share = np.mean([answer == [2] for answer in tokens])
    assert len(tokens) == 2048 and share == pytest.approx(0.3, abs=0.04)


def test_the_seed_decides_the_sample() -> None:
    tables = np.zeros((2, 9, 9), np.float32) - np.float32(np.log(9))
    options = SearchOptions(temperature=1.0, n_best=3, avoid_loops=False)
    first, again = decode(tables, options, 20), decode(tables, options, 20)
    assert same(first, again)
    assert same(first[:1], first[1:], names=False)  # one seed: alike whatever the place in the batch
    other = decode(tables, options, 20, seeds=np.array([0, 1]))
    assert same(first[:1], other[:1]) and not same(first[1:], other[1:])
    assert len({tuple(h.tokens) for h in first[0]}) == 3


def _looping() -> np.ndarray:
    """Wants 1 2 3 1 2 3 ...; the end is always second best."""
    logits = np.full((6, 6), -8.0)
    logits[[1, 2, 3], [2, 3, 1]] = 0.0
    logits[:, EOS] = -3.0
    return markov.normalised(logits)


@pytest.mark.parametrize(
    "options", [{}, {"beam_size": 3, "n_best": 2, "min_length": 12}, {"temperature": 0.1, "n_best": 2}]
)
def test_a_loop_is_decoded_again(options: dict[str, Any]) -> None:
    calm = markov.normalised(8.0 * np.eye(6)[[0, 2, 3, 4, 5, 0]])  # 2 3 4 5 and the end
    tables = np.stack([calm, _looping(), calm])
    raw = decode(tables, SearchOptions(avoid_loops=False, **options), 40)
    assert any(longest_run(h.tokens) for h in raw[1])
    mended = decode(tables, SearchOptions(**options), 40)
    assert not any(longest_run(h.tokens) for row in mended for h in row)
    assert mended[1][0].tokens and mended[1][0].finished
    assert_honest(mended[1][0], tables[1], 1, 1, SearchOptions(**options))
    calm_rows = [[row for i, row in enumerate(answers) if i != 1] for answers in (raw, mended)]
    assert same(*calm_rows)
    # A source that does so itself may be answered so.
    assert same(decode(tables, SearchOptions(**options), 40, source_runs=np.array([0, 30, 0])), raw)


@settings(deadline=None)
@given(seed=seeds, temperature=st.sampled_from([0.0, 1.0]))
def test_a_stream_ends_in_what_search_finds(seed: int, temperature: float) -> None:
    tables = random_tables(seed, 1, 6)
    options = SearchOptions(temperature=temperature, seed=seed)
    shown = list(stream(step, start(tables), 1, EOS, 12, options))
    [[whole]] = decode(tables, SearchOptions(temperature=temperature, seed=seed, avoid_loops=False), 12)
    for count, hypothesis in enumerate(shown[:-1], 1):
        assert len(hypothesis.tokens) == count and not hypothesis.finished
        assert hypothesis.tokens == shown[-1].tokens[:count]
        assert_honest(hypothesis, tables[0], 0, 1, options)
    assert len(shown) == len(shown[-1].tokens) + 1
    assert longest_run(shown[-1].tokens) == 0
    near_a_loop = any(
        longest_run([*whole.tokens[:count], token])
        for count in range(len(whole.tokens) + 1)
        for token in range(6)
    )
    assert near_a_loop or same([[shown[-1]]], [[whole]])


def test_a_stream_never_shows_a_loop() -> None:
    shown = list(stream(step, start(_looping()[None]), 1, EOS, 100, SearchOptions()))
    assert all(longest_run(h.tokens) == 0 for h in shown)
    assert shown[-1].finished and len(shown[-1].tokens) <= 12
    raw = list(stream(step, start(_looping()[None]), 1, EOS, 100, SearchOptions(avoid_loops=False)))
    assert not raw[-1].finished and len(raw[-1].tokens) == 100
    as_source = list(stream(step, start(_looping()[None]), 1, EOS, 100, SearchOptions(), source_run=50))
    assert len(as_source[-1].tokens) == 100


def test_a_stream_of_nothing_and_of_a_beam() -> None:
    assert [h.tokens for h in stream(step, start(GARDEN_PATH), 1, EOS, 0, SearchOptions())] == [[]]
    with pytest.raises(ValueError, match="beam_size=2, n_best=1: streaming shows tokens as they are chosen"):
        stream(step, start(GARDEN_PATH), 1, EOS, 5, SearchOptions(beam_size=2))
    with pytest.raises(ValueError, match="max_length=-1"):
        stream(step, start(GARDEN_PATH), 1, EOS, -1, SearchOptions())


@settings(deadline=None)
@given(seed=seeds, options=option_sets, waits=st.lists(st.integers(0, 4), min_size=4, max_size=4))
def test_sentences_may_join_at_any_step(seed: int, options: SearchOptions, waits: list[int]) -> None:
    tables, limits = random_tables(seed, 4, 5), np.array([7, 3, 9, 5])
    searching = (SingleSearch if options.beam_size == 1 else BeamSearch)(EOS, options)
    state, joined, taken = start(tables[:0]), {}, {}
    for now in range(60):
        for row in [row for row in range(4) if row not in joined and waits[row] + row <= now]:
            [key] = searching.join(np.array([1]), limits[row : row + 1])
            joined[row] = int(key)
            rows = [row] * searching.rows_per_sentence
            state = markov.MarkovState(
                np.concatenate([state.tables, tables[rows]]),
                np.concatenate([state.position, np.zeros(len(rows), int)]),
                np.concatenate([state.names, rows]),
            )
        if searching.live:
            output, state = step(searching.tokens, state)
            state = state.select(searching.advance(output))
            taken.update(searching.take())
    found = [taken[joined[row]] for row in range(4)]
    options = SearchOptions(**{**vars(options), "avoid_loops": False})
    assert same(found, search(step, start(tables), np.ones(4, int), EOS, limits, options))
    assert len(searching._trace._columns) <= 2


def test_what_a_step_must_not_give() -> None:
    def wrong(shape: tuple[int, ...], value: float) -> Any:
        return lambda tokens, state: (StepOutput(np.full(shape, value), np.zeros((1, 0)), np.zeros(1)), state)

    for options in (SearchOptions(), SearchOptions(temperature=1.0, top_p=0.5), SearchOptions(beam_size=2)):
        rows = options.beam_size
        for given_step, said in [
            (wrong((rows, 5), np.nan), "not numbers: the model's weights are damaged"),
            (wrong((rows + 1, 5), 0.0), r"log_probs of shape .*needed are [12] rows"),
            (wrong((rows, 1), 0.0), "a vocabulary with the end token 0"),
        ]:
            with pytest.raises(ValueError, match=said):
                search(given_step, start(GARDEN_PATH), np.array([1]), EOS, np.array([3]), options)


def test_read_only_output_is_left_alone() -> None:
    table = GARDEN_PATH[0].copy()
    table.flags.writeable = False

    def fixed(tokens: np.ndarray, state: Any) -> Any:
        return StepOutput(table[int(tokens[0]) :][:1], np.zeros((1, 0)), np.zeros(1)), state

    [[best]] = search(fixed, start(GARDEN_PATH), np.array([1]), EOS, np.array([6]), SearchOptions())
    assert best.tokens == [2, 3] and best.copy_weights.shape == (2, 0)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"max_lengths": np.array([3])}, "max_lengths of shape .1,.*one for each of the 2 rows"),
        ({"max_lengths": np.array([3, -1])}, "max_lengths .*0 or above"),
        ({"start_tokens": np.array([[1, 1]])}, "start_tokens of shape"),
        ({"start_tokens": np.array([1.0, 1.0])}, "start_tokens .* type float64"),
        ({"seeds": np.array([1])}, "seeds of shape"),
        ({"source_runs": np.array([1, 2, 3])}, "source_runs of shape"),
    ],
)
def test_arguments_that_do_not_fit(change: dict[str, Any], said: str) -> None:
    given_args = {"start_tokens": np.ones(2, int), "max_lengths": np.array([3, 3]), **change}
    with pytest.raises(ValueError, match=said):
        search(step, start(np.repeat(GARDEN_PATH, 2, 0)), eos_id=EOS, options=SearchOptions(), **given_args)


def test_the_search_needs_no_torch() -> None:
    import subprocess
    import sys

    program = "import sys, lstm_models.search; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", program], check=True)
