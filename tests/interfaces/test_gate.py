"""Limits, other sites, other browsers: what is refused whoever asks, by Gradio's raw interface, too."""

import json
import secrets
import time
from collections.abc import Iterator
from typing import Any

import anyio
import httpx
import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from chat.bot import Bot
from chat.conversations import Conversations
from chat.store import open_store
from interfaces.agents import Tools
from interfaces.gate import Gate, is_foreign
from interfaces.refusing import Refusal
from interfaces.services import Limits, Services, Workers
from interfaces.translating import Direction, translate_html, translate_texts
from tests.interfaces.conftest import apart
from translate.translator import Translator
from web import SECURITY_HEADERS

HTTP = httpx.Client(timeout=60)


@pytest.fixture
def three_a_minute() -> TestClient:
    said = lambda request: PlainTextResponse("yes")  # noqa: E731
    paths = ("/translate", "/v1/models", "/assets/a.js", "/")
    app = Starlette(routes=[Route(path, said, methods=["GET", "POST"]) for path in paths])
    return TestClient(Gate(app, per_minute=3))


def test_so_many_requests_a_minute_and_no_more(three_a_minute: TestClient) -> None:
    assert [three_a_minute.post("/translate").status_code for _ in range(4)] == [200, 200, 200, 429]
    refused = three_a_minute.post("/translate")
    assert "3 a minute" in refused.json()["error"] and 1 <= int(refused.headers["retry-after"]) <= 60
    assert three_a_minute.get("/v1/models").json()["error"]["type"] == "rate_limit_error"
    assert three_a_minute.get("/assets/a.js").status_code == 200, "what a page looks like is not counted"


def test_another_sites_page_is_refused(server: str) -> None:
    values = {"q": "Hi.", "source": "en", "target": "en"}
    for foreign in (
        "https://rebound.example",
        "null",
        "http://127.0.0.1:1",
        "http://127.0.0.1.rebound.example",
    ):
        for path in ("/translate", "/v1/chat/completions", "/mcp", "/gradio_api/queue/join"):
            answer = HTTP.post(server + path, data=values, headers={"origin": foreign})
            assert answer.status_code == 403 and "another site" in answer.text, (foreign, path)
    own = HTTP.post(server + "/translate", data=values, headers={"origin": server})
    assert own.status_code == 200 and "access-control-allow-origin" not in own.headers
    assert not is_foreign({"origin": "moz-extension://a-b-c", "host": "127.0.0.1:7860"})
    assert is_foreign({"sec-fetch-site": "cross-site", "host": "127.0.0.1:7860"})


def test_every_interface_carries_the_security_headers(server: str) -> None:
    for path in ("/health", "/languages", "/v1/models", "/metrics", "/docs", "/openapi.json", "/mcp"):
        with HTTP.stream("GET", server + path) as answer:  # /mcp may keep its stream of events open
            headers = answer.headers
        assert {name: headers.get(name) for name in SECURITY_HEADERS} == SECURITY_HEADERS, path


def test_the_page_of_the_interfaces_asks_nobody_else(server: str) -> None:
    page = HTTP.get(server + "/docs").text
    assert "/static-offline-docs/swagger-ui-bundle.js" in page and "https://" not in page
    assert HTTP.get(server + "/static-offline-docs/swagger-ui-bundle.js").status_code == 200


def test_a_large_request_is_refused(server: str) -> None:
    for path in ("/translate", "/detect", "/v1/chat/completions", "/mcp"):
        answer = HTTP.post(
            server + path, content=b" " * 300_000, headers={"content-type": "application/json"}
        )
        assert answer.status_code == 413, path

    def chunks() -> Iterator[bytes]:
        for _ in range(10):
            yield b" " * 65536

    try:
        answer = HTTP.post(
            server + "/translate", content=chunks(), headers={"content-type": "application/json"}
        )
        assert answer.status_code == 413
    except httpx.TransportError:
        pass  # hung up on


def test_chunks_are_refused_where_they_grow_too_large_and_else_read(server: str) -> None:
    headers = {"content-type": "application/json", "accept": "application/json, text/event-stream"}
    large = HTTP.post(server + "/mcp", content=iter([b" " * 65536] * 10), headers=headers)
    assert large.status_code == 413 and "too large" in large.json()["error"]
    small = [b'{"jsonrpc": "2.0", ', b'"id": 1, "method": "tools/list"}']
    assert HTTP.post(server + "/mcp", content=iter(small), headers=headers).json()["result"]["tools"]
    text = [b'{"q": "Hi.", ', b'"source": "en", "target": "en"}']
    assert HTTP.post(server + "/translate", content=iter(text), headers=headers).json() == {
        "translatedText": "Hi."
    }


