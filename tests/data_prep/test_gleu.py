"""GLEU against hand calculations."""

import math

import pytest

from data_prep.gleu import gleu


def test_the_reference_itself_and_nothing_in_common() -> None:
    assert gleu(["a b c d e"], ["a b x d e"], [["a b x d e"]]) == pytest.approx(100)
    assert gleu(["a b c d e"], ["v w x y z"], [["a b c d e"]]) == 0


def test_what_should_have_been_changed_costs_more_than_a_mistake() -> None:
    wanted, kept = "a b c d e f g h", "a b c d e f g x"
    source_had_it = gleu([kept], [kept], [[wanted]])
    its_own = gleu(["a b c d e f g y"], [kept], [[wanted]])
    # Matches by order: 7/8, 6/7, 5/6, 4/5; what stood in the source is taken off: one of each order.
    assert its_own == pytest.approx(100 * math.exp(sum(map(math.log, (7 / 8, 6 / 7, 5 / 6, 4 / 5))) / 4))
    assert source_had_it == pytest.approx(
        100 * math.exp(sum(map(math.log, (6 / 8, 5 / 7, 4 / 6, 3 / 5))) / 4)
    )


def test_too_short_is_punished_and_references_are_drawn() -> None:
    short = gleu(["a b c d e f"], ["a b c d e"], [["a b c d e f"]])
    assert short == pytest.approx(100 * math.exp(1 - 6 / 5))
    both = gleu(["a b c d"], ["a b c d"], [["a b c d", "w x y z"]], draws=2000, seed=1)
    assert 45 < both < 55


def test_bad_arguments() -> None:
    with pytest.raises(ValueError, match="2 hypotheses"):
        gleu(["a"], ["a", "b"], [["a"]])
    with pytest.raises(ValueError, match="at least one reference"):
        gleu(["a"], ["a"], [[]])
    with pytest.raises(ValueError, match="no sentence"):
        gleu([], [], [])
