"""The ablation's changes: each makes a recipe that can be trained, and another one than the base."""

from pathlib import Path

import pytest

from benchmarks import ablation
from benchmarks.ablation import CHANGES, recipe_of
from data_prep.recipe import Recipe


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_makes_another_recipe(name: str) -> None:
    base, changed = recipe_of(CHANGES["base"], Path("w")), recipe_of(CHANGES[name], Path("w"))
    assert (changed == base) == (name == "base")
    assert (changed.data == base.data) == (not CHANGES[name].own_data)


def test_a_student_changes_nothing_but_its_data_which_its_teachers_make() -> None:
    base, student = recipe_of(CHANGES["base"], Path("a b")), recipe_of(CHANGES["distilled"], Path("a b"))
    assert (student.model, student.training) == (base.model, base.training)
    assert student.data.distilled.teachers == (str(Path("a b/base/best")), str(Path("a b/seed2/best")))
    assert student.data.tokenizer == str(Path("a b/base/best/tokenizer.model")), "so perplexities compare"


def test_teachers_are_trained_before_their_student(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []

    def prepared(recipe: Recipe, folder: Path, *_: object, **__: object) -> None:
        folder.mkdir()
        done.append(folder.name)

    def fitted(model: object, training: object, data: Path, run: Path, **_: object) -> None:
        run.mkdir()
        done.append(f"{run.name} on {data.name}")

    monkeypatch.setattr(ablation, "prepare", prepared)
    monkeypatch.setattr(ablation, "fit", fitted)
    for _ in range(2):  # what is there is not trained again
        assert ablation.trained("distilled", tmp_path / "corpora", tmp_path) == (
            tmp_path / "distilled",
            tmp_path / "data-distilled",
        )
    teachers = ["data", "base on data", "seed2 on data"]
    assert done == [*teachers, "data-distilled", "distilled on data-distilled"]
