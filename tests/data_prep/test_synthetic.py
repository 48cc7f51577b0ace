"""English that one corpus has and another has not is translated, trained on both ways, and kept."""

from pathlib import Path
from typing import Any, ClassVar

import pytest

import translate
from data_prep.data_config import Synthetic, check_task
from data_prep.prepare import prepare
from data_prep.recipe import parse_recipe
from data_prep.synthetic import SyntheticPairs
from lstm_models.shards import ShardedDataset
from lstm_models.tokenizer import Tokenizer
from tests.data_prep.conftest import write_pairs
from translate.translation import Translation


class Shouting:
    """A translator that shouts, is asked for texts, and is not sure of long ones."""

    asked: ClassVar[list[str]] = []

    def __init__(self) -> None:
        self.engine = self
        self.model_hash = "0123456789abcdef"

    def translate(self, texts: list[str], source: str, target: str, beam_size: int) -> list[Any]:
        self.asked.extend(texts)
        return [Doubtful(text.upper(), -1.0, source, target) for text in texts]


class Doubtful(Translation):
    """A translation of which one can say how sure it is."""

    @property
    def confidence(self) -> float:
        return 0.2 if len(self.text) > 20 else 0.8


@pytest.fixture(autouse=True)
def shouting(monkeypatch: pytest.MonkeyPatch) -> None:
    Shouting.asked.clear()
    monkeypatch.setattr(translate.Translator, "load", lambda path: Shouting())
    talk = {"name": "bcontrast_en_de", "licence": "CC BY-SA 4.0", "attribution": "Farajian et al."}
    card = {"name": "any", "task": "translate", "description": "Shouts.", "data": [talk]}
    monkeypatch.setattr("data_prep.prepare.read_config", lambda folder: {"card": card})


def pairs_of(folder: Path, texts: list[str], confidence: float = 0.0) -> list[tuple[str, str]]:
    config = Synthetic(translator="any", folder=str(folder), confidence=confidence)
    return list(SyntheticPairs(config).pairs(texts, "en", "de"))


def test_translations_are_kept_and_used_again(tmp_path: Path) -> None:
    assert pairs_of(tmp_path, ["one", "two"]) == [("one", "ONE"), ("two", "TWO")]
    (file,) = tmp_path.iterdir()
    assert file.name == "en-de.0123456789ab.beam3.jsonl"
    with file.open("ab") as end:
        end.write(b'["three", "DREI')  # a kill in the middle of a line
    assert pairs_of(tmp_path, ["two", "three", "one"])[1] == ("three", "THREE")
    assert Shouting.asked == ["one", "two", "three"]
    assert len(file.read_text().splitlines()) == 3


def test_what_is_not_sure_is_left_out(tmp_path: Path) -> None:
    texts = ["short", "a text of more than twenty letters"]
    assert pairs_of(tmp_path, texts, confidence=0.5) == [("short", "SHORT")]
    assert len(pairs_of(tmp_path, texts)) == 2


def test_each_corpus_is_given_what_it_has_not(tmp_path: Path) -> None:
    for code, sentences in (("de", ["Shared.", "Only German."]), ("fr", ["Shared.", "Only French."])):
        rows = [{"en": text, code: f"{text} ({code})"} for text in sentences]
        held = [{"en": "Held out.", code: "ONLY GERMAN." if code == "fr" else "Gehalten."}]
        write_pairs(tmp_path / "in" / f"tatoeba_en_{code}", train=rows, validation=held, test=held)
    data = {
        "corpora": ["tatoeba_en_de", "tatoeba_en_fr"],
        "synthetic": {"translator": "any", "folder": str(tmp_path / "kept")},
        "vocab_size": 320,
        "character_coverage": 1.0,
    }
    recipe = parse_recipe({"name": "t", "task": "translate", "data": data})
    manifest = prepare(recipe, tmp_path / "out", tmp_path / "in", processes=1, show_progress=False)
    assert [one["name"] for one in manifest["corpora"]] == [*data["corpora"], "bcontrast_en_de"]
    train, tokenizer = (
        ShardedDataset(tmp_path / "out", "train"),
        Tokenizer.load(tmp_path / "out/tokenizer.model"),
    )
    made = [train[i] for i in range(8, len(train))]  # behind four pairs, both ways
    assert [(tokenizer.decode(one.segments[0]), tokenizer.decode(one.targets[0].ids)) for one in made] == [
        ("ONLY FRENCH.", "Only French."),
        ("Only French.", "ONLY FRENCH."),
    ]
    assert manifest["leaks_removed"] == {"synthetic": 1}, (
        "the French for Only German stands in the validation"
    )


def test_a_chatbot_has_no_use_for_them() -> None:
    data = {"corpora": ["babi_qa"], "synthetic": {"translator": "any"}}
    recipe = parse_recipe({"name": "t", "task": "chat", "data": data})
    with pytest.raises(ValueError, match=r"data\.synthetic.*chat"):
        check_task(recipe.data, "chat")
