"""A dialogue about other things: its places and cuisines by made-up words, wherever they stand.

Who learns from such copies learns to copy what was said: the names themselves are soon known by heart.
"""

from __future__ import annotations

import random
import re
from dataclasses import replace

from chat.segments import Dialogue, Turn
from data_prep.dialogues.made_up import is_test_word, syllable_word

# As Dialog bAbI writes them (Bordes et al. 2017): in lines of its guide, and in a call to it.
_LISTED = re.compile(r" R_(?:cuisine|location) (\w+)")
_CALLED = re.compile(r"^api_call (\w+) (\w+)")


def renamed(dialogue: Dialogue, rng: random.Random) -> Dialogue | None:
    """The dialogue with another word for each place and cuisine; None where it names none."""
    texts = [turn.text for turn in dialogue.turns] + [text for _, text, _ in dialogue.targets]
    values = sorted({value for text in texts for value in named(text)})
    if not values:
        return None
    words = set(re.findall(r"[^\W_]+", " ".join(texts)))
    others: dict[str, str] = {}
    for value in values:
        others[value] = new_word(words, rng)
        words.add(others[value])
    whole = re.compile(rf"(?<![^\W_])(?:{'|'.join(map(re.escape, values))})(?![^\W_])")

    def said(text: str) -> str:
        return whole.sub(lambda found: others[found[0]], text)

    return replace(
        dialogue,
        turns=tuple(Turn(turn.speaker, said(turn.text)) for turn in dialogue.turns),
        targets=tuple((turn, said(text), tag) for turn, text, tag in dialogue.targets),
    )


def named(text: str) -> list[str]:
    """The places and cuisines that a text says are such."""
    call = _CALLED.match(text)
    return [*_LISTED.findall(text), *(call.groups() if call else ())]


def new_word(taken: set[str], rng: random.Random) -> str:
    """A made-up word that is not taken, nor one that tests keep for themselves."""
    while (word := syllable_word(rng)) in taken or is_test_word(word):
        pass
    return word
