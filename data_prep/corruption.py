"""Mistakes put into clean English, as learners make them: material for the task <fix>.

Wrong, missing and needless articles, prepositions, verb forms, numbers of nouns, order of words, spelling,
missing commas and capitals. How often each comes follows what is common in learners' English (articles,
prepositions and verb forms first). BLiMP's agreement pairs are read here as well.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

KEPT_CLEAN = 0.35  # of the sentences: what is right has to stay
_MOST = 3  # mistakes in a sentence of up to ten words; one more for every ten after
_TOKENS = re.compile(r"\w+(?:['’]\w+)?|[^\w\s]+|\s+")
_ARTICLES = ("a", "an", "the")
_PREPOSITIONS = ("in", "on", "at", "to", "for", "of", "with", "from", "by", "about", "into")
_FORMS = (
    ("is", "are", "was", "were", "be"), ("has", "have", "had"), ("does", "do", "did"),
    ("goes", "go", "went", "gone", "going"), ("makes", "make", "made", "making"),
    ("says", "say", "said", "saying"), ("takes", "take", "took", "taken", "taking"),
    ("comes", "come", "came", "coming"), ("gets", "get", "got", "getting"),
    ("gives", "give", "gave", "given", "giving"), ("knows", "know", "knew", "known"),
    ("thinks", "think", "thought", "thinking"), ("sees", "see", "saw", "seen", "seeing"),
    ("wants", "want", "wanted"), ("likes", "like", "liked"), ("needs", "need", "needed"),
    ("looks", "look", "looked", "looking"), ("works", "work", "worked", "working"),
    ("eats", "eat", "ate", "eaten", "eating"), ("writes", "write", "wrote", "written", "writing"),
    ("much", "many"), ("this", "these"), ("that", "those"), ("there", "their", "they're"),
    ("your", "you're"), ("its", "it's"), ("then", "than"), ("good", "well"), ("to", "too"),
    ("he", "him"), ("she", "her"), ("they", "them"), ("i", "me"), ("we", "us"),
)  # fmt: skip
_OTHERS: dict[str, list[str]] = {}
for _row in _FORMS:
    for _word in _row:
        _OTHERS.setdefault(_word, []).extend(one for one in _row if one != _word)
_AGREEMENT = (
    "subject_verb_agreement", "determiner_noun_agreement", "anaphor_agreement", "irregular_forms",
)  # fmt: skip


def corrupted(sentence: str, rng: random.Random) -> str:
    """The sentence with up to three mistakes, more where it is long, or as it is."""
    if rng.random() < KEPT_CLEAN:
        return sentence
    tokens = _TOKENS.findall(sentence)
    longer = rng.randint(0, len(sentence.split()) // 10)
    for _ in range(rng.choices(range(1, _MOST + 1), (5, 3, 2))[0] + longer):
        (spoil,) = rng.choices([one for one, _ in _SPOILERS], [weight for _, weight in _SPOILERS])
        tokens = spoil(tokens, rng)
    return re.sub(r"\s+", " ", "".join(tokens)).strip() or sentence


def agreement_pair(row: Mapping[str, Any]) -> tuple[str, str] | None:
    """(wrong, right) of a BLiMP row, where it is about agreement or a form; else None."""
    if row["linguistics_term"] not in _AGREEMENT:
        return None
    return row["sentence_bad"], row["sentence_good"]


def _places(tokens: Sequence[str], words: Sequence[str] | Mapping[str, Any]) -> list[int]:
    return [place for place, token in enumerate(tokens) if token.lower() in words]


def _without(tokens: Sequence[str], place: int) -> list[str]:
    """A word taken out with the blank behind it; what follows a first word gets its capital."""
    rest = [*tokens[:place], *tokens[place + 2 :]]
    if place == 0 and rest:
        rest[0] = rest[0][:1].upper() + rest[0][1:]
    return rest


def _as(model: str, word: str) -> str:
    return word.capitalize() if model[:1].isupper() and model != "I" else word


def _article(tokens: list[str], rng: random.Random) -> list[str]:
    places = _places(tokens, _ARTICLES)
    if places and rng.random() < 0.8:
        place = rng.choice(places)
        if rng.random() < 0.6:
            return _without(tokens, place)
        other = rng.choice([one for one in _ARTICLES if one != tokens[place].lower()])
        return [*tokens[:place], _as(tokens[place], other), *tokens[place + 1 :]]
    words = [place for place, token in enumerate(tokens) if token.isalpha() and token.islower() and place]
    if not words:
        return tokens
    place = rng.choice(words)
    return [*tokens[:place], rng.choice(("the", "a")), " ", *tokens[place:]]


def _preposition(tokens: list[str], rng: random.Random) -> list[str]:
    places = _places(tokens, _PREPOSITIONS)
    if not places:
        return tokens
    place = rng.choice(places)
    if rng.random() < 0.3:
        return _without(tokens, place)
    other = rng.choice([one for one in _PREPOSITIONS if one != tokens[place].lower()])
    return [*tokens[:place], _as(tokens[place], other), *tokens[place + 1 :]]


def _form(tokens: list[str], rng: random.Random) -> list[str]:
    places = _places(tokens, _OTHERS)
    if not places:
        return _ending(tokens, rng)
    place = rng.choice(places)
    other = rng.choice(_OTHERS[tokens[place].lower()])
    return [*tokens[:place], _as(tokens[place], other), *tokens[place + 1 :]]


def _ending(tokens: list[str], rng: random.Random) -> list[str]:
    """A plural's, a verb's or a past's ending put on or left out."""
    places = [place for place, token in enumerate(tokens) if token.isalpha() and len(token) > 3]
    if not places:
        return tokens
    place = rng.choice(places)
    word = tokens[place]
    for ending in ("ing", "ed", "s"):
        if word.endswith(ending) and not word.endswith("ss"):
            word = word[: -len(ending)]
            break
    else:
        word += rng.choice(("s", "s", "ed", "ing"))
    return [*tokens[:place], word, *tokens[place + 1 :]]


