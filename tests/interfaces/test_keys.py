"""API keys: shown once, kept as hashes, gone at once when they are removed."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from interfaces.attach import attach
from interfaces.keys import Keys
from interfaces.services import Services


def test_a_key_is_kept_as_a_hash_only(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "keys.json"
    keys = Keys(path)
    token = keys.add("ada")
    assert re.fullmatch(r"ls-[\w-]{43}", token)
    assert token not in path.read_text() and path.stat().st_mode & 0o777 == 0o600
    assert keys.name_of(token) == "ada" == Keys(path).name_of(token)
    assert [keys.name_of(other) for other in (None, "", "ls-wrong", token + "x", "é")] == [None] * 5


def test_a_server_that_runs_sees_changes(tmp_path: Path) -> None:
    running, other = Keys(tmp_path / "keys.json"), Keys(tmp_path / "keys.json")
    token = other.add("ada")
    assert running.name_of(token) == "ada"
    other.remove("ada")
    assert running.name_of(token) is None and not running.all()


def test_keys_that_are_made_at_once_all_work(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    names = [f"n{number}" for number in range(12)]
    with ThreadPoolExecutor(6) as pool:
        tokens = list(pool.map(lambda name: Keys(path).add(name), names))
    assert [Keys(path).name_of(token) for token in tokens] == names


def test_a_file_that_is_damaged_meanwhile_is_the_servers_fault(tmp_path: Path) -> None:
    keys, app = Keys(tmp_path / "keys.json"), FastAPI()
    sent = {"authorization": f"Bearer {keys.add('ada')}"}
    attach(app, Services(keys=keys))
    client, whole = TestClient(app), (tmp_path / "keys.json").read_text()
    (tmp_path / "keys.json").write_text('{"keys": [')
    for path in ("/v1/models", "/metrics"):
        answer = client.get(path, headers=sent)
        assert answer.status_code == 503 and answer.headers["retry-after"]
        assert "the file of API keys is damaged" in answer.text and str(tmp_path) not in answer.text
    (tmp_path / "keys.json").write_text(whole)
    assert client.get("/v1/models", headers=sent).status_code == 200


def test_what_is_wrong_is_said(tmp_path: Path) -> None:
    keys = Keys(tmp_path / "keys.json")
    keys.add("ada")
    for name, words in (("ada", "already"), ("a b", "letters"), ("", "letters")):
        with pytest.raises(ValueError, match=words):
            keys.add(name)
    with pytest.raises(ValueError, match="there are ada"):
        keys.remove("bob")
    for text in ("[]", "{", json.dumps({"keys": [{"name": "x"}]})):
        (tmp_path / "bad.json").write_text(text)
        with pytest.raises(ValueError, match=r"bad\.json is no file of API keys"):
            Keys(tmp_path / "bad.json")
    with pytest.raises(ValueError, match=r"--keys .*none\.json.*longshort keys add"):
        Keys.of_file(tmp_path / "none.json")
