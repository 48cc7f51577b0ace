"""What people translated alike says the same: facts told in one wording and asked for in the other.

Two English sentences with one and the same translation are paraphrases of each other (as Bannard &
Callison-Burch 2005 found those of phrases). Nobody wrote them for this, so they teach how differently a thing
can be said. Whoever is spoken of is exchanged for somebody the user knows.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import Any, NamedTuple

from chat.words import content_words
from data_prep.dialogues.cast import as_asked, draw_person
from data_prep.dialogues.facts import Draw, Question, Told
from data_prep.dialogues.subjects import SELF, Subject, shift_person
from data_prep.dialogues.values import core
from data_prep.dialogues.whether import answered
from data_prep.dialogues.wording import Asked

Row = Mapping[str, Any]
LANGUAGE = "en"
WHO = 0.75  # share of the questions that ask of whom it is so; the others ask whether it is
_MOST = 8  # wordings of one translation: more of them are of something as short as "Really?"
_TRIES = 6
_FORMS = {"he": "m", "tom": "m", "john": "m", "she": "f", "mary": "f", "i": "i", "they": "p"}
_NOBODY = Subject("n", "", "", "world")
_KINDS = {"i": ("self",), "p": ("group",)}
_SENTENCE = re.compile(rf"(?:({'|'.join(_FORMS)}) )?([^.?!;:\"]+)\.", re.IGNORECASE)
_SHORT = {"i'm": "I am", "i've": "I have", "i'll": "I will", "they're": "they are", "they've": "they have"}
_THINGS = re.compile(
    r"(?:the|my|this|that|these|those|it|it's|its|there|there's|his|her|a|an)\b", re.IGNORECASE
)
_GENDERED = re.compile(r"\b(?:he|him|his|himself|she|her|hers|herself)\b", re.IGNORECASE)
_UNFIT = re.compile(r"\b(?:you|your|yours|yourself|we|us|our|ours|tom|mary|john)\b|\b[Ii]f\b", re.IGNORECASE)
_WORDS = (2, 13)  # of what is said of somebody


class Paraphrase(NamedTuple):
    """Two ways to say the same of somebody, without who it is. form: i, m, f or p; else whole sentences."""

    form: str
    told: str
    asked: str

    @property
    def words(self) -> set[str]:
        """The words of both that carry meaning."""
        return content_words(self.told) | content_words(self.asked)

    @property
    def of_anybody(self) -> bool:
        """Whether it may be said of a woman and a man."""
        return self.form in ("m", "f") and not _GENDERED.search(f"{self.told} {self.asked}")


def paraphrases(rows: Iterable[Row]) -> list[Paraphrase]:
    """Those of parallel corpora: sentences that have a translation in common, each pair both ways round."""
    alike: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in rows:
        texts = row.get("translation", row)
        for language, text in texts.items():
            if language != LANGUAGE and LANGUAGE in texts:
                alike[language, text].add(texts[LANGUAGE])
    found: dict[Paraphrase, None] = {}
    for texts in alike.values():
        said = [one for text in sorted(texts) if (one := _said(text))]
        if len(texts) <= _MOST:
            found |= dict.fromkeys(pair for one, two in permutations(said, 2) if (pair := _pair(one, two)))
    return list(found)


def _said(text: str) -> tuple[str, str] | None:
    """Of whom something is said, in small letters, and what; "" and the whole of what is said of a thing."""
    first, *rest = text.split(" ", 1)
    found = _SENTENCE.fullmatch(" ".join([_SHORT.get(first.lower(), first), *rest]))
    if not found or not _WORDS[0] <= len(found[2].split()) <= _WORDS[1] or _UNFIT.search(found[2]):
        return None
    if found[1]:
        return found[1].lower(), found[2]
    return ("", found[2][0].lower() + found[2][1:]) if _THINGS.match(found[2]) else None


def _pair(one: tuple[str, str], two: tuple[str, str]) -> Paraphrase | None:
    """None where they are not of the same person, or the words that carry meaning are the same."""
    pair = Paraphrase(_FORMS.get(one[0], ""), one[1], two[1])
    other = content_words(pair.told) != content_words(pair.asked) != set()
    return pair if other and one[0] == two[0] else None


@dataclass(frozen=True)
class ParaphraseFact:
    """Something told of somebody."""

    source: Paraphrases
    pair: Paraphrase
    subject: Subject

    @property
    def key(self) -> str:
        return f"paraphrase/{self.subject.key}/{self.pair.told.lower()}"

    @property
    def relation(self) -> str:
        return "paraphrase"

    @property
    def value(self) -> str:
        return "" if self.subject.is_self else self.subject.user

    @property
    def acks(self) -> tuple[str, ...]:
        return ()

    def tell(self, draw: Draw) -> Told:
        return Told(f"{self.subject.user} {self.pair.told}".strip(), self._said)

    @property
    def _said(self) -> str:
        return shift_person(f"{self.subject.user} {self.pair.told}".strip())

    def ask(self, draw: Draw) -> Question:
        if self.subject in (SELF, _NOBODY) or draw.rng.random() > WHO:
            return self.whether(draw)
        asked = f"who {self.pair.asked}"
        return Question(
            Asked(asked, asked, shift_person(asked)), self._said, core(self.subject.user), f"{self.key}/who"
        )

    def whether(self, draw: Draw) -> Question:
        asked = f"{as_asked(draw, self.subject).user} {self.pair.asked}".strip()
        question = Asked(f"is it true that {asked}", "", f"whether {shift_person(asked)}")
        said = self._said
        value = said.removeprefix(shift_person(self.subject.user)).strip()
        return Question(question, answered(True, said), value, f"{self.key}/whether", is_clause=False)

    def unknown(self, draw: Draw) -> Question | None:
        return None  # what is near is asked by way of `sibling`

    def sibling(self, draw: Draw) -> ParaphraseFact | None:
        """Something else of somebody, which has a word in common with this, if there is any."""
        return self.source.like(draw, self)

    def changed(self, draw: Draw) -> ParaphraseFact | None:
        return None

    def near(self, other: ParaphraseFact) -> bool:
        """Whether the one may answer what is asked of the other."""
        mine, others = self.pair.words, other.pair.words
        return 2 * len(mine & others) >= min(len(mine), len(others))


@dataclass(frozen=True, eq=False)
class Paraphrases:
    """The relation of all of them."""

    pairs: Sequence[Paraphrase]
    by_word: Mapping[str, Sequence[Paraphrase]]
    name: str = "paraphrase"
    held: bool = False

    @classmethod
    def of(cls, rows: Iterable[Row]) -> Paraphrases:
        """Those of rows of parallel corpora."""
        pairs, by_word = paraphrases(rows), defaultdict(list)
        for pair in pairs:
            for word in pair.words:
                by_word[word].append(pair)
        return cls(pairs, by_word)

    def make(self, draw: Draw) -> ParaphraseFact:
        """One of them, said of somebody whom it fits."""
        return self._of_somebody(draw, draw.rng.choice(self.pairs))

    def like(self, draw: Draw, fact: ParaphraseFact) -> ParaphraseFact | None:
        """Another one with a word of the fact in it, which says something else."""
        words = sorted(fact.pair.words)
        for _ in range(_TRIES):
            other = self._of_somebody(draw, draw.rng.choice(self.by_word[draw.rng.choice(words)]))
            if not other.near(fact) and (other.subject is _NOBODY or other.subject.key != fact.subject.key):
                return other
        return None

    def _of_somebody(self, draw: Draw, pair: Paraphrase) -> ParaphraseFact:
        if not pair.form:
            return ParaphraseFact(self, pair, _NOBODY)
        kinds = _KINDS.get(pair.form, ("kin", "friend", "named"))
        person = draw_person(draw, kinds)
        while not pair.of_anybody and person.form != pair.form:
            person = draw_person(draw, kinds)
        return ParaphraseFact(self, pair, person)
