"""Files that pass through leave nothing behind."""

import os
import tempfile
import time
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from gradio.route_utils import delete_files_created_by_app

from app import build_app, web_app
from front import passing


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("GRADIO_TEMP_DIR", "")  # put back afterwards
    return passing.own_folder()


def test_uploads_are_this_users_alone_and_gone_at_the_end(folder: Path, tmp_path: Path) -> None:
    assert folder.stat().st_mode & 0o077 == 0
    server = web_app(build_app(None, None), ("testserver",), passing=folder)
    with TestClient(server) as client:
        client.get("/")
        answer = client.post("/gradio_api/upload", files={"files": ("letter.txt", b"secret words")})
        path = Path(answer.json()[0])
        assert path.read_bytes() == b"secret words" and folder in path.parents
    assert not folder.exists() and list(tmp_path.iterdir()) == []


def test_old_ones_go_while_the_app_runs(folder: Path) -> None:
    blocks = build_app(None, None)
    every, age = blocks.delete_cache or (0, 0)
    assert every > 0 and age + every <= passing.HOURS * 3600
    server = web_app(blocks, ("testserver",), passing=folder)
    with TestClient(server) as client:
        client.get("/")
        path = Path(client.post("/gradio_api/upload", files={"files": ("a.txt", b"1")}).json()[0])
        delete_files_created_by_app(blocks, age)
        assert path.exists()
        # A file's ctime cannot be set: let it be older than no time at all.
        time.sleep(0.05)
        delete_files_created_by_app(blocks, 0)
        assert not path.exists() and os.environ["GRADIO_TEMP_DIR"] == str(folder)
