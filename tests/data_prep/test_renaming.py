"""Dialogues about other places and cuisines: the same words everywhere, and nothing else changed."""

import random
import re
from pathlib import Path

import pytest

from chat.segments import Dialogue, Turn
from data_prep.data_config import CorpusUse
from data_prep.dialogues.made_up import is_test_word
from data_prep.prepare import prepare
from data_prep.recipe import load_recipe
from data_prep.renaming import renamed
from lstm_models.shards import read_manifest
from tests.data_prep.conftest import write_parquet

TURNS = (
    ("user", "a table in paris with french food, and no french fries"),
    ("bot", "api_call french paris six cheap"),
    ("doc", "resto_paris_cheap_french_8stars R_cuisine french\nit R_location paris"),
    ("user", "what is parisian about it"),
    ("bot", "here it is resto_paris_cheap_french_8stars"),
)  # fmt: skip
TALK = Dialogue(
    tuple(Turn(*turn) for turn in TURNS), ((0, TURNS[1][1], "<reply>"), (3, TURNS[4][1], "<reply>"))
)


def test_each_name_has_one_other_word_wherever_it_stands() -> None:
    copy = renamed(TALK, random.Random(1))
    assert copy is not None
    cuisine, place, *rest = copy.targets[0][1].removeprefix("api_call ").split()
    assert rest == ["six", "cheap"]
    assert len({cuisine, place, "french", "paris"}) == 4
    assert not any(map(is_test_word, (cuisine, place)))

    def back(text: str) -> str:
        return re.sub(cuisine, "french", re.sub(place, "paris", text))

    assert [back(turn.text) for turn in copy.turns] == [text for _, text in TURNS]
    assert f"resto_{place}_cheap_{cuisine}_8stars" in copy.targets[1][1]
    assert "parisian" in copy.turns[3].text
    assert renamed(TALK, random.Random(1)) == copy != renamed(TALK, random.Random(2))


def test_nothing_named_is_no_copy() -> None:
    assert renamed(Dialogue((Turn("user", "hi"),), ((0, "hello", "<reply>"),)), random.Random(1)) is None


def test_copies_are_made_of_training_only(tmp_path: Path) -> None:
    for split in ("train", "validation"):
        rows = [
            {
                "source": "dialog_babi",
                "dialogue_id": f"{split}-{number}",
                "turns": [{"speaker": who, "text": f"{text} {number}"} for who, text in TURNS],
            }
            for number in range(4 if split == "train" else 2)
        ]
        write_parquet(tmp_path / "corpora" / "dialog_babi" / f"{split}.parquet", rows)
    use = "{name: dialog_babi, renamed: 2, splits: {train: train, validation: validation}}"
    settings = [f"data.corpora=[{use}]", "data.vocab_size=320", "data.max_tokens=400"]
    recipe = load_recipe(Path("recipes/dialog_babi.yaml"), settings)
    prepare(recipe, tmp_path / "data", tmp_path / "corpora", processes=1, show_progress=False)
    splits = read_manifest(tmp_path / "data")["splits"]
    # Two of the four stand in the validation, too.
    assert [sum(shard["examples"] for shard in splits[role]) for role in ("train", "validation")] == [6, 2]


def test_pairs_cannot_be_renamed() -> None:
    with pytest.raises(ValueError, match="renamed=1 is for dialogues.*'tatoeba_en_de'"):
        CorpusUse(name="tatoeba_en_de", renamed=1)
