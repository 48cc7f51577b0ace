"""What the bot remembers of a conversation: what the user stated, turn by turn. No torch.

Ordinary software finds them: every sentence of the user that tells something, rather than asks, greets or
orders. The network's own part is the order, what replies have copied most from first, and whether the turn
is still in its memory bank.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from chat.forgetting import order_in
from chat.splitting import sentences
from chat.store import StoredTurn
from chat.words import content_words, is_question

_CHAT = re.compile(
    r"(?:hi|hello|hey|bye|goodbye|thanks|thank you|good (?:morning|evening|night)|how are you|see you|"
    r"nice to meet you|you're welcome|sounds? (?:good|great)|that's (?:great|nice|true|right|cool))\b",
    re.IGNORECASE,
)
FEWEST_WORDS = 3


@dataclass(frozen=True)
class Memory:
    """position: the turn that it was said in. usage: tokens' worth of replies copied from that turn.

    held: whether the memory bank still has it; if not, its traces in the carried state are all there is.
    """

    position: int
    text: str
    usage: float = 0.0
    held: bool = True


def memories(turns: Sequence[StoredTurn], held: Collection[int] | None = None) -> list[Memory]:
    """The user's statements, most used first, then the newest; held: turns in the bank (None: all)."""
    usage: Counter[int] = Counter()
    for turn in turns:
        for position, _, weight in turn.about.get("used", ()):
            usage[position] += weight
    found = [
        Memory(turn.position, told, usage[turn.position], held is None or turn.position in held)
        for turn in turns
        if turn.speaker == "user" and (told := " ".join(filter(tells, sentences(turn.text))))
    ]
    return sorted(found, key=lambda memory: (-round(memory.usage, 1), -memory.position))


def tells(sentence: str) -> bool:
    """Whether a sentence states something that can be asked for later."""
    if is_question(sentence) or order_in(sentence) is not None:
        return False
    return (
        len(sentence.split()) >= FEWEST_WORDS and not _CHAT.match(sentence) and bool(content_words(sentence))
    )
