"""The MCP server, asked by the official client: over HTTP on the application, and over stdin and stdout."""

import json
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client

from chat.bot import Bot
from chat.conversations import Conversations
from chat.documents import passages_of
from chat.mind import Mind
from chat.store import StoredTurn, open_store
from interfaces.agents import Tools, build
from interfaces.keys import Keys
from interfaces.services import Limits, Services
from interfaces.telling import told
from tests.interfaces.conftest import apart
from translate.translator import Translator

ROOT = Path(__file__).parent.parent.parent
TOOLS = {"translate", "detect_language", "remember", "recall", "ask_document"}
Work = Callable[[Client], Awaitable[Any]]


def over_http(server: str, work: Work, token: str = "") -> Any:
    async def main() -> Any:
        headers = {"authorization": f"Bearer {token}"} if token else {}
        async with (
            httpx2.AsyncClient(headers=headers, timeout=60) as http,
            Client(streamable_http_client(f"{server}/mcp", http_client=http)) as client,
        ):
            return await work(client)

    return apart(main)


def calls(server: str, token: str, *wanted: tuple[str, dict[str, Any]]) -> list[Any]:
    """What tools answer, one after the other: JSON, or the words of a refusal."""

    async def work(client: Client) -> list[Any]:
        return [await client.call_tool(tool, arguments) for tool, arguments in wanted]

    found = []
    for result in over_http(server, work, token):
        text = result.content[0].text
        assert result.is_error or result.structured_content == json.loads(text)
        found.append(text if result.is_error else json.loads(text))
    return found


def test_the_tools_are_those_that_work(server: str) -> None:
    listed = over_http(server, lambda client: client.list_tools())
    assert {tool.name for tool in listed.tools} == TOOLS
    assert all(tool.description and "context" not in json.dumps(tool.input_schema) for tool in listed.tools)


def test_translate_and_detect(server: str) -> None:
    found, detected, wrong, long = calls(
        server,
        "",
        ("translate", {"text": "Where is 42?", "target": "de"}),
        ("detect_language", {"text": "Guten Morgen, wo ist die Tür?"}),
        ("translate", {"text": "Hello.", "target": "it"}),
        ("detect_language", {"text": "x" * 2001}),
    )
    assert found["source"] == "en" and "42" in found["text"] and found["warnings"] == []
    assert detected["language"] == "de"
    assert "it is not supported" in wrong and "2,000 at most" in long


def test_what_is_remembered_is_recalled_by_whoever_told_it(server: str) -> None:
    ask = ("recall", {"question": "Where is the key?"})
    first, second, answer, again = calls(
        server,
        "mine",
        ("remember", {"text": "The key is under the mat."}),
        ("remember", {"text": "Ada has a boat."}),
        ask,
        ask,
    )
    assert second["memory"] == first["memory"] and second["turn"] > first["turn"]
    assert set(answer) == {"answer", "never_told", "sources"} and again == answer, "asking changes nothing"
    nothing, no_such = calls(
        server, "another", ask, ("recall", {"question": "Where?", "memory": first["memory"]})
    )
    assert "nothing is remembered" in nothing and "no such conversation" in no_such
    (gone,) = calls(server, "mine", ("remember", {"text": "Forget what I said about the key."}))
    assert first["turn"] in gone["forgotten_turns"]
    none, refused = calls(
        server, "mine", ("remember", {"text": "Forget turn 99."}), ("recall", {"question": "Forget that."})
    )
    assert none["forgotten_turns"] == [] and "to `remember`" in refused


def test_a_memory_of_nobody_opens_by_its_name_only(server: str) -> None:
    (told,) = calls(server, "", ("remember", {"text": "The key is under the mat."}))
    memory = told["memory"]
    found, nothing, other = calls(
        server,
        "",
        ("recall", {"question": "Where is the key?", "memory": memory}),
        ("recall", {"question": "Where is the key?"}),
        ("remember", {"text": "Ada has a boat."}),
    )
    assert found["answer"] and "nothing is remembered" in nothing and other["memory"] != memory
    (refused,) = calls(server, "mine", ("remember", {"text": "Hi Ada.", "memory": memory}))
    assert "no such conversation" in refused


def test_a_document_is_asked(server: str) -> None:
    text = "The mill was built by Jonas Webb. " * 60 + "\n\nThe tower is old."
    found, long = calls(
        server,
        "",
        ("ask_document", {"question": "Who built the mill?", "text": text, "name": "mill.txt"}),
        ("ask_document", {"question": "Who?", "text": "x" * 200_001}),
    )
    assert found["answer"] and all(one["document"] for one in found["sources"] if one["speaker"] == "doc")
    assert "200,000 at most" in long


