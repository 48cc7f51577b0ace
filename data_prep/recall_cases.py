"""Conversations for the recall benchmark: what is told, what is asked, and what must come back."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from chat.refusals import is_refusal
from data_prep.dialogues.attributes import AttributeFact
from data_prep.dialogues.episodes import Episode, EpisodeFact
from data_prep.dialogues.facts import Draw, Fact, Question
from data_prep.dialogues.smalltalk import Pool, SmallTalk
from data_prep.dialogues.speech import Speech
from data_prep.dialogues.steps import Step
from data_prep.dialogues.values import Values, core
from data_prep.dialogues.wording import Wordings
from data_prep.dialogues.world import World, clashes, relation_groups

NAMES = {"name", "full_name", "person"}  # kinds of value
POLAR, POLAR_GROUP = "polar", "asked for yes or no, of what is not so too"  # relations, their own group
GROUPS = {  # name: (relations never trained on?, wordings never trained on?, what happens to a fact)
    "one unseen name": (False, False, "alone"),
    "trained relations": (False, False, "told"),
    "trained relations, unseen wording": (False, True, "told"),
    "unseen relations": (True, True, "told"),
    "one of two alike": (False, False, "alike"),
    "changed": (False, False, "changed"),
    "asked for yes or no": (False, False, "whether"),
    POLAR_GROUP: (False, True, "whether"),
    "unseen messages": (True, True, "told"),
    "unseen messages, turned out otherwise": (True, True, "changed"),
    "unseen messages, asked for yes or no": (True, True, "whether"),
}
UNTOLD = 2  # questions about what was never told
TYPED = "episodes"  # the relations that are whole messages: asked for in the groups of messages only
PLAIN = "plain"  # whole messages, too: of those never trained on none is for the test


@dataclass(frozen=True)
class Asked:
    """A question and what its answer must (`value`) and must not contain (`wrong`); no value: never told."""

    text: str
    value: str = ""
    wrong: str = ""

    def judge(self, reply: str) -> str:
        """right, wrong, refused (though it was told), honest (refused, never told) or invented."""
        if not self.value:
            return "honest" if is_refusal(reply) else "invented"
        if contains(reply, self.value) and not (self.wrong and contains(reply, self.wrong)):
            return "right"
        return "refused" if is_refusal(reply) else "wrong"


@dataclass(frozen=True)
class Case:
    """One conversation: messages that tell, small talk as (user, bot) for afterwards, and questions.

    The questions are the same after every distance, each asked of a branch of the conversation.
    """

    tells: tuple[str, ...]
    talk: tuple[tuple[str, str], ...]
    questions: tuple[Asked, ...]


def contains(reply: str, value: str) -> bool:
    """Whether the value stands in the reply as whole words, capitals aside."""
    return bool(re.search(rf"(?<!\w){re.escape(value)}(?!\w)", reply, re.IGNORECASE))


class CaseMaker:
    """Makes the cases of a group, the same for the same seed. All names are made up and never trained on."""

    def __init__(
        self, talk_rows: Iterable[Mapping[str, Any]], longest: int, facts: int = 4, test: bool = True
    ) -> None:
        """talk_rows: conversations of a test split (none: the project's own talk); longest: in exchanges.

        test: False takes other messages of those never trained on, for fitting and choosing.
        """
        rows = list(talk_rows)
        self.talk = SmallTalk([(1.0, Pool(rows))] if rows else [], own_share=0.0 if rows else 1.0)
        self.longest, self.facts, self.test = longest, facts, test

    def make(self, group: str, seed: int) -> Case:
        """One conversation of a group. Raises: ValueError for an unknown group."""
        if group not in GROUPS:
            raise ValueError(f"group={group!r} must be one of {', '.join(GROUPS)}")
        held_relations, held_wordings, what = GROUPS[group]
        rng = random.Random(f"{group}/{seed}" if self.test else f"{group}/{seed}/validation")
        draw = Draw(rng, Values(unseen=True), Wordings(held_wordings))
        relations = relation_groups(held_relations)
        messages = cast(list[Episode], relations.pop(TYPED, []))
        plain = relations.pop(PLAIN, [])
        fitting = [one for one in messages if one.for_test == self.test]
        typed: dict[str, list[Any]] = {TYPED: fitting} if self.test else {TYPED: fitting, PLAIN: plain}
        polar = {POLAR: relations.pop(POLAR, [])}
        world = World(typed if "messages" in group else polar if group == POLAR_GROUP else relations)
        speech = Speech(draw, lambda: "", plain=True)
        told = list(self._told(draw, world, what))
        tells = [
            speech.perform(step)[0] for step in sorted(_steps(told), key=lambda step: step.kind == "change")
        ]
        ask = _ask_whether if what == "whether" else _ask
        questions = [asked for fact in told if (asked := ask(draw, speech, fact))]
        everything = [fact for one in told for fact in (one.fact, one.before, one.alike) if fact]
        tries, share = (4 * UNTOLD, 1.0) if what == "whether" else (UNTOLD, 0.0)
        for question in world.unknown(draw, everything, tries, share)[:UNTOLD]:
            questions.append(Asked(speech.question(question)))
        talk = tuple((said.user, said.bot) for said in self.talk.draw(rng, self.longest))
        return Case(tuple(tells), talk, tuple(questions))

    def _told(self, draw: Draw, world: World, what: str) -> Iterator[_Told]:
        found: list[Fact] = []
        wanted = 1 if what == "alone" else self.facts
        for _ in range(1000):
            if len(found) >= wanted:
                return
            fact = world.facts(draw, 1)[0]
            if what == "alone" and not _is_name(fact):
                continue
            other = (
                fact.sibling(draw) if what == "alike" else fact.changed(draw) if what == "changed" else None
            )
            if (what in ("alike", "changed") and other is None) or clashes(fact, found):
                continue
            if what == "whether" and fact.whether(draw) is None:
                continue
            if what == "alike" and other and clashes(other, [*found, fact]):
                continue
            found.append(fact)
            if what == "alike":
                yield _Told(fact, alike=other)
            elif what == "changed" and other:
                yield _Told(other, before=fact)
            else:
                yield _Told(fact)


@dataclass(frozen=True)
class _Told:
    """A fact as it stands in the end, with what it replaced or what is easily taken for it."""

    fact: Fact
    before: Fact | None = None
    alike: Fact | None = None


def _is_name(fact: Fact) -> bool:
    """Whether the value told is somebody's or something's name."""
    return isinstance(fact, AttributeFact) and NAMES.issuperset(fact.attribute.v.split("|"))


def _steps(told: Iterable[_Told]) -> Iterator[Step]:
    for one in told:
        if one.before:
            yield Step("tell", one.before)
            yield Step("change", one.fact, before=one.before)
        else:
            yield Step("tell", one.fact)
        if one.alike:
            yield Step("tell", one.alike)


def _ask(draw: Draw, speech: Speech, one: _Told) -> Asked | None:
    """A question about the fact that its value answers; for a changed fact, one whose answer has changed."""
    for _ in range(20):
        question = one.fact.ask(draw)
        if question.value.lower() in ("you", "yourself"):
            continue
        wrong = ""
        if one.before:
            wrong = _value_of(one.before, question, draw)
            same = not wrong or wrong.lower() == question.value.lower()
            if same and not isinstance(one.before, EpisodeFact):  # of those it may be asked what stayed, too
                continue
            wrong = "" if same else wrong
        if one.alike:
            wrong = _alike_value(one.alike, question)
        return Asked(speech.question(question), question.value, wrong)
    return None


def _ask_whether(draw: Draw, speech: Speech, one: _Told) -> Asked | None:
    """A question that wants a yes or a no; None where no wording of the fact makes one."""
    question = next(filter(None, (one.fact.whether(draw) for _ in range(20))), None)
    if question is None:
        return None
    yes = question.answer.startswith("Yes")
    return Asked(speech.question(question), *(("Yes", "No") if yes else ("No", "Yes")))


def _value_of(fact: Fact, question: Question, draw: Draw) -> str:
    """What another version of the fact would have answered to the same question."""
    for _ in range(30):
        other = fact.ask(draw)
        if other.topic == question.topic:
            return other.value
    return ""


def _alike_value(fact: Fact, question: Question) -> str:
    """The value of the fact easily taken for the one asked for, where the main value is asked for."""
    return core(fact.value) if fact.relation != "event" else ""
