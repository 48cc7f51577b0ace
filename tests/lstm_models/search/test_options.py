"""Options are refused by name, with what is allowed."""

from typing import Any

import numpy as np
import pytest

from lstm_models.search import SearchOptions, length_limits


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("beam_size", 0, "whole numbers from 1 to 256"),
        ("beam_size", 2.0, "whole numbers"),
        ("beam_size", True, "whole numbers"),
        ("n_best", -1, "whole numbers from 1"),
        ("length_penalty", -0.1, "numbers from 0 to 10"),
        ("length_penalty", float("nan"), "numbers from 0"),
        ("max_length", 0, "whole numbers from 1 to 1000000 or None"),
        ("min_length", -1, "whole numbers from 0"),
        ("temperature", -1.0, "numbers from 0 to 100"),
        ("temperature", "hot", "numbers from 0"),
        ("top_k", -1, "whole numbers from 0"),
        ("top_p", 0.0, "numbers above 0, at most 1"),
        ("top_p", 1.1, "numbers above 0, at most 1"),
        ("seed", -1, "whole numbers from 0"),
        ("patience", 0, "numbers above 0"),
        ("avoid_loops", 1, "True and False"),
        ("banned_tokens", (-1,), "whole numbers from 0"),
        ("last_tokens", ("end",), "whole numbers from 0"),
    ],
)
def test_a_value_that_is_not_allowed(name: str, value: Any, allowed: str) -> None:
    with pytest.raises(ValueError, match=f"{name}=.*allowed are {allowed}"):
        SearchOptions(**{name: value})


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"temperature": 0.7, "beam_size": 5}, "temperature=0.7 .sampling. and beam_size=5 contradict"),
        ({"top_k": 5}, "top_k=5, top_p=1.0 need sampling: set temperature above 0"),
        ({"top_p": 0.9}, "top_p=0.9 need sampling"),
        ({"n_best": 3, "beam_size": 2}, "n_best=3 is above beam_size=2"),
        ({"min_length": 9, "max_length": 5}, "min_length=9 is above max_length=5"),
    ],
)
def test_options_that_contradict_each_other(options: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        SearchOptions(**options)


def test_numpy_numbers_and_lists_are_fine() -> None:
    options = SearchOptions(beam_size=np.int64(3), banned_tokens=[1, 2])  # type: ignore[arg-type]
    assert options.banned_tokens == (1, 2)
    assert SearchOptions(temperature=0.7, n_best=4).sampling


def test_length_limits() -> None:
    lengths = np.array([0, 1, 10])
    assert length_limits(lengths, SearchOptions()).tolist() == [0, 18, 36]
    assert length_limits(lengths, SearchOptions(), ratio=1.5, extra=2).tolist() == [0, 4, 17]
    assert length_limits(lengths, SearchOptions(max_length=7)).tolist() == [0, 7, 7]
