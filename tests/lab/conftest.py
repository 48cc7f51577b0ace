"""Tiny models in the place of the shipped ones, for looks inside them."""

from pathlib import Path

import pytest

from chat.bot import Bot
from lstm_models.engine import Engine
from lstm_models.tokenizer import Tokenizer
from tests.toys import tiny_model
from translate.translator import Translator

SENTENCES = [
    "He bought the apples.",
    "She bought the books.",
    "What is my name? My name is Ada.",
    "Er kauft Äpfel.",
]


@pytest.fixture(scope="session")
def engines(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Engine]:
    """Of random weights, by task."""
    tokenizer = Tokenizer.train(
        SENTENCES * 20, tmp_path_factory.mktemp("tokenizer") / "t.model", 330, threads=1
    )
    sizes = {"vocab_size": tokenizer.vocab_size, "bank_size": 256, "max_segment": 48}
    return {
        task: Engine(tiny_model(**sizes), tokenizer, "hash", {"task": task}) for task in ("chat", "translate")
    }


@pytest.fixture()
def tiny(engines: dict[str, Engine], monkeypatch: pytest.MonkeyPatch) -> None:
    """The lessons look into tiny models."""
    for module in ("glass_translation", "glass_units"):
        monkeypatch.setattr(f"lab.lessons.{module}.translator", lambda: Translator(engines["translate"]))
    for module in ("glass_reply", "forgetting"):
        monkeypatch.setattr(f"lab.lessons.{module}.bot", lambda: Bot(engines["chat"]))


@pytest.fixture()
def pictures(tmp_path: Path) -> Path:
    return tmp_path
