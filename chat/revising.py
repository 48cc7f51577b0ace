"""Forgetting and correcting turns: which turns go, which change, and what is noted of the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from chat.forgetting import with_quotes
from chat.sources import copied_turns, without
from chat.store import StoredTurn


@dataclass(frozen=True)
class Revision:
    """What to do to a conversation. removed: positions; changed: by position; kept: all that is left."""

    removed: frozenset[int]
    changed: Mapping[int, StoredTurn]
    kept: tuple[StoredTurn, ...]


def forgetting(turns: Sequence[StoredTurn], positions: Sequence[int]) -> Revision:
    """The turns at these positions go, and what repeats them. Raises ValueError if there are none."""
    places = [place for place, turn in enumerate(turns) if turn.position in set(positions)]
    if not places:
        raise ValueError("there is no such turn in this conversation: look at the numbers beside the turns")
    return _revised(turns, _repeating(turns, places), {})


def correcting(turns: Sequence[StoredTurn], position: int, text: str) -> Revision:
    """A turn of the user gets another text; what repeated the old goes. Raises ValueError if not his."""
    place = next((n for n, turn in enumerate(turns) if turn.position == position), None)
    if place is None or turns[place].speaker != "user":
        raise ValueError("only what you said yourself can be corrected: choose one of your own turns")
    if not text.strip():
        raise ValueError("the correction is empty: write what is right, or forget the turn")
    right = replace(turns[place], text=text.strip())
    return _revised(turns, _repeating(turns, [place]) - {position}, {position: right})


def _repeating(turns: Sequence[StoredTurn], places: Sequence[int]) -> frozenset[int]:
    """Positions of the turns at these places and of what repeats them."""
    place_of = {turn.position: place for place, turn in enumerate(turns)}
    copied = [
        {place_of[position] for position in copied_turns(turn.about) if position in place_of}
        for turn in turns
    ]
    out = with_quotes([turn.turn for turn in turns], places, copied)
    return frozenset(turns[place].position for place in out)


def _revised(
    turns: Sequence[StoredTurn], removed: frozenset[int], changed: dict[int, StoredTurn]
) -> Revision:
    first, stale = min([*removed, *changed]), removed | set(changed)
    kept = []
    for turn in turns:
        if turn.position in removed:
            continue
        now = changed.get(turn.position, turn)
        about = without(now.about, stale, told_after=turn.position > first)
        if about != now.about:
            now = changed[turn.position] = replace(now, about=about)
        kept.append(now)
    return Revision(removed, changed, tuple(kept))
