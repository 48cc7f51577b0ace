"""Short conversations in which a pronoun's form depends on what was said one to five sentences before.

The German for "It is new." is "Er ist neu." of a table and "Sie ist neu." of a lamp; whose bicycle "son vélo"
is, only the one who has it tells. Nouns and names of `train` and `test` differ, and so do the sentences that
carry the pronoun, so that the test asks for the habit and not for a list. Fillers between hold no rival.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml

Part = Literal["train", "test"]
Kind = Literal["it", "his", "thing", "he"]
Pair = tuple[str, str]
FARTHEST = 5  # sentences back

_LANGUAGES = ("en", "de", "fr", "es")  # as they follow each other in a row of the tables
_IT = {"de": {"m": "er", "f": "sie", "n": "es"}, "fr": {"m": "il", "f": "elle"}}
_GERMAN = {  # by gender, as the tables write the masculine
    "er": _IT["de"],
    "ihn": {"m": "ihn", "f": "sie", "n": "es"},
    "ein": {"m": "ein {}", "f": "eine {}", "n": "ein {}"},
    "einen": {"m": "einen {}", "f": "eine {}", "n": "ein {}"},
    "einem": {"m": "einem {}", "f": "einer {}", "n": "einem {}"},
    "der": {"m": "der {}", "f": "die {}", "n": "das {}"},
    "den": {"m": "den {}", "f": "die {}", "n": "das {}"},
}
_WHOSE = {"he": "his", "she": "her"}
_ELIDED = "aeiouéèêâôîœh"  # the table has no noun with an aspirated h


@dataclass(frozen=True)
class Case:
    """Sentences of one speaker with their translations; the last one's pronoun needs the first.

    In training up to three sentences go on about a thing, since its gender is learnt slowest.

    wanted: the pronoun, in small letters; others: those that would be wrong. kind: it
    (German or French of a thing), his (English of a French or Spanish possessive), thing (the English it of a
    German or French thing, or he and she of a person), he (English of a Spanish sentence without a subject).
    """

    source: str
    target: str
    pairs: tuple[Pair, ...]
    wanted: str
    others: tuple[str, ...]
    kind: Kind

    @property
    def distance(self) -> int:
        """How many sentences back the antecedent stands."""
        return len(self.pairs) - 1


def cases(part: Part, count: int, seed: int, kinds: Sequence[Kind] = ()) -> Iterator[Case]:
    """`count` cases, these kinds and all distances in turns; of all kinds, where none is named."""
    rng = random.Random(f"{part} {seed}")
    kinds = kinds or _IN_TURNS[part]
    for number in range(count):
        distance = 1 + number // len(kinds) % FARTHEST
        yield _MAKERS[kinds[number % len(kinds)]](part, distance, rng)


@cache
def _tables() -> dict[str, Any]:
    tables: dict[str, Any] = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8"))
    return tables


@cache
def _rows(name: str, part: Part) -> list[list[str]]:
    return [row.split("|") for row in _tables()[name][part]]


@cache
def _nouns(part: Part, column: int) -> dict[str, list[list[str]]]:
    """The rows by the gender that they have in a column's language."""
    by_gender: dict[str, list[list[str]]] = {}
    for row in _rows("nouns", part):
        by_gender.setdefault(row[column][-1], []).append(row)
    return by_gender


def _named_thing(part: Part, language: str, rng: random.Random, genders: str = "mfn") -> tuple[str, Pair]:
    """A thing of one of these genders of German or French, and how it is named in English and there."""
    column = _LANGUAGES.index(language)
    nouns = _nouns(part, column)
    gender = rng.choice(sorted(set(genders) & set(nouns)))  # as often: guessing the commonest does not pay
    row = rng.choice(nouns[gender])
    noun, named = row[column][:-2], rng.choice(_rows("introduced", part))
    english = named[0].format(row[0])
    if row[0][0] in "aeiou":
        english = english.replace(f" a {row[0]}", f" an {row[0]}")
    foreign = _german(named[1], gender, noun) if language == "de" else _french(named[2], gender, noun)
    return gender, (english, foreign)


def _german(text: str, gender: str, noun: str = "") -> str:
    words = {form: by_gender[gender].format(noun) for form, by_gender in _GERMAN.items()}
    filled = text.format(**words)
    return filled[0].upper() + filled[1:]


def _french(text: str, gender: str, noun: str) -> str:
    definite = f"l'{noun}" if noun[0] in _ELIDED else f"{'le' if gender == 'm' else 'la'} {noun}"
    indefinite = f"{'un' if gender == 'm' else 'une'} {noun}"
    return text.format(un=indefinite, le=definite).replace(" de le ", " du ")


