"""Accounts: the file, what guessing costs, and that each user meets their own conversations only."""

import json
import time
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient
from typer.testing import CliRunner

import cli
from chat.tab.sessions import COOKIE as CHAT
from chat.tab.sessions import Sessions, token_in
from front import accounts as kept
from front.accounts import Accounts, TooMany
from front.signing import COOKIE, SIGN_IN, SIGN_OUT, UNUSED, SigningIn

GOOD = "correct horse battery"


@pytest.fixture
def accounts(tmp_path: Path) -> Accounts:
    made = Accounts(tmp_path / "users.json", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    for name in ("ada", "bob"):
        made.add(name, f"{GOOD} {name}")
    return made


def served(accounts: Accounts, keys: bool = False) -> FastAPI:
    """What the page's handlers see: the cookie that says whose a conversation is."""
    server = FastAPI()

    @server.get("/{path:path}")
    def whose(request: Request) -> dict[str, Any]:
        told = {"owner": request.cookies.get(CHAT), "session": request.cookies.get(COOKIE)}
        return told | ({"one": request.cookies["one"]} if "one" in request.cookies else {})

    server.add_middleware(Sessions)
    server.add_middleware(SigningIn, accounts=accounts, cookie=CHAT, keys=keys)
    return server


def signed_in(server: FastAPI, name: str) -> TestClient:
    client = TestClient(server, follow_redirects=False)
    answer = client.post(SIGN_IN, data={"name": name, "password": f"{GOOD} {name}"})
    assert answer.status_code == 303 and answer.headers["location"] == "/"
    sent = answer.headers["set-cookie"]
    assert "HttpOnly" in sent and "SameSite=strict" in sent
    return client


def test_the_file_holds_no_password_and_is_read_by_its_owner_only(accounts: Accounts) -> None:
    text = accounts.path.read_text(encoding="utf-8")
    assert GOOD not in text and text.count("$argon2id$") == 2
    assert accounts.path.stat().st_mode & 0o077 == 0
    assert all(token_in(f"{CHAT}={user.token}") for user in accounts.all()), "a token that the chat takes"


def test_without_signing_in_there_is_nothing(accounts: Accounts) -> None:
    client = TestClient(served(accounts), follow_redirects=False)
    assert client.get("/").headers["location"] == SIGN_IN
    for path in ("/gradio_api/info", "/chat/export/1", "/config", "/v1/models", "/translate", "/metrics"):
        assert client.get(path).status_code == 401, path
    assert client.get("/health").status_code == 200
    assert 'type="password"' in client.get(SIGN_IN).text


def test_with_keys_the_interfaces_are_opened_by_keys_and_the_page_is_not(accounts: Accounts) -> None:
    client = TestClient(served(accounts, keys=True), follow_redirects=False)
    token = accounts.all()[0].token
    found = client.get("/v1/models", headers={"cookie": f"{CHAT}={token}"})
    assert found.status_code == 200 and found.json()["owner"] is None
    assert client.get("/gradio_api/info").status_code == 401


def test_each_user_has_their_own_whatever_the_browser_says(accounts: Accounts) -> None:
    server = served(accounts)
    ada, again, bob = (signed_in(server, name) for name in ("ada", "ada", "bob"))
    tokens = {user.name: user.token for user in accounts.all()}
    assert ada.get("/").json() == again.get("/").json() == {"owner": tokens["ada"], "session": None}
    assert bob.get("/").json()["owner"] == tokens["bob"]
    session = bob.cookies[COOKIE]
    forged = {"cookie": f"{CHAT}={tokens['ada']}; {COOKIE}={session}; {CHAT}={tokens['ada']}"}
    assert TestClient(server).get("/", headers=forged).json()["owner"] == tokens["bob"]


ODD = ('prefs={"theme":"dark"}', "flag", "a[b]=1", "name=Zo\u00eb", "last,visit=3")


@pytest.mark.parametrize("odd", ODD)
def test_cookies_of_other_programs_lock_nobody_out(accounts: Accounts, odd: str) -> None:
    server = served(accounts)
    session = signed_in(server, "ada").cookies[COOKIE]
    token = next(user.token for user in accounts.all() if user.name == "ada")
    sent = {"cookie": f"{odd}; {COOKIE}={session}; {CHAT}={'x' * 43}; one=1".encode()}
    found = TestClient(server, follow_redirects=False).get("/", headers=sent)
    assert found.status_code == 200 and found.json() == {"owner": token, "session": None, "one": "1"}


def test_a_users_token_stays_with_the_app(accounts: Accounts) -> None:
    answer = signed_in(served(accounts), "ada").get("/")
    assert answer.json()["owner"] and "set-cookie" not in answer.headers


def test_signing_out_time_and_removal_end_a_session(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = served(accounts)
    ada, bob = signed_in(server, "ada"), signed_in(server, "bob")
    session = ada.cookies[COOKIE]
    assert ada.post(SIGN_OUT).headers["location"] == SIGN_IN
    assert ada.get("/", headers={"cookie": f"{COOKIE}={session}"}).status_code == 303
    accounts.remove("bob")
    assert bob.get("/").status_code == 303
    ada = signed_in(server, "ada")
    now = time.monotonic()
    monkeypatch.setattr("front.signing.time.monotonic", lambda: now + UNUSED + 60)
    assert ada.get("/").status_code == 303


def test_another_password_ends_a_session_and_a_new_account_is_another(accounts: Accounts) -> None:
    server = served(accounts)
    ada, bob = signed_in(server, "ada"), signed_in(server, "bob")
    accounts.change("ada", f"{GOOD} ada")  # signed out, even where it is the same one again
    accounts.remove("bob")
    accounts.add("bob", f"{GOOD} bob")  # with no request in between
    assert ada.get("/").status_code == bob.get("/").status_code == 303
    assert signed_in(server, "ada").get("/").status_code == 200


def test_a_password_that_is_hashed_anew_ends_no_session(accounts: Accounts) -> None:
    before = accounts.named("ada")
    ada = signed_in(served(accounts), "ada")
    dearer = Accounts(accounts.path, PasswordHasher(time_cost=2, memory_cost=64, parallelism=1))
    assert dearer.sign_in("ada", f"{GOOD} ada") is not None
    after = accounts.named("ada")
    assert before is not None and after is not None and after.password != before.password
    assert ada.get("/").status_code == 200


def test_hashing_anew_leaves_a_password_that_was_changed_meanwhile(accounts: Accounts) -> None:
    class Slow(PasswordHasher):
        def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
            if password == f"{GOOD} ada":
                accounts.change("ada", "another password")
            return super().hash(password, salt=salt)

    dearer = Accounts(accounts.path, Slow(time_cost=2, memory_cost=64, parallelism=1))
    dearer.sign_in("ada", f"{GOOD} ada")
    assert accounts.sign_in("ada", "another password") is not None


def test_files_of_before_have_no_time_and_are_read(accounts: Accounts) -> None:
    found = json.loads(accounts.path.read_text())
    for user in found["users"]:
        del user["since"]
    accounts.path.write_text(json.dumps(found))
    ada = signed_in(served(accounts), "ada")
    assert ada.get("/").status_code == 200
    accounts.change("ada", "another password")
    assert ada.get("/").status_code == 303


def test_the_page_of_the_interfaces_is_whole_for_whoever_has_not_signed_in(accounts: Accounts) -> None:
    client = TestClient(served(accounts, keys=True))
    for path in ("/docs", "/static-offline-docs/swagger-ui-bundle.js", "/static-offline-docs/swagger-ui.css"):
        assert client.get(path).status_code == 200, path


def test_guessing_locks_a_name_and_the_right_password_with_it(accounts: Accounts) -> None:
    server = served(accounts)
    client = TestClient(server, follow_redirects=False)
    for name in ("ada", "nobody"):  # a name that is not there behaves alike
        codes = [
            client.post(SIGN_IN, data={"name": name, "password": f"guess {n}"}).status_code for n in range(6)
        ]
        assert codes == [403] * 5 + [429]
    locked = client.post(SIGN_IN, data={"name": "ada", "password": f"{GOOD} ada"})
    assert locked.status_code == 429 and 0 < int(locked.headers["retry-after"]) <= 15 * 60
    assert "Try again in 15 min" in locked.text
    signed_in(server, "bob")


def test_a_right_password_clears_what_was_counted(accounts: Accounts) -> None:
    for _ in range(3):
        for n in range(4):
            assert accounts.sign_in("ada", f"guess {n}") is None
        user = accounts.sign_in("ada", f"{GOOD} ada")
        assert user is not None and user.name == "ada"


def test_all_together_are_limited(accounts: Accounts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "ATTEMPTS", kept.parse("3 per minute"))
    for n in range(3):
        accounts.sign_in(f"name{n}", "x")
    with pytest.raises(TooMany, match="try again in"):
        accounts.sign_in("ada", f"{GOOD} ada")


@pytest.mark.parametrize("form", [{}, {"name": "ada"}, {"name": "<b>", "password": "x" * 5000}])
def test_broken_forms_are_refused(accounts: Accounts, form: dict[str, str]) -> None:
    client = TestClient(served(accounts))
    body = "&".join(f"{key}={value}" for key, value in form.items()).encode("utf-8", "surrogateescape")
    answer = client.post(SIGN_IN, content=body)
    assert answer.status_code == 403 and "<b>" not in answer.text
    assert client.put(SIGN_IN).status_code == 405


def test_the_command(tmp_path: Path) -> None:
    file, run = str(tmp_path / "users.json"), CliRunner()
    assert run.invoke(cli.app, ["users", "add", "ada", "--users", file], input=f"{GOOD}\n").exit_code == 0
    assert (
        run.invoke(cli.app, ["users", "password", "ada", "--users", file], input="another one!\n").exit_code
        == 0
    )
    assert run.invoke(cli.app, ["users", "list", "--users", file]).output == "ada\n"
    assert Accounts(Path(file)).sign_in("ada", "another one!") is not None
    assert run.invoke(cli.app, ["users", "remove", "ada", "--users", file]).exit_code == 0
    assert json.loads(Path(file).read_text()) == {"users": []}


def test_what_does_not_fit_is_said(accounts: Accounts, tmp_path: Path) -> None:
    for act, said in (
        (lambda: accounts.add("a b", GOOD), "1 to 64 letters"),
        (lambda: accounts.add("ada", GOOD), "is there already"),
        (lambda: accounts.add("eve", "short"), "password of 5 characters"),
        (lambda: accounts.remove("eve"), "there are ada, bob"),
        (lambda: Accounts.of_file(tmp_path / "none.json"), "longshort users add"),
    ):
        with pytest.raises(ValueError, match=said):
            act()
    (tmp_path / "bad.json").write_text('{"users": [1]}')
    with pytest.raises(ValueError, match="no file of users"):
        Accounts(tmp_path / "bad.json")
