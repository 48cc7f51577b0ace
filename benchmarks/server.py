"""The app in a process of its own, for the benchmarks that ask it over the network."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
TO_START = 600.0  # seconds, on a busy machine
MEMORY, CPU = "process_resident_memory_bytes", "process_cpu_seconds_total"


@contextmanager
def served(*arguments: str) -> Iterator[str]:
    """The address of the app with the shipped models, conversations in a folder that goes with it.

    No client is held to so many requests a minute: it listens on the loopback address alone.
    arguments: more of `longshort serve`. Raises RuntimeError where it does not start.
    """
    with tempfile.TemporaryDirectory() as folder:
        port = _free_port()
        options = ["--port", str(port), "--per-minute", "0", "--store", f"{folder}/conversations.sqlite3"]
        with _running("-m", "cli", "serve", *options, *arguments) as process:
            _await(process, partial(_listens, port))
            yield f"http://127.0.0.1:{port}"


@dataclass(frozen=True)
class Start:
    """What a start took until the page was there: seconds of the clock, and of the process's CPU time."""

    seconds: float
    cpu: float


def started() -> Start:
    """Starts `app.py` and ends it again. Raises RuntimeError where it does not start."""
    with tempfile.TemporaryDirectory() as folder:
        port = _free_port()
        options = ["--no-browser", "--port", str(port), "--store", f"{folder}/conversations.sqlite3"]
        begun = time.perf_counter()
        with _running("app.py", *options) as process:
            _await(process, partial(_has_page, port))
            seconds = time.perf_counter() - begun
            return Start(seconds, numbers_of(f"http://127.0.0.1:{port}")["cpu"])


@contextmanager
def _running(*arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process of this Python; where it is to be found it need not say, so only errors are shown."""
    process = subprocess.Popen([sys.executable, *arguments], cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _has_page(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=TO_START)
    try:
        connection.request("GET", "/")
        answer = connection.getresponse()
        answer.read()
        return answer.status == 200
    except (OSError, HTTPException):
        return False  # not yet
    finally:
        connection.close()


def _await(process: subprocess.Popen[bytes], ready: Callable[[], bool]) -> None:
    end = time.monotonic() + TO_START
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError(f"the app ended with {process.returncode} instead of starting")
        if ready():
            return
        time.sleep(0.02)
    raise RuntimeError(f"the app did not start within {TO_START:.0f} s")


@dataclass
class Caller:
    """A client that keeps its connection. The token makes its conversations its own."""

    address: str
    token: str = "benchmark"
    _connection: HTTPConnection = field(init=False)

    def __post_init__(self) -> None:
        self._connection = HTTPConnection(urlsplit(self.address).netloc, timeout=120)

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any, float]:
        """The status, the answer (JSON, else text), and after how many seconds to try again (or 0)."""
        headers = {"authorization": f"Bearer {self.token}", "content-type": "application/json"}
        try:
            self._connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = self._connection.getresponse()
            text = answer.read().decode()
        except OSError:
            self._connection.close()
            raise
        is_json = answer.getheader("content-type", "").startswith("application/json")
        retry = float(answer.getheader("retry-after") or 0)
        return answer.status, json.loads(text) if is_json else text, retry

    def close(self) -> None:
        self._connection.close()


def numbers_of(address: str) -> dict[str, float]:
    """What /metrics says of the server's process (Linux): memory in MB, CPU in seconds."""
    caller = Caller(address)
    _, text, _ = caller.ask("GET", "/metrics")
    caller.close()
    values = dict(line.rsplit(" ", 1) for line in text.splitlines() if line.startswith("process_"))
    if MEMORY not in values:
        raise ValueError(f"/metrics does not say {MEMORY}: this is known on Linux only")
    return {"memory": float(values[MEMORY]) / 1e6, "cpu": float(values[CPU])}
