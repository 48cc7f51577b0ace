"""A small JSON file of records, such as keys or users, that a server reads while commands change it.

Whoever changes it holds a lock meanwhile, so that of two changes at once neither is lost. The lock is a file
of its own, which stays: the file of records is replaced as a whole, and a lock on it would go with it.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from filelock import FileLock

from lstm_models.files import try_folder, write_json

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Record = TypeVar("Record", bound="DataclassInstance")


class Damaged(ValueError):
    """A file that holds no records. what: it should hold; clients may know that, but not where it lies."""

    def __init__(self, said: str, what: str) -> None:
        self.what = what
        super().__init__(said)


class Records(Generic[Record]):
    """The records of a file, read again when it changes."""

    def __init__(self, path: Path, kind: str, what: str, read: Callable[[dict[str, Any]], Record]) -> None:
        """kind: of the command and the option that are about them. what: they are. read: one of them.

        Raises Damaged where the file is not one of them.
        """
        self.path, self.kind, self.what = path, kind, what
        self._one, self._lock = read, threading.Lock()
        self._read_as: tuple[int, int] | None = None
        self._records: list[Record] = []
        self.all()

    def all(self) -> list[Record]:
        """Every record, in the order in which they were made. Raises Damaged."""
        with self._lock:
            found = self.path.stat() if self.path.exists() else None
            # A file that took another's place is another one, even within one tick of the disk's clock.
            now = (found.st_mtime_ns, found.st_ino) if found else None
            if now != self._read_as:
                self._records = self._read()
                self._read_as = now
            return list(self._records)

    @contextmanager
    def changing(self) -> Iterator[list[Record]]:
        """The records as they are in the file; what the list then holds is written, without an error.

        Nobody else changes them meanwhile. Raises Damaged, ValueError or OSError, the file then as it was.
        """
        place = Path(os.path.realpath(self.path))  # a link is locked where it leads
        try_folder(place.parent, f"--{self.kind}")
        with FileLock(place.with_name(f".{place.name}.lock"), mode=0o600):
            records = self._read()
            yield records
            write_json(place, {self.kind: [asdict(record) for record in records]})
            place.chmod(0o600)

    def _read(self) -> list[Record]:
        if not self.path.exists():
            return []
        try:
            found = json.loads(self.path.read_text(encoding="utf-8"))[self.kind]
            return [self._one(record) for record in found]
        except (ValueError, KeyError, TypeError) as error:
            raise Damaged(
                f"{self.path} is no file of {self.what} ({type(error).__name__}): mend it, or move it away "
                f"and make one with {making(self.kind, self.path)}",
                self.what,
            ) from error


def check_there(path: Path, kind: str) -> None:
    """Raises ValueError, with the remedy, where there is no such file."""
    if not path.is_file():
        raise ValueError(f"--{kind} {path}: no such file; make it with {making(kind, path)}")


def making(kind: str, path: Path) -> str:
    """The command that makes such a file."""
    return f"`longshort {kind} add NAME --{kind} {path}`"
