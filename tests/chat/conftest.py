"""A bot with random weights and a memory large enough for short conversations, and its conversations."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from sqlalchemy import MetaData, create_engine, text
from sqlalchemy.engine import make_url

from chat.bot import Bot
from chat.conversations import Conversations, View
from chat.store import StoredTurn, open_store
from lstm_models.config import ModelConfig
from lstm_models.engine import Engine
from lstm_models.search import SearchOptions
from lstm_models.seq2seq import Seq2Seq
from lstm_models.tokenizer import Tokenizer

TEXTS = ["My name is Ada.", "What is my name?", "Ada has a red boat.", "The mill was built by Jonas Webb."]


def make_bot(folder: Path, seed: int = 3, model_hash: str = "tiny") -> Bot:
    tokenizer = Tokenizer.train(TEXTS * 20, folder / "t.model", 300)
    torch.manual_seed(seed)
    config = ModelConfig(
        vocab_size=300, embed_dim=8, hidden_size=8, num_heads=2, bank_size=512, max_segment=48
    )
    return Bot(Engine(Seq2Seq(config).eval(), tokenizer, model_hash=model_hash))


@pytest.fixture(scope="session")
def small_bot(tmp_path_factory: pytest.TempPathFactory) -> Bot:
    return make_bot(tmp_path_factory.mktemp("bot"))


@pytest.fixture(autouse=True)
def _short_replies(monkeypatch: pytest.MonkeyPatch) -> None:
    """An untrained bot never ends a reply by itself."""
    monkeypatch.setattr("chat.bot.DEFAULT", SearchOptions(max_length=8))


@pytest.fixture
def postgres() -> Iterator[str]:
    """The URL of a PostgreSQL database, emptied: LONGSHORT_TEST_POSTGRES=postgresql://user@host/name"""
    place = os.environ.get("LONGSHORT_TEST_POSTGRES")
    if not place:
        pytest.skip("LONGSHORT_TEST_POSTGRES has no URL")
    engine = create_engine(make_url(place).set(drivername="postgresql+psycopg"))
    with engine.connect() as connection:  # of tests that run side by side one has it at a time
        connection.execute(text("SELECT pg_advisory_lock(1)"))
        connection.commit()
        found = MetaData()
        found.reflect(engine)
        found.drop_all(engine)
        yield place
    engine.dispose()


SHORT = SearchOptions(max_length=6)


@pytest.fixture(params=["file", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str | Path:
    return tmp_path / "c.sqlite3" if request.param == "file" else request.getfixturevalue("postgres")


@pytest.fixture
def kept(small_bot: Bot, place: str | Path) -> Iterator[Conversations]:
    conversations = Conversations(small_bot, open_store(place))
    yield conversations
    conversations.store.close()


def said(kept: Conversations, view: View, *messages: str) -> View:
    for message in messages:
        last = list(kept.say(view, message, SHORT))[-1]
        assert isinstance(last, View)
        view = last
    return view


def told(kept: Conversations, *turns: tuple[str, str]) -> View:
    """A conversation of which only the text is known: nothing was generated."""
    view = kept.begin("me")
    rows = [StoredTurn(n, speaker, text, {}, 1.0) for n, (speaker, text) in enumerate(turns)]
    return View(kept.store.write(view.info, add=rows), tuple(rows))
