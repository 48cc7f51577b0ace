"""Kept conversations: durable, rewound, branched, forgotten to the byte, exported, read by another model."""

import json
from pathlib import Path

import pytest

from chat.bot import Bot
from chat.branching import branch as branched
from chat.branching import edited as edited_in_branch
from chat.conversations import Conversations, Forgotten, View
from chat.mind import SNAPSHOT_EVERY
from chat.reply import Reply
from chat.revising import forgetting
from chat.said import UNTITLED, branch_of
from chat.sources import sources_of
from chat.store import StoreConflict, StoredTurn, StoreError, open_store
from lstm_models.state import ARRAYS, ContextState
from tests.chat.conftest import make_bot, said, told


def same(one: ContextState, other: ContextState) -> bool:
    return all(getattr(one, name).tobytes() == getattr(other, name).tobytes() for name in ARRAYS)


def state(kept: Conversations, view: View) -> ContextState:
    return kept.minds.of(view.info, view.turns).state


TALK = (
    ("user", "My sister Nora works at the zoo."),
    ("bot", "Nora must like animals."),
    ("user", "I live in Lisbon."),
    ("bot", "A fine city."),
    ("user", "Where does Nora work?"),
    ("bot", "At the zoo."),
)


def test_a_reply_is_on_the_disk_before_it_is_final(kept: Conversations, place: str | Path) -> None:
    view = kept.begin("me")
    for part in kept.say(view, "My name is Ada."):
        stored = open_store(place).turns(view.info.id)
        assert len(stored) == (2 if isinstance(part, View) else 0)
    assert isinstance(part, View) and part.info.title == "My name is Ada."
    assert stored == list(part.turns) and part.turns[1].about["never_told"] >= 0


