"""What can go wrong with a store, in words that say what was kept and what to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

_KEPT = "Nothing was changed"
_REASONS = (  # what the database says, and what it means
    ("locked", "another program is writing to it and did not finish: try again in a moment"),
    ("full", "the disk is full: free some space"),
    ("disk i/o", "reading or writing failed; the disk may be full: free some space"),
    (
        "readonly",
        "it is read-only: make file and folder writable, or give another place with --store",
    ),
    ("read-only", "it is read-only: connect as somebody who may write, or give another place with --store"),
    ("unable to open", "it cannot be opened: check the path given with --store and who may read it"),
    ("not a database", "it is no conversation store: give another place with --store"),
    (
        "malformed",
        "it is damaged: take a copy from a backup; `sqlite3 FILE .recover` may save some",
    ),
)


class StoreError(ValueError):
    """The store could not do what was asked; what it held is as it was."""


class StoreConflict(StoreError):
    """Somebody else has changed the conversation since it was read."""


class NotThere(StoreError):
    """There is no such conversation for whoever asks."""


@contextmanager
def explained(place: str) -> Iterator[None]:
    """Turns a database's fault into a StoreError that names the place, the reason and the remedy."""
    try:
        yield
    except SQLAlchemyError as error:
        raise StoreError(f"the conversation store {place}: {meaning(error)}. {_KEPT}") from error


def meaning(error: Exception) -> str:
    """The reason and the remedy for a database's fault; its own words where they are not known."""
    said = str(error.orig if isinstance(error, DBAPIError) else error)
    return next((reason for sign, reason in _REASONS if sign in said.lower()), said)
