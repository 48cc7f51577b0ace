"""The exported graphs say what the PyTorch model says."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from lstm_models.attention import age_bucket as torch_age_bucket
from lstm_models.checkpoint import save_checkpoint
from lstm_models.engine import ANSWERING, RECENT, Engine
from lstm_models.export import export_checkpoint
from lstm_models.export.graph import quantised
from lstm_models.runtimes.base import age_bucket
from lstm_models.search import SearchOptions
from lstm_models.state import ContextState
from tests.toys import CARD, VOCAB, conversations

FIELDS = ("hidden", "cell", "summary", "keys", "values")
SHORT = SearchOptions(max_length=8)
CLOSE = {"atol": 2e-5, "rtol": 1e-4}


def told(engine: Engine, count: int = 6, seed: int = 3) -> list[ContextState]:
    """Conversations of one to four segments, read in batches of uneven length."""
    examples = conversations(engine.tokenizer, count, seed)
    states = [engine.new_state() for _ in examples]
    for place in range(4):
        rows = [row for row, example in enumerate(examples) if place < len(example.segments)]
        read = engine.read([states[row] for row in rows], [examples[row].segments[place] for row in rows])
        for row, state in zip(rows, read, strict=True):
            states[row] = state
    return states


def test_reading_is_the_same(plain: Engine, quick: Engine) -> None:
    for one, two in zip(told(plain), told(quick), strict=True):
        for name in FIELDS:
            np.testing.assert_allclose(getattr(two, name), getattr(one, name), **CLOSE)
        assert one.token_segment.tolist() == two.token_segment.tolist() and two.model_hash == one.model_hash


def test_a_step_is_the_same_whatever_is_selected(plain: Engine, quick: Engine) -> None:
    """Rows repeat, change places and leave, as in a search, and other rows join."""
    states = told(plain)
    rng = np.random.default_rng(0)
    ways = [np.repeat(np.arange(6), 3), np.arange(18)[::-1].copy(), np.arange(9), np.array([3, 4, 5]),
            np.array([0, 2]), np.array([1, 0, 1])]  # fmt: skip
    decodings = [engine.begin(states) for engine in (plain, quick)]
    for rows in [None, *ways, "join"]:
        if isinstance(rows, str):
            decodings = [d.plus(e.begin(states[:4])) for e, d in zip((plain, quick), decodings, strict=True)]
        elif rows is not None:
            decodings = [decoding.select(rows) for decoding in decodings]
        for _ in range(2):
            count = 6 if rows is None else 7 if isinstance(rows, str) else len(rows)
            tokens = rng.integers(20, VOCAB, count)
            (one, first), (two, second) = (
                e.step(tokens, d) for e, d in zip((plain, quick), decodings, strict=True)
            )
            decodings = [first, second]
            size = one.copy_weights.shape[1]
            np.testing.assert_allclose(two.log_probs, one.log_probs, atol=1e-3)
            np.testing.assert_allclose(two.copy_weights[:, :size], one.copy_weights, **CLOSE)
            np.testing.assert_allclose(two.null_weight, one.null_weight, **CLOSE)


def test_comparing_is_the_same(plain: Engine, quick: Engine) -> None:
    for state in told(plain):
        ones, twos = (engine.runtime.compared(state.keys[None]) for engine in (plain, quick))
        for one, two in zip(ones, twos, strict=True):
            assert one.shape[:2] == (1, state.num_tokens)
            np.testing.assert_allclose(two, one, **CLOSE)


def test_what_is_expected_is_the_same(plain: Engine, quick: Engine) -> None:
    """Of each alone, and of rows of a search; padding expects nothing."""
    states = told(plain)
    rows = np.array([4, 4, 1])
    for size, (one, two) in (
        (0, [engine.begin(states).expected for engine in (plain, quick)]),
        (3, [engine.begin(states).select(rows).expected for engine in (plain, quick)]),
    ):
        assert len(one) == (size or len(states))
        for row, alike in zip(rows if size else range(6), zip(one, two, strict=True), strict=True):
            real = states[row].num_tokens
            for found in alike:
                np.testing.assert_allclose(found[:real], plain.expected(states[row]), **CLOSE)
                assert (found[real:] == -np.inf).all()


@pytest.mark.parametrize("beam", [1, 4])
def test_answers_are_the_same(plain: Engine, quick: Engine, beam: int) -> None:
    options = replace(SHORT, beam_size=beam, n_best=min(beam, 2))
    tags = ["<reply>", "<answer>"] * 3
    ones, twos = (engine.generate(told(engine), tags, options) for engine in (plain, quick))
    for one, two in zip(ones, twos, strict=True):
        assert [h.tokens for h in one] == [h.tokens for h in two]
        assert [h.log_prob for h in one] == pytest.approx([h.log_prob for h in two], abs=1e-3)
        np.testing.assert_allclose(two[0].copy_weights, one[0].copy_weights, **CLOSE)


def test_samples_streams_and_scores_are_the_same(plain: Engine, quick: Engine) -> None:
    sampled = replace(SHORT, temperature=1.0, n_best=3, seed=5)
    one, two = (engine.generate(told(engine), ["<reply>"] * 6, sampled) for engine in (plain, quick))
    assert [[h.tokens for h in row] for row in one] == [[h.tokens for h in row] for row in two]
    one, two = (
        list(engine.stream(told(engine)[0], "<reply>", SHORT))[-1].tokens for engine in (plain, quick)
    )
    assert one == two
    answers = [[40, 50, 2], [60], [40, 2]]
    one, two = (engine.score(told(engine, 3), ["<reply>"] * 3, answers) for engine in (plain, quick))
    for a, b in zip(one, two, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-3)


def test_the_likeliest_few_are_those_of_all(quick: Engine) -> None:
    """Words of the source among them, once each and with what is copied added."""
    decoding = quick.begin(told(quick)).select(np.repeat(np.arange(6), 2))
    tokens = np.arange(40, 52)
    every, _ = quick.runtime.step(tokens, decoding)
    some, _ = quick.runtime.step(tokens, decoding, few=9)
    assert some.tokens is not None and some.tokens.shape == some.log_probs.shape
    for row in range(12):
        real = some.tokens[row] != 0
        best = np.argsort(-some.log_probs[row] + 1e9 * ~real)[:8]
        expected = np.argsort(-every.log_probs[row])
        expected = expected[expected != 0][:8]
        assert set(some.tokens[row, best]) == set(expected)
        np.testing.assert_allclose(
            some.log_probs[row, best], np.sort(every.log_probs[row, expected])[::-1], atol=1e-4
        )


def test_a_long_memory_is_looked_at_as_a_whole(quick: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    options = replace(SHORT, beam_size=3)
    expected = quick.generate(told(quick), ["<reply>"] * 6, options)
    monkeypatch.setattr("lstm_models.runtimes.bank.LONG", 1)
    found = quick.generate(told(quick), ["<reply>"] * 6, options)
    assert [row[0].tokens for row in found] == [row[0].tokens for row in expected]


def test_int8_is_near_and_a_row_knows_no_neighbours(plain: Engine, tmp_path: Path) -> None:
    save_checkpoint(tmp_path / "toy", plain.model, plain.tokenizer, CARD)
    export_checkpoint(tmp_path / "toy")
    whole = Engine.load(tmp_path / "toy", threads=1)
    assert whole.runtime.name == "onnx", "exported files are taken where they are"
    for one, two in zip(told(plain), told(whole), strict=True):
        for name in FIELDS:
            expected = getattr(one, name)
            assert np.abs(getattr(two, name) - expected).max() < 0.1 * np.abs(expected).max(), name
    states = told(whole)
    together, _ = whole.step(np.arange(40, 46), whole.begin(states))
    for row, state in enumerate(states):
        alone, _ = whole.step(np.array([40 + row]), whole.begin([state]))
        np.testing.assert_allclose(alone.log_probs[0], together.log_probs[row], atol=1e-4)


def test_ages_fall_into_the_same_buckets() -> None:
    age = np.arange(5000)
    for buckets in (4, 16, 32):
        expected = torch_age_bucket(torch.from_numpy(age), buckets).numpy()
        assert np.array_equal(age_bucket(age, buckets), expected)
        limited = torch_age_bucket(torch.from_numpy(age).clamp(max=32), buckets).numpy()
        assert np.array_equal(age_bucket(age, buckets, 32), limited)


def test_focus_keeps_the_newest_segments_and_what_matches(plain: Engine, quick: Engine) -> None:
    state = plain.new_state()
    for number in range(12):
        state = plain.read([state], [[21 + number, 41 + number % 5]])[0]
    age = torch.from_numpy(11 - state.token_segment)[None]
    assert plain.model.decoder.match
    with torch.inference_mode():
        match = plain.model.decoder.match(torch.from_numpy(state.keys)[None], age, age >= 0)[0, 0]
    best = 11 - (int(match[RECENT + 1 :].argmax()) + RECENT + 1)
    for engine in (plain, quick):
        focused = engine.focus(state, tokens=2 * (RECENT + 2) + 1)
        assert np.unique(focused.token_segment).tolist() == [best, *range(11 - RECENT, 12)]
        assert focused.num_segments == state.num_segments
        assert engine.focus(state, tokens=24) is state
        with pytest.MonkeyPatch.context() as patch:  # what is not recent has a limit of its own
            patch.setattr("lstm_models.engine.MATCHED", 3)
            assert np.array_equal(engine.focus(state).token_segment, focused.token_segment)


def test_what_matching_compares_of_a_long_memory_is_computed_once(
    plain: Engine, quick: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lstm_models.engine.MATCHED", 10)
    for engine in (plain, quick):
        state = engine.new_state()
        for number in range(12):
            state = engine.read([state], [[21 + number, 41 + number % 5]])[0]
            assert (state.compared is not None) == (state.num_tokens > 10)
        less = state.forget(3)
        for one in (state, less):
            assert one.compared is not None
            vectors, weights = engine.runtime.compared(one.keys[None])
            assert np.allclose(one.compared[:, :-1], vectors[0], atol=1e-5)
            assert np.allclose(one.compared[:, -1], weights[0], atol=1e-5)
        again = engine.focus(replace(less, compared=None), tokens=12)  # as it comes from the store
        assert np.array_equal(again.token_ids, engine.focus(less, tokens=12).token_ids)


def test_an_answer_makes_its_memory_ready_once(quick: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, begin = [], quick.runtime.begin
    monkeypatch.setattr(quick.runtime, "begin", lambda memories: begun.append(1) or begin(memories))
    state = quick.read([quick.new_state()], [[21, 22, 23]])[0]
    quick.beginnings(state, "<reply>", ["a", "b"])
    first = quick.generate([state], ["<reply>"])
    quick.expected(state)
    assert len(begun) == 1
    again = quick.generate([replace(state)], ["<reply>"])
    assert again[0][0].tokens == first[0][0].tokens and len(begun) == 2
    for _ in range(2 * ANSWERING):
        quick.expected(replace(state))
    assert len(quick._begun) <= ANSWERING


def test_no_sum_overflows_where_a_cpu_has_no_vnni() -> None:
    """There two products of an unsigned and a signed byte are added in 16 bits."""
    weight = np.random.default_rng(0).standard_normal((16, 32)).astype(np.float32) * 100
    whole, step = quantised(weight)
    assert 2 * 255 * np.abs(whole.astype(int)).max() <= np.iinfo(np.int16).max
    assert np.abs(whole * step[:, None] - weight).max() <= step.max() / 2 * 1.001
