"""Every recipe is valid, short, named like its file, and listed; the shipped ones may be shipped."""

from pathlib import Path

import pytest
import yaml

from data_prep.data_config import check_task
from data_prep.recipe import load_recipe
from lstm_models.checkpoint import read_config
from lstm_models.training.run import REGULARIZATION

ROOT = Path(__file__).parent.parent
RECIPES = ROOT / "recipes"
FILES = sorted(RECIPES.glob("*.yaml"))
SHIPPED = ("translate", "abilities", "chat")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_recipe_validates(path: Path) -> None:
    recipe = load_recipe(path)
    assert recipe.name == path.stem
    check_task(recipe.data, recipe.task)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_recipe_is_short_and_holds_overrides_only(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 40
    recipe = load_recipe(path)
    for section, settings in yaml.safe_load(text).items():
        if section in ("model", "training", "data"):
            fields = type(getattr(recipe, section)).model_fields
            same = [name for name, value in settings.items() if fields[name].default == value]
            assert not same, f"{section}: {same} only repeat the defaults"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_what_begins_with_a_shipped_model_has_its_sizes(path: Path) -> None:
    recipe = load_recipe(path)
    if recipe.training.start_from:
        sizes = read_config(ROOT / recipe.training.start_from)["model"]
        own = recipe.model.model_dump()
        assert {name: own[name] for name in sizes if name not in REGULARIZATION | {"vocab_size"}} == {
            name: size for name, size in sizes.items() if name not in REGULARIZATION | {"vocab_size"}
        }


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_models_use_corpora_that_allow_it(name: str) -> None:
    for use in load_recipe(RECIPES / f"{name}.yaml").data.corpora:
        assert use.corpus.may_ship, f"{name}.yaml: weights trained on {use.corpus.name} may not be shipped"


def test_every_recipe_is_listed() -> None:
    text = (RECIPES / "README.md").read_text(encoding="utf-8")
    assert all(f"({path.name})" in text for path in FILES)


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("training.learning_rat=0.1", ["learning_rat", "learning_rate"]),
        ("training.learning_rate=fast", ["learning_rate", "fast"]),
        ("model.num_heads=7", ["hidden_size", "num_heads"]),
        ("nonsense", ["nonsense", "="]),
        ("data.corpora=[tatoeba_en_dee]", ["tatoeba_en_dee", "tatoeba_en_de"]),
    ],
)
def test_wrong_settings_are_refused_by_name(override: str, words: list[str]) -> None:
    with pytest.raises(ValueError) as error:
        load_recipe(RECIPES / "translate.yaml", [override])
    assert all(word in str(error.value) for word in words), str(error.value)


def test_an_override_goes_before_the_file() -> None:
    recipe = load_recipe(RECIPES / "translate.yaml", ["training.max_updates=1234", "model.hidden_size=64"])
    assert (recipe.training.max_updates, recipe.model.hidden_size) == (1234, 64)
