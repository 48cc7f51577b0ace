"""The real app in a process of its own, and a real headless browser in front of it.

The models are the shipped ones where `pretrained/` has them, else tiny ones with random weights, made by the
real code: enough to drive every part of the page, not to say anything sensible.
"""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser import VARIABLE, find_browser

ROOT = Path(__file__).parent.parent.parent
SHIPPED = {task: ROOT / "pretrained" / task for task in ("translate", "chat")}
FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-dev-shm-usage",
    "--disable-sync",
]
# Other work may have both cores: seconds to wait for what takes one when it is quiet.
PATIENCE = int(os.environ.get("LONGSHORT_TEST_PATIENCE", "60"))
TIMEOUT = 1000 * PATIENCE  # ms
expect.set_options(timeout=TIMEOUT)


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A checkpoint folder for each task."""
    if all((folder / "config.json").exists() for folder in SHIPPED.values()):
        return SHIPPED
    import torch

    from lstm_models.checkpoint import save_checkpoint
    from lstm_models.config import ModelConfig
    from lstm_models.seq2seq import Seq2Seq
    from lstm_models.tokenizer import Tokenizer

    folder = tmp_path_factory.mktemp("models")
    sentences = ["Where is the station? My name is Ada.", "Das Wetter ist schön.", "¿A qué hora empieza?"]
    tokenizer = Tokenizer.train(sentences, folder / "tokenizer.model", 330, threads=1)
    torch.manual_seed(0)
    config = ModelConfig(vocab_size=tokenizer.vocab_size, embed_dim=16, hidden_size=16, num_heads=2)
    for task in SHIPPED:
        card = {"name": "tiny", "task": task, "description": "Random weights, for tests."}
        save_checkpoint(folder / task, Seq2Seq(config), tokenizer, card)
    return {task: folder / task for task in SHIPPED}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def running(models: dict[str, Path], folder: Path, *options: str) -> Iterator[str]:
    """The address of `python app.py` with more options; its store and log lie in the folder."""
    port = free_port()
    command = [sys.executable, "app.py", "--no-browser", "--port", str(port), *options]
    command += ["--translate-model", str(models["translate"]), "--chat-model", str(models["chat"])]
    command += ["--store", str(folder / "conversations.sqlite3")]
    log = folder / "app.log"
    with open(log, "wb") as output:
        process = subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT)
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(address, process, log)
        yield address
    finally:
        process.terminate()
        process.wait(30)
    said = log.read_text()
    if "Traceback" in said:
        pytest.fail(said[-6000:])


@pytest.fixture(scope="session")
def app(models: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of `python app.py`."""
    with running(models, tmp_path_factory.mktemp("app")) as address:
        yield address


def _wait_for(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 3 * PATIENCE
    while time.monotonic() < deadline:
        assert process.poll() is None, f"the app ended: {log.read_text()}"
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except OSError:
            time.sleep(0.2)
    raise AssertionError(f"no answer from {address}: {log.read_text()}")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium. Without one the tests fail in CI, and elsewhere are skipped with a word about it."""
    path = find_browser()
    if path is None:
        message = f"NO BROWSER FOUND: the app is not tested. Install chromium, or set {VARIABLE}"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


class Visit(SimpleNamespace):
    """A page that was opened, with what it asked the network for and what it complained about."""

    page: Page
    requests: list[str]
    errors: list[str]
    loads: list[str]


def _faults(errors: list[str], loads: int) -> list[str]:
    """The errors; of a page that was loaded again, without Gradio's word that it gave up what it asked."""
    if loads < 2:
        return errors
    given_up = [text.startswith("AbortError: signal is aborted") and "/assets/" in text for text in errors]
    cut_off = any(given_up)
    return [
        text
        for text, left in zip(errors, given_up, strict=True)
        if not left and not (cut_off and "Connection errored out" in text)
    ]


@pytest.fixture()
def visit(browser: Browser, app: str) -> Iterator[Any]:
    """Opens the app in a new browser profile; options go to the profile. Checks what it left behind."""
    opened: list[Visit] = []

    def open_page(tab: str = "Translate", **options: Any) -> Page:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
        context.set_default_timeout(TIMEOUT)
        page = context.new_page()
        seen = Visit(page=page, requests=[], errors=[], loads=[])
        page.on("request", lambda request: seen.requests.append(request.url))
        page.on("pageerror", lambda error: seen.errors.append(str(error)))
        page.on("console", lambda line: seen.errors.append(line.text) if line.type == "error" else None)
        page.on("load", lambda loaded: seen.loads.append(loaded.url))
        opened.append(seen)
        page.goto(app)
        page.get_by_role("tab", name=tab).click()
        if tab == "Chat":  # what the page asks for when it opens comes last of all, over anything said before
            expect(page.locator("#here")).to_be_attached()
        return page

    yield open_page
    for seen in opened:
        outside = [url for url in seen.requests if not url.startswith((app, "data:", "blob:"))]
        seen.page.context.close()
        assert not outside, f"the page asked others: {outside}"
        assert not _faults(seen.errors, len(seen.loads)), seen.errors