def test_a_restart_changes_nothing(kept: Conversations, small_bot: Bot, place: str | Path) -> None:
    view = said(kept, kept.begin("me"), *(f"I have {n} boats." for n in range(SNAPSHOT_EVERY // 2 + 2)))
    assert kept.store.size_of_snapshots(view.info.id) > 0
    again = Conversations(small_bot, open_store(place))
    seen = again.view("me", view.info.id)
    assert seen == view and same(state(again, seen), state(kept, view))
    assert [m.position for m in again.memories(seen)] == [m.position for m in kept.memories(view)]


def test_a_damaged_snapshot_is_no_harm(kept: Conversations, small_bot: Bot, place: str | Path) -> None:
    view = said(kept, kept.begin("me"), "My name is Ada.")
    expected = state(kept, view)
    kept.store.keep_snapshot(view.info, 1, "tiny", b"nonsense")
    assert same(state(Conversations(small_bot, open_store(place)), view), expected)
    short = small_bot.hear("Hello.", small_bot.new_state())
    kept.store.keep_snapshot(view.info, 1, "tiny", short.to_bytes())
    assert same(state(Conversations(small_bot, open_store(place)), view), expected)


def test_two_windows(kept: Conversations) -> None:
    view = said(kept, kept.begin("me"), "My name is Ada.")
    newer = said(kept, view, "I live in Lisbon.")
    with pytest.raises(StoreConflict, match="another window"):
        said(kept, view, "I live in Rome.")
    assert kept.view("me", view.info.id) == newer


def test_a_store_that_fails_loses_nothing(kept: Conversations, monkeypatch: pytest.MonkeyPatch) -> None:
    view = said(kept, kept.begin("me"), "My name is Ada.")
    before = state(kept, view)
    with monkeypatch.context() as patch:
        patch.setattr(kept.store, "write", lambda *a, **k: (_ for _ in ()).throw(StoreError("full")))
        with pytest.raises(StoreError):
            said(kept, view, "I live in Lisbon.")
    assert kept.view("me", view.info.id) == view and same(state(kept, view), before)
    said(kept, view, "I live in Lisbon.")


def test_forgetting_is_to_the_byte_a_replay_that_never_held_the_turn(
    kept: Conversations, place: str | Path
) -> None:
    view = told(kept, *TALK)
    state(kept, view)
    done = kept.forget(view, [0])
    assert done.gone == (0,) and done.repeated == (1, 4, 5)
    never = told(kept, *TALK[2:4])
    assert same(state(kept, done.view), state(kept, never))
    assert [turn.text for turn in kept.store.turns(view.info.id)] == [TALK[2][1], TALK[3][1]]
    if isinstance(place, Path):  # a database server overwrites its files in its own time
        assert not any(b"Nora" in path.read_bytes() for path in place.parent.iterdir())
    assert [memory.text for memory in kept.memories(done.view)] == ["I live in Lisbon."]


@pytest.mark.parametrize(
    ("message", "left"), [("Forget turn 3.", 4), ("Forget that.", 2), ("Forget everything", 0)]
)
def test_orders_to_forget_in_the_chat(kept: Conversations, message: str, left: int) -> None:
    (done,) = kept.say(told(kept, *TALK), message)
    assert isinstance(done, Forgotten) and len(done.view.turns) == left
    assert kept.view("me", done.view.info.id).turns == done.view.turns
    assert left or done.view.info.title == UNTITLED


def test_replies_keep_no_trace_of_what_was_forgotten() -> None:
    about = {
        "copied": [["Li", 0.2, 0, 0, 1, 3], ["sbon", 0.9, 2, 0, 1, 1]],
        "used": [[0, 0, 1.0]],
        "score": 0.0,
    }
    turns = [
        StoredTurn(0, "user", "My code is 4417."),
        StoredTurn(2, "user", "Lisbon."),
        StoredTurn(3, "bot", "Lisbon", about),
    ]
    revision = forgetting(turns, [0])
    assert revision.removed == {0}
    assert revision.kept[-1].about["copied"] == [["Li", 0.2, None, 0, 1, 3], ["sbon", 0.9, 2, 0, 1, 1]]
    assert revision.kept[-1].about["used"] == [] and about["used"]  # measured while it was there


def test_a_correction_takes_the_place_of_what_was_said(kept: Conversations) -> None:
    view = told(kept, *TALK)
    done = kept.correct(view, 2, "I live in Porto.")
    assert done.gone == (2,) and [turn.text for turn in done.view.turns][2] == "I live in Porto."
    right = told(kept, *TALK[:2], ("user", "I live in Porto."), *TALK[4:])
    assert same(state(kept, done.view), state(kept, right))
    for position, text, words in (
        (3, "x", "only what you said"),
        (0, "  ", "is empty"),
        (99, "x", "only what"),
    ):
        with pytest.raises(ValueError, match=words):
            kept.correct(done.view, position, text)


def test_rewind_branch_and_edit(kept: Conversations) -> None:
    view = said(kept, kept.begin("me"), "My name is Ada.", "I live in Lisbon.", "I have a boat.")
    branch = branched(kept, view, 4)
    assert branch.turns == view.turns[:4] and branch.info.id != view.info.id
    before = kept.minds.after(view.info, view.turns[:4]).state
    assert same(state(kept, branch), before)
    edited = list(kept.edit(view, 4, "I have a horse."))[-1]
    assert isinstance(edited, View) and [t.text for t in edited.turns][4] == "I have a horse."
    assert len(edited.turns) == 6 and kept.view("me", view.info.id) == edited
    *_, expected = kept.bot.stream("I have a horse.", before)
    assert isinstance(expected, tuple)
    assert edited.turns[-1].text == expected[0].text and same(state(kept, edited), expected[1])
    short = kept.rewind(edited, 2)
    assert short.turns == view.turns[:2] == kept.view("me", view.info.id).turns
    assert same(state(kept, short), kept.minds.after(view.info, view.turns[:2]).state)


def test_another_reply_takes_the_place_of_the_last(kept: Conversations) -> None:
    view = said(kept, kept.begin("me"), "My name is Ada.", "What is my name?")
    *_, again = kept.regenerate(view, seed=5)
    assert isinstance(again, View) and again.turns[:3] == (*view.turns[:2], again.turns[2])
    assert again.turns[2].text == "What is my name?" and len(again.turns) == 4
    with pytest.raises(ValueError, match="no message"):
        list(kept.regenerate(kept.begin("me"), seed=1))


def test_a_stopped_reply_is_kept_as_far_as_it_went(kept: Conversations) -> None:
    *_, view = kept.say(kept.begin("me"), "My name is Ada.", stop=lambda: True)
    assert isinstance(view, View) and view.turns[1].about["stopped"] is True
    assert len(view.turns[1].about["copied"]) == 1


def test_a_file_brings_a_conversation_back(kept: Conversations, small_bot: Bot, tmp_path: Path) -> None:
    view = said(kept, kept.begin("me"), "My name is Ada.", "What is my name?")
    view = kept.attach(view, "a.txt", b"The mill was built by Jonas Webb.")
    data = kept.export(view)
    other = Conversations(small_bot, open_store(":memory:"))
    back = other.import_file("you", data)
    assert [(t.position, t.text, t.about) for t in back.turns] == [
        (t.position, t.text, t.about) for t in view.turns
    ]
    assert same(state(other, back), state(kept, view))
    assert [d.text for d in other.store.documents(back.info.id)] == ["The mill was built by Jonas Webb."]
    without_state = json.loads(data) | {"state": None}
    again = other.import_file("you", json.dumps(without_state).encode())
    assert same(state(other, again), state(kept, view))


def test_another_models_state_is_refused_and_the_text_replayed(kept: Conversations, tmp_path: Path) -> None:
    view = told(kept, *TALK)
    data = kept.export(view)
    other = Conversations(make_bot(tmp_path, seed=4, model_hash="another"), open_store(":memory:"))
    back = other.import_file("you", data)
    with pytest.raises(ValueError, match=r"another model \(tiny.* replay it with this model"):
        said(other, back, "Hello.")
    with pytest.raises(ValueError, match="another model"):
        list(other.regenerate(back, 1))
    exported = json.loads(other.export(back))
    assert exported["state"] is None and exported["turns"] == json.loads(data)["turns"]
    replayed = other.replay(back)
    assert same(state(other, replayed), other.bot.replay([turn.turn for turn in view.turns]))
    assert said(other, replayed, "Hello.").info.model_hash == "another"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda f: f | {"version": 7}, "version 7, this program reads 1"),
        (lambda f: f | {"format": "x"}, "no exported conversation"),
        (lambda f: f | {"state": "%%"}, "state in the file is damaged"),
        (lambda f: f | {"turns": f["turns"][::-1]}, "out of order"),
        (lambda f: f | {"turns": [f["turns"][0] | {"speaker": "root"}]}, "damaged at turns.0.speaker"),
        (
            lambda f: f | {"turns": [f["turns"][0] | {"about": {"copied": [["x", 2, 0, 0, 0, 0]]}}]},
            "damaged at",
        ),
        (lambda f: f | {"more": 1}, "damaged at more"),
    ],
)
def test_other_files_are_refused(kept: Conversations, change, words: str) -> None:  # type: ignore[no-untyped-def]
    data = json.loads(kept.export(told(kept, *TALK)))
    with pytest.raises(ValueError, match=words):
        kept.import_file("me", json.dumps(change(data)).encode())
    for junk in (b"", b"\x00\xff", b"[1]", b"{}"):
        with pytest.raises(ValueError, match="no exported conversation"):
            kept.import_file("me", junk)


