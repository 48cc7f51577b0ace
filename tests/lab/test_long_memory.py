"""Gradients over time and the problems that need a long memory."""

import numpy as np
import pytest
import torch

from lab.lessons import gradients
from lab.lessons.gradients import OPENED, clipping, gradient_lengths, nets, shrink_and_grow
from lab.lessons.long_memory import adding_problem, as_table, copying_problem, solve


def test_the_gradient_of_a_linear_net_is_a_power_of_its_scale() -> None:
    for scale in (0.5, 1.0, 1.2):
        row = shrink_and_grow(scale, 30)
        assert (row[30] / row[0]) ** (1 / 30) == pytest.approx(scale, rel=0.03)


def test_truncation_cuts_and_changes_nothing_nearer() -> None:
    net = nets()[OPENED]
    whole, cut = gradient_lengths(net, 12), gradient_lengths(net, 12, cut=5)
    np.testing.assert_allclose(cut[:5], whole[:5], rtol=1e-4)
    assert not cut[5:].any() and whole[5:].all()


def test_the_lesson_of_gradients_holds() -> None:
    finding = gradients.run(steps=60, cut=10)
    assert len(finding.checks) == 4 and all(check.holds for check in finding.checks), finding.checks


def test_clipping_keeps_what_otherwise_explodes() -> None:
    assert np.isfinite(clipping(1.0, updates=10)).all()
    assert not np.isfinite(clipping(None, updates=10)[-1])


def test_adding_has_one_mark_in_each_half() -> None:
    x, wanted = adding_problem(16, 20, seed=1)
    marks = x[..., 1]
    assert (marks[:, :10].sum(1) == 1).all() and (marks[:, 10:].sum(1) == 1).all()
    torch.testing.assert_close((x[..., 0] * marks).sum(1), wanted)
    many = adding_problem(4000, 20, seed=2)[1]
    assert float(((many - 1) ** 2).mean()) == pytest.approx(1 / 6, abs=0.01)


def test_copying_shows_symbols_a_gap_and_a_sign() -> None:
    x, wanted = copying_problem(4, 15, seed=1)
    tokens = x.argmax(-1)
    assert x.shape == (4, 35, 10) and torch.equal(tokens[:, :10], wanted)
    assert (tokens[:, 10:24] == 8).all() and (tokens[:, 24] == 9).all() and (tokens[:, 25:] == 8).all()


def test_a_short_adding_problem_is_learnt_better_than_the_mean() -> None:
    outcome = solve("GRU", "adding", 4, 150)
    assert outcome.score < 0.1
    assert "GRU" in as_table([outcome]).to_string()
    with pytest.raises(ValueError, match="problem='sorting'"):
        solve("GRU", "sorting", 4, 1)
