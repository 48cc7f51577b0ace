"""Conversations as files: what was exported can be imported, and what is imported can be used."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from chat import exchange
from chat.documents.files import LONGEST_TEXT
from chat.exchange import LARGEST, LONGEST_NAME, Exported, from_file, to_file
from chat.sources import reply_of
from chat.store import StoredTurn

ABOUT = {"score": -0.5, "never_told": 0.1, "copied": [["Fine.", 0.0, None, 0, None, 0]]}
TURNS = (StoredTurn(0, "user", "I like tea."), StoredTurn(1, "bot", "Fine.", ABOUT))
Change = Callable[[dict[str, Any]], object]


def changed(change: Change) -> bytes:
    """An exported file that somebody has changed."""
    file = json.loads(to_file(Exported("Tea", "tiny", TURNS)))
    change(file)
    return json.dumps(file).encode()


def test_a_name_of_an_old_store_is_shortened() -> None:
    turns = (StoredTurn(0, "doc", "It opens at nine.", {"name": "a" * 214}),)
    file = from_file(to_file(Exported("Mill", "tiny", turns, (("a" * 214, "It opens."), ("", "At nine.")))))
    assert [name for name, _ in file.documents] == ["a" * LONGEST_NAME, "the file"]
    assert file.turns[0].about["name"] == file.documents[0][0]


def test_the_limit_covers_the_largest_documents_and_full_conversations() -> None:
    empty = len(to_file(Exported("Mill", "tiny", TURNS)))
    with_one = len(to_file(Exported("Mill", "tiny", TURNS, (("mill.md", "\U0001f3ed" * LONGEST_TEXT),))))
    reply = StoredTurn(0, "bot", "Fine.", ABOUT | {"copied": 16 * [["Fine.", 0.1234, 12345, 0, 12, 12345]]})
    with_reply = len(to_file(Exported("Mill", "tiny", (*TURNS, reply))))
    documents = exchange.MOST_DOCUMENTS * (with_one - empty)
    assert documents + exchange.MOST_TURNS * (with_reply - empty) + empty <= LARGEST


def test_the_last_message_may_go_beyond_the_limit_of_turns() -> None:
    turns = tuple(StoredTurn(n, "user", "Tea.") for n in range(exchange.MOST_TURNS + 3))
    assert len(from_file(to_file(Exported("Tea", "tiny", turns))).turns) == len(turns)


def test_a_file_too_large_to_be_imported_is_not_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchange, "LARGEST", 2**20)
    with pytest.raises(ValueError, match=r"a file of 2 MB, and 1 MB at most .*: remove a document"):
        to_file(Exported("Mill", "tiny", TURNS, (("mill.md", "a" * LONGEST_TEXT),)))


def test_what_cannot_be_exported_is_said_in_one_line() -> None:
    turn = StoredTurn(0, "bot", "Fine.", {"copied": []})
    with pytest.raises(ValueError, match=r"damaged at turns\.0\.about \(copied .*: forget that turn") as said:
        to_file(Exported("Tea", "tiny", (turn,)))
    assert "\n" not in str(said.value)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda file: file["turns"][1]["about"].pop("score"), "score and never_told"),
        (lambda file: file["turns"][1]["about"].pop("never_told"), "score and never_told"),
        (lambda file: file["turns"][1]["about"].update(score=float("nan")), "finite number"),
        (lambda file: file["turns"][0].update(created=float("inf")), "finite number"),
        (lambda file: file["turns"][0].update(text=" \u200b\x1b\n"), "turns.0 (the turn has no words)"),
        (lambda file: file.update({"\x1b[2J\n": 1}), "damaged at [2J (Extra"),
        (lambda file: file.update(version="7" * 1000), "version '7777777777777777777, this program"),
    ],
)
def test_what_could_not_be_used_is_refused(change: Change, words: str) -> None:
    with pytest.raises(ValueError) as said:
        from_file(changed(change))
    assert words in str(said.value) and str(said.value).isprintable()


def test_control_characters_stay_outside() -> None:
    def change(file: dict[str, Any]) -> None:
        file["title"] = "Hi\x1b]0;owned\x07\x9b2J\n  7  Fake"
        file["turns"][0]["text"] = "I like\x00\x1b[2J tea.\nAnd milk."
        file["documents"] = [{"name": "a\x1b[2J\n.md", "text": "Tea\x07.\n\nMilk."}]

    file = from_file(changed(change))
    assert file.title == "Hi]0;owned2J 7 Fake" and file.turns[0].text == "I like[2J tea.\nAnd milk."
    assert file.documents == (("a[2J .md", "Tea.\n\nMilk."),)


def test_a_reply_that_was_stopped_at_once_is_a_turn() -> None:
    assert (
        from_file(to_file(Exported("Tea", "tiny", (TURNS[0], StoredTurn(1, "bot", ""))))).turns[1].text == ""
    )


@pytest.mark.parametrize("missing", ["score", "never_told"])
def test_a_reply_of_which_too_little_was_noted_has_no_sources(missing: str) -> None:
    about = {name: value for name, value in ABOUT.items() if name != missing}
    assert reply_of(TURNS[1]) and reply_of(StoredTurn(1, "bot", "Fine.", about)) is None
