"""/metrics and the log: numbers, routes and times, and never a word of what was said."""

import json
import logging
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI
from starlette.testclient import TestClient

from front.accounts import Accounts
from front.signing import SIGN_IN, SigningIn
from interfaces.attach import attach
from interfaces.refusing import LOG
from interfaces.services import Services
from interfaces.watching import JsonLines, log_requests

HTTP = httpx.Client(timeout=60)
SECRET = "xyzzy"


class Lines(logging.Handler):
    """What would be written."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(JsonLines().format(record))


@pytest.fixture
def lines() -> Iterator[list[str]]:
    handler = Lines()
    handlers, level = LOG.handlers, LOG.level
    LOG.handlers = [handler]
    LOG.setLevel(logging.INFO)
    yield handler.lines
    LOG.handlers = handlers
    LOG.setLevel(level)


def test_requests_are_counted_by_route(server: str) -> None:
    def count(route: str, status: int) -> float:
        start = f'longshort_requests_total{{method="POST",route="{route}",status="{status}"}} '
        found = [line for line in HTTP.get(server + "/metrics").text.splitlines() if line.startswith(start)]
        return float(found[0].removeprefix(start)) if found else 0

    before = count("/translate", 200), count("/translate", 400)
    HTTP.post(server + "/translate", data={"q": SECRET, "source": "en", "target": "en"})
    HTTP.post(server + "/translate", data={"q": SECRET})
    assert (count("/translate", 200), count("/translate", 400)) == (before[0] + 1, before[1] + 1)
    text = HTTP.get(server + "/metrics").text
    for name in ("longshort_request_seconds_bucket", "longshort_waiting 0.0", "longshort_requests_now"):
        assert name in text
    assert SECRET not in text


def test_the_numbers_stay_few_whatever_is_asked(server: str) -> None:
    for number in range(20):
        HTTP.get(f"{server}/nothing/{number}/{SECRET}")
        HTTP.get(f"{server}/download_file/{number}{SECRET}")
    text = HTTP.get(server + "/metrics").text
    assert SECRET not in text and len({line for line in text.splitlines() if "/nothing" in line}) == 0


def test_a_line_tells_of_each_request_without_its_words(server: str, lines: list[str]) -> None:
    HTTP.post(f"{server}/translate?api_key={SECRET}", data={"q": SECRET, "source": SECRET, "target": "en"})
    body = {"model": "longshort-chat", "messages": [{"role": "user", "content": SECRET}], "max_tokens": 2}
    HTTP.post(server + "/v1/chat/completions", json=body, headers={"authorization": f"Bearer {SECRET}"})
    HTTP.get(f"{server}/{SECRET}")
    deadline = time.monotonic() + 10  # a line is written once its answer has gone
    while len(lines) < 3 and time.monotonic() < deadline:
        time.sleep(0.02)
    found = [json.loads(line) for line in lines]
    answered = [(one["route"], one["status"]) for one in found]
    assert {("/translate", 400), ("/v1/chat/completions", 200), ("other", 404)} <= set(answered)
    assert all(set(one) >= {"time", "level", "event", "method", "milliseconds"} for one in found)
    assert SECRET not in "".join(lines)


def routes_of(lines: list[str]) -> list[str]:
    return [json.loads(line)["route"] for line in lines]


@pytest.fixture
def with_accounts(tmp_path: Path) -> TestClient:
    """Of an application that ada, who has the only account, may use."""
    accounts = Accounts(tmp_path / "users.json", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    accounts.add("ada", SECRET * 2)
    app = FastAPI()
    app.add_middleware(SigningIn, accounts=accounts, cookie="chat", keys=True)
    attach(app, Services())
    return TestClient(app, follow_redirects=False)


def test_with_accounts_a_request_is_known_by_its_route(with_accounts: TestClient, lines: list[str]) -> None:
    with_accounts.get("/v1/models")  # for who has a key
    with_accounts.post(SIGN_IN, data={"name": "ada", "password": SECRET * 2})
    with_accounts.get("/languages")
    assert routes_of(lines) == ["/v1/models", "other", "/languages"]


def test_a_file_of_users_that_is_damaged_is_the_servers_fault(
    with_accounts: TestClient, tmp_path: Path
) -> None:
    with_accounts.post(SIGN_IN, data={"name": "ada", "password": SECRET * 2})
    (tmp_path / "users.json").write_text("{")
    answer = with_accounts.get("/languages")
    assert answer.status_code == 503 and "file of users is damaged" in answer.text
    assert str(tmp_path) not in answer.text


def test_mcp_is_a_route_like_another(lines: list[str]) -> None:
    app = FastAPI()
    attach(app, Services())
    with TestClient(app) as client:
        client.post("/mcp", json={})
    assert routes_of(lines) == ["/mcp"]


def test_a_fault_is_logged_by_place_and_answered_without_its_words(lines: list[str]) -> None:
    app = FastAPI()
    attach(app, Services())

    @app.get("/broken")
    def broken() -> None:
        raise RuntimeError(SECRET)

    answer = TestClient(app).get("/broken")
    fault, request = (json.loads(line) for line in lines)
    assert answer.status_code == 500 and fault["fault"] in answer.json()["error"]
    assert fault["kind"] == "RuntimeError" and "test_watching.py:" in fault["place"]
    assert request["status"] == 500
    assert SECRET not in answer.text and SECRET not in "".join(lines)


def test_without_a_model_the_server_says_how_to_get_one() -> None:
    app = FastAPI()
    attach(app, Services())
    client = TestClient(app)
    said = client.post("/translate", data={"q": "Hi.", "source": "en", "target": "de"})
    assert said.status_code == 404 and "--translate-model" in said.json()["error"]
    body = {"model": "longshort-chat", "messages": [{"role": "user", "content": "Hi."}]}
    said = client.post("/v1/chat/completions", json=body)
    assert said.status_code == 404 and "--chat-model" in said.json()["error"]["message"]
    assert client.get("/v1/models").json() == {"object": "list", "data": []}


def test_the_log_is_quiet_unless_it_is_wanted(capsys: pytest.CaptureFixture[str], lines: list[str]) -> None:
    for quiet in (True, False):
        log_requests(quiet)
        LOG.info("request", extra={"route": "/x", "secret": SECRET})
        err = capsys.readouterr().err
        assert bool(err) is not quiet and SECRET not in err
