"""Words spelt wrongly, mended by a list of English words before the network reads a sentence. No torch.

A network of word pieces copies what it has never seen; what is no word at all is told more surely by a list.
"""

from __future__ import annotations

import re
from functools import cache

from spellchecker import SpellChecker

SHORTEST, LONGEST = 4, 16  # letters; shorter words have too many neighbours, longer ones take too long
COMMON = 1000  # how often a word has to stand in the list's texts to be what was meant
_FEWER = 10.0  # times as common as the next candidate, or it is left to the network
_BRITISH = (
    ("our", "or"),
    ("is", "iz"),
    ("ys", "yz"),
    ("ll", "l"),
    ("tre", "ter"),
    ("ogue", "og"),
    ("ae", "e"),
)
_WORD = re.compile(r"(?<![\w'’@#&/.-])[a-z]+(?![\w'’@#&/]|[.-]\w)")


def mended(sentence: str) -> str:
    """The sentence with each small-letter word that is none replaced by the one that was surely meant."""
    return _WORD.sub(lambda match: correction(match.group()) or match.group(), sentence)


@cache
def correction(word: str) -> str | None:
    """The word that was meant, a letter away; None where there is none, or several, or all is well."""
    checker = _checker()
    if not SHORTEST <= len(word) <= LONGEST or word in checker:
        return None
    if any(old in word and word.replace(old, new) in checker for old, new in _BRITISH):
        return None
    found = checker.candidates(word) or set()
    ranked = sorted(found, key=lambda one: -checker[one])
    if not ranked or checker[ranked[0]] < COMMON or ranked[0][0] != word[0]:
        return None
    if len(ranked) > 1 and checker[ranked[0]] < _FEWER * checker[ranked[1]]:
        return None
    return str(ranked[0])


@cache
def _checker() -> SpellChecker:
    return SpellChecker(language="en", distance=1)  # two letters: a third of a second for each riddle
