"""The conversation in a terminal: a reply a line, orders, and a memory that is kept in a file."""

import io
import sys
from pathlib import Path

import pytest
import torch

from chat.bot import Bot
from chat.terminal import talk
from lstm_models.config import ModelConfig
from lstm_models.engine import Engine
from lstm_models.seq2seq import Seq2Seq
from lstm_models.state import ContextState
from lstm_models.tokenizer import Tokenizer


@pytest.fixture(scope="module")
def bot(tmp_path_factory: pytest.TempPathFactory) -> Bot:
    texts = ["My name is Ada.", "What is my name?", "Ada has a red boat."] * 20
    tokenizer = Tokenizer.train(texts, tmp_path_factory.mktemp("tokenizer") / "t.model", 300)
    torch.manual_seed(1)
    model = Seq2Seq(ModelConfig(vocab_size=300, embed_dim=8, hidden_size=8, num_heads=2)).eval()
    return Bot(Engine(model, tokenizer, model_hash="tiny"))


def say(bot: Bot, monkeypatch: pytest.MonkeyPatch, text: str, memory: Path | None = None) -> list[str]:
    """What the bot prints when `text` is piped into it."""
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))
    out = io.StringIO()
    talk(bot, memory, out)
    return out.getvalue().splitlines()


def test_a_reply_for_each_line_the_same_as_from_python(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    messages = ["My name is Ada.", "What is my name?"]
    expected, state = [], bot.new_state()
    for message in messages:
        reply, state = bot.reply(message, state)
        expected.append(reply.text)
    assert say(bot, monkeypatch, "\n".join(messages)) == expected


def test_orders(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    once = say(bot, monkeypatch, "My name is Ada.\n")
    lines = say(
        bot,
        monkeypatch,
        "/back\nMy name is Ada.\n/reset\nMy name is Ada.\n/back\nMy name is Ada.\n/quit\nNo.\n",
    )
    assert lines == [
        "(nothing to take back)",
        *once,
        "(all forgotten)",
        *once,
        "(one turn taken back)",
        *once,
    ]


def test_the_memory_is_kept(bot: Bot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    whole = say(bot, monkeypatch, "My name is Ada.\nWhat is my name?\n")
    memory = tmp_path / "ada.safetensors"
    first = say(bot, monkeypatch, "My name is Ada.\n", memory)
    second = say(bot, monkeypatch, "What is my name?\n", memory)
    assert first + second == whole
    assert ContextState.load(memory).num_segments == 4


def test_an_empty_or_huge_message_changes_nothing(
    bot: Bot, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    once = say(bot, monkeypatch, "My name is Ada.\n")
    assert say(bot, monkeypatch, "\n   \n" + "a" * 100_000 + "\nMy name is Ada.\n") == once
    assert "empty" in capsys.readouterr().err


def test_foreign_and_damaged_memories_are_refused_and_kept(
    bot: Bot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    memory = tmp_path / "memory.safetensors"
    Bot(Engine(bot.engine.model, bot.engine.tokenizer, model_hash="other")).new_state().save(memory)
    before = memory.read_bytes()
    with pytest.raises(ValueError, match="another model"):
        say(bot, monkeypatch, "Hello.\n", memory)
    assert memory.read_bytes() == before
    memory.write_bytes(before[:20])
    with pytest.raises(ValueError, match="damaged"):
        say(bot, monkeypatch, "Hello.\n", memory)
