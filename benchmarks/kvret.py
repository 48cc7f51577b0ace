"""The entities of KVRET (Eric & Manning 2017): those of a dialogue's knowledge base, and those of a reply."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from data_prep.answering import plain_words


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
