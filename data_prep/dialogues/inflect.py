"""English verbs: agreement, the simple past, the -ing form, the participle."""

from __future__ import annotations

import re
from functools import cache

from data_prep.dialogues.tables import load_table

_DETERMINER = re.compile(r"an?|the|my|your|our|their", re.IGNORECASE)  # "her" may be whom somebody gave it
_ARTICLE = re.compile(r"(?:an?|the) ")
_VOWEL_SOUND = re.compile(r"(?!one\b|one-|once|eu)(?:[aeio]|u(?!k|ni|s[aeb])|hour|hono|heir)", re.IGNORECASE)


def agree(verb: str, form: str, bot: bool = False) -> str:
    """A verb's present (or "was") for a form: agree("live", "f") is "lives", agree("be", "i") is "am"."""
    single = form in "fmn"
    if verb == "be":
        return "is" if single else "am" if form == "i" and not bot else "are"
    if verb == "was":
        return "was" if single or (form == "i" and not bot) else "were"
    return third_person(verb) if single else verb


def third_person(verb: str) -> str:
    """lives, watches, carries; of a phrase the first word: "look after" gives "looks after"."""
    first, _, rest = verb.partition(" ")
    special = {"have": "has", "do": "does", "go": "goes", "be": "is"}
    if first in _MODALS:
        return verb
    if first in special:
        done = special[first]
    elif re.search(r"(s|x|z|ch|sh|o)$", first):
        done = first + "es"
    elif re.search(r"[^aeiou]y$", first):
        done = first[:-1] + "ies"
    else:
        done = first + "s"
    return f"{done} {rest}" if rest else done


_MODALS = {"can", "can't", "could", "will", "would", "must", "should", "may", "might"}
_DOUBLING = {"refer", "prefer", "forget", "begin", "admit"}


@cache
def _irregular() -> dict[str, tuple[str, str]]:
    """Base form: (past, participle)."""
    table = load_table("irregular")
    return {base: (forms[0], forms[-1]) for base, forms in ((b, f.split()) for b, f in table.items())}


def past(verb: str) -> str:
    """The simple past of a base form; of a phrase the first word's: "look after" gives "looked after"."""
    return _inflected(verb, 0)


def participle(verb: str) -> str:
    """The past participle: taken, rented, looked after."""
    return _inflected(verb, 1)


def _inflected(verb: str, which: int) -> str:
    first, _, rest = verb.partition(" ")
    if first in _irregular():
        done = _irregular()[first][which]
    elif first.endswith("e"):
        done = first + "d"
    elif re.search(r"[^aeiou]y$", first):
        done = first[:-1] + "ied"
    else:
        done = _doubled(first) + "ed"
    return f"{done} {rest}" if rest else done


def present_participle(verb: str) -> str:
    """renting, running, looking after."""
    first, _, rest = verb.partition(" ")
    if first.endswith("ie"):
        done = first[:-2] + "ying"
    elif first.endswith("e") and not first.endswith(("ee", "oe", "ye")) and first != "be":
        done = first[:-1] + "ing"
    else:
        done = _doubled(first) + "ing"
    return f"{done} {rest}" if rest else done


def _doubled(verb: str) -> str:
    """plan gives plann, visit stays: the last consonant doubles when the verb has one short syllable."""
    one_syllable = re.fullmatch(r"(qu|[^aeiou])*[aeiou][^aeiouwxy]", verb)
    return (
        verb + verb[-1] if one_syllable or verb in ("refer", "prefer", "forget", "begin", "admit") else verb
    )


def put_behind(word: str, value: str) -> tuple[str, str]:
    """A word and the value that comes behind it, so that they go together: an article fits the sound behind
    it, and a value leaves its own behind a word that stands in its place.

    put_behind("a", "espresso") is ("an", "espresso"), put_behind("my", "the violin") ("my", "violin").
    """
    if _DETERMINER.fullmatch(word):
        value = _ARTICLE.sub("", value)
        if word.lower() in ("a", "an") and value[0].isalpha():
            word = word[0] + ("n" if _VOWEL_SOUND.match(value) else "")
    return word, value
