"""Mistakes of punctuation, capitals and blanks; sentences run on."""

from __future__ import annotations

import random

from data_prep.mistakes.tokens import Tokens, among, neighbour, replaced, without, words

_JOINED = {
    ("a", "lot"): "alot", ("every", "day"): "everyday", ("any", "more"): "anymore", ("in", "fact"): "infact",
    ("all", "right"): "alright", ("each", "other"): "eachother", ("even", "though"): "eventhough",
    ("at", "least"): "atleast", ("as", "well"): "aswell", ("in", "front"): "infront", ("may", "be"): "maybe",
    ("high", "school"): "highschool", ("any", "time"): "anytime", ("some", "one"): "someone",
}  # fmt: skip
_SPLIT = {
    "without": "with out", "everyone": "every one", "someone": "some one", "something": "some thing",
    "sometimes": "some times", "however": "how ever", "classroom": "class room", "maybe": "may be",
    "themselves": "them selves", "himself": "him self", "myself": "my self", "nowadays": "now a days",
    "everything": "every thing", "anything": "any thing", "another": "an other", "cannot": "can not",
    "somewhere": "some where", "together": "to gether", "everywhere": "every where", "weekend": "week end",
    "homework": "home work", "football": "foot ball", "bedroom": "bed room", "always": "all ways",
    "therefore": "there fore", "whenever": "when ever", "already": "all ready", "outside": "out side",
}  # fmt: skip
_BEFORE_COMMA = {"that", "because", "if", "when", "which", "and", "who", "as", "while", "to"}
_CONJUNCTIONS = {"and", "but", "so"}


def comma(tokens: Tokens, rng: random.Random) -> Tokens | None:
    """A comma left out, or put in where none belongs."""
    commas = [place for place, token in enumerate(tokens) if token == ","]
    if commas and rng.random() < 0.75:
        place = rng.choice(commas)
        return [*tokens[:place], *tokens[place + 1 :]]
    places = [place for place in among(tokens, _BEFORE_COMMA) if place > 2 and tokens[place - 1].isspace()]
    places = [place for place in places if tokens[place - 2].isalpha()]
    if not places:
        return None
    place = rng.choice(places)
    return [*tokens[: place - 1], ",", *tokens[place - 1 :]]


def run_on(tokens: Tokens, rng: random.Random) -> Tokens | None:
    """The conjunction behind a comma left out, or a semicolon made a comma."""
    places = [
        place
        for place, token in enumerate(tokens[:-2])
        if token == ";" or (token == "," and tokens[place + 2].lower() in _CONJUNCTIONS)
    ]
    if not places:
        return None
    place = rng.choice(places)
    if tokens[place] == ";":
        return replaced(tokens, place, ",")
    if rng.random() < 0.5:
        return without(tokens, place + 2)
    return [*tokens[:place], ".", tokens[place + 1], tokens[place + 2].capitalize(), *tokens[place + 3 :]]


def apostrophe(tokens: Tokens, rng: random.Random) -> Tokens | None:
    """dont, Johns; or behind an s that needs none."""
    places = [place for place, token in enumerate(tokens) if "'" in token.strip("'") and len(token) > 2]
    if not places:
        return None
    place = rng.choice(places)
    return replaced(tokens, place, tokens[place].replace("'", "" if rng.random() < 0.8 else " "))


def full_stop(tokens: Tokens, rng: random.Random) -> Tokens | None:
    """The mark at the end left out."""
    return tokens[:-1] if len(tokens) > 3 and tokens[-1] in (".", "?") else None


def capital(tokens: Tokens, rng: random.Random) -> Tokens | None:
    """A capital left out, at the beginning, of I or of a name; or a capital too many."""
    capitals = [place for place, token in enumerate(tokens) if token[:1].isupper() and token[1:].islower()]
    capitals += among(tokens, ("i", "i'm", "i've", "i'll", "i'd"))
    if capitals and rng.random() < 0.8:
        place = rng.choice(capitals)
        return [*tokens[:place], tokens[place].lower(), *tokens[place + 1 :]]
    small = [place for place in words(tokens, 3) if tokens[place].islower()]
    if not small:
        return None
    place = rng.choice(small)
    return [*tokens[:place], tokens[place].capitalize(), *tokens[place + 1 :]]


def blank(tokens: Tokens, rng: random.Random) -> Tokens | None:
    """Two words written as one, one as two, or no blank behind a comma, or one before it."""
    ways: list[Tokens] = []
    for place, token in enumerate(tokens):
        pair = token.lower(), neighbour(tokens, place, 1)
        if pair in _JOINED:
            ways.append(replaced([*tokens[: place + 1], *tokens[place + 3 :]], place, _JOINED[pair]))
        if token.lower() in _SPLIT:
            ways.append(replaced(tokens, place, _SPLIT[token.lower()]))
        if token == "," and place + 1 < len(tokens) and tokens[place + 1] == " ":
            ways.append([*tokens[: place + 1], *tokens[place + 2 :]])
            ways.append([*tokens[:place], " ", *tokens[place:]])
    return rng.choice(ways) if ways else None
