"""The pure functions, on distributions worked out by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstm_models.search.log_probs import draw, length_norm, likely, top, uniforms

# Token 2 has a half, token 0 a quarter, 1 and 3 an eighth each.
HALVES = np.log(np.array([[0.25, 0.125, 0.5, 0.125]], dtype=np.float32))


def test_length_norm_is_gnmts() -> None:
    assert length_norm(np.array([1, 7]), 1.0) == pytest.approx([1.0, 2.0])
    assert length_norm(np.array([1, 7]), 0.0) == pytest.approx([1.0, 1.0])
    assert length_norm(np.array([7]), 0.5) == pytest.approx([2**0.5])


@given(st.integers(0, 10_000), st.integers(1, 3), st.integers(2, 40), st.integers(1, 45))
def test_top_is_a_stable_sort(seed: int, rows: int, vocab: int, count: int) -> None:
    log_probs = -np.random.default_rng(seed).integers(0, 6, (rows, vocab)).astype(np.float32)  # many ties
    expected = np.argsort(-log_probs, axis=1, kind="stable")[:, :count]
    ids, values = top(log_probs.copy(), count)
    assert np.array_equal(ids, expected)
    assert np.array_equal(values, np.take_along_axis(log_probs, expected, axis=1))


def _by_token(temperature: float = 1.0, top_k: int = 0, top_p: float = 1.0) -> list[float]:
    ids, probs = likely(HALVES, temperature, top_k, top_p)
    by_token = np.zeros(4)
    by_token[ids[0]] = probs[0]
    return by_token.tolist()


def test_temperature() -> None:
    assert _by_token() == pytest.approx([1 / 4, 1 / 8, 1 / 2, 1 / 8])
    # p ** 2, normalised: 1/16, 1/64, 1/4, 1/64 of 22/64
    assert _by_token(temperature=0.5) == pytest.approx([4 / 22, 1 / 22, 16 / 22, 1 / 22])
    assert _by_token(temperature=1e-300) == pytest.approx([0, 0, 1, 0])
    assert _by_token(temperature=100.0) == pytest.approx([0.25] * 4, abs=0.01)


def test_top_k() -> None:
    assert _by_token(top_k=1) == pytest.approx([0, 0, 1, 0])
    assert _by_token(top_k=2) == pytest.approx([1 / 3, 0, 2 / 3, 0])
    assert _by_token(top_k=3) == pytest.approx([2 / 7, 1 / 7, 4 / 7, 0])
    assert _by_token(top_k=99) == pytest.approx(_by_token())


def test_top_p_keeps_the_token_that_reaches_it() -> None:
    assert _by_token(top_p=0.01) == pytest.approx([0, 0, 1, 0])
    assert _by_token(top_p=0.5) == pytest.approx([0, 0, 1, 0])
    assert _by_token(top_p=0.51) == pytest.approx([1 / 3, 0, 2 / 3, 0])
    assert _by_token(top_p=0.8) == pytest.approx([2 / 7, 1 / 7, 4 / 7, 0])
    assert _by_token(top_p=0.95) == pytest.approx(_by_token())


def test_temperature_comes_before_top_k_and_that_before_top_p() -> None:
    # top-k 2 leaves 1/3 and 2/3; top-p of 0.6 then leaves only the larger, which of all four it would not.
    assert _by_token(top_k=2, top_p=0.6) == pytest.approx([0, 0, 1, 0])
    assert _by_token(top_p=0.6) == pytest.approx([1 / 3, 0, 2 / 3, 0])
    # At temperature 1/2 the best has 16/22, which alone reaches 0.6.
    assert _by_token(temperature=0.5, top_p=0.6) == pytest.approx([0, 0, 1, 0])


def test_nothing_possible_gives_no_weight_and_no_warning() -> None:
    ids, probs = likely(np.full((1, 3), -np.inf, np.float32), 1.0, 2, 0.5)
    assert probs.sum() == 0 and ids.shape == (1, 2)


def test_draw_inverts_the_distribution() -> None:
    probs = np.array([[0.0, 0.25, 0.0, 0.75, 0.0]])
    numbers = [0.0, 0.24, 0.25, 0.9, 1 - 2**-53]
    assert [int(draw(probs, np.array([u]))[0]) for u in numbers] == [1, 1, 3, 3, 3]
    assert draw(np.array([[0.1, 0.2, 0.0]]), np.array([1 - 2**-53]))[0] == 1  # does not sum to 1


def test_uniforms_are_a_function_of_seed_and_position() -> None:
    seeds, positions = np.array([5, 7, 5], np.uint64), np.array([0, 0, 1])
    together = uniforms(seeds, positions)
    alone = [uniforms(seeds[i : i + 1], positions[i : i + 1])[0] for i in range(3)]
    assert together.tolist() == alone and len(set(alone)) == 3


@pytest.mark.parametrize("vary", ["seed", "position"])
def test_uniforms_are_uniform_and_unrelated(vary: str) -> None:
    many, same = np.arange(20_000), np.full(20_000, 3)
    u = uniforms(many, same) if vary == "seed" else uniforms(same, many)
    counts, _ = np.histogram(u, bins=20, range=(0, 1))
    assert u.min() >= 0 and u.max() < 1
    assert ((counts - 1000) ** 2 / 1000).sum() < 50  # chi-squared with 19 degrees: p is about 1e-4
    assert abs(np.corrcoef(u[1:], u[:-1])[0, 1]) < 0.03
