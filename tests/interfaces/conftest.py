"""The real application on a port of its own, with tiny models of random weights.

Clients speak to it over the network, as they do to the shipped one.
"""

import socket
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest
import torch
import uvicorn

import chat.tab
from chat.bot import Bot
from chat.store import open_store
from interfaces.keys import Keys
from interfaces.services import Limits, Services
from lstm_models.checkpoint import save_checkpoint
from lstm_models.config import ModelConfig
from lstm_models.engine import Engine
from lstm_models.seq2seq import Seq2Seq
from lstm_models.shared import share
from lstm_models.tokenizer import Tokenizer
from page import build_app, web_app
from translate.translator import Translator

TEXTS = ["My name is Ada.", "Where is the door?", "Das Wetter ist schön.", "Guten Morgen, wo ist die Tür?"]
Start = Callable[..., str]


def engine(folder: Path, name: str) -> Engine:
    tokenizer = Tokenizer.train(TEXTS * 20, folder / f"{name}.model", 320, threads=1)
    torch.manual_seed(3)
    config = ModelConfig(
        vocab_size=320, embed_dim=8, hidden_size=8, num_heads=2, bank_size=512, max_segment=48
    )
    return Engine(Seq2Seq(config).eval(), tokenizer, name, {"name": f"longshort-{name}", "task": name})


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A checkpoint folder for each task, as `longshort train` leaves it."""
    folder = tmp_path_factory.mktemp("tiny")
    for task in ("translate", "chat"):
        made = engine(folder, task)
        data = [{"name": "none", "licence": "CC0-1.0", "attribution": "nobody"}]
        card = {"name": f"longshort-{task}", "task": task, "description": "A toy.", "data": data}
        save_checkpoint(folder / task, made.model, made.tokenizer, card)
    return {task: folder / task for task in ("translate", "chat")}


@pytest.fixture(scope="session")
def translator(tmp_path_factory: pytest.TempPathFactory) -> Translator:
    return Translator(engine(tmp_path_factory.mktemp("translate"), "translate"))


@pytest.fixture(scope="session")
def bot(tmp_path_factory: pytest.TempPathFactory) -> Bot:
    return Bot(engine(tmp_path_factory.mktemp("chat"), "chat"))


def apart(main: Callable[[], Awaitable[Any]]) -> Any:
    """In a thread of its own: where a browser was driven before, this one has a running loop already."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(anyio.run, main).result()


@contextmanager
def running(
    translator: Translator | None, bot: Bot | None, limits: Limits, keys: Keys | None
) -> Iterator[str]:
    """The address of an application."""
    desk = chat.tab.Desk(bot, open_store(":memory:")) if bot else None
    services = Services.of(translator, desk.kept if desk else None, limits, keys)
    page = web_app(build_app(translator, desk, ("none", "none"), services), desk=desk, services=services)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    config = uvicorn.Config(page, port=port, log_level="critical", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 60
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.02)
    assert server.started
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(20)


@pytest.fixture(scope="session")
def server(translator: Translator, bot: Bot) -> Iterator[str]:
    """For whoever asks, with no limit of requests a minute."""
    share(translator, bot)
    with running(translator, bot, Limits(per_minute=0, characters=2000), None) as address:
        yield address


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return Keys(tmp_path_factory.mktemp("keys") / "keys.json")


@pytest.fixture(scope="session")
def guarded(translator: Translator, bot: Bot, keys: Keys) -> Iterator[str]:
    """For who has a key."""
    with running(translator, bot, Limits(per_minute=0), keys) as address:
        yield address
