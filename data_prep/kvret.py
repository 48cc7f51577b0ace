"""KVRET (Eric & Manning 2017): what the assistant knows, its entities, and which entry a reply is from."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from chat.segments import Turn
from data_prep.answering import plain_words
from lstm_models.encoded import ANYWHERE


def entities_of(row: dict[str, Any]) -> set[str]:
    """Every value in a row's knowledge base, and its parts where a value lists several."""
    knowledge = json.loads(row["knowledge"]) if row.get("knowledge") else None
    found: set[str] = set()
    for value in _values(knowledge):
        found.add(value)
        found.update(part.strip() for part in value.split(",") if part.strip())
    return {one for one in found if plain_words(one)}


def wanted_of(reply: str, row: dict[str, Any]) -> set[str]:
    """The entities that the human reply names."""
    text = f" {' '.join(plain_words(reply))} "
    return {one for one in entities_of(row) if f" {' '.join(plain_words(one))} " in text}


def _values(part: Any) -> Iterable[str]:
    if isinstance(part, dict):
        for value in part.values():
            yield from _values(value)
    elif isinstance(part, list):
        for value in part:
            yield from _values(value)
    elif isinstance(part, str) and part not in ("-", ""):
        yield part


def known(row: dict[str, Any]) -> list[Turn]:
    """What the assistant knows before the dialogue begins: a passage for each entry."""
    if row.get("source") != "kvret" or not row.get("knowledge"):
        return []
    entries = [entry for part in json.loads(row["knowledge"]).values() for entry in part]
    lines = (", ".join(f"{name}: {value}" for name, value in entry.items()) for entry in entries)
    return [Turn("doc", line) for line in lines if line]


def evidence(turns: Sequence[Turn], targets: Sequence[tuple[int, str, str]]) -> tuple[int, ...]:
    """The entry that each reply is from: the one with most of its entities, then most of the talk's so far.

    ANYWHERE where the reply has no entity, or several entries have as many.
    """
    entries = {i: _values_of(turn.text) for i, turn in enumerate(turns) if turn.speaker == "doc"}
    found = []
    for turn, reply, _ in targets:
        talk = " ".join(one.text for one in turns[: turn + 1] if one.speaker != "doc")
        scores = {i: (_said(values, reply), _said(values, talk)) for i, values in entries.items()}
        best = max(scores.values(), default=(0, 0))
        places = [i for i, score in scores.items() if score == best]
        found.append(places[0] if best[0] and len(places) == 1 else ANYWHERE)
    return tuple(found)


def _values_of(entry: str) -> list[str]:
    """ "poi: Valero, distance: 2 miles" -> Valero, 2 miles"""
    return [part.rpartition(": ")[2] for part in entry.split(", ")]


def _said(values: Iterable[str], text: str) -> int:
    words = f" {' '.join(plain_words(text))} "
    return sum(f" {' '.join(plain_words(value))} " in words for value in values if plain_words(value))
