"""Teachers translate the training sources, beside what people wrote or in its place, and nothing else."""

import json
from pathlib import Path
from typing import Any

import pytest

from data_prep.data_config import Distilled, check_task
from data_prep.distilled import DistilledPairs
from data_prep.prepare import prepare
from data_prep.recipe import parse_recipe
from lstm_models.checkpoint import save_checkpoint
from lstm_models.shards import ShardedDataset
from lstm_models.tokenizer import Tokenizer
from tests.data_prep.conftest import write_pairs
from tests.toys import tiny_model

WRITTEN = [("One cat.", "Eine Katze."), ("Two dogs.", "Zwei Hunde."), ("Two dogs.", "Ein paar Hunde.")]
HELD = {"en": "Three birds.", "de": "Drei Vögel."}
SAID = {"One cat.": "Eine Katze.", "Two dogs.": "Die Hunde."}  # the first as people say it


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Tokenizer:
    texts = [text for pair in WRITTEN for text in pair]
    return Tokenizer.train(texts, tmp_path_factory.mktemp("tokenizer") / "t.model", 310, threads=1)


@pytest.fixture(scope="module")
def teachers(tokenizer: Tokenizer, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Two translators with random weights and the same tokenizer."""
    folder = tmp_path_factory.mktemp("teachers")
    return [saved(folder / str(seed), tokenizer, seed=seed) for seed in (1, 2)]


def saved(folder: Path, tokenizer: Tokenizer, task: str = "translate", seed: int = 1, **said: Any) -> str:
    card = {"name": "tiny", "task": task, "description": "Random weights, for tests.", **said}
    model = tiny_model(seed, vocab_size=tokenizer.vocab_size)
    save_checkpoint(folder, model, tokenizer, card)
    return str(folder)


def prepared(folder: Path, **distilled: Any) -> tuple[list[tuple[str, str]], dict[str, Any]]:
    """The training pairs, and the manifest."""
    if not (folder / "in").exists():
        rows = [{"en": en, "de": de} for en, de in WRITTEN]
        write_pairs(folder / "in/tatoeba_en_de", train=rows, validation=[HELD], test=[HELD])
    data = {
        "corpora": [{"name": "tatoeba_en_de", "directions": ["en-de"]}],
        "distilled": {"folder": str(folder / "kept"), **distilled},
        "vocab_size": 300,
        "character_coverage": 1.0,
        "max_tokens": 256,
    }
    recipe = parse_recipe({"name": "t", "task": "translate", "data": data})
    out = folder / "out"
    manifest = prepare(recipe, out, folder / "in", processes=1, overwrite=True, show_progress=False)
    pieces = Tokenizer.load(out / "tokenizer.model")
    for split in ("validation", "test"):
        (record,) = map(json.loads, (out / f"{split}.jsonl").read_text(encoding="utf-8").splitlines())
        assert (record["source"], record["target"]) == (HELD["en"], HELD["de"])
    train = ShardedDataset(out, "train")
    examples = [train[place] for place in range(len(train))]
    return [(pieces.decode(one.segments[0]), pieces.decode(one.targets[0].ids)) for one in examples], manifest


def keep(folder: Path, teachers: list[str], said: dict[str, str]) -> None:
    """Puts translations into the folder, as if the teachers had made them."""
    config = Distilled(teachers=tuple(teachers), folder=str(folder / "kept"))
    list(DistilledPairs(config).pairs([], "en", "de"))
    (file,) = (folder / "kept").iterdir()
    assert file.name.startswith("en-de.") and file.name.endswith(".beam5.jsonl")
    file.write_text("".join(json.dumps([*pair, 1.0]) + "\n" for pair in said.items()), encoding="utf-8")


def test_what_teachers_say_stands_beside_what_people_wrote(tmp_path: Path, teachers: list[str]) -> None:
    keep(tmp_path, teachers, SAID)
    pairs, manifest = prepared(tmp_path, teachers=teachers)
    assert pairs == [*WRITTEN, *SAID.items()], "each source once"
    assert manifest["corpora"][0]["counts"]["train.distilled kept"] == 2
    assert str(tmp_path) not in json.dumps(manifest["data"])


def test_the_manifest_names_what_teachers_learnt_from(tmp_path: Path, tokenizer: Tokenizer) -> None:
    captions = {"name": "multi30k_en_de", "licence": "research only", "attribution": "Elliott et al."}
    talk = {"name": "bcontrast_en_de", "licence": "CC BY-SA 4.0", "attribution": "Farajian et al."}
    kinds = [{"data": [captions, talk]}, {"data": [talk]}, {"licence": "other", "data": [talk]}, {}]
    teachers = [saved(tmp_path / str(n), tokenizer, seed=n, **said) for n, said in enumerate(kinds)]
    keep(tmp_path, teachers, SAID)
    own, *taught = prepared(tmp_path, teachers=teachers)[1]["corpora"]
    assert own["name"] == "tatoeba_en_de"
    assert [(one["name"], one["may_ship"]) for one in taught] == [
        ("multi30k_en_de", False),
        ("bcontrast_en_de", True),
        ("bcontrast_en_de", False),  # by a teacher that may not be shipped itself
        ("tiny", False),  # a teacher that does not say what it learnt from
    ]
    assert (taught[1]["licence"], taught[1]["citation"]) == ("CC BY-SA 4.0", "Farajian et al.")


def test_what_teachers_say_replaces_what_people_wrote(tmp_path: Path, teachers: list[str]) -> None:
    keep(tmp_path, teachers, SAID)
    assert prepared(tmp_path, teachers=teachers, beside=False)[0] == list(SAID.items())


def test_what_is_held_out_is_not_learnt_from_teachers(tmp_path: Path, teachers: list[str]) -> None:
    keep(tmp_path, teachers, SAID | {"Two dogs.": HELD["de"].upper()})
    pairs, manifest = prepared(tmp_path, teachers=teachers)
    assert pairs == [*WRITTEN, ("One cat.", "Eine Katze.")]
    assert manifest["corpora"][0]["counts"]["train.distilled leak"] == 1
    assert manifest["leaks_removed"] == {"tatoeba_en_de": 1}


def test_both_directions_are_taught(tmp_path: Path, teachers: list[str]) -> None:
    """By networks that really translate, if badly: into either language, and the same when asked again."""
    config = Distilled(teachers=tuple(teachers), folder=str(tmp_path), beam_size=2)
    there = list(DistilledPairs(config).pairs(["One cat.", "Two dogs."], "en", "de"))
    back = list(DistilledPairs(config).pairs(["Eine Katze."], "de", "en"))
    assert [source for source, _ in there + back] == ["One cat.", "Two dogs.", "Eine Katze."]
    assert len(list(tmp_path.iterdir())) == 2
    lines = [file.read_text() for file in sorted(tmp_path.iterdir())]
    assert list(DistilledPairs(config).pairs(["Two dogs."], "en", "de")) == there[1:]
    assert [file.read_text() for file in sorted(tmp_path.iterdir())] == lines, "nothing was translated again"


def test_one_teacher_is_enough() -> None:
    assert Distilled.model_validate({"teachers": "runs/best"}).teachers == ("runs/best",)


def test_bad_teachers_are_named(tmp_path: Path, teachers: list[str], tokenizer: Tokenizer) -> None:
    chatbot = saved(tmp_path / "chat", tokenizer, task="chat")
    other = Tokenizer.train(["Quite other words."] * 3, tmp_path / "t.model", 290, threads=1)
    foreign = saved(tmp_path / "foreign", other)
    for wrong, fault in (
        (str(tmp_path / "gone"), r"data\.distilled\.teachers: no translation model at .*gone"),
        (chatbot, r"data\.distilled\.teachers: .*chat is a chat model"),
        (foreign, r"data\.distilled\.teachers: .*foreign has another tokenizer than .*1: .*must share one"),
    ):
        with pytest.raises(ValueError, match=fault):
            prepared(tmp_path, teachers=[teachers[0], wrong])


def test_a_chatbot_has_no_teachers() -> None:
    data = {"corpora": ["babi_qa"], "distilled": {"teachers": "any"}}
    recipe = parse_recipe({"name": "t", "task": "chat", "data": data})
    with pytest.raises(ValueError, match=r"data\.distilled.*chat"):
        check_task(recipe.data, "chat")