@pytest.fixture
def tools(bot: Bot) -> Iterator[Tools]:
    """Over a store of their own."""
    conversations = Conversations(bot, open_store(":memory:"))
    yield Tools(Services.of(None, conversations))
    conversations.store.close()


def test_what_another_model_has_read_is_read_anew(tools: Tools) -> None:
    conversations = tools.services.talking()
    told = tools.remember("me", "The key is under the mat.", "")
    for ask in (
        lambda: tools.recall("me", "Where is the key?", ""),
        lambda: tools.remember("me", "Ada has a boat.", told["memory"]),
    ):
        view = conversations.view("me", told["memory"])
        conversations.store.write(view.info, model_hash="another")
        conversations.minds.drop(view.info.id)
        assert ask()
    turns = conversations.view("me", told["memory"]).turns
    assert [turn.text for turn in turns if turn.speaker == "user"] == [
        "The key is under the mat.", "Ada has a boat.",
    ]  # fmt: skip


def test_a_text_that_is_refused_leaves_no_memory_behind(tools: Tools) -> None:
    for owner in ("me", ""):
        with pytest.raises(ValueError, match="empty"):
            tools.remember(owner, " ", "")
    assert not tools.services.talking().store.conversations(None)
    told = tools.remember("me", "The key is under the mat.", "")
    with pytest.raises(ValueError, match="empty"):
        tools.remember("me", " ", "")
    assert tools.recall("me", "Where is the key?", told["memory"])["answer"]


def test_a_document_is_called_by_its_name(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[StoredTurn] = []
    monkeypatch.setattr("interfaces.telling.sources_of", lambda bot, said, turns: asked.extend(turns) or [])
    passages = passages_of("mill.txt", "The mill was built by Jonas Webb.")
    told(bot, Mind(bot.new_state()), [], "Who built the mill?", None, passages)
    assert [turn.about["name"] for turn in asked if turn.speaker == "doc"] == ["mill.txt"]


def test_keys_are_asked_for_where_the_server_wants_them(guarded: str, keys: Keys) -> None:
    wanted = ("translate", {"text": "Hello.", "target": "de"})
    assert "longshort keys add" in calls(guarded, "", wanted)[0]
    assert "Incorrect API key" in calls(guarded, "wrong", wanted)[0]
    assert calls(guarded, keys.add("agent"), wanted)[0]["text"]


def test_another_sites_page_gets_no_answer(server: str) -> None:
    import httpx

    for headers in ({"origin": "https://rebound.example"}, {"host": "rebound.example"}):
        answer = httpx.post(
            f"{server}/mcp", json={"jsonrpc": "2.0", "id": 1, "method": "ping"}, headers=headers
        )
        assert answer.status_code in (400, 403, 421)


def test_over_stdin_and_stdout(tmp_path: Path) -> None:
    """As an agent starts it: with the shipped models."""
    arguments = ["cli.py", "mcp", "--store", str(tmp_path / "s.sqlite3")]
    here = StdioServerParameters(command=sys.executable, args=arguments, cwd=str(ROOT))

    async def main() -> tuple[Any, Any]:
        async with Client(stdio_client(here)) as client:
            told = await client.call_tool("remember", {"text": "The key is under the mat."})
            return told, await client.call_tool("recall", {"question": "Where is the key?"})

    told, answer = apart(main)
    assert not told.is_error and not answer.is_error, (told, answer)
    assert json.loads(answer.content[0].text)["answer"]


def test_a_translator_that_learnt_to_correct_offers_it(
    translator: Translator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(translator.engine.card, "abilities", ["fix"])
    tools = build(Services.of(translator, None, Limits(characters=100)), lambda _: "")
    before = "My name are Ada."

    async def main() -> tuple[set[str], Any, Any]:
        async with Client(tools) as client:
            listed = {tool.name for tool in (await client.list_tools()).tools}
            done = await client.call_tool("correct_grammar", {"text": before})
            return listed, done, await client.call_tool("correct_grammar", {"text": "x" * 101})

    listed, done, long = apart(main)
    assert listed == {*TOOLS, "correct_grammar"}
    told = json.loads(done.content[0].text)
    after = before
    for change in reversed(told["changes"]):
        after = after[: change["start"]] + change["after"] + after[change["end"] :]
    assert after == told["text"] and long.is_error and "100 at most" in long.content[0].text


def test_correcting_ends_with_the_time_of_a_request(
    translator: Translator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(translator.engine.card, "abilities", ["fix"])
    tools = build(Services.of(translator, None, Limits(seconds=0)), lambda _: "")

    async def main() -> Any:
        async with Client(tools) as client:
            return await client.call_tool("correct_grammar", {"text": "My name are Ada."})

    late = apart(main)
    assert late.is_error and "took longer than 0 s" in late.content[0].text
