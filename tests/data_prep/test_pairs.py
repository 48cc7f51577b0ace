"""Sentences in order with the state carried, and mistakes to correct: prepared as they are trained on."""

import json
from pathlib import Path

import pytest

from data_prep.data_config import check_task
from data_prep.prepare import prepare
from data_prep.recipe import parse_recipe
from lstm_models.shards import ShardedDataset
from lstm_models.tokenizer import Tokenizer
from tests.data_prep.conftest import write_pairs, write_parquet

SMALL = {"vocab_size": 328, "character_coverage": 1.0}


def made(root: Path, out: Path, **data: object) -> tuple[dict, ShardedDataset, Tokenizer]:
    recipe = parse_recipe({"name": "t", "task": "translate", "data": {**SMALL, **data}})
    manifest = prepare(recipe, out, root, processes=1, show_progress=False)
    return manifest, ShardedDataset(out, "train"), Tokenizer.load(out / "tokenizer.model")


def test_windows_of_turns(tmp_path: Path) -> None:
    turns = [{"en": f"This is turn {n}.", "de": f"Das ist Beitrag {n}."} for n in range(7)]
    turns[5]["en"] = " "  # a window with a gap is left out
    write_pairs(tmp_path / "in" / "bcontrast_en_de", train=turns, validation=turns[:1], test=turns[:1])
    corpus = {"name": "bcontrast_en_de", "window": 3}
    manifest, train, tokenizer = made(tmp_path / "in", tmp_path / "out", corpora=[corpus])
    assert manifest["abilities"] == ["context"]
    assert [len(train[i].segments) for i in range(len(train))] == [3, 3, 3, 1, 1, 1]
    first = train[0]
    assert [target.segment for target in first.targets] == [0, 1, 2]
    assert [tokenizer.decode(ids) for ids in first.segments] == [turn["en"] for turn in turns[:3]]
    assert [tokenizer.decode(target.ids) for target in first.targets] == [turn["de"] for turn in turns[:3]]
    assert {tokenizer.pieces([target.ids[0]])[0] for target in train[1].targets} == {"<2en>"}
    assert json.loads((tmp_path / "out" / "validation.jsonl").read_text().splitlines()[0])["source"]


def test_pronouns_and_mistakes(corpora: Path, tmp_path: Path) -> None:
    rows = [
        {"sentence_good": f"He sees {n} dogs.", "sentence_bad": f"He see {n} dogs.", "linguistics_term": term}
        for n, term in enumerate(["subject_verb_agreement", "island_effects"])
    ]
    root = tmp_path / "in"
    write_parquet(root / "blimp" / "other_paradigms.parquet", rows)
    (root / "tatoeba_en_de").symlink_to(corpora / "tatoeba_en_de")
    uses = ["tatoeba_en_de", {"name": "blimp", "splits": {"train": "other_paradigms"}}]
    made_up = {"antecedents": 20, "corruptions": 20, "vocab_size": 360}
    manifest, train, tokenizer = made(root, tmp_path / "out", corpora=uses, **made_up)
    assert manifest["abilities"] == ["context", "fix"]
    tags = [tokenizer.pieces([target.ids[0]])[0] for i in range(len(train)) for target in train[i].targets]
    assert tags.count("<fix>") == 20 + 2  # of BLiMP: the wrong sentence, and the right one as it is
    assert {len(train[i].segments) for i in range(len(train) - 20, len(train))} == {2, 3, 4, 5, 6}


def test_sentences_of_prose_are_spoilt_too(corpora: Path, tmp_path: Path) -> None:
    story = "Ada went home. Then she ate a red apple there! And so?"
    rows = [{"story": story, "question": f"Who {n}?", "answer": "Ada"} for n in range(2)]
    write_parquet(tmp_path / "in" / "mctest" / "train.parquet", rows)
    (tmp_path / "in" / "tatoeba_en_de").symlink_to(corpora / "tatoeba_en_de")
    uses = ["tatoeba_en_de", {"name": "mctest", "splits": {"train": "train"}}]
    _, train, tokenizer = made(tmp_path / "in", tmp_path / "out", corpora=uses, corruptions=1)
    targets = [target.ids for i in range(len(train)) for target in train[i].targets]
    fixed = [tokenizer.decode(ids) for ids in targets if tokenizer.pieces([ids[0]])[0] == "<fix>"]
    assert fixed[1:] == ["Then she ate a red apple there!"] * 3, "one sentence is long enough, in three ways"


def test_prose_needs_something_to_be_spoilt(tmp_path: Path) -> None:
    recipe = parse_recipe({"name": "t", "task": "translate", "data": {"corpora": ["mctest"]}})
    with pytest.raises(ValueError, match="mctest"):
        check_task(recipe.data, "translate")


@pytest.mark.parametrize("data", [{"antecedents": 5}, {"corruptions": 5}, {"corpora": ["blimp"]}])
def test_a_chatbot_has_no_use_for_them(data: dict) -> None:
    recipe = parse_recipe({"name": "t", "task": "chat", "data": {"corpora": ["babi_qa"], **data}})
    with pytest.raises(ValueError, match="chat"):
        check_task(recipe.data, "chat")
