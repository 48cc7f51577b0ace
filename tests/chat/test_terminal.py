"""The conversation in a terminal: a reply a line, orders, and what is kept of it."""

import io
import sys
from pathlib import Path

import pytest

from chat.bot import Bot
from chat.conversations import Conversations
from chat.store import Store, open_store
from chat.terminal import Talk, find, listing


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path / "c.sqlite3")


def say(bot: Bot, store: Store, monkeypatch: pytest.MonkeyPatch, text: str, number: str = "") -> list[str]:
    """What the bot prints when `text` is piped into it."""
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))
    out = io.StringIO()
    conversations = Conversations(bot, store)
    Talk(conversations, find(conversations, number) if number else None, out).run()
    return out.getvalue().splitlines()


def test_a_reply_for_each_line_the_same_as_from_python(
    small_bot: Bot, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    messages = ["My name is Ada.", "What is my name?"]
    expected, state = "", small_bot.new_state()
    for message in messages:
        reply, state = list(small_bot.stream(message, state))[-1]
        expected += reply.text + "\n"
    assert say(small_bot, store, monkeypatch, "\n".join(messages)) == expected.splitlines()


def test_orders(small_bot: Bot, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    once = say(small_bot, store, monkeypatch, "My name is Ada.\n")
    text = "/back\nMy name is Ada.\n/reset\nMy name is Ada.\n/back\nMy name is Ada.\n/quit\nNo.\n"
    expected = ["(nothing to take back)", *once, "(all forgotten)", *once, "(one turn taken back)", *once]
    assert say(small_bot, store, monkeypatch, text) == expected


def test_it_goes_on_where_it_was(small_bot: Bot, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = say(small_bot, store, monkeypatch, "My name is Ada.\nWhat is my name?\n")
    first = say(small_bot, store, monkeypatch, "My name is Ada.\n")
    assert first + say(small_bot, store, monkeypatch, "What is my name?\n", number="1") == whole
    assert "My name is Ada." in listing(Conversations(small_bot, store))[0]


def test_memories_forgetting_and_files(
    small_bot: Bot, store: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    note = tmp_path / "mill.md"
    note.write_text("The mill was built in 1823.", encoding="utf-8")
    text = f"I live in Lisbon.\n/memories\n/why\n/attach {note}\n/export {tmp_path / 'x.json'}\n"
    text += "/title Mine\n/list\n"
    lines = say(small_bot, store, monkeypatch, text + "forget turn 1\n/memories\n")
    assert "   1  I live in Lisbon." in lines and any("never told:" in line for line in lines)
    assert "(read mill.md)" in lines and any(line.endswith("Mine") for line in lines)
    assert lines[-2].startswith("(forgotten: turn 1") and lines[-1] == "(nothing yet)"
    assert b"Lisbon" in (tmp_path / "x.json").read_bytes()


def test_problems_are_said_and_change_nothing(
    small_bot: Bot, store: Store, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (
        "\n   \n" + "a" * 100_000 + "\n/nonsense\n/forget x\n/forget 9\n/open 7\n/attach /no/such\n/export\n"
    )
    assert say(small_bot, store, monkeypatch, text) == []
    said = capsys.readouterr().err
    for words in ("empty", "100,000 characters", "/nonsense is no order", "give a turn's number",
                  "no such turn", "no conversation '7'", "No such file", "/export needs"):  # fmt: skip
        assert words in said, words
    assert store.conversations(None) == []  # an empty conversation is not kept