def _order(tokens: list[str], rng: random.Random) -> list[str]:
    places = [
        place
        for place in range(2, len(tokens) - 2)
        if tokens[place].isalpha() and tokens[place + 1].isspace() and tokens[place + 2].isalpha()
    ]
    if not places:
        return tokens
    place = rng.choice(places)
    swapped = [tokens[place + 2], tokens[place + 1], tokens[place]]
    return [*tokens[:place], *swapped, *tokens[place + 3 :]]


def _spelling(tokens: list[str], rng: random.Random) -> list[str]:
    places = [place for place, token in enumerate(tokens) if token.isalpha() and len(token) > 3]
    if not places:
        return tokens
    place = rng.choice(places)
    word, at = tokens[place], rng.randrange(1, len(tokens[place]) - 1)
    wrong = rng.choice(
        (
            word[:at] + word[at + 1 :],
            word[:at] + word[at] + word[at:],
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
        )
    )
    return [*tokens[:place], wrong, *tokens[place + 1 :]]


def _signs(tokens: list[str], rng: random.Random) -> list[str]:
    """A comma left out, or the first word without its capital."""
    commas = [place for place, token in enumerate(tokens) if token == ","]
    if commas and rng.random() < 0.6:
        place = rng.choice(commas)
        return [*tokens[:place], *tokens[place + 1 :]]
    return [tokens[0].lower(), *tokens[1:]] if tokens else tokens


_SPOILERS: tuple[tuple[Callable[[list[str], random.Random], list[str]], int], ...] = (
    (_article, 20), (_preposition, 14), (_form, 22), (_ending, 18), (_spelling, 22), (_order, 4), (_signs, 6),
)  # fmt: skip
