"""The ablation's changes: each makes a recipe that can be trained, and another one than the base."""

import pytest

from benchmarks.ablation import CHANGES, recipe_of


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_makes_another_recipe(name: str) -> None:
    base, changed = recipe_of(CHANGES["base"]), recipe_of(CHANGES[name])
    assert (changed == base) == (name == "base")
    assert (changed.data == base.data) == (not CHANGES[name].data)
