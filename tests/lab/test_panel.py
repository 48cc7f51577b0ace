"""The panel beside a translation and a reply, and pictures as files."""

import io
import zipfile
from typing import Any

import gradio as gr
import pandas as pd
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from chat.bot import Bot
from chat.conversations import Conversations, View
from chat.looking import exchange
from chat.store import open_store
from lab import downloads, panel
from lab.finding import Finding, Picture, Table, array
from lab.glass import findings, look
from lab.tab import page
from lstm_models.engine import Engine
from lstm_models.search import SearchOptions
from translate.translator import Translator


def test_names_are_those_of_the_findings() -> None:
    assert panel.OF_A_SENTENCE == findings.OF_A_SENTENCE
    assert panel.OF_A_REPLY == findings.OF_A_REPLY
    assert panel.GATES == look.GATES


def test_each_part_of_a_sentence(engines: dict[str, Engine]) -> None:
    translator, text = Translator(engines["translate"]), "He bought the apples. She bought books."
    for part, off in zip(panel.OF_A_SENTENCE, ("", "", "encoder 1: 2 3"), strict=True):
        choice, finding = panel._sentence(translator, 0, part, "encoder 1", "cell", off, text, "en", "de")
        assert choice["value"] == 0 and choice["choices"][1] == ("1 · He bought the apples.", 0)
        assert finding.pictures and all(check.holds for check in finding.checks)


@pytest.mark.parametrize("chosen", [panel.LAST, 7, -1, True, "what was there before"])
def test_the_last_sentence_is_looked_at_where_none_is_chosen(
    engines: dict[str, Engine], monkeypatch: pytest.MonkeyPatch, chosen: Any
) -> None:
    looked: list[str] = []
    inspect = look.inspect
    monkeypatch.setattr(look, "inspect", lambda *a, **k: looked.append(a[1]) or inspect(*a, **k))
    text, part = "He bought the apples. She bought books.", panel.OF_A_SENTENCE[1]
    choice, _ = panel._sentence(
        Translator(engines["translate"]), chosen, part, "decoder 0", "forget", "", text, "en", "de"
    )
    assert looked == ["She bought books."] and choice["value"] == panel.LAST


def test_a_choice_that_waits_while_a_look_runs_is_still_one(engines: dict[str, Engine]) -> None:
    translator, part = Translator(engines["translate"]), panel.OF_A_SENTENCE[1]
    for text in ("He bought the apples. She bought books.", "She bought the apples. He bought books."):
        choice, _ = panel._sentence(translator, 1, part, "decoder 0", "cell", "", text, "en", "de")
        assert [value for _, value in choice["choices"]] == [panel.LAST, 0, 1] and choice["value"] == 1


@pytest.mark.parametrize(
    ("part", "off", "text", "said"),
    [
        ("Alignment and copying", "", " ", "write a text of up to 5,000"),
        ("Alignment and copying", "", "a" * 5001, "write a text of up to 5,000"),
        ("Alignment and copying", "", "12", "nothing in this text"),
        ("Units switched off", "", "He bought.", "no unit is switched off"),
        ("Units switched off", "encoder 9: 1", "He bought.", "layer 'encoder 9'"),
        ("Units switched off", "encoder", "He bought.", "write them as in"),
        ("Everything", "", "He bought.", "there is no part 'Everything'"),
    ],
)
def test_what_cannot_be_looked_at_is_said(
    engines: dict[str, Engine], part: str, off: str, text: str, said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        panel._sentence(
            Translator(engines["translate"]), "", part, "encoder 1", "cell", off, text, "en", "de"
        )


def test_each_part_of_a_reply(engines: dict[str, Engine], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chat.bot.DEFAULT", SearchOptions(max_length=6))
    conversations = Conversations(Bot(engines["chat"]), open_store(":memory:"))
    view = conversations.begin("me")
    for message in ("My name is Ada.", "What is my name?"):
        for part in conversations.say(view, message):
            view = part if isinstance(part, View) else view
    found = exchange(conversations, view)
    for name in panel.OF_A_REPLY:
        choice, finding = panel._reply(found, 3, name, "encoder 1", "forget", "encoder 1: 2")
        assert finding.pictures, name
        assert choice["value"] == 3 and len(choice["choices"]) == 3


def test_a_problem_leaves_the_choice_alone() -> None:
    def fails() -> Any:
        raise ValueError("no <reply>")

    first, words, *rest = panel._guarded(fails, None, [])
    assert first == gr.skip() and "no &lt;reply&gt;" in words and rest


def test_pictures_are_saved_by_whoever_was_told_their_name(monkeypatch: pytest.MonkeyPatch) -> None:
    pd = pytest.importorskip("pandas")
    finding = Finding(
        (),
        (),
        (Picture("One", array([1.0, 2.0], "x", step=[1, 2]), "line", "step"),),
        (Table("Rows", pd.DataFrame({"a": [1]})),),
    )
    server = FastAPI()
    downloads.add_routes(server)
    client = TestClient(server)
    address = downloads.link(finding).split('href="')[1].split('"')[0]
    answer = client.get(address)
    assert answer.status_code == 200 and answer.headers["cache-control"] == "no-store"
    names = zipfile.ZipFile(io.BytesIO(answer.content)).namelist()
    assert names == ["01-one.svg", "01-one.png", "01-one.parquet", "table-01-rows.parquet"]
    assert client.get(downloads.ROUTE + "guess.zip").status_code == 404
    assert downloads.link(Finding(("words only",))) == ""
    for _ in range(downloads.MOST_KEPT):
        downloads.link(finding)
    assert client.get(address).status_code == 404
    monkeypatch.setattr(downloads, "NEEDED", ("no_such_package",))
    assert "longshort[lab]" in downloads.link(finding)


def test_tables_escape_words_and_shorten_numbers() -> None:
    rows = pd.DataFrame({"net": ["<b>", "LSTM"], "error": [-0.0, 1 / 3], "updates": [3, 123456]})
    (_, *_, shown) = page(Finding(("said",), tables=(Table("Nets", rows),)))
    assert '<td class="words">&lt;b&gt;</td><td>0</td><td>3</td>' in shown
    assert '<td class="words">LSTM</td><td>0.3333</td><td>123456</td>' in shown
