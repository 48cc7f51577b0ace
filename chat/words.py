"""Words that carry meaning, for finding turns and passages that speak of the same. No torch."""

from __future__ import annotations

import re

from chat.segments import plain
from lstm_models.tokenizer import normalise

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")
_STOP_WORDS = """
a about after all also am an and any anyone anything are aren't as at be because been before being
but by can can't could couldn't did didn't do does doesn't doing don't for from get gets getting go
goes going got had has hasn't have haven't having he he's her here hers herself him himself his how
how's i i'd i'll i'm i've if in into is isn't it it's its itself just know let let's like may me
might mine more most must my myself no not now of off oh ok okay on one or other our ours out over
please really remember remind said say says she she's should so some something still such tell than
thanks that that's the their theirs them themselves then there there's these they they're thing
things think this those to told too up us very was wasn't we we're were weren't what what's whatever
when when's where where's which who who's whom whose why will with won't would yes yet you you're
you've your yours yourself
"""
_NO_CONTENT = frozenset(_STOP_WORDS.split())
_QUESTION = re.compile(
    r"(?:and |so |but |ok |okay |well |hey |now )?"
    r"(?:who|what|where|when|why|how|which|whose|whom|do|does|did|is|are|was|were|am|can|could|will|would|should|"
    r"has|have|had|may|might|tell me|remind me|say again)\b",
    re.IGNORECASE,
)

_WHETHER = re.compile(
    r"(?:(?:and|so|but|ok|okay|well|hey|now),? )?(?:do|does|did|is|are|was|were|am|has|have|can|will|should) "
    r"(?!you\b|your\b|it\b|that\b|this\b|there\b|these\b|those\b|we\b|they\b)",
    re.IGNORECASE,
)


def words(text: str) -> list[str]:
    """Every word in small letters, in order: runs of letters and digits."""
    return _WORD.findall(_as_read(text).lower())


def content_words(text: str) -> set[str]:
    """The words that carry meaning, without a plural's or possessive's s."""
    return {_base(word) for word in words(text) if word not in _NO_CONTENT}


def names(text: str) -> set[str]:
    """Content words that tell one thing from another: with a digit, or with a capital inside a sentence."""
    found, text = set(), _as_read(text)
    for match in _WORD.finditer(text):
        word = match.group()
        inside = text[: match.start()].rstrip()[-1:] not in ("", ".", "!", "?", ":", "\u2026", '"')
        is_name = any(map(str.isdigit, word)) or (word[0].isupper() and inside)
        if is_name and word.lower() not in _NO_CONTENT:
            found.add(_base(word.lower()))
    return found


def is_question(text: str) -> bool:
    """Whether a message asks: it ends with a question mark, or begins as questions do."""
    text = text.strip()
    return text.endswith("?") or bool(_QUESTION.match(text) and not text.endswith("!"))


def asks_whether(text: str) -> bool:
    """Whether a message wants a yes or a no about what was told ("Is my cat black?", not "Do you sing?")."""
    return text.strip().endswith("?") and bool(_WHETHER.match(plain(text).strip()))


def _as_read(text: str) -> str:
    """As the tokenizer reads it: accents in one character with their letter, no soft hyphens."""
    return normalise(plain(text))


def _base(word: str) -> str:
    word = word.removesuffix("'s")
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
