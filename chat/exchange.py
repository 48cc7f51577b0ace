"""A conversation as one file: JSON with the turns, the documents, and the bot's state (packed, base64).

    {"format": "longshort-conversation", "version": 1, "title": ..., "model_hash": ...,
     "turns": [{"position": 0, "speaker": "user", "text": ..., "about": {...}, "created": ...}, ...],
     "documents": [{"name": ..., "text": ...}], "state": ...}

Nothing in it can run. The turns alone bring the conversation back; the state only saves reading them again.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from chat.documents.files import LONGEST_TEXT
from chat.splitting import MAX_CHARACTERS
from chat.store import StoredTurn
from lstm_models.state import ContextState

LARGEST = 64 * 2**20  # bytes
FORMAT, VERSION = "longshort-conversation", 1
_Position = Annotated[int, Field(ge=0, lt=2**31)]
_Share = Annotated[float, Field(ge=0, le=1)]
_Weight = Annotated[float, Field(ge=0, le=1e6)]
_Copied = tuple[str, _Share, _Position | None, _Position, _Position | None, _Position]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _About(_Strict):
    name: str | None = None
    score: float | None = None
    never_told: _Share | None = None
    null_weight: _Share | None = None
    confidence: _Share | None = None
    copied: list[_Copied] | None = None
    used: list[tuple[_Position, _Position, _Weight]] | None = None
    stopped: bool | None = None


class _Turn(_Strict):
    position: _Position
    speaker: Literal["user", "bot", "doc"]
    text: Annotated[str, StringConstraints(max_length=MAX_CHARACTERS)]
    about: _About = _About()
    created: float = 0.0


class _Document(_Strict):
    name: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    text: Annotated[str, StringConstraints(max_length=LONGEST_TEXT)]


class _File(_Strict):
    format: Literal["longshort-conversation"]
    version: Literal[1]
    title: str
    model_hash: Annotated[str, StringConstraints(max_length=64)]
    turns: Annotated[list[_Turn], Field(max_length=20_000)]
    documents: Annotated[list[_Document], Field(max_length=20)] = []
    state: str | None = None


@dataclass(frozen=True)
class Exported:
    """What a file holds."""

    title: str
    model_hash: str
    turns: tuple[StoredTurn, ...]
    documents: tuple[tuple[str, str], ...] = ()  # (name, text)
    state: ContextState | None = None


def to_file(conversation: Exported) -> bytes:
    """The file, as bytes."""
    state = conversation.state
    file = _File(
        format="longshort-conversation",
        version=1,
        title=conversation.title,
        model_hash=conversation.model_hash,
        turns=[
            _Turn(
                position=turn.position,
                speaker=turn.turn.speaker,
                text=turn.text,
                about=_About.model_validate(dict(turn.about)),
                created=turn.created,
            )
            for turn in conversation.turns
        ],
        documents=[_Document(name=name, text=text) for name, text in conversation.documents],
        state=base64.b64encode(state.to_bytes()).decode() if state else None,
    )
    return (file.model_dump_json(indent=1, exclude_none=False) + "\n").encode()


def from_file(data: bytes) -> Exported:
    """What such a file holds. Raises ValueError, with the remedy, where it is another, damaged or newer."""
    if len(data) > LARGEST:
        raise ValueError(
            f"the file has {len(data) / 2**20:.0f} MB: an exported conversation has "
            f"{LARGEST >> 20} MB at most"
        )
    try:
        file = _File.model_validate_json(data)
    except ValidationError as error:
        raise ValueError(_why(error)) from error
    state = None
    if file.state:
        try:
            state = ContextState.from_bytes(base64.b64decode(file.state, validate=True))
        except (binascii.Error, ValueError) as error:
            raise ValueError(f"the state in the file is damaged ({error}): export it again") from error
    turns = tuple(
        StoredTurn(
            turn.position,
            turn.speaker,
            turn.text,
            turn.about.model_dump(mode="json", exclude_none=True),
            turn.created,
        )
        for turn in file.turns
    )
    positions = [turn.position for turn in turns]
    if positions != sorted(set(positions)):
        raise ValueError("the file's turns are out of order: it is damaged; export the conversation again")
    documents = tuple((document.name, document.text) for document in file.documents)
    return Exported(file.title, file.model_hash, turns, documents, state)


def _why(error: ValidationError) -> str:
    fault = error.errors(include_url=False)[0]
    where = ".".join(map(str, fault["loc"]))
    if where == "version":
        return (
            f"the file has version {fault['input']!r}, this program reads {VERSION}: it was exported by "
            "a newer one; update the program"
        )
    if not where or where == "format":
        return "the file is no exported conversation: choose one that Export has written"
    return f"the file is damaged at {where} ({fault['msg']}): export the conversation again"
