"""API keys, where whoever runs the server asks for them: random, shown once, kept as hashes only.

A key is 256 random bits, so one SHA-256 is as good as a slow hash: there is nothing to guess.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from lstm_models.files import write_json

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
        self.path = path
        self._lock = threading.Lock()
        self._read_at = -1.0
        self._keys: dict[str, Key] = {}
        self.all()

    @classmethod
    def of_file(cls, path: Path) -> Keys:
        """The keys of a file that is there. Raises ValueError, with the remedy, where it is not."""
        if not path.is_file():
            raise ValueError(
                f"--keys {path}: no such file; make it with `longshort keys add NAME --keys {path}`"
            )
        return cls(path)

    def all(self) -> list[Key]:
        """Every key, in the order in which they were made."""
        with self._lock:
            changed = self.path.stat().st_mtime_ns if self.path.exists() else 0
            if changed != self._read_at:
                self._keys = {key.sha256: key for key in self._read()}
                self._read_at = changed
            return list(self._keys.values())

    def name_of(self, token: str | None) -> str | None:
        """Whose key it is, or None where it is nobody's."""
        if not token or not token.isascii():
            return None
        self.all()
        found = self._keys.get(hash_of(token))
        return found.name if found else None

    def add(self, name: str) -> str:
        """A new key, which nobody can read again from the file. Raises ValueError."""
        if not _NAME.fullmatch(name):
            raise ValueError(f"name {name!r}: give 1 to 64 letters, digits, or any of . @ _ -")
        if any(key.name == name for key in self.all()):
            raise ValueError(f"name {name!r} has a key already: remove it first, or choose another name")
        token = PREFIX + secrets.token_urlsafe(32)
        self._write([*self.all(), Key(name, hash_of(token), time.time())])
        return token

    def remove(self, name: str) -> None:
        """Takes a key away, at once also from a server that runs. Raises ValueError."""
        keys = self.all()
        if not any(key.name == name for key in keys):
            known = ", ".join(key.name for key in keys) or "none"
            raise ValueError(f"name {name!r} has no key in {self.path}: there are {known}")
        self._write([key for key in keys if key.name != name])

    def _read(self) -> list[Key]:
        if not self.path.exists():
            return []
        try:
            found = json.loads(self.path.read_text(encoding="utf-8"))
            return [Key(str(one["name"]), str(one["sha256"]), float(one["created"])) for one in found["keys"]]
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(
                f"{self.path} is no file of API keys ({type(error).__name__}): make one with "
                f"`longshort keys add NAME --keys {self.path}`"
            ) from error

    def _write(self, keys: list[Key]) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        if not self.path.exists():
            self.path.touch(mode=0o600)
        write_json(self.path, {"keys": [vars(key) for key in keys]})
        self.path.chmod(0o600)


def hash_of(token: str) -> str:
    """What is kept of a key."""
    return hashlib.sha256(token.encode()).hexdigest()
