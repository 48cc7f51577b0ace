"""What is said, as it is stored: what is read before a reply, the turns before a message, titles."""

from __future__ import annotations

import time
from collections.abc import Sequence

from chat.documents import Passage
from chat.store import StoredTurn

LONGEST_TITLE = 60
UNTITLED = "New conversation"
_BRANCH = " (branch)"


def before_turn(turns: Sequence[StoredTurn], position: int) -> list[StoredTurn]:
    """The turns before a message of the user, without the passages that were read for it."""
    earlier = [turn for turn in turns if turn.position < position]
    while earlier and earlier[-1].speaker == "doc":
        earlier.pop()
    return earlier


def heard(position: int, passages: Sequence[Passage], message: str) -> list[StoredTurn]:
    """What is read before a reply, as it is stored from `position` on: passages, then the message."""
    now = time.time()
    read = [
        StoredTurn(position + n, "doc", passage.text, {"name": passage.document}, now)
        for n, passage in enumerate(passages)
    ]
    return [*read, StoredTurn(position + len(read), "user", message, {}, now)]


def title_of(message: str) -> str:
    """The title of a conversation that begins with a message."""
    line = " ".join(message.split())
    return line if len(line) <= LONGEST_TITLE else line[: LONGEST_TITLE - 1].rstrip() + "\u2026"


def branch_of(title: str) -> str:
    """The title of a branch."""
    return title.removesuffix(_BRANCH)[: LONGEST_TITLE - len(_BRANCH)].rstrip() + _BRANCH


def title_without(title: str, turns: Sequence[StoredTurn], kept: Sequence[StoredTurn]) -> str:
    """The title once only some turns are left: what went, or was changed, does not stay in it."""
    first, left = (
        next((turn.text for turn in some if turn.speaker == "user"), None) for some in (turns, kept)
    )
    if first is None or first == left:
        return title
    for name in (lambda text: text, branch_of):
        if title == name(title_of(first)):
            return UNTITLED if left is None else name(title_of(left))
    return title
