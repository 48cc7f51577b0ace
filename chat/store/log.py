"""SQLite's write-ahead log: it holds pages as they were before a deletion, until it is emptied."""

from __future__ import annotations

import contextlib
import logging
import sqlite3

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import StaticPool

from chat.store.errors import meaning

# Seconds to wait for whoever reads the log. Somebody waits for the answer meanwhile, and writers stand still.
PATIENCE = 1.0
_IN_USE = "another program is using its log: let that program finish"
logger = logging.getLogger(__name__)


class WriteAheadLog:
    """The log of one store; for one thread at a time. In memory and on PostgreSQL there is none to empty."""

    def __init__(self, engine: Engine, place: str) -> None:
        self._engine, self._place = engine, place
        self._there = engine.dialect.name == "sqlite" and not isinstance(engine.pool, StaticPool)
        self._due = self._there  # what an earlier program left in it is not known

    def empty(self) -> None:
        """For after a deletion. Where it cannot be done, a warning says so, and it stays due."""
        self._due = self._there
        if reason := self._emptied_if_due(PATIENCE):
            logger.warning(
                "the conversation store %s: %s. The deletion stands, but what was deleted stays in the files "
                "until a later change or start empties the log",
                self._place,
                reason,
            )

    def catch_up(self) -> None:
        """Empties what could not be emptied earlier, if that can be done without waiting."""
        self._emptied_if_due(0.0)

    def _emptied_if_due(self, patience: float) -> str:
        """Why it could not be emptied; nothing where it was, or need not be."""
        if not self._due:
            return ""
        try:
            self._due = not _truncated(self._engine, patience)
        except (sqlite3.Error, SQLAlchemyError) as error:
            return meaning(error)
        return _IN_USE if self._due else ""


def _truncated(engine: Engine, patience: float) -> bool:
    """Whether the log could be written into the file and cut to nothing. Raises the database's own errors."""
    with contextlib.closing(engine.raw_connection()) as connection:
        cursor = connection.cursor()
        cursor.execute("PRAGMA busy_timeout")
        (usual,) = cursor.fetchone() or (0,)
        cursor.execute(f"PRAGMA busy_timeout={round(1000 * patience)}")
        try:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            (busy, *_) = cursor.fetchone() or (1,)
        finally:
            cursor.execute(f"PRAGMA busy_timeout={usual}")
        return not busy
