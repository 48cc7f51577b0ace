"""Which facts a dialogue has, and which questions nothing told in it answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

from data_prep.dialogues.attributes import Attribute, AttributeFact, attributes
from data_prep.dialogues.episodes import EpisodeFact, episodes
from data_prep.dialogues.events import EventFact, actions
from data_prep.dialogues.facts import Draw, Fact, Question, Relation
from data_prep.dialogues.generic import Contained, Counted, generic_relations
from data_prep.dialogues.natural import NaturalFact
from data_prep.dialogues.paraphrases import ParaphraseFact
from data_prep.dialogues.polar import PolarFact, polars
from data_prep.dialogues.stories import stories
from data_prep.dialogues.subjects import SELF
from data_prep.dialogues.tables import load_table
from data_prep.dialogues.values import core

WEIGHTS = {  # share of each group of relations among the facts
    "people": 0.24,
    "favourites": 0.08,
    "things": 0.2,
    "pairs": 0.07,
    "counts": 0.02,
    "contents": 0.02,
    "generic": 0.07,
    "events": 0.22,
    "made_up": 0.08,
    "stories": 0.2,
    "polar": 0.7,
    "episodes": 3.0,
    "plain": 2.0,
    "paraphrases": 0.9,
}
COMMON = ("name", "name", "home_city", "job")  # what nearly everybody tells of himself
COMMON_SHARE = 0.15  # of the facts
CHANGED = 0.6  # share of facts from corpora that get another name or number: the answer is what was told
PERSONAL = 0.6  # share of facts from corpora that are told of somebody the user knows, where that can be
OPEN, OPEN_EPISODE = 0.25, 0.65  # share of the questions never told that a fact itself leaves open
WHY = 0.1  # share of the questions never told near an attribute that ask why it is so, or since when
MISSED = 0.6  # share of those near a message that are one that it answers, with another name or thing
FAR = 0.12  # share of the questions never told, where near ones are wanted, that nothing told is near
WHETHER = 0.12  # share of the questions never told that want a yes or a no
SIBLING = 0.3  # share of facts that come with another one easily confused with them


@dataclass
class World:
    """Relations in groups, and facts from corpora (`natural`, with their share)."""

    groups: dict[str, list[Relation]]
    natural: Sequence[Fact] = field(default_factory=list)
    natural_share: float = 0.12

    def facts(self, draw: Draw, count: int) -> list[Fact]:
        """Facts of which no two contradict each other or answer each other's questions."""
        facts: list[Fact] = []
        for _ in range(count * 4):
            if len(facts) >= count:
                break
            fact = self._fact(draw)
            if not clashes(fact, facts):
                facts.append(fact)
            if len(facts) < count and draw.rng.random() < SIBLING:
                sibling = fact.sibling(draw)
                if sibling and not clashes(sibling, facts):
                    facts.append(sibling)
        return facts or [self._fact(draw)]

    def _fact(self, draw: Draw) -> Fact:
        rng = draw.rng
        if self.natural and rng.random() < self.natural_share:
            fact = rng.choice(self.natural)
            if isinstance(fact, NaturalFact) and rng.random() < PERSONAL:
                fact = fact.personal(draw) or fact
            return (fact.changed(draw) if rng.random() < CHANGED else None) or fact
        common = [relation for relation in self.groups.get("people", ()) if relation.name in COMMON]
        if common and rng.random() < COMMON_SHARE:
            wanted = rng.choice([name for name in COMMON if name in {one.name for one in common}])
            relation = next(one for one in common if one.name == wanted)
            assert isinstance(relation, Attribute)
            return AttributeFact(relation, SELF, draw.values.draw(rng, relation.v))
        names = list(self.groups)
        group = rng.choices(names, [WEIGHTS[name] for name in names])[0]
        return rng.choice(self.groups[group]).make(draw)

    def unknown(
        self, draw: Draw, facts: Sequence[Fact], count: int, whether: float = WHETHER
    ) -> list[Question]:
        """Questions that none of the facts answers, most of them near one that is told.

        whether: the share that want a yes or a no.
        """
        found = []
        for _ in range(count):
            question = self._unknown(draw, facts, draw.rng.random() < whether)
            if question:
                found.append(question)
        return found

    def _unknown(self, draw: Draw, facts: Sequence[Fact], whether: bool) -> Question | None:
        rng = draw.rng
        shape = rng.random()
        near = rng.choice(facts)
        if not whether and shape < (OPEN_EPISODE if near.relation == "episode" else OPEN):
            open_question = near.unknown(draw)
            if open_question:
                return open_question
        other: Fact | None = None
        if shape < 0.55:
            other = near.sibling(draw)
        elif shape < 0.88:
            other = self._more(draw, near)
        other = other or self._fact(draw)
        return self._unanswered(draw, other, facts, whether)

    def nearly(self, draw: Draw, near: Fact, facts: Sequence[Fact]) -> Question | None:
        """A question that none of the facts answers, mostly as near to the one given as there is any."""
        rng = draw.rng
        whether, attribute = rng.random() < WHETHER, isinstance(near, AttributeFact)
        if isinstance(near, EpisodeFact) and rng.random() < MISSED and (missed := near.missed(draw)):
            return missed
        # "why" and "since when" are asked of any attribute: not so often that these words alone say enough
        if not whether and rng.random() < (WHY if attribute else 1 - FAR) and (left := near.unknown(draw)):
            return left
        for kind in rng.sample(("sibling", "another"), 2) if rng.random() > FAR else ():
            other = near.sibling(draw) if kind == "sibling" else self._more(draw, near)
            if other and (question := self._unanswered(draw, other, facts, whether)):
                return question
        return self._unanswered(draw, self._fact(draw), facts, whether)

    def _more(self, draw: Draw, near: Fact) -> AttributeFact | None:
        """Something else of the same person or thing."""
        about = near if isinstance(near, AttributeFact) and near.subject.kind != "world" else None
        return self.another_of(draw, about) if about else None

    def _unanswered(self, draw: Draw, other: Fact, facts: Sequence[Fact], whether: bool) -> Question | None:
        """What is asked of another fact, if nothing told answers it."""
        if clashes(other, facts):
            return None
        question = other.whether(draw) if whether else other.ask(draw)
        return None if question and _there_is(question, facts) else question

    def another_of(self, draw: Draw, near: AttributeFact) -> AttributeFact | None:
        """Another attribute of the same person or thing, or None."""
        a = near.attribute
        people, things = self.groups.get("people", ()), self.groups.get("things", ())
        options = [
            relation
            for relation in (*people, *things)
            if isinstance(relation, Attribute)
            and relation.name != a.name
            and ((a.who and relation.who) or set(relation.of) & set(a.of))
        ]
        if not options:
            return None
        other = draw.rng.choice(options)
        return AttributeFact(other, near.subject, draw.values.draw(draw.rng, other.v), near.owned)


