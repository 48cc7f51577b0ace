"""API keys: shown once, kept as hashes, gone at once when they are removed."""

import json
import re
from pathlib import Path

import pytest

from interfaces.keys import Keys


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
