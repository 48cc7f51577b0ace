"""What the store gives: plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
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
