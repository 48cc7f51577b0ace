"""What goes has gone from everywhere: orders to forget, titles, removed documents, in kept conversations."""

import pytest

from chat.branching import branch as branched
from chat.conversations import Conversations, Forgotten, View
from chat.forgetting import NOTHING_FORGOTTEN
from chat.said import UNTITLED, branch_of
from tests.chat.conftest import said, told

MILL = b"The mill was built by Jonas Webb."
HARBOUR = b"The harbour master is called Quentin."
SECRET = "My secret PIN is 4711."


def removed(kept: Conversations, view: View) -> View:
    (document,) = kept.store.documents(view.info.id)
    return View(kept.store.remove_document(view.info, document.id), view.turns)


def read(view: View) -> list[str]:
    return [turn.text for turn in view.turns if turn.speaker == "doc"]


def test_a_removed_document_answers_no_more_and_the_next_one_does(kept: Conversations) -> None:
    view = said(kept, kept.attach(kept.begin("me"), "mill.txt", MILL), "Who built the mill?")
    assert len(read(view)) == 1
    view = kept.attach(kept.rewind(removed(kept, view), 0), "harbour.txt", HARBOUR)
    view = said(kept, view, "Who built the mill?", "Who is the harbour master?")
    assert read(view) == [HARBOUR.decode()]


def test_an_order_that_means_no_turn_changes_no_memory(kept: Conversations) -> None:
    view = told(kept, ("user", "My sister is Nora."), ("user", "My dog is Rex."), ("bot", "Nice."))
    view = said(kept, view, "Forget my sister's dog.")  # of which no turn speaks, but two together
    assert [turn.text for turn in view.turns[3:]] == ["Forget my sister's dog.", NOTHING_FORGOTTEN]
    live = kept.minds.of(view.info, view.turns).state
    kept.minds.drop(view.info.id)
    assert kept.minds.of(view.info, view.turns).state.num_segments == live.num_segments


def test_a_message_edited_into_an_order_is_obeyed(kept: Conversations) -> None:
    view = told(kept, ("user", SECRET), ("bot", "Noted."), ("user", "I like tea."), ("bot", "So do I."))
    (done,) = kept.edit(view, 2, "Forget my secret PIN.")
    assert isinstance(done, Forgotten) and done.view.turns == ()
    assert kept.view("me", view.info.id).turns == ()


def test_everything_is_the_documents_too(kept: Conversations) -> None:
    view = kept.attach(told(kept, ("user", "I like tea."), ("bot", "So do I.")), "mill.txt", MILL)
    (done,) = kept.say(view, "Forget everything I told you.")
    assert isinstance(done, Forgotten) and done.gone == (0, 1) and not done.view.turns
    assert not kept.store.documents(view.info.id)
    *_, last = kept.say(done.view, "Forget everything.")
    assert isinstance(last, View) and last.turns[-1].text == NOTHING_FORGOTTEN


@pytest.mark.parametrize("way", ["rewind", "edit", "branch"])
def test_no_title_keeps_what_has_gone(kept: Conversations, way: str) -> None:
    view = said(kept, kept.begin("me"), SECRET)
    assert view.info.title == SECRET
    if way == "rewind":
        after = kept.rewind(view, 0)
        assert after.info.title == UNTITLED
    elif way == "edit":
        *_, last = kept.edit(view, 0, "I like tea.")
        assert isinstance(last, View) and last.info.title == "I like tea."
        after = last
    else:
        branch = branched(kept, view, 2)
        assert branch.info.title == branch_of(SECRET) == branch_of(branch.info.title)
        (done,) = kept.say(branch, "Forget my secret PIN.")
        assert isinstance(done, Forgotten) and done.view.info.title == UNTITLED
        after = done.view
    assert kept.view("me", after.info.id).info.title == after.info.title


def test_a_title_of_ones_own_stays(kept: Conversations) -> None:
    view = kept.rename(said(kept, kept.begin("me"), SECRET), "Secrets")
    assert kept.rewind(view, 0).info.title == "Secrets"
