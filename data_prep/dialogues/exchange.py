"""Words exchanged for others of their kind: messages of other things, and questions that stay open.

The kinds are in tables/kinds.yaml: of a row one word is never another.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from functools import cache

from chat.words import words
from data_prep.dialogues.tables import load_table

EXCHANGED = 0.5  # share of the messages that are told of other things, where a word can be exchanged
_BEFORE_VERBS = """i you we they he she who to not can can't could will won't would must should may might do
does did don't doesn't didn't never always"""
_VERB_FOLLOWS = frozenset(_BEFORE_VERBS.split())


def another(rng: random.Random, question: str, told: str) -> dict[str, str]:
    """A word of a question that was told, and one of its kind that was not: so exchanged, it is not answered.

    Of "What did I have for lunch?" lunch, and dinner. A word that was not told may be only a way to ask, and
    what is told true of others of its kind, too. Empty where there is none.
    """
    said = set(words(told))
    found = _found(set(words(question)) & said)
    if not found:
        return {}
    word = rng.choice(found)
    others = [other for other in _kinds()[word] if other != word and not said.issuperset(words(other))]
    return {word: rng.choice(others)} if others else {}


def exchange(rng: random.Random, told: Sequence[str], others: Iterable[str]) -> dict[str, str]:
    """Two words of a kind, each for the other: what was so of the one is then so of the other.

    told: the wordings of a message, all of which have one of the two (else some may call it otherwise: dad).
    others: its questions and answers. Empty where no word can be exchanged: a noun that is a verb elsewhere
    ("I saw") or stands in its plural, too.
    """
    there = set.intersection(*(set(words(text)) for text in told))
    text = "\n".join((*told, *others))
    found = [word for word in _found(there) if _fits(word, text)]
    if not found:
        return {}
    word = rng.choice(found)
    other = rng.choice([one for one in _kinds()[word] if one != word])
    return {word: other, other: word} if _fits(other, text) or not _pattern(other).search(text) else {}


def exchanged(text: str, pairs: Mapping[str, str]) -> str:
    """A text with each of the words in the place of the other; capitals and "a" or "an" are put right."""
    if not pairs:
        return text
    for_small = {word.lower(): other for word, other in pairs.items()}
    ordered = sorted(pairs, key=len, reverse=True)
    pattern = re.compile(
        rf"(?:\b(an?)( ))?(?<![\w-])({'|'.join(map(re.escape, ordered))})(?![\w-])", re.IGNORECASE
    )

    def put(match: re.Match[str]) -> str:
        article, blank, word = match.groups(default="")
        other = for_small[word.lower()]
        begins = word[0].isupper() and word.lower() in pairs  # a month is written so anywhere
        other = other[0].upper() + other[1:] if begins else other
        if article:
            article = article[0] + ("n" if other[0].lower() in "aeiou" else "")
        return f"{article}{blank}{other}"

    return pattern.sub(put, text)


def _fits(word: str, text: str) -> bool:
    """Whether a word of a text can be exchanged wherever it stands."""
    small = text.lower()
    if any(longer in small for longer in _longer().get(word, ())):
        return False
    if re.search(rf"\b{re.escape(word.lower())}(?:s|es|ed|ing)\b", small):
        return False
    befores = [small[: match.start()].split()[-1:] for match in _pattern(word).finditer(text)]
    return bool(befores) and not any(set(before) & _VERB_FOLLOWS for before in befores)


@cache
def _kinds() -> dict[str, tuple[str, ...]]:
    """Every word, with the words of its kind."""
    return {word: tuple(kind) for kind in load_table("kinds") for word in kind}


def _found(there: Set[str]) -> list[str]:
    """The words of any kind that are there, without those that are only part of a longer one."""
    firsts = (word for first in sorted(there) for word in _by_first().get(first, ()))
    found = [word for word in firsts if there >= set(words(word))]
    return [word for word in found if not set(_longer().get(word, ())) & set(map(str.lower, found))]


@cache
def _by_first() -> dict[str, list[str]]:
    """The words by what they begin with: of "washing machine" washing."""
    found: dict[str, list[str]] = defaultdict(list)
    for word in _kinds():
        found[words(word)[0]].append(word)
    return found


@cache
def _longer() -> dict[str, list[str]]:
    """Of a word that is part of others, these, in small letters: of "cake" carrot cake."""
    found: dict[str, list[str]] = defaultdict(list)
    for longer in _kinds():
        for part in words(longer) if len(words(longer)) > 1 else ():
            found[part].append(longer.lower())
    return found


@cache
def _pattern(word: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-]){re.escape(word)}(?![\w-])", re.IGNORECASE)
