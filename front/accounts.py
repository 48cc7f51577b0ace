"""Who may use the page, where whoever runs it wants accounts: a file of users, and what guessing costs.

The file holds for each user an Argon2id hash of the password, and the random name under which their
conversations are kept: nothing that opens a session.
"""

from __future__ import annotations

import math
import re
import secrets
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from lstm_models.records import Records, check_there

SHORTEST, LONGEST = 10, 1000  # characters of a password
FAILURES = parse("5 per 15 minutes")  # of one name, then it is locked for as long
ATTEMPTS = parse("30 per minute")  # of everybody together: Argon2 costs 64 MiB and a twentieth of a second
_NAME = re.compile(r"[\w.@-]{1,64}")


@dataclass(frozen=True)
class User:
    """Whose account, the password's hash, and the token that stands for this user's conversations.

    since: when the password was given (seconds since 1970). The same one hashed anew is no new one.
    """

    name: str
    password: str
    token: str
    since: float


class TooMany(ValueError):
    """Too many attempts. seconds: until the next one may be made."""

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        super().__init__(f"too many attempts: try again in {seconds} s")


class Accounts:
    """The users of a file, read again when it changes."""

    def __init__(self, path: Path, hasher: PasswordHasher | None = None) -> None:
        """hasher: with other costs. Raises ValueError where the file is not one of users."""
        self.path, self._hasher = path, hasher or PasswordHasher()
        self._nobody = self._hasher.hash(secrets.token_urlsafe(16))
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._records = Records(path, "users", "users", _user)

    @classmethod
    def of_file(cls, path: Path) -> Accounts:
        """The users of a file that is there. Raises ValueError, with the remedy, where it is not."""
        check_there(path, "users")
        return cls(path)

    def all(self) -> list[User]:
        """Every user, in the order in which they were made. Raises Damaged."""
        return self._records.all()

    def named(self, name: str) -> User | None:
        """The user of this name, or None. Raises Damaged."""
        return next((user for user in self.all() if user.name == name), None)

    def sign_in(self, name: str, password: str) -> User | None:
        """The user, or None where name or password is wrong: which of the two, nobody is told.

        Raises TooMany after FAILURES wrong passwords for a name, the right one then included; Damaged.
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
            self._hash_anew(user, password)
        return user

    def add(self, name: str, password: str) -> None:
        """A new user. Raises ValueError saying what does not fit."""
        if not _NAME.fullmatch(name):
            raise ValueError(f"name {name!r}: give 1 to 64 letters, digits, or any of . @ _ -")
        user = User(name, self._hashed(password), secrets.token_urlsafe(32), time.time())
        with self._records.changing() as users:
            if any(one.name == name for one in users):
                raise ValueError(f"name {name!r} is there already: `longshort users password` changes theirs")
            users.append(user)

    def change(self, name: str, password: str) -> None:
        """Another password: whoever is signed in with the old one is signed out. Raises ValueError."""
        hashed = self._hashed(password)
        with self._records.changing() as users:
            place = self._place_of(name, users)
            users[place] = replace(users[place], password=hashed, since=time.time())

    def remove(self, name: str) -> None:
        """Takes a user away; their conversations stay until someone deletes the store. Raises ValueError."""
        with self._records.changing() as users:
            del users[self._place_of(name, users)]

    def _place_of(self, name: str, users: list[User]) -> int:
        names = [user.name for user in users]
        if name not in names:
            raise ValueError(f"name {name!r} is not in {self.path}: there are {', '.join(names) or 'none'}")
        return names.index(name)

    def _hash_anew(self, user: User, password: str) -> None:
        """The same password, hashed at the costs of today; nothing where it was changed meanwhile."""
        hashed = self._hasher.hash(password)
        with self._records.changing() as users:
            users[:] = [replace(one, password=hashed) if one == user else one for one in users]

    def _hashed(self, password: str) -> str:
        if not SHORTEST <= len(password) <= LONGEST:
            raise ValueError(f"password of {len(password)} characters: give {SHORTEST} to {LONGEST:,}")
        return self._hasher.hash(password)

    def _wait(self, item: object, key: str) -> int:
        reset, _ = self._limiter.get_window_stats(item, key)  # type: ignore[arg-type]
        return max(1, math.ceil(reset - time.time()))


def _user(record: dict[str, Any]) -> User:
    # Files of before said nothing of the time.
    name, password, token = (str(record[field]) for field in ("name", "password", "token"))
    return User(name, password, token, float(record.get("since", 0)))