def test_what_takes_too_long_is_given_up(translator: Translator, bot: Bot) -> None:
    services = Services.of(translator, Conversations(bot, open_store(":memory:")), Limits(seconds=0))
    for translate in (translate_texts, translate_html):
        with pytest.raises(Refusal, match="longer than 0 s") as late:
            translate(services, ["Where is it?"], Direction("en", "de"))
        assert late.value.status == 503 and late.value.headers["retry-after"]
    answer = Tools(services).ask_document("Who?", "Ada.", "a")["answer"]
    assert len(answer) < 10, "a reply ends where its time does; this bot ends none by itself"


def test_what_is_too_much_at_once_is_refused() -> None:
    async def main() -> list[Any]:
        workers = Workers(1)
        found: list[Any] = []

        async def ask() -> None:
            try:
                found.append(await workers.run(time.sleep, 0.2))
            except Refusal as refusal:
                found.append(refusal.status)

        async with anyio.create_task_group() as tasks:
            for _ in range(5):
                tasks.start_soon(ask)
        found.append(await workers.run(lambda: "again"))
        return found

    assert apart(main) == [503, 503, 503, None, None, "again"]


def test_gradios_own_client(server: str) -> None:
    client = Client(server, verbose=False)
    assert client.predict("Where is 42?", "en", "de", api_name="/translate").strip()
    found = client.predict("Guten Morgen, wo ist die Tür?", api_name="/detect")
    assert found["language"] == "de"
    for text, words in (("x" * 2001, "2,000 at most"), (5, "give a string")):
        with pytest.raises(AppError, match=words):
            client.predict(text, "en", "de", api_name="/translate")
    assert set(client.view_api(return_format="dict")["named_endpoints"]) == {"/translate", "/detect"}


def join(server: str, page: str, function: int, data: list[Any], **headers: str) -> httpx.Response:
    body = {"session_hash": page, "fn_index": function, "data": data}
    return HTTP.post(f"{server}/gradio_api/queue/join", json=body, headers=headers)


def test_gradios_raw_interface_keeps_to_the_limits(server: str) -> None:
    """The handler of the translation tab, called as its page calls it, but with what no page would send."""
    config = HTTP.get(server + "/config").json()
    names = {one["id"]: one["props"].get("elem_id") for one in config["components"]}
    text = next(number for number, name in names.items() if name == "text")
    function = next(
        one
        for one in config["dependencies"]
        if [text, "submit"] in one["targets"] and names.get(one["inputs"][0]) == "text"
    )
    page = secrets.token_hex(6)
    data = ["x" * 6000, "en", "de", *[""] * (len(function["inputs"]) - 3)]
    assert join(server, page, function["id"], data).status_code == 200
    said = ""
    with HTTP.stream("GET", f"{server}/gradio_api/queue/data?session_hash={page}") as stream:
        for line in stream.iter_lines():
            said += line
            if "process_completed" in line or "close_stream" in line:
                break
    assert "6,000 characters" in said and "xxxx" not in said


def test_a_pages_stream_is_its_own_browsers(server: str) -> None:
    """Neither with another cookie, nor without one, nor under another address can a page be joined."""
    page = secrets.token_hex(6)
    mine = {"cookie": f"longshort={secrets.token_urlsafe(32)}"}
    join(server, page, 0, [], **mine)
    other = {"cookie": f"longshort={secrets.token_urlsafe(32)}"}
    body = {"session_hash": page, "event_id": "x", "fn_index": 0, "data": []}
    for headers in (other, {}):
        for path in ("queue/data?session_hash=", "heartbeat/", "stream/", "deep_link?session_hash="):
            tail = "/1/2/playlist.m3u8" if path == "stream/" else ""
            answer = HTTP.get(f"{server}/gradio_api/{path}{page}{tail}", headers=headers)
            assert answer.status_code == 403, (path, answer.status_code)
        for path in (
            "queue/join",
            "cancel",
            "reset",
            "run/translate",
            "component_server",
            "queue/join?session_hash=y",
        ):
            answer = HTTP.post(f"{server}/gradio_api/{path}", json=body, headers=headers)
            assert answer.status_code == 403, (path, answer.status_code)


@pytest.mark.parametrize("address", ["https://example.org/x", "/etc/passwd", "app.py"])
def test_no_file_of_the_machine_is_read_for_a_client(server: str, address: str) -> None:
    value = {"path": address, "url": address, "orig_name": "a.md", "meta": {"_type": "gradio.FileData"}}
    config = HTTP.get(server + "/config").json()
    names = {one["id"]: one["props"].get("elem_id") for one in config["components"]}
    functions = [
        one for one in config["dependencies"] if one["inputs"] and names.get(one["inputs"][0]) == "file"
    ]
    assert functions
    for function in functions:
        page = secrets.token_hex(6)
        data = [value, "en", "de", *[""] * (len(function["inputs"]) - 3)]
        answer = join(server, page, function["id"], data)
        if answer.status_code >= 400:
            continue
        with HTTP.stream("GET", f"{server}/gradio_api/queue/data?session_hash={page}") as stream:
            said = "".join(line for line in stream.iter_lines())
        assert "root:" not in said and "import" not in said and json.dumps("process_completed") in said
        assert '"success": false' in said or '"success":false' in said