def _there_is(question: Question, told: Sequence[Fact]) -> bool:
    """Whether it is asked if somebody has what is spoken of."""
    what = question.asked.direct.split()[-1]
    return question.topic.endswith("/exists") and any(what in _text(fact).lower() for fact in told)


def clashes(fact: Fact, told: Sequence[Fact]) -> bool:
    """Whether a fact answers or contradicts what another one is about."""
    return any(_clash(fact, other) for other in told)


def _clash(one: Fact, two: Fact) -> bool:
    if one.key == two.key:
        return True
    for polar, other in ((one, two), (two, one)):
        if isinstance(polar, PolarFact):
            return polar.speaks_of(other, _text(other))
    if isinstance(one, ParaphraseFact) and isinstance(two, ParaphraseFact):
        return one.near(two)
    if isinstance(one, EventFact) and isinstance(two, EventFact):
        same_thing = core(one.thing).lower() == core(two.thing).lower()
        return same_thing or (one.subject == two.subject and one.action.verb == two.action.verb)
    if isinstance(one, AttributeFact) and isinstance(two, AttributeFact):
        if one.second or two.second:  # "who wrote X" is another question than "who wrote Y"
            return one.attribute == two.attribute and one.second == two.second
        pairs = ((one, two), (two, one))
        names = any(first.relation == "name" and second.subject.alias for first, second in pairs)
        related = names or two.relation in overlapping(one.relation)
        return related and _same_subject(one, two)
    if isinstance(one, AttributeFact | EventFact) and isinstance(two, AttributeFact | EventFact):
        return two.relation in overlapping(one.relation) and one.subject == two.subject
    return False


def _text(fact: Fact) -> str:
    """What a fact says, more or less."""
    if isinstance(fact, EpisodeFact):
        return " ".join([fact.episode.first.tell[0], *fact.values.values()])
    return f"{fact.key} {fact.value}"


def _same_subject(one: AttributeFact, two: AttributeFact) -> bool:
    """Also "my old car" and "the car": a question for one might mean the other."""
    if one.subject.key == two.subject.key:
        return True
    for short, long in ((one.subject, two.subject), (two.subject, one.subject)):
        if long.alias and long.key.removesuffix(f" {long.alias.lower()}") == short.key:
            return True  # "my sister" may be "my sister Ada"
    names = [f.subject.user for f in (one, two)]
    first, second = ("" if "'s " in name else name.split(" ", 1)[-1] for name in names)
    return bool(first and second) and (first.endswith(second) or second.endswith(first))


@cache
def overlapping(relation: str) -> frozenset[str]:
    """The relations that may answer each other's questions, with the relation itself."""
    groups = [set(group) for group in load_table("overlaps")]
    return frozenset({relation}.union(*(group for group in groups if relation in group)))


def relation_groups(held: bool) -> dict[str, list[Relation]]:
    """The relations by group: those trained on, or those held out for tests."""
    verbs = [action for action in actions() if action.held == held]
    all_attributes = [attribute for attribute in attributes() if attribute.held == held]
    groups: dict[str, list[Relation]] = {
        "people": [a for a in all_attributes if a.who and not a.w and not a.name.startswith("favourite ")],
        "pairs": [a for a in all_attributes if a.w],
        "counts": [] if held else [Counted()],
        "contents": [] if held else [Contained()],
        "favourites": [a for a in all_attributes if a.name.startswith("favourite ")],
        "things": [a for a in all_attributes if a.of],
        "generic": list(generic_relations(held)),
        "events": [action for action in verbs if not action.made_up],
        "made_up": [action for action in verbs if action.made_up],
        "stories": list(stories(held)),
        "polar": [polar for polar in polars() if polar.held == held],
        "episodes": list(episodes(held)),
        "plain": list(episodes(held, "plain")),
    }
    return {name: group for name, group in groups.items() if group}
