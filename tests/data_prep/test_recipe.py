"""A recipe is checked by name before anything starts; every recipe of the project is valid."""

from pathlib import Path

import pytest

from data_prep.recipe import Recipe, load_recipe, parse_recipe

ROOT = Path(__file__).parents[2]
TEXT = """
name: tiny
task: translate
data:
  corpora: [tatoeba_en_de, {name: mlqe_pe_en_de, splits: {train: train}}]
  vocab_size: 400
training: {learning_rate: 1e-3}
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "tiny.yaml"
    path.write_text(TEXT)
    return path


@pytest.mark.parametrize("recipe", sorted((ROOT / "recipes").glob("*.yaml")), ids=lambda path: path.stem)
def test_every_recipe_is_valid(recipe: Path) -> None:
    loaded = load_recipe(recipe)
    assert loaded.name == recipe.stem
    assert loaded.data.corpora


def test_short_and_long_forms(path: Path) -> None:
    recipe = load_recipe(path)
    first, second = recipe.data.corpora
    assert (first.name, first.splits) == ("tatoeba_en_de", {})
    assert (second.name, second.splits) == ("mlqe_pe_en_de", {"train": "train"})
    assert first.direction_pairs() == [("en", "de"), ("de", "en")]
    assert recipe.training.learning_rate == 0.001


def test_overrides_go_first(path: Path) -> None:
    overrides = ["training.learning_rate=0.5", "data.corpora.0.limit=7", "data.corpora.1.directions=[de-en]"]
    recipe = load_recipe(path, [*overrides, "name=other", "model.dropout=0"])
    assert (recipe.name, recipe.training.learning_rate, recipe.model.dropout) == ("other", 0.5, 0)
    assert (recipe.data.corpora[0].name, recipe.data.corpora[0].limit) == ("tatoeba_en_de", 7)
    assert recipe.data.corpora[1].direction_pairs() == [("de", "en")]
    assert load_recipe(path, ["data.corpora=tatoeba_en_fr"]).data.corpora[0].name == "tatoeba_en_fr"


@pytest.mark.parametrize("alone", ["tatoeba_en_de", "{name: tatoeba_en_de}", "[tatoeba_en_de]"])
def test_a_corpus_without_a_list_is_the_first(path: Path, alone: str) -> None:
    path.write_text(f"name: tiny\ntask: translate\ndata: {{corpora: {alone}}}\n")
    (use,) = load_recipe(path, ["data.corpora.0.hold_out=0.02"]).data.corpora
    assert (use.name, use.hold_out) == ("tatoeba_en_de", 0.02)
    assert load_recipe(path, ["data.corpora.0=tatoeba_en_fr"]).data.corpora[0].name == "tatoeba_en_fr"


@pytest.mark.parametrize(
    ("override", "message"),
    [
        (
            "training.learning_rat=3",
            r"unknown setting 'training\.learning_rat' \(did you mean 'learning_rate'\?\)",
        ),
        ("trainin.seed=3", r"unknown setting 'trainin' \(did you mean 'training'\?\)"),
        ("qqq=1", r"unknown setting 'qqq': the settings there are data, model, name, task, training"),
        ("training.learning_rate=-1", r"training\.learning_rate=-1: input should be greater than 0 \(peak"),
        ("data.vocab_size=many", r"data\.vocab_size='many': input should be a valid integer.*\(entries"),
        ("task=sing", "task='sing': input should be 'translate' or 'chat'"),
        ("model=3", "model=3: input should be a valid dictionary"),
        ("data.max_tokens=600", r"data\.max_tokens=600 is more than model\.max_segment=256: lower"),
        ("model.vocab_size=9", r"model\.vocab_size=9 contradicts data\.vocab_size=400"),
        ("data.corpora.0=tatoeba_en_dee", r"data\.corpora\.0: unknown corpus .*did you mean 'tatoeba_en_de'"),
        (
            "data.corpora.0.direction=[en-de]",
            r"'data\.corpora\.0\.direction' \(did you mean 'directions'\?\)",
        ),
        ("data.corpora.0.directions=[en-xx]", r"directions='en-xx': the directions are en-de, de-en"),
        ("data.corpora.0.splits={train: trian}", r"splits\.train='trian': .* has train, validation, test"),
        (
            "data.corpora.0.splits={dev: test}",
            r"data\.corpora\.0\.splits\.dev.*'train', 'validation' or 'test'",
        ),
        ("data.corpora.0.languages=[en, de]", "languages=.* is for your own data, not for corpus"),
        ("data.corpora=[{path: a.tsv, languages: [en]}]", r"languages=\['en'\] must be the file's two"),
        ("data.corpora=[{limit: 3}]", "needs a name"),
        ("data.corpora.9=x", "'9' is no place in a list of 2: give 0 to 1"),
        ("data.corpora.first.limit=3", "'first' is no place in a list"),
        ("data.cleaning.max_length_ratio=0.5", r"max_length_ratio=0\.5: input should be greater than 1"),
        ("name=", "name=None: input should be a valid string"),
        ("name.x=1", "'tiny', which has no settings of its own"),
        ("training.learning_rate", "write it as training.learning_rate=0.001"),
        ("=3", "is no setting"),
        ("data.seed={a", "data.seed='{a': the value is not valid YAML"),
    ],
)
def test_refused_by_name(path: Path, override: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        load_recipe(path, [override])


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(
        ValueError, match=r"setting 'name' is missing; unknown setting 'model\.depth'"
    ) as caught:
        parse_recipe({"task": "chat", "model": {"depth": 3}}, "here.yaml")
    assert str(caught.value).startswith("here.yaml: ")
    with pytest.raises(ValueError, match=r"'\.\.\.|\.\.\."):
        parse_recipe({"name": ["x" * 200], "task": "chat"})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "holds NoneType, not settings"),
        ("- a\n- b\n", "holds list, not settings"),
        ("name: [", "is not valid YAML"),
        ("name: a\ntask: chat\nname: b\n", "name is given twice"),
        ("name: !!python/object/apply:os.getcwd []\n", "is not valid YAML"),
        (b"\xff\xfe\x00", "cannot be read as a recipe"),
    ],
)
def test_broken_files(path: Path, text: str | bytes, message: str) -> None:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ValueError, match=rf"tiny\.yaml.*{message}"):
        load_recipe(path)


def test_a_missing_recipe_gets_the_nearest(path: Path) -> None:
    with pytest.raises(ValueError, match=r"no recipe at .*tinny\.yaml \(did you mean '.*tiny\.yaml'\?\)"):
        load_recipe(path.with_name("tinny.yaml"))
    with pytest.raises(ValueError, match="cannot be read"):
        load_recipe(path.parent)


def test_a_recipe_survives_its_own_form(path: Path) -> None:
    recipe = load_recipe(path)
    assert Recipe.model_validate(recipe.model_dump(mode="json")) == recipe
