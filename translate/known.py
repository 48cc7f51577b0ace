"""Which words are ordinary: a capitalised word that is in no list of them is most likely a name. No torch."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("known_words.json")
WORD = re.compile(r"(?:[OD]['’])?[^\W\d_]+(?:-[^\W\d_]+)*")
_ENDINGS = ("s", "es", "e", "n", "en", "er", "em")  # of German nouns and adjectives
_NOUN = re.compile(r"(?:ung|heit|keit|schaft|tion|nis|tum|chen|[^aou]ei)(?:s|es|e|en|se)?$")  # of no name
_LINK = "s"  # between the parts of a German compound
_SHORTEST = 3


def known(word: str, language: str) -> bool:
    """Whether the word is ordinary in this language; in German also as a form, a compound or by its ending.

    A word with hyphens is when any of its parts is. Languages without a list know every word.
    """
    words, folded = _words(language), word.casefold()
    if not words or folded in words or any(part in words for part in folded.split("-")):
        return True
    return language == "de" and (
        bool(_NOUN.search(folded))
        or any(folded.removesuffix(ending) in words for ending in _ENDINGS)
        or _compound(folded, words)
    )


def _compound(word: str, words: frozenset[str]) -> bool:
    return any(
        word[:cut] in words and (word[cut:] in words or word[cut:].removeprefix(_LINK) in words)
        for cut in range(_SHORTEST, len(word) - _SHORTEST + 1)
    )


@cache
def _words(language: str) -> frozenset[str]:
    return frozenset(_lists().get(language, "").split())


@cache
def _lists() -> dict[str, str]:
    lists: dict[str, str] = json.loads(FILE.read_text(encoding="utf-8"))
    return lists
