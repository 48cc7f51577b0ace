"""History, shapes and directions: the toys are what they say, and are learnt."""

import pytest
import torch

from lab.catalogue import lesson
from lab.charts import draw
from lab.lessons import both_ways, history, history_cells, history_counting, shapes
from lab.lessons.fitting import random_bits

QUICK = ("Hopfield 1982", "Hochreiter & Schmidhuber 1997", "the forget gate 2000", "peepholes 2002")


@pytest.mark.parametrize("chapter", QUICK)
def test_a_chapter_is_as_its_paper_says(chapter: str) -> None:
    finding = history.run(chapter)
    assert finding.checks and all(check.holds for check in finding.checks), finding.checks
    for picture in finding.pictures:
        draw(picture).to_dict()


def test_the_choices_are_the_chapters() -> None:
    (control,) = lesson("history").controls
    assert control.choices == tuple(history.CHAPTERS)
    with pytest.raises(ValueError, match="chapter='Rumelhart'"):
        history.run("Rumelhart")


def test_the_first_symbol_decides_and_is_far_from_the_last() -> None:
    x, first = history_cells.long_lag(5, seed=1)
    assert x.shape == (5, history_cells.LAG + 1, 2 + history_cells.BETWEEN)
    assert torch.equal(x[:, 0].argmax(-1), first) and not x[:, 1:, :2].any()


def test_a_cut_changes_what_is_learnt_from_and_not_what_is_said() -> None:
    torch.manual_seed(1)
    layer, steps = history_cells.lstm_1997(), 47
    x = history_cells.long_lag(2, seed=1)[0][:, :steps].requires_grad_()
    whole, cut = history_cells.read(layer, x), history_cells.read(layer, x, cut=20)
    assert torch.allclose(whole, cut, atol=1e-6)
    for last, reach in ((whole, steps), (cut, 20)):
        (gradient,) = torch.autograd.grad(last.sum(), x)
        reached = gradient.abs().sum((0, 2)) > 0
        assert reached[steps - reach :].all() and not reached[: steps - reach].any()


def test_both_timers_start_alike_and_are_told_when() -> None:
    x, n = history_counting.timing()
    assert x[:, 0].tolist()[0] == [1, 0] and x[:, 0].tolist()[-1] == [1, 1] and not x[:, 1:].any()
    assert n.max() < x.shape[1]
    for name in (history_counting.PEEPHOLES, history_counting.PLAIN):
        gates = history_counting.one_cell(name, 1).gates(torch.zeros(1, 1, 2))
        assert gates.forget.item() == pytest.approx(torch.tensor(3.0).sigmoid().item())


def test_jordans_plans_bring_forth_their_sequences() -> None:
    finding = history.run_jordan()
    assert all(check.holds for check in finding.checks), finding.checks


def test_every_third_bit_is_the_exclusive_or() -> None:
    bits = history.exclusive_or(4, 5, seed=1)
    assert bits.shape == (4, 15)
    assert torch.equal(bits[:, 2::3], bits[:, 0::3] ^ bits[:, 1::3])


def test_tags_look_one_step_ahead() -> None:
    assert both_ways.tags(torch.tensor([[0, 0, 1, 1]])).tolist() == [[1, 0, 1]]
    finding = both_ways.run(updates=60)
    assert finding.tables[0].rows["steps to wait for the first tag"].tolist() == [0, 1, 19]


@pytest.mark.parametrize("name", shapes.WIRINGS)
def test_wirings_have_their_shapes(name: str) -> None:
    wiring, _, classes = shapes.WIRINGS[name]
    bits = random_bits(3, shapes.LENGTH, 1)
    logits, wanted = wiring(shapes.Layers(classes), bits)
    assert logits.shape == (*wanted.shape, classes)
    assert wanted.min() >= 0 and wanted.max() < classes


def test_two_of_the_wirings_are_learnt_quickly() -> None:
    for name in ("one to many", "many to one"):
        losses, right, _ = shapes.learn(name, 100)
        assert losses[-1] < losses[0] and right > 0.6