def _thing(part: Part, distance: int, rng: random.Random) -> Case:
    target = rng.choice(("de", "fr"))
    gender, named = _named_thing(part, target, rng)
    said = _said(part, target, gender, rng, 1 if part == "test" else rng.randint(1, 3))
    wanted = _IT[target][gender]
    others = tuple(one for one in _IT[target].values() if one != wanted)
    pairs = (named, *_between(part, "en", target, distance, rng), *said)
    return Case("en", target, pairs, wanted, others, "it")


def _said(part: Part, language: str, gender: str, rng: random.Random, count: int = 1) -> list[Pair]:
    """Sentences with the pronoun, in English and the language."""
    rows = rng.sample(_rows("said", part), count)
    by_gender = 2 if gender == "m" else 3
    return [(row[0], _german(row[1], gender) if language == "de" else row[by_gender]) for row in rows]


def _back(part: Part, distance: int, rng: random.Random) -> Case:
    """What a thing that is he or she elsewhere is in English: it, unless it is somebody."""
    source = rng.choice(("de", "fr"))
    if rng.random() < 0.5:
        gender, named = _named_thing(part, source, rng, "mf")  # a neuter is it without what was said before
        ((english, foreign),) = _said(part, source, gender, rng)
        wanted = "it"
    else:
        wanted, named = _named_person(part, source, rng)
        ((english, foreign),) = _said(part, source, "m" if wanted == "he" else "f", rng)
        english = _of_person(english, wanted)
    between = _between(part, source, "en", distance, rng)
    others = tuple(one for one in ("it", "he", "she") if one != wanted)
    return Case(source, "en", (named[::-1], *between, (foreign, english)), wanted, others, "thing")


def _of_person(text: str, pronoun: str) -> str:
    """English with he or she, him or her, in the place of it."""
    words = text.split(" ")
    for place, word in enumerate(words):
        if word.strip(".,?!").casefold() == "it":
            before = words[place - 1] if place else ""
            subject = not place or before in ("Is", "think", "But") or before.endswith(",")
            form = pronoun if subject else {"he": "him", "she": "her"}[pronoun]
            words[place] = word.replace("It", form.capitalize()).replace("it", form)
    return " ".join(words)


def _named_person(part: Part, language: str, rng: random.Random) -> tuple[str, Pair]:
    """he or she, and how the person is named in English and the language."""
    *names, pronoun = rng.choice(_rows("persons", part))
    named = rng.choice(_rows("appeared", part))
    column, ending = _LANGUAGES.index(language), "e" if pronoun == "she" else ""
    english, foreign = (named[place].format(names[place], e=ending) for place in (0, column))
    return pronoun, (english[0].upper() + english[1:], foreign[0].upper() + foreign[1:])


def _owner(part: Part, distance: int, rng: random.Random) -> Case:
    source = rng.choice(("fr", "es"))
    pronoun, named = _named_person(part, source, rng)
    english, french, spanish = rng.choice(_rows("owned", part))
    wanted = _WHOSE[pronoun]
    said = english.format(wanted)
    pair = french if source == "fr" else spanish, said[0].upper() + said[1:]
    pairs = (named[::-1], *_between(part, source, "en", distance, rng), pair)
    return Case(source, "en", pairs, wanted, ("his" if wanted == "her" else "her",), "his")


def _subject(part: Part, distance: int, rng: random.Random) -> Case:
    wanted, named = _named_person(part, "es", rng)
    english, *spanish = rng.choice(_rows("done", part))
    pair = spanish[wanted == "she"], f"{wanted.capitalize()} {english}"
    pairs = (named[::-1], *_between(part, "es", "en", distance, rng), pair)
    return Case("es", "en", pairs, wanted, ("she" if wanted == "he" else "he",), "he")


def _between(part: Part, source: str, target: str, distance: int, rng: random.Random) -> list[Pair]:
    fillers = _tables()["fillers"] + (_tables()["more_fillers"] if part == "train" else [])
    chosen = [row.split("|") for row in rng.sample(fillers, distance - 1)]
    return [(row[_LANGUAGES.index(source)], row[_LANGUAGES.index(target)]) for row in chosen]


_MAKERS: dict[Kind, Callable[[Part, int, random.Random], Case]] = {
    "it": _thing,
    "his": _owner,
    "thing": _back,
    "he": _subject,
}
_IN_TURNS: dict[Part, tuple[Kind, ...]] = {
    "test": ("it", "his", "thing", "he"),
    "train": ("it", "his", "it", "thing", "he"),
}
