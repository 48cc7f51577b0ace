"""Wrong, missing and needless words: articles, prepositions, words mixed up, pronouns, order."""

from __future__ import annotations

import random
from collections import defaultdict

from data_prep.mistakes.tokens import Tokens, among, inserted, neighbour, replaced, without, words

_ARTICLES = ("a", "an", "the")
_PREPOSITIONS = {  # what is written instead of each, the commonest first
    "in": ("on", "at", "of", "to", "into", "for", "during"), "on": ("in", "at", "of", "to", "about", "for"),
    "at": ("in", "on", "to", "of"), "to": ("for", "in", "of", "at", "on", "with"),
    "for": ("to", "of", "in", "about", "since", "from"), "of": ("in", "for", "from", "about", "on", "to"),
    "with": ("by", "to", "of", "in", "for", "from"), "from": ("of", "in", "by", "to", "since", "at"),
    "by": ("with", "in", "from", "of", "for", "on"), "about": ("of", "for", "on", "in", "with", "to"),
    "into": ("in", "to", "on"), "during": ("in", "on", "while"), "between": ("among", "of"),
    "through": ("by", "in", "from", "of"), "since": ("from", "for"), "over": ("on", "above"),
    "as": ("like", "for"), "like": ("as",), "among": ("between",), "until": ("to", "by"),
}  # fmt: skip
_CONFUSED = (
    ("to", "too"), ("their", "there", "they're"), ("its", "it's"), ("then", "than"), ("your", "you're"),
    ("affect", "effect"), ("lose", "loose"), ("advice", "advise"), ("much", "many"), ("few", "little"),
    ("less", "fewer"), ("good", "well"), ("other", "another", "others"), ("who", "which", "that", "whom"),
    ("some", "any"), ("make", "do"), ("making", "doing"), ("made", "did"), ("say", "tell", "speak", "talk"),
    ("said", "told"), ("look", "see", "watch"), ("hear", "listen"), ("bring", "take"),
    ("learn", "teach", "study"), ("rise", "raise"), ("live", "life", "leave"), ("lives", "lifes"),
    ("think", "thing"), ("quite", "quiet"), ("were", "where"), ("weather", "whether"), ("hole", "whole"),
    ("know", "now"), ("an", "and"), ("of", "off"), ("this", "these"), ("that", "those"), ("very", "much"),
    ("so", "such"), ("though", "through", "thought"), ("fun", "funny"), ("alone", "lonely"),
    ("people", "peoples", "person"), ("woman", "women"), ("man", "men"), ("children", "childrens"),
    ("interested", "interesting"), ("bored", "boring"), ("excited", "exciting"), ("tired", "tiring"),
    ("because", "because of", "becouse"), ("although", "despite"), ("everyone", "all"),
    ("every", "all", "each"), ("never", "ever"), ("hard", "hardly"), ("near", "nearly"), ("late", "lately"),
    ("most", "almost", "mostly"), ("first", "firstly"), ("different", "difference"),
    ("difficult", "difficulty"), ("possible", "possibility"), ("important", "importance"),
    ("success", "succeed", "successful"), ("safe", "save"), ("believe", "belief"),
    ("choose", "choice", "chose"), ("here", "hear"), ("right", "write"), ("buy", "by"), ("passed", "past"),
    ("piece", "peace"), ("our", "are"), ("use", "used"), ("no", "not", "don't"), ("also", "too"),
    ("want", "won't"), ("cause", "because"), ("until", "till"), ("job", "work"),
)  # fmt: skip
_PRONOUNS = (
    ("he", "him", "his"), ("she", "her", "hers"), ("they", "them", "their"), ("i", "me", "my"),
    ("we", "us", "our"), ("myself", "me"), ("themselves", "them"),
)  # fmt: skip
_LEFT_OUT = {
    "it", "that", "to", "is", "are", "was", "were", "be", "have", "has", "had", "do", "does", "will", "would",
    "can", "and", "as", "they", "there", "which", "who", "not", "them", "him", "been", "than", "also", "so",
}  # fmt: skip
_NEEDLESS = (
    "that", "of", "to", "is", "it", "very", "more", "are", "for", "in", "be", "and", "have", "they", "will",
)  # fmt: skip
_ADVERBS = {
    "always", "often", "never", "also", "only", "usually", "really", "still", "already", "just", "even",
}  # fmt: skip
_QUESTIONS = {"what", "where", "when", "why", "how", "who"}
_INVERTED = {"is", "are", "was", "were", "do", "does", "did", "can", "will", "would", "should", "have", "has"}
_PERSONS = {"i", "you", "we", "they", "he", "she", "it", "this", "that"}