def test_a_question_reads_the_passage_that_speaks_of_it(kept: Conversations) -> None:
    view = kept.attach(
        kept.begin("me"), "mill.md", b"# Mill\n\nThe mill was built by Jonas Webb.\n\nIt has a boat."
    )
    view = said(kept, view, "My name is Ada.", "Who built the mill?")
    assert [turn.speaker for turn in view.turns] == ["user", "bot", "doc", "user", "bot"]
    assert view.turns[2].text.endswith("Jonas Webb.") and view.turns[2].about == {"name": "mill.md"}
    view = said(kept, view, "Who built the mill?")
    assert len(view.turns) == 7  # it was read just before
    edited = list(kept.edit(view, 3, "Hello there."))[-1]
    assert isinstance(edited, View) and [t.speaker for t in edited.turns] == ["user", "bot", "user", "bot"]
    with pytest.raises(ValueError, match="binary"):
        kept.attach(edited, "x.bin", bytes(100))


def test_a_branch_has_neither_the_question_that_was_edited_nor_what_was_read_for_it(
    kept: Conversations,
) -> None:
    view = kept.attach(kept.begin("me"), "mill.md", b"The mill was built by Jonas Webb.")
    view = said(kept, view, "Who built the mill?")
    assert [turn.speaker for turn in view.turns] == ["doc", "user", "bot"]
    *_, branch = edited_in_branch(kept, view, 1, "My name is Ada.")
    assert isinstance(branch, View) and [turn.speaker for turn in branch.turns] == ["user", "bot"]
    assert branch.info.title == "My name is Ada." and len(kept.store.documents(branch.info.id)) == 1
    *_, later = edited_in_branch(kept, said(kept, branch, "I live in Rome."), 2, "I live in Lisbon.")
    assert isinstance(later, View) and later.info.title == branch_of("My name is Ada.")


