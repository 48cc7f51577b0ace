"""A conversation as one file: JSON with the turns, the documents, and the bot's state (packed, base64).

    {"format": "longshort-conversation", "version": 1, "title": ..., "model_hash": ...,
     "turns": [{"position": 0, "speaker": "user", "text": ..., "about": {...}, "created": ...}, ...],
     "documents": [{"name": ..., "text": ...}], "state": ...}

Nothing in it can run, or steer a terminal. The turns alone bring the conversation back; the state only saves
reading them again.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    FiniteFloat,
    StringConstraints,
    ValidationError,
    model_validator,
)

from chat.documents.files import LONGEST_TEXT
from chat.splitting import MAX_CHARACTERS
from chat.store import StoredTurn
from lstm_models.state import ContextState
from lstm_models.tokenizer import normalise

MOST_TURNS, MOST_DOCUMENTS = 20_000, 20
LONGEST_NAME = 200  # characters of a document's
# Bytes of a file. Documents are covered as large as they may be, at four bytes a character; turns as they are
# in long conversations, where one takes 1 kB with the sources of its words. Twenty thousand messages as long
# as they may be would be 1.6 GB, more than a program should take in at once: they are not exported.
LARGEST = MOST_DOCUMENTS * LONGEST_TEXT * 4 + MOST_TURNS * 4096 + 16 * 2**20
VERSION = 1
_CONTROL = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f]")  # the bot does not read them, either


def _without_control(text: str) -> str:
    return _CONTROL.sub("", text)


def _short(name: str) -> str:
    """A document's name, which stores have kept at any length."""
    return normalise(name)[:LONGEST_NAME].rstrip() or "the file"


_Position = Annotated[int, Field(ge=0, lt=2**31)]
_Share = Annotated[float, Field(ge=0, le=1)]
_Weight = Annotated[float, Field(ge=0, le=1e6)]
_Line = Annotated[str, AfterValidator(normalise)]
_Name = Annotated[str, AfterValidator(_short)]
_Copied = tuple[str, _Share, _Position | None, _Position, _Position | None, _Position]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _About(_Strict):
    name: _Name | None = None
    score: FiniteFloat | None = None
    never_told: _Share | None = None
    null_weight: _Share | None = None
    confidence: _Share | None = None
    copied: list[_Copied] | None = None
    used: list[tuple[_Position, _Position, _Weight]] | None = None
    stopped: bool | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.copied is not None and None in (self.score, self.never_told):
            raise ValueError("copied stands there without score and never_told")
        return self


class _Turn(_Strict):
    position: _Position
    speaker: Literal["user", "bot", "doc"]
    text: Annotated[str, StringConstraints(max_length=MAX_CHARACTERS), AfterValidator(_without_control)]
    about: _About = _About()
    created: FiniteFloat = 0.0

    @model_validator(mode="after")
    def _readable(self) -> Self:
        if self.speaker != "bot" and not normalise(self.text):  # a reply may have been stopped at once
            raise ValueError("the turn has no words")
        return self


class _Document(_Strict):
    name: _Name
    text: Annotated[str, StringConstraints(max_length=LONGEST_TEXT), AfterValidator(_without_control)]


class _File(_Strict):
    format: Literal["longshort-conversation"]
    version: Literal[1]
    title: _Line
    model_hash: Annotated[_Line, StringConstraints(max_length=64)]
    # The last message may bring passages and a reply beyond the limit.
    turns: Annotated[list[_Turn], Field(max_length=MOST_TURNS + 8)]
    documents: Annotated[list[_Document], Field(max_length=MOST_DOCUMENTS)] = []
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
    """The file, as bytes. Raises ValueError, with the remedy, where `from_file` would not take it."""
    state = conversation.state
    values = {
        "format": "longshort-conversation",
        "version": VERSION,
        "title": conversation.title,
        "model_hash": conversation.model_hash,
        "turns": [vars(turn) | {"about": dict(turn.about)} for turn in conversation.turns],
        "documents": [{"name": name, "text": text} for name, text in conversation.documents],
        "state": base64.b64encode(state.to_bytes()).decode() if state else None,
    }
    try:
        file = _File.model_validate(values)
    except ValidationError as error:
        raise ValueError(
            f"this conversation cannot be exported, it is damaged at {_fault(error)}: forget that turn, or "
            "remove that document"
        ) from error
    data = (file.model_dump_json(indent=1, exclude_none=False) + "\n").encode()
    if len(data) > LARGEST:
        raise ValueError(
            f"this conversation would make a file of {len(data) / 2**20:.0f} MB, and {LARGEST >> 20} MB at "
            "most can be imported again: remove a document, or forget long turns"
        )
    return data


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
            why = normalise(str(error))
            raise ValueError(f"the state in the file is damaged ({why}): export it again") from error
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
    first = error.errors(include_url=False)[0]
    if first["loc"] == ("version",):
        return (
            f"the file has version {first['input']!r:.20}, this program reads {VERSION}: it was exported by "
            "a newer one; update the program"
        )
    if first["loc"] in ((), ("format",)):
        return "the file is no exported conversation: choose one that Export has written"
    return f"the file is damaged at {_fault(error)}: export the conversation again"


def _fault(error: ValidationError) -> str:
    """Where the first thing is wrong, and what."""
    first = error.errors(include_url=False)[0]
    where, why = ".".join(map(str, first["loc"])), first["msg"].removeprefix("Value error, ")
    return normalise(f"{where} ({why})")
