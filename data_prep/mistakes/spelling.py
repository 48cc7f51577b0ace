"""Words spelt wrongly: as people are known to (codespell's list), by sound, doubled letters, keyboard."""

from __future__ import annotations

import random
from collections import defaultdict
from functools import cache
from importlib.resources import files

from data_prep.mistakes.tokens import Tokens, replaced, words

KNOWN = 0.6  # of the mistakes are taken from the list, where it has the word
_SOUNDS = (
    ("ie", "ei"), ("ei", "ie"), ("ea", "ee"), ("ee", "ea"), ("ou", "u"), ("ph", "f"), ("ough", "ow"),
    ("igh", "i"), ("tion", "sion"), ("sion", "tion"), ("able", "ible"), ("ible", "able"), ("ence", "ance"),
    ("ance", "ence"), ("ent", "ant"), ("ant", "ent"), ("ary", "ery"), ("ely", "ly"), ("ly", "ley"),
    ("ck", "k"), ("c", "s"), ("s", "c"), ("z", "s"), ("kn", "n"), ("wr", "r"), ("wh", "w"), ("th", "t"),
    ("gu", "g"), ("y", "i"), ("i", "y"), ("ful", "full"), ("al", "el"), ("le", "el"), ("or", "er"),
    ("er", "or"), ("ous", "us"), ("ture", "cher"), ("dge", "ge"), ("mb", "m"), ("sc", "s"), ("x", "cs"),
    ("ui", "u"), ("eau", "u"), ("oo", "u"), ("ai", "a"), ("ay", "ey"), ("aw", "o"), ("au", "o"), ("ir", "er"),
    ("ur", "er"), ("ate", "et"), ("ive", "iv"), ("ed", "d"), ("qu", "q"), ("ch", "sh"), ("e", ""),
)  # fmt: skip
_VOWELS = "aeiou"
_KEYBOARD = ("qwertyuiop", "asdfghjkl", "zxcvbnm")


@cache
def known() -> dict[str, tuple[str, ...]]:
    """The list turned round: how people write a word who write it wrongly."""
    found: dict[str, list[str]] = defaultdict(list)
    text = files("codespell_lib").joinpath("data", "dictionary.txt").read_text(encoding="utf-8")
    for line in text.splitlines():
        wrong, _, right = line.partition("->")
        if right.isalpha() and wrong.isalpha() and line.islower() and len(wrong) > 2:
            found[right].append(wrong)
    return {right: tuple(wrongs) for right, wrongs in found.items()}


def spelling(tokens: Tokens, rng: random.Random) -> Tokens | None:
    """One word spelt wrongly; longer words more often. Names only where they are known to be."""
    places = [
        place
        for place in words(tokens, 2)
        if not place or tokens[place].islower() or tokens[place].lower() in known()
    ]
    if not places:
        return None
    (place,) = rng.choices(places, [min(len(tokens[place]), 10) ** 1.5 for place in places])
    return replaced(tokens, place, misspelt(tokens[place].lower(), rng))


def misspelt(word: str, rng: random.Random) -> str:
    """The word, of three letters or more in small letters, spelt wrongly."""
    listed = known().get(word, ())
    if listed and rng.random() < KNOWN:
        return rng.choice(listed)
    ways = (_by_sound, _by_sound, _doubled, _dropped, _vowel, _swapped, _by_keyboard)
    for way in rng.sample(ways, len(ways)):
        if (wrong := way(word, rng)) != word and wrong:
            return wrong
    return _dropped(word, rng)


def _by_sound(word: str, rng: random.Random) -> str:
    fitting = [(old, new) for old, new in _SOUNDS if old in word[1:]]
    if not fitting:
        return word
    old, new = rng.choice(fitting)
    return word[0] + word[1:].replace(old, new, 1)


def _doubled(word: str, rng: random.Random) -> str:
    """A single letter doubled, or one of a pair left out, which is commoner."""
    pairs = [at for at in range(1, len(word)) if word[at] == word[at - 1]]
    if pairs and rng.random() < 0.7:
        at = rng.choice(pairs)
        return word[:at] + word[at + 1 :]
    places = [at for at in range(1, len(word)) if word[at] in "lmnprstcfgd"]
    if not places:
        return word
    at = rng.choice(places)
    return word[:at] + word[at] + word[at:]


def _dropped(word: str, rng: random.Random) -> str:
    at = rng.randrange(1, len(word))
    return word[:at] + word[at + 1 :]


def _vowel(word: str, rng: random.Random) -> str:
    places = [at for at in range(1, len(word)) if word[at] in _VOWELS]
    if not places:
        return word
    at = rng.choice(places)
    return word[:at] + rng.choice(_VOWELS) + word[at + 1 :]


def _swapped(word: str, rng: random.Random) -> str:
    at = rng.randrange(1, len(word) - 1)
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def _by_keyboard(word: str, rng: random.Random) -> str:
    """A key beside the right one, instead of it or besides."""
    at = rng.randrange(1, len(word))
    row = next((row for row in _KEYBOARD if word[at] in row), "")
    if not row:
        return word
    key = row.index(word[at])
    wrong = rng.choice(row[max(key - 1, 0) : key] + row[key + 1 : key + 2])
    return word[:at] + wrong + word[at + (rng.random() < 0.6) :]
