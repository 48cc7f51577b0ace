"""Turns of a conversation and how they become tokens, in training and in serving alike. No torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from lstm_models.tokenizer import Tokenizer

Speaker = Literal["user", "bot", "doc"]
SPEAKER_TAGS: dict[str, str] = {"user": "<user>", "bot": "<bot>", "doc": "<doc>"}
REPLY, ANSWER = "<reply>", "<answer>"


@dataclass(frozen=True)
class Turn:
    """What one speaker said, or a document that was given to read."""

    speaker: Speaker
    text: str


@dataclass(frozen=True)
class Dialogue:
    """A conversation to learn from.

    targets: (index of the turn answered, reply, tag of the task); the reply sees turns 0..index.
    """

    turns: tuple[Turn, ...]
    targets: tuple[tuple[int, str, str], ...]


def encode_turn(tokenizer: Tokenizer, turn: Turn) -> list[int]:
    """Ids of a segment: the speaker's tag first, </s> last. Raises: ValueError for an unknown speaker."""
    if turn.speaker not in SPEAKER_TAGS:
        raise ValueError(f"unknown speaker {turn.speaker!r}: the speakers are {', '.join(SPEAKER_TAGS)}")
    return [tokenizer.tag_id(SPEAKER_TAGS[turn.speaker]), *tokenizer.encode(turn.text), tokenizer.eos_id]


def encode_reply(tokenizer: Tokenizer, text: str, tag: str = REPLY) -> list[int]:
    """Ids of a reply to learn: the task's tag first, </s> last."""
    return [tokenizer.tag_id(tag), *tokenizer.encode(text), tokenizer.eos_id]
