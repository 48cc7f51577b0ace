"""The chat tab behind its widgets: whose conversation it is, what is shown, and what goes wrong."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import gradio as gr
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

import page
from chat.bot import Bot
from chat.conversations import View
from chat.documents import LARGEST_FILE
from chat.provenance import provenance
from chat.reply import CopiedToken, Reply
from chat.sources import Source
from chat.store import open_store
from chat.tab import HEAD, Desk
from chat.tab.changes import Changes
from chat.tab.desk import Here
from chat.tab.files import LARGEST_REQUEST
from chat.tab.sessions import COOKIE, owner_of, token_in
from chat.tab.widgets import LONGEST_MESSAGE, build
from chat.texts import TEXTS
from lstm_models.search import SearchOptions
from tests.chat.conftest import make_bot

ADA, BOB = "a" * 43, "b" * 43
Act = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def bot(tmp_path_factory: pytest.TempPathFactory) -> Bot:
    return make_bot(tmp_path_factory.mktemp("bot"))


@pytest.fixture(autouse=True)
def _short_replies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chat.bot.DEFAULT", SearchOptions(max_length=8))


@pytest.fixture
def desk(bot: Bot) -> Iterator[Desk]:
    made = Desk(bot, open_store(":memory:"))
    yield made
    made.kept.store.close()


@pytest.fixture
def do(desk: Desk) -> Changes:
    with gr.Blocks():
        return Changes(desk, build())


def by(token: str) -> Any:
    return SimpleNamespace(cookies={COOKIE: token} if token else {})


def named(do: Changes, shown: dict[Any, Any]) -> dict[str, Any]:
    """What a handler shows, by the widgets' names; only the newest of each for a generator's."""
    names = {id(widget): name for name, widget in vars(do.w).items()}
    return {names[id(widget)]: value for widget, value in shown.items()}


def said(do: Changes, message: Any, here: Here | None = None, token: str = ADA) -> dict[str, Any]:
    whole: dict[str, Any] = {}
    for shown in do.send(message, here or Here.new(), by(token)):
        whole |= named(do, shown)
    return whole


def texts(talk: list[dict[str, Any]]) -> list[str]:
    return [one["content"] if isinstance(one["content"], str) else one["content"][0] for one in talk]


def test_a_conversation_grows_is_listed_and_comes_back(do: Changes) -> None:
    first = said(do, " My name is Ada. ")
    assert texts(first["talk"])[0] == "My name is Ada." and first["box"] == ""
    here = first["here"]
    assert (here.id, here.version, here.temporary) == (here.id, 2, False)
    second = said(do, "What is <b>my</b> name?", here)
    assert texts(second["talk"])[2] == "What is &lt;b&gt;my&lt;/b&gt; name?"
    again = named(do, do.load(by(ADA)))  # a reload, or a restart of the app
    assert texts(again["talk"]) == texts(second["talk"])
    assert again["here"] == replace(second["here"], visit=again["here"].visit)
    assert again["listed"]["choices"][0][1] == here.id and again["listed"]["value"] == here.id
    assert "My name is Ada." in again["memory"]["choices"][0][0]


def test_nothing_of_one_browser_is_another_ones(do: Changes, desk: Desk) -> None:
    here = said(do, "My code is 4417.")["here"]
    tries: list[Any] = [
        do.load(by(BOB)),
        do.open(here.id, Here.new(), by(BOB)),
        do.delete(here, by(BOB)),
        do.rename("Mine now", here, by(BOB)),
        do.forget("0", here, by(BOB)),
        do.correct("0", "x y z", here, by(BOB)),
        do.search("4417", here, by(BOB)),
        do.earlier(here, by(BOB)),
        do.look_again(here, by(BOB)),
        do.stop(here, by(BOB)),
        *do.send("What is my code?", here, by(BOB)),
        *do.retry(here, by(BOB)),
    ]
    assert "4417" not in str([named(do, shown) for shown in tries])
    view = desk.kept.view(owner_of(ADA), here.id)
    assert len(view.turns) == 2 and view.info.title == "My code is 4417."


@pytest.mark.parametrize("token", ["", "short", "../../" + "a" * 37])
def test_without_a_cookie_nothing_is_done(do: Changes, desk: Desk, token: str) -> None:
    assert "allow cookies" in said(do, "Hello there.", token=token)["note"]
    assert desk.kept.store.conversations(None) == []


@pytest.mark.parametrize(
    ("message", "words"),
    [("a" * (LONGEST_MESSAGE + 1), "20,001 characters"), ("\u200b \u200e", "empty")],
)
def test_what_cannot_be_read_leaves_nothing_behind(do: Changes, desk: Desk, message: Any, words: str) -> None:
    shown = said(do, message)
    assert words in shown["note"] and 'role="alert"' in shown["note"]
    assert desk.kept.store.conversations(None) == []
    if words == "empty":
        assert shown["box"] == message.strip() and shown["talk"] == []


@pytest.mark.parametrize("message", ["", " \n", None, ["a"]])
def test_nothing_is_sent_where_nothing_was_written(do: Changes, desk: Desk, message: Any) -> None:
    shown = said(do, message)
    assert list(shown) == ["note"] and shown["note"]["__type__"] == "update" and "value" not in shown["note"]
    assert desk.kept.store.conversations(None) == []


def test_a_second_window_is_told_and_shown_the_newest(do: Changes) -> None:
    old = said(do, "My name is Ada.")["here"]
    said(do, "I live in Lisbon.", old)
    shown = said(do, "I live in Rome.", old)
    assert "another window" in shown["note"] and len(shown["talk"]) == 4
    assert (
        "I live in Rome." not in texts(shown["talk"]) and "box" not in shown
    )  # the message stays in its box
    assert said(do, "I live in Rome.", shown["here"])["here"].version == old.version + 2


def test_a_temporary_chat_is_in_no_store_and_gone_when_left(do: Changes, desk: Desk) -> None:
    here = named(do, do.temporary(Here.new(), by(ADA)))["here"]
    here = said(do, "My code is 4417.", here)["here"]
    assert desk.kept.store.conversations(None) == [] and here.temporary
    assert "Temporary" in said(do, "Hello there.", here)["head"]
    shown = named(do, do.new(desk_here := said(do, "And?", _now(desk, here))["here"], by(ADA)))
    assert shown["talk"] == [] and desk.temporary.store.conversations(None) == []
    assert "load the page again" in said(do, "What is my code?", desk_here)["note"]


def _now(desk: Desk, here: Here) -> Here:
    return here.at(desk.conversations(here).view(None, here.id))


def test_temporary_chats_are_bounded(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chat.tab.desk.MOST_TEMPORARY", 4)
    for _ in range(7):
        desk.view_or_new("x", Here(temporary=True))
    assert len(desk.temporary.store.conversations(None)) == 4


def test_memories_are_corrected_and_forgotten(do: Changes) -> None:
    here = said(do, "I live in Lisbon.")["here"]
    chosen = named(do, do.choose_memory("0", here, by(ADA)))
    assert chosen["wording"]["value"] == "I live in Lisbon."
    shown = named(do, do.correct("0", "I live in Porto.", here, by(ADA)))
    assert texts(shown["talk"])[0] == "I live in Porto." and "corrected" in shown["note"]
    shown = named(do, do.forget("0", shown["here"], by(ADA)))
    assert shown["talk"] == [] and "Forgotten: turn 1." in shown["note"]
    assert "choose something" in named(do, do.forget(None, shown["here"], by(ADA)))["note"]


def test_a_long_message_is_corrected_as_a_whole_or_not_at_all(do: Changes, desk: Desk) -> None:
    here = said(do, "I live in Lisbon.")["here"]
    shown = named(do, do.correct("0", "a" * (LONGEST_MESSAGE + 1), here, by(ADA)))
    assert "20,001 characters" in shown["note"] and list(shown) == ["note"]
    right = "I live in Porto. " * 150 + "My sister is called Zebulina."
    here = named(do, do.correct("0", right, here, by(ADA)))["here"]
    assert desk.kept.view(None, here.id).turns[0].text == right


def test_an_order_to_forget_is_obeyed(do: Changes) -> None:
    here = said(do, "I live in Lisbon.")["here"]
    shown = said(do, "Forget that.", here)
    assert shown["talk"] == [] and "Forgotten: turn 1." in shown["note"]


def edited(do: Changes, index: int, value: str, here: Here) -> dict[str, Any]:
    whole: dict[str, Any] = {}
    for shown in do.edit(here, SimpleNamespace(index=[index, 0], value=value), by(ADA)):  # type: ignore[arg-type]
        whole |= named(do, shown)
    return whole


def test_editing_makes_a_branch(do: Changes, desk: Desk) -> None:
    here = said(do, "I live in Rome.", said(do, "My name is Ada.")["here"])["here"]
    shown = edited(do, 2, "I live in Lisbon.", here)
    assert texts(shown["talk"])[2] == "I live in Lisbon." and shown["here"].id != here.id
    assert desk.kept.view(None, here.id).turns[2].text == "I live in Rome."


def test_an_edited_message_is_stored_as_it_was_written(do: Changes, desk: Desk) -> None:
    before = said(do, "Tom & I say <b> and &amp; at R&D.")
    inside = texts(before["talk"])[0]  # which is what the pencil's box holds
    shown = edited(do, 0, inside.replace("Tom", "Tim &copy;"), before["here"])
    (stored, _) = desk.kept.view(None, shown["here"].id).turns
    assert stored.text == "Tim &copy; & I say <b> and &amp; at R&D."


def test_an_edit_that_fails_shows_the_conversation_as_it_is(do: Changes, desk: Desk) -> None:
    here = said(do, "My name is Ada.")["here"]
    for value, words in (("a" * (LONGEST_MESSAGE + 1), "20,001 characters"), ("\u200b \u200e", "empty")):
        shown = edited(do, 0, value, here)
        assert words in shown["note"] and texts(shown["talk"])[0] == "My name is Ada."
        assert shown["here"] == here and shown["box"] == value.strip()
    assert len(desk.kept.store.conversations(None)) == 1


def _meanwhile(do: Changes, here: Here, act: Callable[[Here], dict[Any, Any]]) -> tuple[Any, dict[str, Any]]:
    """What a page shows once something is pressed while a message is answered; then what the answer shows."""
    answer = do.send("My code is 4417.", here, by(ADA))
    begun = named(do, next(answer))["here"]
    next(answer)
    turned = named(do, act(begun))["here"]
    shown: dict[str, Any] = {}
    for part in answer:
        shown = named(do, part)
    return turned, shown


@pytest.mark.parametrize("was", [False, True])
@pytest.mark.parametrize("what", ["new", "temporary", "open", "delete"])
def test_a_page_that_has_turned_stays_so_when_the_answer_ends(
    do: Changes, desk: Desk, what: str, was: bool
) -> None:
    other = said(do, "My name is Ada.")["here"]
    act = {
        "new": lambda here: do.new(here, by(ADA)),
        "temporary": lambda here: do.temporary(here, by(ADA)),
        "open": lambda here: do.open(other.id, here, by(ADA)),
        "delete": lambda here: do.delete(here, by(ADA)),
    }[what]
    turned, shown = _meanwhile(do, Here.new(temporary=was), act)
    assert list(shown) == ["note"] and "value" not in shown["note"]  # touches nothing
    assert turned.id == (other.id if what == "open" else "") and turned.temporary == (what == "temporary")
    assert desk.temporary.store.conversations(None) == []
    kept = desk.kept.store.conversations(None, search="4417")
    assert len(kept) == (0 if was or what == "delete" else 1)
    assert all(len(desk.kept.view(None, info.id).turns) == 2 for info in kept)
    assert said(do, "Hello there.", turned)["here"].temporary == turned.temporary


def test_a_temporary_chat_is_gone_with_a_page_that_is_still_being_answered(do: Changes, desk: Desk) -> None:
    here = Here.new(temporary=True)
    answer = do.send("My code is 4417.", here, by(ADA))
    next(answer)
    desk.leave(owner_of(ADA), here)  # the page did not know the new conversation's id yet
    answer.close()  # type: ignore[attr-defined]
    assert desk.temporary.store.conversations(None) == []


def test_a_page_of_before_a_restart_writes_nothing(do: Changes, desk: Desk) -> None:
    here = do.w.here.value
    assert list(shown := said(do, "My code is 4417.", here)) == ["note"]
    assert "load the page again" in shown["note"]
    assert "load the page again" in edited(do, 0, "My code is 4417.", here)["note"]
    assert desk.kept.store.conversations(None) == desk.temporary.store.conversations(None) == []
    assert said(do, "My name is Ada.", named(do, do.load(by(ADA)))["here"])["here"].id


def test_a_temporary_chat_is_gone_when_it_goes_on_in_a_branch(do: Changes, desk: Desk) -> None:
    here = said(do, "My code is 4417.", Here.new(temporary=True))["here"]
    shown = edited(do, 0, "My name is Ada.", here)
    assert [info.id for info in desk.temporary.store.conversations(None)] == [shown["here"].id]
    assert texts(said(do, "Hello there.", shown["here"])["talk"])[0] == "My name is Ada."
    named(do, do.new(_now(desk, shown["here"]), by(ADA)))
    assert desk.temporary.store.conversations(None) == []


def test_another_reply_and_other_buttons(do: Changes) -> None:
    here = said(do, "My name is Ada.")["here"]
    shown: dict[str, Any] = {}
    for part in do.retry(here, by(ADA)):
        shown |= named(do, part)
    assert len(shown["talk"]) == 2 and texts(shown["talk"])[0] == "My name is Ada."
    shown = named(do, do.rename("  Who   I am ", shown["here"], by(ADA)))
    assert "Who I am" in shown["head"]
    assert named(do, do.search("nothing like it", shown["here"], by(ADA)))["listed"]["choices"] == []
    gone = named(do, do.delete(shown["here"], by(ADA)))
    assert gone["talk"] == [] and gone["listed"]["choices"] == [] and "Deleted" in gone["note"]


def test_a_conversation_of_another_model_offers_a_replay(do: Changes, desk: Desk) -> None:
    view = desk.kept.begin(owner_of(ADA))
    info = desk.kept.store.write(view.info, model_hash="older", title="Old")
    shown = named(do, do.open(info.id, Here.new(), by(ADA)))
    assert shown["replay"]["visible"] and "another model" in shown["note"]
    assert "another model" in said(do, "Hello there.", shown["here"])["note"]
    shown = named(do, do.replay(shown["here"], by(ADA)))
    assert not shown["replay"]["visible"] and said(do, "Hello there.", shown["here"])["talk"]


@pytest.fixture
def client(desk: Desk) -> Iterator[TestClient]:
    server: FastAPI = page.web_app(page.build_app(None, desk), ("testserver",), desk)
    with TestClient(server) as opened:
        opened.get("/")
        yield opened


def test_the_cookie_is_the_servers_and_no_scripts(desk: Desk) -> None:
    server = page.web_app(page.build_app(None, desk), ("testserver",), desk)
    with TestClient(server) as one:
        two = TestClient(server)  # the application has begun already
        issued = one.get("/").headers["set-cookie"]
        assert "HttpOnly" in issued and "SameSite=Strict" in issued
        token = token_in(issued.split(";")[0])
        assert token and token != token_in(two.get("/").headers["set-cookie"].split(";")[0])
        again = one.get("/").headers["set-cookie"]  # a visit renews it
        assert again == issued and "Max-Age=34560000" in again
        body = {"session_hash": "page1", "fn_index": 0, "data": []}
        assert one.post("/gradio_api/queue/join", json=body).status_code != 403
        assert two.post("/gradio_api/queue/join", json=body).status_code == 403
        assert two.get("/gradio_api/queue/data?session_hash=page1").status_code == 403


def owner(client: TestClient) -> str:
    return owner_of(client.cookies[COOKIE])


def test_files_are_attached_and_conversations_carried(client: TestClient, desk: Desk, do: Changes) -> None:
    ours = {"x-longshort": "1", "x-name": "mill%C3%A9.md"}
    sent = client.post("/chat/attach?temporary=0", content=b"# Mill\n\nIt was built in 1823.", headers=ours)
    assert sent.status_code == 200 and "Read millé.md" in sent.json()["said"]
    shown = named(do, do.look_again(Here.new(), by(client.cookies[COOKIE])))
    assert "Reads: millé.md" in shown["head"] and "Ask about it" in shown["note"]
    here = said(do, "When was it built?", shown["here"], client.cookies[COOKIE])["here"]
    data = client.get(f"/chat/export/{here.id}")
    assert data.headers["content-disposition"].startswith("attachment") and b"1823" in data.content
    assert "was imported" in client.post("/chat/import", content=data.content, headers=ours).json()["said"]
    assert len(desk.kept.store.conversations(owner(client))) == 2
    client.cookies.clear()
    assert client.get(f"/chat/export/{here.id}").status_code == 404


def test_a_temporary_chat_is_gone_with_its_page_and_after_an_import(
    client: TestClient, desk: Desk, do: Changes
) -> None:
    token, ours = client.cookies[COOKIE], {"x-longshort": "1"}
    here = said(do, "My code is 4417.", Here.new(temporary=True), token)["here"]
    data = client.get(f"/chat/export/{here.id}?temporary=1").content
    client.post("/chat/import", content=data, headers=ours)
    shown = named(do, do.look_again(here, by(token)))
    assert not shown["here"].temporary and desk.temporary.store.conversations(None) == []
    here = said(do, "My code is 4417.", Here.new(temporary=True), token)["here"]
    address = f"/chat/leave?conversation={here.id}&visit={here.visit}"
    assert client.post(address).status_code == 400  # another program's page
    assert client.post(address, headers=ours).status_code == 204
    assert client.get(f"/chat/export/{here.id}?temporary=1").status_code == 404
    assert f'data-visit="{here.visit}"' in page_of(here)


def page_of(here: Here) -> str:
    from chat.tab.page import head

    return head(here, None, ())


@pytest.mark.parametrize("odd", ['prefs={"theme":"dark"}', "flag", "a[b]=1", "name=Zo\u00eb", "last,visit=3"])
def test_cookies_of_other_programs_hide_no_conversation(odd: str) -> None:
    assert token_in(f"{odd}; {COOKIE}={ADA}") == ADA == token_in(f"{COOKIE}={ADA}; {odd}")


def test_files_that_cannot_be_read_are_said(client: TestClient, desk: Desk) -> None:
    ours = {"x-longshort": "1", "x-name": "a.bin"}
    for what, content, words in (
        ("attach", bytes(50), "a.bin is a binary file"),
        ("import", b"{}", "no exported"),
    ):
        answer = client.post(f"/chat/{what}", content=content, headers=ours)
        assert answer.status_code == 400 and words in answer.json()["problem"]
    assert client.post("/chat/attach", content=b"text").json()["problem"].startswith("this request")
    large = client.post("/chat/attach", content=b"x" * (LARGEST_FILE + 1), headers=ours)
    assert large.status_code == 400 and "a.bin has more than 20 MB" in large.json()["problem"]
    larger = ours | {"content-length": str(LARGEST_REQUEST + 1)}
    assert client.post("/chat/import", content=b"{}", headers=larger).status_code == 413
    assert desk.kept.store.conversations(None) == []


def test_what_was_exported_can_be_imported(client: TestClient, desk: Desk) -> None:
    info = desk.kept.begin(owner(client)).info
    for _ in range(11):
        info = desk.kept.store.add_document(info, "a" * 214, "The mill was sold. " * 105_000)
    data = client.get(f"/chat/export/{info.id}").content
    assert len(data) > LARGEST_FILE
    sent = client.post("/chat/import", content=data, headers={"x-longshort": "1"})
    assert sent.status_code == 200 and "was imported" in sent.json()["said"]


def test_each_box_for_files_knows_its_limit() -> None:
    with gr.Blocks():
        build()
    (importing,) = [text for text in TEXTS.of("en").values() if 'data-to="/chat/import"' in text]
    assert f'data-most="{LARGEST_REQUEST}"' in importing and f"|| {LARGEST_FILE};" in HEAD


NAME = (
    CopiedToken("Your", 0.1, 0),
    CopiedToken(" name", 0.2, None),
    CopiedToken(" Ze", 0.99, 0),
    CopiedToken("bu", 0.7, 0),
    CopiedToken("lon", 0.9, 0),
    CopiedToken(".", 0.3, 2),
    CopiedToken(" ", 0.9, 1),
)


def test_copied_words_are_marked_and_their_sentences_quoted() -> None:
    sources = [
        Source(0, "user", "I am <Zebulon> " + "x" * 300, 2.6, 12),
        Source(4, "doc", "He came.", 0.9, 1, "mill.md"),
    ]
    page = provenance(Reply("Your name Zebulon.", -0.1, NAME, 0.034, 0.5), sources)
    assert page.startswith('<details class="why"><summary>') and "Never told: 3 %" in page
    assert "null slot: 50 %" in page
    # One mark for a word of three tokens; the full stop behind it was not copied.
    assert '>Your name <mark title="copied from turn 1, 87 %">Zebulon<sup>1</sup></mark>.</p>' in page
    assert '<li value="1"><b>You:</b> I am &lt;Zebulon&gt; xxx' in page and "x …" in page
    assert "(12 turns before, 2.6 tokens)" in page and '<li value="5"><b>mill.md:</b> He came.' in page
    assert page.count("<mark") == 1


def test_a_word_mostly_made_by_the_model_is_not_marked() -> None:
    tokens = (CopiedToken("Ze", 0.9, 0), CopiedToken("<b>lon", 0.1, 0))
    page = provenance(Reply("Ze<b>lon", 0.0, tokens, 0.0), [])
    assert "<mark" not in page and "Ze&lt;b&gt;lon" in page and "No word was copied" in page


def test_a_long_conversation_shows_its_newest_turns(do: Changes, desk: Desk, bot: Bot) -> None:
    from chat.store import StoredTurn

    view = desk.kept.begin(owner_of(ADA), "Long")
    rows = [StoredTurn(n, ("user", "bot")[n % 2], f"Turn {n}.") for n in range(200)]
    view = View(desk.kept.store.write(view.info, add=rows), tuple(rows))
    shown = named(do, do.load(by(ADA)))
    assert len(shown["talk"]) == 60 and shown["earlier"]["visible"] and "140 earlier turns" in shown["head"]
    assert len(named(do, do.earlier(shown["here"], by(ADA)))["talk"]) == 180
