"""API keys, where whoever runs the server asks for them: random, shown once, kept as hashes only.

A key is 256 random bits, so one SHA-256 is as good as a slow hash: there is nothing to guess.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lstm_models.records import Records, check_there

PREFIX = "ls-"
_NAME = re.compile(r"[\w.@-]{1,64}")


@dataclass(frozen=True)
class Key:
    """Whose key, its SHA-256, and when it was made (seconds since 1970)."""

    name: str
    sha256: str
    created: float


class Keys:
    """The keys of a file, read again when it changes."""

    def __init__(self, path: Path) -> None:
        """Raises ValueError where the file is not one of keys."""
        self._records = Records(path, "keys", "API keys", _key)

    @classmethod
    def of_file(cls, path: Path) -> Keys:
        """The keys of a file that is there. Raises ValueError, with the remedy, where it is not."""
        check_there(path, "keys")
        return cls(path)

    def all(self) -> list[Key]:
        """Every key, in the order in which they were made. Raises Damaged."""
        return self._records.all()

    def name_of(self, token: str | None) -> str | None:
        """Whose key it is, or None where it is nobody's. Raises Damaged."""
        if not token or not token.isascii():
            return None
        sha256 = hash_of(token)
        return next((key.name for key in self.all() if key.sha256 == sha256), None)

    def add(self, name: str) -> str:
        """A new key, which nobody can read again from the file. Raises ValueError."""
        if not _NAME.fullmatch(name):
            raise ValueError(f"name {name!r}: give 1 to 64 letters, digits, or any of . @ _ -")
        token = PREFIX + secrets.token_urlsafe(32)
        with self._records.changing() as keys:
            if any(key.name == name for key in keys):
                raise ValueError(f"name {name!r} has a key already: remove it first, or choose another name")
            keys.append(Key(name, hash_of(token), time.time()))
        return token

    def remove(self, name: str) -> None:
        """Takes a key away, at once also from a server that runs. Raises ValueError."""
        with self._records.changing() as keys:
            if not any(key.name == name for key in keys):
                known = ", ".join(key.name for key in keys) or "none"
                raise ValueError(f"name {name!r} has no key in {self._records.path}: there are {known}")
            keys[:] = [key for key in keys if key.name != name]


def hash_of(token: str) -> str:
    """What is kept of a key."""
    return hashlib.sha256(token.encode()).hexdigest()


def _key(record: dict[str, Any]) -> Key:
    return Key(str(record["name"]), str(record["sha256"]), float(record["created"]))
