"""Files that pass through leave nothing behind."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from gradio.route_utils import delete_files_created_by_app

from front import passing
from page import build_app, web_app


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


SERVING = """
import sys, uvicorn
from page import build_app, web_app
from front import passing
folder = passing.own_folder()
server = web_app(build_app(None, None), ("127.0.0.1",), passing=folder)
uvicorn.run(server, port=int(sys.argv[1]), log_level="warning")
"""
PARTLY = b"""POST /gradio_api/upload HTTP/1.1\r
host: 127.0.0.1\r
content-length: 90000\r
content-type: multipart/form-data; boundary=b\r
\r
--b\r
content-disposition: form-data; name="files"; filename="letter.txt"\r
\r
secret words"""


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """A process with the page, whose folder for temporary files is the test's; and its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "TMPDIR": str(tmp_path), "GRADIO_ANALYTICS_ENABLED": "False"}
    process = subprocess.Popen([sys.executable, "-c", SERVING, str(port)], env=environment)
    yield process, port
    process.kill()
    process.wait(30)


def patiently(there: Callable[[], Any]) -> Any:
    """What `there` gives, as soon as it gives something."""
    deadline = time.monotonic() + 300  # a busy machine takes long to start a page
    while time.monotonic() < deadline:
        if found := there():
            return found
        time.sleep(0.1)
    raise AssertionError("nothing came")


def test_what_a_killed_process_left_goes_at_the_next_start(
    serving: tuple[subprocess.Popen[bytes], int], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("GRADIO_TEMP_DIR", "")
    process, port = serving
    connection = socket.socket()
    patiently(lambda: connection.connect_ex(("127.0.0.1", port)) == 0)
    connection.sendall(PARTLY + b"." * 9000)  # and the rest never comes

    def uploaded() -> list[Path]:
        return [path for path in tmp_path.glob("longshort-*/*") if path.is_file() and path.stat().st_size > 0]

    (begun,) = patiently(uploaded)
    passing.remove_left_behind()
    assert begun.exists(), "a living process keeps its files"
    process.send_signal(signal.SIGKILL)
    process.wait(30)
    connection.close()
    assert begun.read_bytes().startswith(b"secret words"), "left behind"
    elses = tmp_path / "longshort-something-else"
    elses.mkdir()
    folder = passing.own_folder()
    assert sorted(tmp_path.glob("longshort-*")) == sorted([elses, folder])
