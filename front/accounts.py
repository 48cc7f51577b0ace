"""Who may use the page, where whoever runs it wants accounts: a file of users, and what guessing costs.

The file holds for each user an Argon2id hash of the password, and the random name under which their
conversations are kept: nothing that opens a session.
"""

from __future__ import annotations

import json
import math
import re
import secrets
import threading
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from lstm_models.files import write_json

SHORTEST, LONGEST = 10, 1000  # characters of a password
FAILURES = parse("5 per 15 minutes")  # of one name, then it is locked for as long
ATTEMPTS = parse("30 per minute")  # of everybody together: Argon2 costs 64 MiB and a twentieth of a second
_NAME = re.compile(r"[\w.@-]{1,64}")


@dataclass(frozen=True)
class User:
    """Whose account, the password's hash, and the token that stands for this user's conversations."""

    name: str
    password: str
    token: str


class TooMany(ValueError):
    """Too many attempts. seconds: until the next one may be made."""

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        super().__init__(f"too many attempts: try again in {seconds} s")


class Accounts:
    """The users of a file, read again when it changes."""

    def __init__(self, path: Path, hasher: PasswordHasher | None = None) -> None:
        """hasher: with other costs. Raises ValueError where the file is not one of users."""
        self.path, self._hasher, self._lock = path, hasher or PasswordHasher(), threading.Lock()
        self._nobody = self._hasher.hash(secrets.token_urlsafe(16))
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._read_at, self._users = -1, dict[str, User]()
        self.all()

    @classmethod
    def of_file(cls, path: Path) -> Accounts:
        """The users of a file that is there. Raises ValueError, with the remedy, where it is not."""
        if not path.is_file():
            raise ValueError(
                f"--users {path}: no such file; make it with `longshort users add NAME --users {path}`"
            )
        return cls(path)

    def all(self) -> list[User]:
        """Every user, in the order in which they were made."""
        with self._lock:
            changed = self.path.stat().st_mtime_ns if self.path.exists() else 0
            if changed != self._read_at:
                self._users = {user.name: user for user in self._read()}
                self._read_at = changed
            return list(self._users.values())

    def named(self, name: str) -> User | None:
        """The user of this name."""
        return next((user for user in self.all() if user.name == name), None)

    def sign_in(self, name: str, password: str) -> User | None:
        """The user, or None where name or password is wrong: which of the two, nobody is told.

        Raises TooMany after FAILURES wrong passwords for a name, the right one then included.
        """
        if not self._limiter.hit(ATTEMPTS, "everybody"):
            raise TooMany(self._wait(ATTEMPTS, "everybody"))
        if not self._limiter.hit(FAILURES, name):  # counted beforehand: many at once are counted, too
            raise TooMany(self._wait(FAILURES, name))
        user = self.named(name)
        try:
            # A name that is not there takes as long as one that is.
            self._hasher.verify(user.password if user else self._nobody, password[: LONGEST + 1])
        except (VerificationError, InvalidHashError):
            return None
        self._limiter.clear(FAILURES, name)
        if user is not None and self._hasher.check_needs_rehash(user.password):
            self._put(replace(user, password=self._hasher.hash(password)))
        return user

    def add(self, name: str, password: str) -> None:
        """A new user. Raises ValueError saying what does not fit."""
        if not _NAME.fullmatch(name):
            raise ValueError(f"name {name!r}: give 1 to 64 letters, digits, or any of . @ _ -")
        if self.named(name) is not None:
            raise ValueError(f"name {name!r} is there already: `longshort users password` changes theirs")
        self._put(User(name, self._hashed(password), secrets.token_urlsafe(32)))

    def change(self, name: str, password: str) -> None:
        """Another password. Raises ValueError."""
        self._put(replace(self._known(name), password=self._hashed(password)))

    def remove(self, name: str) -> None:
        """Takes a user away; their conversations stay until someone deletes the store. Raises ValueError."""
        gone = self._known(name)
        self._write([user for user in self.all() if user != gone])

    def _known(self, name: str) -> User:
        user = self.named(name)
        if user is None:
            known = ", ".join(user.name for user in self.all()) or "none"
            raise ValueError(f"name {name!r} is not in {self.path}: there are {known}")
        return user

    def _hashed(self, password: str) -> str:
        if not SHORTEST <= len(password) <= LONGEST:
            raise ValueError(f"password of {len(password)} characters: give {SHORTEST} to {LONGEST:,}")
        return self._hasher.hash(password)

    def _wait(self, item: object, key: str) -> int:
        reset, _ = self._limiter.get_window_stats(item, key)  # type: ignore[arg-type]
        return max(1, math.ceil(reset - time.time()))

    def _put(self, user: User) -> None:
        self._write([*(one for one in self.all() if one.name != user.name), user])

    def _read(self) -> list[User]:
        if not self.path.exists():
            return []
        try:
            found = json.loads(self.path.read_text(encoding="utf-8"))["users"]
            return [User(str(one["name"]), str(one["password"]), str(one["token"])) for one in found]
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(
                f"{self.path} is no file of users ({type(error).__name__}): make one with "
                f"`longshort users add NAME --users {self.path}`"
            ) from error

    def _write(self, users: list[User]) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        if not self.path.exists():
            self.path.touch(mode=0o600)
        write_json(self.path, {"users": [asdict(user) for user in users]})
        self.path.chmod(0o600)