@pytest.mark.parametrize("how", ["another model", "empty", "given up"])
def test_there_is_no_branch_without_an_answer(kept: Conversations, how: str) -> None:
    view = said(kept, kept.begin("me"), "My name is Ada.", "I live in Rome.")
    if how == "another model":
        view = View(kept.store.write(view.info, model_hash="older"), view.turns)
    answer = edited_in_branch(kept, view, 2, "\u200b" if how == "empty" else "I live in Lisbon.")
    if how == "given up":
        next(answer)
        answer.close()  # type: ignore[attr-defined]
    else:
        with pytest.raises(ValueError, match=how):
            list(answer)
    assert [info.id for info in kept.store.conversations(None)] == [view.info.id]


def test_sources_name_the_sentence(kept: Conversations, small_bot: Bot) -> None:
    text = "Ada has a red boat. The mill was built by Jonas Webb. My name is Ada."
    ids = small_bot.engine.tokenizer.encode(text)
    decoded = [small_bot.engine.tokenizer.decode(ids[: n + 1]) for n in range(len(ids))]
    place = next(n for n, shown in enumerate(decoded) if shown.endswith("Jonas")) + 1  # 0 is the tag
    turns = [
        StoredTurn(4, "doc", text, {"name": "mill.md"}),
        StoredTurn(
            6, "bot", "Jonas.", {"copied": [["Jonas", 0.9, 4, 0, place, 2], [".", 0.9, 4, 0, place, 2]]}
        ),
    ]
    (source,) = sources_of(small_bot, turns[1], turns)
    assert (source.sentence, source.position, source.age) == ("The mill was built by Jonas Webb.", 4, 2)
    assert source.document == "mill.md" and source.weight == pytest.approx(0.9)


def test_replies_note_where_they_came_from(kept: Conversations) -> None:
    view = said(kept, kept.begin("me"), "My name is Ada.", "What is my name?")
    positions = {turn.position for turn in view.turns}
    for text, share, turn, part, place, age in view.turns[-1].about["copied"]:
        assert isinstance(text, str) and 0 <= share <= 1 and part == 0 and 0 <= age <= 2
        assert turn in positions and 0 <= place < 48
    assert all(isinstance(part, Reply | View) for part in kept.say(view, "Hello."))


def test_a_long_conversation_stays_small(kept: Conversations) -> None:
    view = told(kept, *(("user", f"I have {n} boats.") for n in range(150)))
    assert state(kept, view).num_tokens <= 512
    assert len(state(kept, view).to_bytes()) < 40_000
