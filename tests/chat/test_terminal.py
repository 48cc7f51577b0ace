"""The conversation in a terminal: a reply a line, orders, and what is kept of it."""

import io
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from chat import terminal
from chat.bot import Bot
from chat.conversations import Conversations
from chat.store import Store, StoredTurn, open_store
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


def test_after_a_conflict_the_newest_turns_are_shown_and_the_message_can_be_sent(
    small_bot: Bot, store: Store, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    say(small_bot, store, monkeypatch, "I like tea.\n")
    kept = Conversations(small_bot, store)

    def typed(_: bool) -> Iterator[str]:
        list(kept.say(find(kept, "1"), "My dog is called Rex."))  # in another terminal
        yield from ("My cat is called Tom.", "My cat is called Tom.", "/memories")

    monkeypatch.setattr(terminal, "_messages", typed)
    lines = say(small_bot, store, monkeypatch, "", number="1")
    assert capsys.readouterr().err.count("in another window") == 1
    assert "   3  user: My dog is called Rex." in lines and "   1  user: I like tea." not in lines
    assert {"   3  My dog is called Rex.", "   5  My cat is called Tom."} <= set(lines)  # of /memories
    assert len(find(kept, "1").turns) == 6


def test_after_a_deletion_elsewhere_a_new_conversation_begins(
    small_bot: Bot, store: Store, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    say(small_bot, store, monkeypatch, "I like tea.\n")
    kept = Conversations(small_bot, store)

    def typed(_: bool) -> Iterator[str]:
        kept.delete(find(kept, "1"))
        yield from ("My cat is called Tom.", "My cat is called Tom.")

    monkeypatch.setattr(terminal, "_messages", typed)
    say(small_bot, store, monkeypatch, "", number="1")
    assert capsys.readouterr().err.count("was deleted in another window") == 1
    assert [turn.text for turn in find(kept, "1").turns][::2] == ["My cat is called Tom."]


def test_reset_and_delete_leave_nothing(
    small_bot: Bot, store: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    note = tmp_path / "mill.md"
    note.write_text("The mill was built in 1823.", encoding="utf-8")
    told = f"I live in Lisbon.\n/attach {note}\n"
    assert (
        say(small_bot, store, monkeypatch, f"{told}/reset\n/title Mine\n/memories\n")[-1] == "(nothing yet)"
    )
    say(small_bot, store, monkeypatch, told)
    (info,) = store.conversations(None)
    assert len(store.documents(info.id)) == 1
    assert say(small_bot, store, monkeypatch, "/reset\n", number="1") == ["(all forgotten)"]
    assert store.documents(info.id) == [] and store.turns(info.id) == []
    say(small_bot, store, monkeypatch, "I live in Lisbon.\n/delete\nI like tea.\n/list\n", number="1")
    assert [info.title for info in store.conversations(None)] == ["I like tea."]


def test_an_empty_conversation_leaves_no_trace_and_any_other_does(
    small_bot: Bot, store: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    say(small_bot, store, monkeypatch, "I like tea.\n")
    assert say(small_bot, store, monkeypatch, "/open 2\n/quit\n") == ["(I like tea.: 2 turns)"]
    say(small_bot, store, monkeypatch, "/open 1\n/quit\n")  # its own
    assert [info.title for info in store.conversations(None)] == ["I like tea."]
    note = tmp_path / "mill.md"
    note.write_text("The mill was built in 1823.", encoding="utf-8")
    say(small_bot, store, monkeypatch, f"/attach {note}\n/open 2\n")
    assert len(store.conversations(None)) == 2
    kept = Conversations(small_bot, store)

    def typed(_: bool) -> Iterator[str]:
        list(kept.say(find(kept, "1"), "Hello there."))  # somebody else goes on with it
        yield "/quit"

    monkeypatch.setattr(terminal, "_messages", typed)
    say(small_bot, store, monkeypatch, "")
    assert len(store.conversations(None)) == 3


def test_nothing_that_was_kept_steers_the_terminal(
    small_bot: Bot, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = Conversations(small_bot, store)
    view = kept.begin("somebody", "Hi\x1b]0;owned\x07\n   7  Fake")
    copied = [["tea", 0.9, 0, 0, None, 2], ["nine", 0.9, 2, 0, None, 1]]
    rows = [
        StoredTurn(0, "user", "I like\x1b[2J tea."),
        StoredTurn(1, "bot", "Fine.", {"copied": copied}),  # with too little noted
        StoredTurn(2, "doc", "It opens at nine.", {"name": "a\x1b[2J.md"}),
        StoredTurn(3, "bot", "At nine.", {"copied": copied, "score": 0.0, "never_told": 0.25}),
    ]
    kept.store.write(view.info, add=rows)
    (line,) = listing(kept)
    assert line.endswith("Hi]0;owned 7 Fake") and line.isprintable()
    lines = say(small_bot, store, monkeypatch, "/open 2\n/memories\n/why\n/back\n/back\n/why\n")
    assert all(line.isprintable() for line in lines)
    assert "   1  I like[2J tea." in lines and any("(a[2J.md, 1 turns before" in line for line in lines)
    assert "never told: 25 %, null slot: 0 %" in lines


def test_a_tilde_before_no_bodys_name_is_a_letter_like_others(
    small_bot: Bot, store: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("~nouser.md").write_text("The mill was built in 1823.", encoding="utf-8")
    lines = say(small_bot, store, monkeypatch, "/attach ~nouser.md\nI like tea.\n/export ~nouser.json\n")
    assert "(read ~nouser.md)" in lines and b"1823" in Path("~nouser.json").read_bytes()
