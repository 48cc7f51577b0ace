"""Names, numbers and codes in a reply are spelt as they were told.

The network copies piece by piece, and sometimes says a piece twice or leaves one out: a password is worthless
then. Which word it copied from where is known, so that word can be compared. A reply that begins with a word
copied from the middle of a sentence gets its capital, if that word cannot be a code. No torch.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from chat.reply import COPIED, CopiedToken

ALIKE = 0.7  # of difflib's ratio: below it the reply means another word
LONG = 7  # digits: a shorter number in groups may be two numbers
_DIGITS = re.compile(r"\d")
_GROUPS = re.compile(r"(?<!\w)[+(]?\d[\d()/-]*(?: [\d()/-]+)+(?!\w)")
_OPENING_TEXT = """
a an the your his her its their some no on in at by with for from to because till until after before over
under near behind between about around since every each once twice today tomorrow yesterday tonight
"""
_OPENING = frozenset(_OPENING_TEXT.split())
_AROUND = ".,;:!?\u2026\"'()[]\u201c\u201d\u2018\u2019"


def as_told(copied: Sequence[CopiedToken], told: Callable[[int], str]) -> tuple[CopiedToken, ...]:
    """The tokens of a reply; those of a word that was copied and misspelt become one, as the source has it.

    told: the text of a segment. Only what has a digit, a sign inside or a capital is looked at: other words
    may well be said in another form than they were told in.
    """
    spelt: list[CopiedToken] = []
    words = _words(copied)
    for place, tokens in enumerate(words):
        beside = [_text(word) for word in words[max(0, place - 1) : place + 2] if word is not tokens]
        right = _right(tokens, told, beside)
        spelt += tokens if right is None else [right]
    if len(words) > 1 and _text(words[0]).strip() in _OPENING:
        spelt[0] = replace(spelt[0], text=_capitalised(spelt[0].text))
    return tuple(spelt)


def _capitalised(text: str) -> str:
    """ " a" gives " A"."""
    blank = len(text) - len(text.lstrip())
    return text[:blank] + text[blank:].capitalize()


def _words(copied: Iterable[CopiedToken]) -> list[list[CopiedToken]]:
    """Tokens between blanks."""
    words: list[list[CopiedToken]] = []
    for token in copied:
        if not words or token.text[:1].isspace():
            words.append([])
        words[-1].append(token)
    return words


def _right(
    tokens: Sequence[CopiedToken], told: Callable[[int], str], beside: Sequence[str]
) -> CopiedToken | None:
    """The word as it was told; None where it is that already, or was not copied as a whole.

    beside: the words before and behind it.
    """
    text = _text(tokens)
    core = _core(text)
    parts = [token for token in tokens if any(map(str.isalnum, token.text))]
    if name := _name_in_i(parts, core, told):
        return replace(parts[0], text=text.replace(core, name))
    sources = {token.segment for token in parts}
    if not _special(core) or len(sources) != 1 or any(token.share < COPIED for token in parts):
        return None
    (segment,) = sources
    if segment is None:
        return None
    source = told(segment)
    words = [_core(word) for word in source.split()]
    if core.lower() in map(str.lower, words):
        right = "" if any(_DIGITS.search(word) for word in beside) else _number_with(core, source)
    else:
        close = difflib.get_close_matches(core, [word for word in words if _special(word)], 1, ALIKE)
        right = close[0] if close and not _form_of(core, close[0]) else ""
    return replace(parts[0], text=text.replace(core, right)) if right else None


def _name_in_i(parts: Sequence[CopiedToken], core: str, told: Callable[[int], str]) -> str:
    """ "Igor" for "Yougor": the I that a name begins with, taken for the user's; empty for other words."""
    segments = {token.segment for token in parts[1:] if token.share >= COPIED}
    if len(segments) != 1 or len(core) < 5 or core[:3].lower() != "you":
        return ""
    (segment,) = segments
    words = map(_core, told(segment).split()) if segment is not None else ()
    names = [word for word in words if word[:1] == "I" and word[1:].isalpha() and len(word) > 2]
    return next(iter(difflib.get_close_matches(f"I{core[3:]}", names, 1, ALIKE)), "")


def _number_with(part: str, source: str) -> str:
    """The long number in groups, as of a telephone, that a number is part of; empty where there is none."""
    for match in _GROUPS.finditer(source):
        if part in match.group().split() and sum(map(str.isdigit, match.group())) >= LONG:
            return match.group()
    return ""


def _text(tokens: Iterable[CopiedToken]) -> str:
    return "".join(token.text for token in tokens)


def _core(word: str) -> str:
    """A word without what stands around it."""
    word = word.strip().strip(_AROUND)
    return word.removesuffix("'s").removesuffix("\u2019s")


def _special(word: str) -> bool:
    return bool(word) and (not word.isalpha() or word[0].isupper())


def _form_of(one: str, other: str) -> bool:
    """Whether one word may be another form of the other: German and Germans."""
    one, other = sorted((one.lower(), other.lower()), key=len)
    return other.isalpha() and other.startswith(one)
