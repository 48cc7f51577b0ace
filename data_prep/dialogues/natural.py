"""Facts in words that nobody templated: real questions with answers, and the sentences that hold them."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import astuple, dataclass, replace
from typing import Any

from data_prep.dialogues.cast import draw_person
from data_prep.dialogues.declare import declare
from data_prep.dialogues.exchange import another, exchanged
from data_prep.dialogues.facts import Draw, Question, Told
from data_prep.dialogues.values import core
from data_prep.dialogues.wording import Asked

Row = Mapping[str, Any]
_DULL = re.compile(
    r"^(true|false|yes|no|all|none|both|neither|either|any)\b|\bof (the|these|them) (above|following)|__|"
    r"\bnone of|all of|[\[\]{}<>|#@\\*]",
    re.IGNORECASE,
)
_ODD_QUESTION = re.compile(r"__|[\[\]{}<>|#@\\*\"“”]|following|of these|not\b|\bNOT\b|picture|image|shown")
_NUMBER = re.compile(r"\d+")
_NAME = re.compile(r"([A-Z][a-z]{2,}(?: [A-Z][a-z]+){0,2})$")
TOLD_ABOUT_WORLD = (
    "Interesting!", "I didn't know that.", "Good to know.", "Thanks, I'll remember that.", "Oh, I see.",
    "That's interesting.", "I'll remember that.", "Really? Good to know.", "Thanks for telling me.",
)  # fmt: skip


@dataclass(frozen=True)
class NaturalFact:
    """A statement from a corpus, a question about it and the answer.

    `clause`: the answer as a sentence made by rule ("" where no rule fits: then the answer is given alone).
    """

    statement: str
    asked: Asked
    answer: str
    clause: str
    source: str

    @property
    def key(self) -> str:
        return f"natural/{self.asked.direct}"

    @property
    def relation(self) -> str:
        return "natural"

    @property
    def value(self) -> str:
        return self.answer

    @property
    def acks(self) -> tuple[str, ...]:
        return TOLD_ABOUT_WORLD

    def tell(self, draw: Draw) -> Told:
        return Told(self.statement, "")

    def ask(self, draw: Draw) -> Question:
        answer = self.clause or self.answer
        return Question(self.asked, answer, core(self.answer), self.key, bool(self.clause))

    def unknown(self, draw: Draw) -> Question | None:
        """The question with another name, or another word of a kind; None if it has neither."""
        names = [name for name in _people(self.asked.direct) if name in self.statement]
        if names:
            pairs = {draw.rng.choice(names): draw.values.name(draw.rng)}
        else:
            pairs = another(draw.rng, self.asked.direct, self.statement)
        direct, indirect, bot = (exchanged(text, pairs) for text in astuple(self.asked))
        missed = Question(Asked(direct, indirect, bot), "", "", f"{self.key}/missed")
        return missed if direct != self.asked.direct else None

    def whether(self, draw: Draw) -> Question | None:
        return None

    def sibling(self, draw: Draw) -> NaturalFact | None:
        return None

    def personal(self, draw: Draw) -> NaturalFact | None:
        """The same of somebody the user knows: in a story, a name (or "the king") becomes "my uncle".

        None where the statement and the question do not share one that stands alone.
        """
        if self.source not in STORIES:
            return None
        found = [name for name in _people(self.asked.direct) if name not in self.answer]
        found = [name for name in found if _stands_alone(name, self.statement)]
        if not found:
            return None
        old = draw.rng.choice(found)
        person = draw_person(draw, ("kin", "kin", "friend", "named"))

        def said(text: str, bot: bool = False) -> str:
            return re.sub(rf"\b{re.escape(old)}\b", person.name(bot), text)

        asked = Asked(said(self.asked.direct), said(self.asked.indirect), said(self.asked.bot, True))
        return replace(self, statement=said(self.statement), asked=asked, clause=said(self.clause, True))

    def changed(self, draw: Draw) -> NaturalFact | None:
        """The same with another answer: a made-up name or another number. None for other kinds of answer."""
        new = substitute(self.answer, draw)
        if new is None or self.answer not in self.statement or self.answer in self.asked.direct:
            return None
        return replace(
            self,
            statement=self.statement.replace(self.answer, new),
            answer=new,
            clause=self.clause.replace(self.answer, new),
        )


STORIES = ("fairytale_qa", "mctest")  # their names are people's
_SOMEBODY = re.compile(
    r"\bthe (?:old |young |little |poor |rich |wicked )?(?:king|queen|prince|princess|boy|girl|man|woman|fox|"
    r"wolf|farmer|soldier|giant|witch|miller|maiden|youth|lad|merchant|fisherman|shepherd|peasant|tailor)\b"
)
_ALONE = re.compile(r"(?<![A-Z][a-z] )(?<![.\w-])([A-Z][a-z]{2,})\b(?! [A-Z]|-)")


def _people(question: str) -> list[str]:
    """What may be a person in a question: capitalised words without another one beside them; "the king"."""
    words = question.split()
    names = [
        match[1]
        for match in _ALONE.finditer(question)
        if match.start() and not _capital_before(question, match.start())
    ]
    return [*(name for name in names if name not in _NO_NAMES), *_SOMEBODY.findall(question)] if words else []


def _capital_before(text: str, place: int) -> bool:
    before = text[:place].split()
    if not before:
        return False
    return before[-1].lower() in _LEADING_NAMES or (len(before) > 1 and before[-1][0].isupper())


def _stands_alone(name: str, text: str) -> bool:
    """Whether every place of the name in the text is that of a whole name."""
    if name.startswith("the "):
        return name in text
    places = [match.start() for match in re.finditer(rf"\b{re.escape(name)}\b", text)]
    ends = [text[place + len(name) :].split(" ", 2)[1:2] for place in places]
    followed = any(end and end[0][:1].isupper() for end in ends)
    return bool(places) and not followed and not any(_capital_before(text, p) for p in places if p)


_LEADING_TEXT = """the in of at from on to a an by near mr mrs dr miss lady lord sir uncle aunt earl king
queen prince princess captain doctor lake mount river saint old little"""
_LEADING_NAMES = frozenset(_LEADING_TEXT.split())
_NO_NAME_TEXT = """January February March April May June July August September October November December
Monday Tuesday Wednesday Thursday Friday Saturday Sunday English French German American British Spanish
Italian Russian Chinese Japanese Indian European African Asian Christmas Easter Latin Greek Roman Jewish
Christian Oscar"""
_NO_NAMES = frozenset(_NO_NAME_TEXT.split())


def substitute(answer: str, draw: Draw) -> str | None:
    """An answer of the same kind: for a name a made-up one, for a number another; None if it is neither."""
    name = _NAME.search(answer)
    if name:
        made = " ".join(draw.values.name(draw.rng) for _ in name[1].split())
        return answer[: name.start()] + made
    if _NUMBER.search(answer):
        return _NUMBER.sub(lambda match: _other_number(match[0], draw.rng), answer)
    return None


def _other_number(digits: str, rng: random.Random) -> str:
    if len(digits) == 4 and digits[0] in "12":
        return str(rng.randint(1100, 2030))
    return str(rng.randint(10 ** (len(digits) - 1), 10 ** len(digits) - 1))


def from_questions(rows: Iterable[Row], source: str) -> list[NaturalFact]:
    """Facts of question corpora (open_trivia_qa, nq_open): those that a rule turns into a statement."""
    facts = []
    for row in rows:
        answer = row["answer"] if "answer" in row else min(row["answers"], key=len)
        fact = _declared(row["question"], answer, source)
        if fact:
            facts.append(fact)
    return facts


def _declared(question: str, answer: str, source: str) -> NaturalFact | None:
    question, answer = " ".join(question.split()), answer.strip().rstrip(".")
    if not _usable(question, answer):
        return None
    declared = declare(question, answer)
    if declared is None or len(declared.clause.split()) > 26:
        return None
    return NaturalFact(declared.clause, _asked(question, declared.indirect), answer, declared.clause, source)


def _usable(question: str, answer: str) -> bool:
    return bool(
        3 <= len(question.split()) <= 20
        and 0 < len(answer.split()) <= 7
        and len(answer) < 60
        and not _DULL.search(answer)
        and not _ODD_QUESTION.search(question)
        and answer.lower() not in question.lower()
    )


def _asked(question: str, indirect: str) -> Asked:
    direct = re.sub(r"\s*\?+$", "", question.strip())
    if direct.split()[0] in _QUESTION_WORDS:
        direct = direct[0].lower() + direct[1:]
    return Asked(direct, indirect, indirect)


_CAPITALS = "Who What Which When Where How Why In On At Whose Whom To For"
_QUESTION_WORDS = frozenset(_CAPITALS.split())


def from_passages(rows: Iterable[Row], source: str) -> list[NaturalFact]:
    """Facts of passage corpora (squad, fairytale_qa, mctest): the sentence that holds the answer."""
    facts = []
    for passage, question, answer in passages_of(rows):
        question, answer = " ".join(question.split()), answer.strip().rstrip(".")
        if not _usable(question, answer):
            continue
        declared = declare(question, answer)
        clause = declared.clause if declared else ""
        asked = _asked(question, declared.indirect if declared else "")
        sentence = holding(passage, question, answer)
        if sentence:
            facts.append(NaturalFact(sentence, asked, answer, clause, source))
        elif clause and len(clause.split()) <= 26:
            facts.append(NaturalFact(clause, asked, answer, clause, source))
    return facts


def passages_of(rows: Iterable[Row]) -> Iterator[tuple[str, str, str]]:
    """(passage, question, answer) of the rows of any passage corpus; the answer is "" where there is none."""
    for row in rows:
        if "story_section" in row:
            yield row["story_section"], row["question"], row["answer1"]
        elif "story" in row:
            yield row["story"], row["question"], row["answer"]
        else:
            answers = row["answers"]["text"]
            yield row["context"], row["question"], min(answers, key=len) if answers else ""


def sentences_of(passage: str) -> list[str]:
    """The passage's sentences, cut at marks that a capital or a quotation mark follows."""
    return [part.strip() for part in re.split(r"(?<=[.!?])\s+(?=[\"“A-Z0-9])", passage) if part.strip()]


def holding(passage: str, question: str, answer: str) -> str | None:
    """The sentence with the answer that shares most words with the question, if short; it must share some."""
    words = set(re.findall(r"\w{3,}", question.lower()))
    best, most = None, 1
    for text in sentences_of(passage):
        shared = len(words & set(re.findall(r"\w{3,}", text.lower())))
        if answer.lower() in text.lower() and shared > most and 4 <= len(text.split()) <= 32:
            best, most = text.rstrip(". "), shared
    return best
