"""Opening a store: a SQLite file (WAL, flushed at every commit), memory only, or a database by URL."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from pathlib import Path
from typing import Any

import platformdirs
from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import StaticPool

from chat.store.errors import StoreError, explained
from chat.store.store import Store

MEMORY = ":memory:"
NAME = "conversations.sqlite3"
PATIENCE = 5.0  # seconds to wait for somebody else's write
# Connections to a file: threads take turns with them. More would each keep pages of it in memory (2 MB), and
# those beyond a pool's size would be opened anew for every reply.
CONNECTIONS = 4
_MIGRATIONS = Path(__file__).with_name("migrations")


def default_place() -> Path:
    """The file in this user's data folder."""
    return platformdirs.user_data_path("longshort") / NAME


def open_store(place: str | Path | None = None) -> Store:
    """The store at a path, a database URL or ":memory:" (kept nowhere); by default in the user's folder.

    It is created, or brought to this version's schema, where needed. Raises StoreError, with the remedy.
    """
    place = default_place() if place is None else place
    engine, shown = _engine(place)
    with explained(shown):
        try:
            _migrate(engine, shown)
        except BaseException:
            engine.dispose()
            raise
    return Store(engine, shown)


def _engine(place: str | Path) -> tuple[Engine, str]:
    """An engine, and the place as messages show it (no password)."""
    if str(place) == MEMORY:
        engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
        return _prepared(engine), MEMORY
    if "://" in str(place):
        return _by_url(str(place))
    path = Path(os.path.expanduser(place)).absolute()  # which leaves "~nobody" as it stands
    if path.is_dir():
        raise StoreError(f"the conversation store {path} is a folder: give a file, such as {path / NAME}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not path.exists():
            path.touch(mode=0o600)  # nobody else's to read
    except OSError as error:
        raise StoreError(
            f"the conversation store {path} cannot be made ({error.strerror}): "
            "give another place with --store"
        ) from error
    engine = create_engine(
        URL.create("sqlite", database=str(path)),  # in a URL's text "%" and "?" would have a meaning
        connect_args={"timeout": PATIENCE},
        pool_size=CONNECTIONS,
        max_overflow=0,
        pool_timeout=60,
    )
    return _prepared(engine), str(path)


def _by_url(place: str) -> tuple[Engine, str]:
    try:
        url = make_url(place)
        if url.drivername == "postgresql":
            url = url.set(drivername="postgresql+psycopg")
        engine = create_engine(url, pool_pre_ping=not url.drivername.startswith("sqlite"))
    except (ArgumentError, ImportError) as error:
        raise StoreError(
            f"--store {place.split('@')[-1]!r} cannot be used ({error}): give a path or a URL such as "
            "postgresql://user@host/name, which needs: pip install 'longshort[postgres]'"
        ) from error
    return _prepared(engine), url.render_as_string(hide_password=True)


def _prepared(engine: Engine) -> Engine:
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _configure)
        event.listen(engine, "begin", _begin)
    return engine


def _configure(connection: sqlite3.Connection, _: Any) -> None:
    connection.isolation_level = None  # transactions begin where `_begin` says
    # as other databases have it: SQLite's own, and LIKE, know the case of ASCII only
    connection.create_function("lower", 1, _lower, deterministic=True)
    for setting in (
        f"busy_timeout={round(1000 * PATIENCE)}",
        "journal_mode=WAL",
        "synchronous=FULL",  # what is committed survives a power cut
        "foreign_keys=ON",
        "secure_delete=ON",  # what is deleted is overwritten
    ):
        with contextlib.suppress(sqlite3.OperationalError):  # a read-only file is still readable
            connection.execute(f"PRAGMA {setting}")


def _lower(text: str | None) -> str | None:
    return None if text is None else text.lower()


def _begin(connection: Connection) -> None:
    # A writer asks for the lock at once: two that read first and then write would stand in each other's way.
    writing = connection.get_execution_options().get("writing")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def _migrate(engine: Engine, shown: str) -> None:
    with engine.begin() as connection:
        current = _revision(connection)
    known = sorted(path.name[1:5] for path in (_MIGRATIONS / "versions").glob("r[0-9]*.py"))
    if current == known[-1]:
        return
    if current is not None and current not in known:
        raise StoreError(
            f"the conversation store {shown} was written by a newer version of this program (schema "
            f"{current}; this version knows up to {known[-1]}): update the program, or give another place "
            "with --store. Nothing was changed"
        )
    # Imported here: a store that is up to date does not wait for it.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", os.fspath(_MIGRATIONS).replace("%", "%%"))
    with engine.execution_options(writing=True).begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
