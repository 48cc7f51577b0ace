"""History, shapes and directions: the toys are what they say, and are learnt."""

import pytest
import torch

from lab.charts import draw
from lab.lessons import both_ways, history, shapes
from lab.lessons.fitting import random_bits


def test_hopfield_and_the_forget_gate_as_their_papers_say() -> None:
    for chapter in ("Hopfield 1982", "the forget gate 2000"):
        finding = history.run(chapter)
        assert all(check.holds for check in finding.checks), finding.checks
        for picture in finding.pictures:
            draw(picture).to_dict()
    with pytest.raises(ValueError, match="chapter='Rumelhart'"):
        history.run("Rumelhart")


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
