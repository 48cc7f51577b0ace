"""The MCP server, asked by the official client: over HTTP on the application, and over stdin and stdout."""

import json
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pytest
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client

from interfaces.keys import Keys

ROOT = Path(__file__).parent.parent.parent
TOOLS = {"translate", "detect_language", "remember", "recall", "ask_document"}
Work = Callable[[Client], Awaitable[Any]]


def over_http(server: str, work: Work, token: str = "") -> Any:
    async def main() -> Any:
        headers = {"authorization": f"Bearer {token}"} if token else {}
        async with httpx2.AsyncClient(headers=headers, timeout=60) as http:
            async with Client(streamable_http_client(f"{server}/mcp", http_client=http)) as client:
                return await work(client)

    return anyio.run(main)


def called(server: str, tool: str, token: str = "", **arguments: Any) -> dict[str, Any]:
    """What a tool gives."""
    result = over_http(server, lambda client: client.call_tool(tool, arguments), token)
    text = result.content[0].text
    assert not result.is_error, text
    found = json.loads(text)
    assert result.structured_content == found
    return found


def refused(server: str, tool: str, token: str = "", **arguments: Any) -> str:
    result = over_http(server, lambda client: client.call_tool(tool, arguments), token)
    assert result.is_error
    return str(result.content[0].text)


def test_the_tools_are_those_that_work(server: str) -> None:
    listed = over_http(server, lambda client: client.list_tools())
    assert {tool.name for tool in listed.tools} == TOOLS
    assert all(tool.description and "context" not in json.dumps(tool.input_schema) for tool in listed.tools)


def test_translate_and_detect(server: str) -> None:
    found = called(server, "translate", text="Where is 42?", target="de")
    assert found["source"] == "en" and "42" in found["text"] and found["warnings"] == []
    assert called(server, "detect_language", text="Guten Morgen, wo ist die Tür?")["language"] == "de"
    assert "it is not supported" in refused(server, "translate", text="Hello.", target="it")
    assert "2,000 at most" in refused(server, "detect_language", text="x" * 2001)


def test_what_is_remembered_is_recalled_by_whoever_told_it(server: str) -> None:
    first = called(server, "remember", "mine", text="The key is under the mat.")
    second = called(server, "remember", "mine", text="Ada has a boat.")
    assert second["memory"] == first["memory"] and second["turn"] > first["turn"]
    answer = called(server, "recall", "mine", question="Where is the key?")
    assert set(answer) == {"answer", "never_told", "sources"}
    assert called(server, "recall", "mine", question="Where is the key?") == answer, "asking changes nothing"
    assert "nothing is remembered" in refused(server, "recall", "another", question="Where is the key?")
    words = refused(server, "recall", "another", question="Where?", memory=first["memory"])
    assert "no such conversation" in words
    gone = called(server, "remember", "mine", text="Forget what I said about the key.")
    assert first["turn"] in gone["forgotten_turns"]


def test_a_memory_of_nobody_opens_by_its_name_only(server: str) -> None:
    memory = called(server, "remember", text="The key is under the mat.")["memory"]
    assert called(server, "recall", question="Where is the key?", memory=memory)["answer"]
    assert "nothing is remembered" in refused(server, "recall", question="Where is the key?")
    assert called(server, "remember", text="Ada has a boat.")["memory"] != memory
    assert "no such conversation" in refused(server, "remember", "mine", text="Hi Ada.", memory=memory)


def test_a_document_is_asked(server: str) -> None:
    text = "The mill was built by Jonas Webb. " * 60 + "\n\nThe tower is old."
    found = called(server, "ask_document", question="Who built the mill?", text=text, name="mill.txt")
    assert found["answer"] and all(one["document"] for one in found["sources"] if one["speaker"] == "doc")
    assert "200,000 at most" in refused(server, "ask_document", question="Who?", text="x" * 200_001)


def test_keys_are_asked_for_where_the_server_wants_them(guarded: str, keys: Keys) -> None:
    assert "longshort keys add" in refused(guarded, "translate", text="Hello.", target="de")
    assert "Incorrect API key" in refused(guarded, "translate", "wrong", text="Hello.", target="de")
    assert called(guarded, "translate", keys.add("agent"), text="Hello.", target="de")["text"]


def test_another_sites_page_gets_no_answer(server: str) -> None:
    import httpx

    for headers in ({"origin": "https://rebound.example"}, {"host": "rebound.example"}):
        answer = httpx.post(
            f"{server}/mcp", json={"jsonrpc": "2.0", "id": 1, "method": "ping"}, headers=headers
        )
        assert answer.status_code in (400, 403, 421)


@pytest.mark.parametrize("command", [["mcp"]])
def test_over_stdin_and_stdout(command: list[str], tiny: dict[str, Path], tmp_path: Path) -> None:
    arguments = ["cli.py", *command, "--store", str(tmp_path / "s.sqlite3")]
    for task, folder in tiny.items():
        arguments += [f"--{task}-model", str(folder)]
    here = StdioServerParameters(command=sys.executable, args=arguments, cwd=str(ROOT))

    async def main() -> tuple[Any, Any]:
        async with Client(stdio_client(here)) as client:
            told = await client.call_tool("remember", {"text": "The key is under the mat."})
            return told, await client.call_tool("recall", {"question": "Where is the key?"})

    told, answer = anyio.run(main)
    assert not told.is_error and not answer.is_error, (told, answer)
    assert json.loads(answer.content[0].text)["answer"]
