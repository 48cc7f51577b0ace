"""Dialogues from facts and small talk: who tells what when, what is asked, and what was never told."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from chat.segments import Dialogue, Turn
from data_prep.dialogues.attributes import AttributeFact
from data_prep.dialogues.facts import Draw, Fact
from data_prep.dialogues.smalltalk import SmallTalk
from data_prep.dialogues.speech import Speech
from data_prep.dialogues.steps import Step
from data_prep.dialogues.world import World, clashes
from lstm_models.encoded import ANYWHERE, NOWHERE

# Share, least and most turns. Most are short: distance is learnt at once, finding the right fact is not.
LENGTHS = ((0.4, 4, 12), (0.44, 12, 20), (0.13, 20, 34), (0.03, 34, 60))
MOST_FACTS = 7
STUDIED = 0.6  # share of dialogues without small talk, in which little is told and much is asked about it
STUDIED_FACTS = 3
MOST_STUDIED = 24  # exchanges
CHANGED = 0.3  # share of facts that are changed
TURNED_OUT = 0.55  # share of the messages that have it of which it turns out otherwise
SHORT = 0.35  # share of the changes that are said right behind the fact, most in few words
ASKED_BETWEEN = 0.25  # share of these before which the fact was asked for
TOGETHER = 0.35  # share of facts that are told right behind the one before
MORE = 0.2  # share of people and things of which more is told at once, by a pronoun
JOINED = 0.6  # share of neighbouring facts that are told in one message
JOINED_TYPED = 0.15  # the same where one of them is a whole message already
ASKED = (1, 1, 1, 2, 2, 3)  # times that a fact is asked for
ASKED_EPISODE = (2, 3, 3, 4, 5, 6)  # the same where a message holds several
ASKED_STUDIED = (6, 7, 8, 9, 10)  # the same without small talk
UNKNOWN = (0, 1, 2, 2, 3, 3)  # questions about what was never told
UNKNOWN_STUDIED = (3, 4, 5, 6)
BEHIND = 0.9  # share of these that come when the fact that they are near is told: then they are hard
LEARN_SMALL_TALK = 0.2  # share of small-talk replies in a fact dialogue that are learnt
LEARN_THANKS = 0.4  # share of replies to something told: any of many would do, so they teach little
LEARN_THANKS_STUDIED = 0.1


@dataclass
class _Script:
    """Turns and targets, growing."""

    turns: list[Turn] = field(default_factory=list)
    targets: list[tuple[int, str, str]] = field(default_factory=list)
    evidence: list[int] = field(default_factory=list)
    wanted: list[str] = field(default_factory=list)

    def exchange(
        self, user: str, bot: str, learn: bool = True, evidence: int = ANYWHERE, wanted: str = ""
    ) -> None:
        self.turns.append(Turn("user", user))
        if learn:
            self.targets.append((len(self.turns) - 1, bot, "<reply>"))
            self.evidence.append(evidence)
            self.wanted.append(wanted)
        self.turns.append(Turn("bot", bot))


class Composer:
    """Makes one fact dialogue after the other. It holds tables and pools only."""

    def __init__(self, world: World, talk: SmallTalk) -> None:
        self.world, self.talk = world, talk

    def compose(self, draw: Draw) -> Dialogue:
        """A dialogue of 2 to 60 turns with several facts, questions, refusals and changes of mind."""
        rng = draw.rng
        studied = rng.random() < STUDIED
        exchanges = MOST_STUDIED if studied else max(1, _length(rng) // 2)
        steps = self._steps(draw, exchanges, studied)
        script = _Script()
        idle = 0 if studied else exchanges - len(steps)
        thanks = LEARN_THANKS_STUDIED if studied else LEARN_THANKS
        talk = self.talk.draw(rng, idle) if idle > 0 else []
        places = sorted(_place(rng, steps) for _ in talk)
        told: dict[str, list[int]] = {}  # in which turns each fact was told, the last one last
        speech = Speech(draw, lambda: self.talk.draw(rng, 1)[0].user)
        for index in range(len(steps) + 1):
            while places and places[0] == index:
                places.pop(0)
                said = talk.pop(0)
                script.exchange(said.user, said.bot, said.learn and rng.random() < LEARN_SMALL_TALK)
            if index < len(steps):
                asked = steps[index].kind in ("ask", "unknown")
                learn = asked or not script.targets or rng.random() < thanks
                user, bot = speech.perform(steps[index])
                evidence = _evidence(steps[index], told, script.turns, speech.wanted)
                wanted = speech.wanted if steps[index].kind == "ask" else ""
                script.exchange(user, bot, learn, evidence, wanted)
        known = (tuple(script.evidence), tuple(script.wanted))
        return Dialogue(tuple(script.turns), tuple(script.targets), *known)

    def _steps(self, draw: Draw, exchanges: int, studied: bool) -> list[Step]:
        """Tells, questions and changes in a sensible order."""
        rng = draw.rng
        count = rng.randint(1, max(1, min(STUDIED_FACTS if studied else MOST_FACTS, exchanges // 2)))
        facts = self.world.facts(draw, count)
        told: list[Fact] = []
        order: list[tuple[float, Step]] = []
        starts: dict[str, float] = {}
        start = 0.0
        for fact in facts:
            # what is alike is often told in one breath
            start = start + 1e-6 if told and rng.random() < TOGETHER else rng.random() * 0.6
            order += self._life(draw, fact, start, studied=studied)
            told.append(fact)
            starts[fact.key] = start
            more = self._more_of(draw, fact, [*facts, *told])
            if more:
                order += self._life(draw, more, start + 1e-8, pronoun=True)
                told.append(more)
                starts[more.key] = start
        for _ in range(rng.choice(UNKNOWN_STUDIED if studied else UNKNOWN)):
            near = rng.choice(told)
            if question := self.world.nearly(draw, near, told):
                earliest = starts[near.key] if rng.random() < BEHIND else 0
                order.append((rng.uniform(earliest, 1.2), Step("unknown", question=question)))
        order.sort(key=lambda step: step[0])
        return _join_tells(rng, [step for _, step in order][: max(exchanges, 2)])

    def _more_of(self, draw: Draw, fact: Fact, told: Sequence[Fact]) -> Fact | None:
        """What is told next of the same person or thing, by a pronoun."""
        if not isinstance(fact, AttributeFact) or fact.subject.is_self or fact.subject.kind == "world":
            return None
        more = self.world.another_of(draw, fact) if draw.rng.random() < MORE else None
        return None if more is None or clashes(more, told) else more

    def _life(
        self, draw: Draw, fact: Fact, start: float, pronoun: bool = False, studied: bool = False
    ) -> list[tuple[float, Step]]:
        """When a fact is told (`start`), perhaps changed, and asked; times run from 0 to about 1."""
        rng = draw.rng
        life = [(start, Step("tell", fact, pronoun=pronoun))]
        if rng.random() < 0.12 and not pronoun:  # asked before it is told: a refusal first, the answer later
            life.append((start * rng.random(), Step("unknown", question=fact.ask(draw))))
        current, since, before = fact, start, None
        share = TURNED_OUT if fact.relation == "episode" else CHANGED
        changed = fact.changed(draw) if rng.random() < share else None
        if changed:
            short = rng.random() < SHORT
            if short and rng.random() < ASKED_BETWEEN:
                life.append((start + 5e-8, Step("ask", fact)))
            if rng.random() < 0.3 and not short:
                life.append((rng.uniform(start, start + 0.2), Step("ask", fact)))
            since = start + 1e-7 if short else rng.uniform(start + 0.2, 0.9)
            life.append((since, Step("change", changed, before=fact, short=short)))
            current, before = changed, fact
        asked = (ASKED_STUDIED if studied else ASKED_EPISODE) if fact.relation == "episode" else ASKED
        for _ in range(rng.choice(asked)):
            life.append((rng.uniform(since, 1.2), Step("ask", current, before=before)))
        return life


def _evidence(step: Step, told: dict[str, list[int]], turns: Sequence[Turn], wanted: str) -> int:
    """The turn that told the answer to a step, the last one with the words `wanted` in it.

    Notes in `told` what the step itself tells, in the turn that comes next.
    """
    if step.kind == "unknown":
        return NOWHERE
    if step.kind == "ask" and step.fact:
        places = told.get(step.fact.key, [ANYWHERE])
        texts = {place: turns[place].text.lower() for place in places if place != ANYWHERE}
        return ([place for place in texts if wanted.lower() in texts[place]] or places)[-1]
    for fact in (step.fact, step.also):
        if fact:
            told.setdefault(fact.key, []).append(len(turns))
    return ANYWHERE


def _place(rng: random.Random, steps: Sequence[Step]) -> int:
    """Before which step small talk may stand: not between a fact and what makes sense only behind it."""
    place = rng.randint(0, len(steps))
    while place < len(steps) and (steps[place].pronoun or steps[place].short):
        place += 1
    return place


def _length(rng: random.Random) -> int:
    _, least, most = rng.choices(LENGTHS, [share for share, _, _ in LENGTHS])[0]
    return rng.randint(least, most)


def _join_tells(rng: random.Random, steps: Sequence[Step]) -> list[Step]:
    """Some pairs of neighbouring tells become one message with two facts."""
    joined: list[Step] = []
    for step in steps:
        last = joined[-1] if joined else None
        alone = last and last.kind == step.kind == "tell" and not (last.also or last.pronoun or step.pronoun)
        typed = last and any(one.fact and one.fact.relation == "episode" for one in (last, step))
        if last and alone and rng.random() < (JOINED_TYPED if typed else JOINED):
            joined[-1] = Step("tell", last.fact, also=step.fact)
        else:
            joined.append(step)
    return joined
