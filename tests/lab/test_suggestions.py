"""Suggestions while one types: whole words for what is under way, nothing where nothing is likely."""

import gradio as gr
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from lab import suggestions
from lab.suggestions import LEAST, MOST, ROUTE, add_routes, below_box, suggest


def test_a_word_under_way_is_completed_and_the_next_one_guessed() -> None:
    ended = suggest("The game was rele")
    assert ended.words[0] == "released" and ended.typed == 4
    assert all(word.startswith("rele") for word in ended.words) and len(ended.words) <= MOST
    after = suggest("The game was released in the ")
    assert after.typed == 0 and all(word.isalnum() for word in after.words)
    for nothing in ("", "  ", "It ends here.", "qqqqxz("):
        assert suggest(nothing).words == []


def test_unlikely_words_are_kept_back(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [("er", LEAST / 2), ("est", 2 * LEAST)]
    monkeypatch.setattr("lab.lessons.next_letter.complete", lambda *given: found)
    assert suggest("new").words == ["newest"]


def test_the_route_takes_a_short_text_only() -> None:
    server = FastAPI()
    add_routes(server)
    client = TestClient(server)
    assert client.post(ROUTE, json={"text": "The game was rele"}).json()["words"][0] == "released"
    for bad in ({"text": "a" * 1000}, {"text": 1}, {}, {"text": "a", "more": 1}):
        assert client.post(ROUTE, json=bad).status_code == 422


def test_without_torch_there_is_no_switch(monkeypatch: pytest.MonkeyPatch) -> None:
    def made() -> int:
        with gr.Blocks() as blocks:
            below_box()
        return len(blocks.children)

    assert made() == 1
    monkeypatch.setattr(suggestions.importlib.util, "find_spec", lambda name: None)
    assert made() == 0
