"""Suggestions while one types: whole words for what is under way, nothing where nothing is likely."""

from pathlib import Path

import gradio as gr
import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI
from fastapi.testclient import TestClient

from front.accounts import Accounts
from front.signing import SIGN_IN
from interfaces.keys import Keys
from interfaces.services import Services
from lab import suggestions
from lab.suggestions import LEAST, MOST, ROUTE, add_routes, below_box, suggest
from page import build_app, web_app


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


@pytest.mark.parametrize("keys", [False, True])
def test_with_accounts_only_those_signed_in_are_answered(tmp_path: Path, keys: bool) -> None:
    accounts = Accounts(tmp_path / "users.json", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    accounts.add("ada", "correct horse battery")
    services = Services(keys=Keys(tmp_path / "keys.json") if keys else None)
    server = web_app(build_app(None, None, accounts=True), services=services, accounts=accounts)
    client = TestClient(server, "http://localhost", follow_redirects=False)
    text = {"text": "The game was rele"}
    assert client.post(ROUTE, json=text).status_code == 401
    signed = client.post(SIGN_IN, data={"name": "ada", "password": "correct horse battery"})
    assert signed.status_code == 303
    assert client.post(ROUTE, json=text).json()["words"][0] == "released"