def _others(rows: tuple[tuple[str, ...], ...]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        for word in row:
            found[word] += [one for one in row if one != word]
    return dict(found)


_OTHER_WORDS, _OTHER_PRONOUNS = _others(_CONFUSED), _others(_PRONOUNS)


def _one_of(tokens: Tokens, table: dict[str, list[str]], rng: random.Random) -> Tokens | None:
    places = among(tokens, table)
    if not places:
        return None
    place = rng.choice(places)
    return replaced(tokens, place, rng.choice(table[tokens[place].lower()]))


def article(tokens: Tokens, rng: random.Random) -> Tokens | None:
    """Left out, which is commonest, another one, or one too many."""
    places = among(tokens, _ARTICLES)
    if places and rng.random() < 0.75:
        place = rng.choice(places)
        if rng.random() < 0.7:
            return without(tokens, place)
        return replaced(tokens, place, rng.choice([one for one in _ARTICLES if one != tokens[place].lower()]))
    free = [
        place
        for place in words(tokens, 2)
        if place > 1 and tokens[place].islower() and neighbour(tokens, place, -1) not in ("", *_ARTICLES)
    ]
    return inserted(tokens, rng.choice(free), rng.choice(("the", "the", "a"))) if free else None


def preposition(tokens: Tokens, rng: random.Random) -> Tokens | None:
    """Another one, none, or one too many."""
    places = among(tokens, _PREPOSITIONS)
    if not places or rng.random() < 0.12:
        free = [place for place in among(tokens, (*_ARTICLES, "this", "my", "their", "home")) if place > 1]
        free = [place for place in free if neighbour(tokens, place, -1) not in ("", *_PREPOSITIONS)]
        return inserted(tokens, rng.choice(free), rng.choice(("to", "of", "in", "about"))) if free else None
    place = rng.choice(places)
    if rng.random() < 0.25:
        return without(tokens, place)
    others = _PREPOSITIONS[tokens[place].lower()]
    (other,) = rng.choices(others, range(len(others), 0, -1))
    return replaced(tokens, place, other)


def confused(tokens: Tokens, rng: random.Random) -> Tokens | None:
    """A word taken for one that sounds, looks or means alike."""
    return _one_of(tokens, _OTHER_WORDS, rng)


def pronoun(tokens: Tokens, rng: random.Random) -> Tokens | None:
    """Another pronoun."""
    return _one_of(tokens, _OTHER_PRONOUNS, rng)


def missing(tokens: Tokens, rng: random.Random) -> Tokens | None:
    """A small word left out."""
    places = [place for place in among(tokens, _LEFT_OUT) if place]
    return without(tokens, rng.choice(places)) if places else None


def needless(tokens: Tokens, rng: random.Random) -> Tokens | None:
    """A small word too many, or one twice."""
    places = [place for place in words(tokens) if place > 1 and tokens[place - 1].isspace()]
    if not places:
        return None
    place = rng.choice(places)
    return inserted(tokens, place, tokens[place] if rng.random() < 0.2 else rng.choice(_NEEDLESS))


def order(tokens: Tokens, rng: random.Random) -> Tokens | None:
    """Adverbs and questions in the order of another language, or two words in each other's place."""
    pairs = [
        place
        for place in range(2, len(tokens) - 2)
        if tokens[place].isalpha() and tokens[place + 1].isspace() and tokens[place + 2].isalpha()
    ]
    likely = [
        place
        for place in pairs
        if tokens[place] in _ADVERBS
        or tokens[place + 2] in _ADVERBS
        or (
            tokens[place] in _INVERTED
            and tokens[place + 2].lower() in _PERSONS
            and neighbour(tokens, place, -1) in _QUESTIONS
        )
    ]
    if not pairs:
        return None
    place = rng.choice(likely if likely and rng.random() < 0.8 else pairs)
    return [*tokens[:place], tokens[place + 2], tokens[place + 1], tokens[place], *tokens[place + 3 :]]
