"""Tokens of a sentence (words, signs, blanks) and the few ways in which mistakes change them."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Container, Sequence

Tokens = list[str]
Spoiler = Callable[[Tokens, random.Random], Tokens | None]  # None: no place for this mistake

_TOKENS = re.compile(r"\w+(?:['’]\w+)*|[^\w\s]+|\s+")


def tokens_of(sentence: str) -> Tokens:
    """Joined again they are the sentence."""
    return _TOKENS.findall(sentence)


def joined(tokens: Sequence[str]) -> str:
    """The sentence, its blanks single."""
    return re.sub(r"\s+", " ", "".join(tokens)).strip()


def words(tokens: Sequence[str], longest_left_out: int = 0) -> list[int]:
    """Places of plain words with more letters than that."""
    return [place for place, token in enumerate(tokens) if token.isalpha() and len(token) > longest_left_out]


def among(tokens: Sequence[str], chosen: Container[str]) -> list[int]:
    """Places of these words, given in small letters."""
    return [place for place, token in enumerate(tokens) if token.lower() in chosen]


def neighbour(tokens: Sequence[str], place: int, steps: int) -> str:
    """The word so many words further on (back: below 0), in small letters; "" at a sign or the end."""
    there = place + 2 * steps
    if not 0 <= there < len(tokens) or not tokens[min(place, there) + 1].isspace():
        return ""
    return tokens[there].lower()


def replaced(tokens: Sequence[str], place: int, word: str) -> Tokens:
    """Another word there, with the capital that stood there."""
    model = tokens[place]
    capital = word == "i" or (model[:1].isupper() and (model != "I" or place == 0))
    return [*tokens[:place], word[:1].upper() + word[1:] if capital else word, *tokens[place + 1 :]]


def without(tokens: Sequence[str], place: int) -> Tokens:
    """A word taken out with the blank behind it, or else before it; a first word gives its capital on."""
    if place + 1 < len(tokens) and tokens[place + 1].isspace():
        rest = [*tokens[:place], *tokens[place + 2 :]]
    else:
        rest = [*tokens[: max(place - 1, 0)], *tokens[place + 1 :]]
    if place == 0 and rest and tokens[0][:1].isupper():
        rest[0] = rest[0][:1].upper() + rest[0][1:]
    return rest


def inserted(tokens: Sequence[str], place: int, word: str) -> Tokens:
    """A word put in before the one at `place`, which is not the first."""
    return [*tokens[:place], word, " ", *tokens[place:]]
