"""What the store gives: plain values."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from chat.segments import Turn


@dataclass(frozen=True)
class ConversationInfo:
    """A conversation without its turns. version: raised by every change; times: seconds since 1970."""

    id: str
    owner: str
    title: str
    model_hash: str
    version: int
    created: float
    updated: float


class Noted(Mapping[str, Any]):
    """What was noted of a turn, as it is stored (JSON), and read only when somebody looks into it.

    A reply needs the text of every turn, but not where every word of every earlier reply came from.
    """

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def _values(self) -> dict[str, Any]:
        return dict(json.loads(self.text))

    def __getitem__(self, key: str) -> Any:
        return self._values[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return repr(self._values)


@dataclass(frozen=True)
class StoredTurn:
    """One turn. position: its number from 0, which it keeps when others are forgotten.

    about: of the bot's turns, where the words came from (see chat/sources.py); of passages, their document.
    """

    position: int
    speaker: str
    text: str
    about: Mapping[str, Any] = field(default_factory=dict)
    created: float = 0.0

    @property
    def turn(self) -> Turn:
        """As it is read by the bot."""
        return Turn(self.speaker, self.text)


@dataclass(frozen=True)
class DocumentInfo:
    """A text that was attached to a conversation."""

    id: int
    name: str
    text: str
    created: float
