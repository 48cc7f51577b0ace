"""The words of each step: how the user puts it, and what the bot replies."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from data_prep.dialogues.attributes import AttributeFact
from data_prep.dialogues.events import EventFact
from data_prep.dialogues.facts import Draw, Fact, Question, Told
from data_prep.dialogues.polar import PolarFact
from data_prep.dialogues.steps import Step
from data_prep.dialogues.subjects import shift_person
from data_prep.dialogues.tables import load_table
from data_prep.dialogues.values import core
from data_prep.dialogues.wording import contract, sentence

LOWER = 0.08  # share of messages typed without capitals
UNMARKED = 0.12  # share of messages without a mark at the end
YES_NO = 0.12  # share of questions that ask whether
STATED = 0.35  # share of these that state it: "Is it true that ..."
LED_IN = 0.12  # share of questions typed by people that begin with another word
_NOT_BY_VALUE = ("event", "polar")  # a change says how it is now, not one value in the place of another
_STARTS = re.compile(r"[A-Z][a-z]* ")
_WH = re.compile(r"(What|Who|Whose|Where|When|Why|Which|How|Do|Did|Can)\b")


@dataclass
class Speech:
    """Puts the steps of one dialogue into words. It remembers which facts were typed without capitals.

    `aside` gives a sentence of small talk to put before or after a statement; `plain`: none of them, and no
    carelessness (for tests, where the wording is what is measured).
    """

    draw: Draw
    aside: Callable[[], str]
    plain: bool = False
    lowered: set[str] = field(default_factory=set)
    wanted: str = ""  # the words that answer the question asked last
    topics: set[str] = field(default_factory=set)  # of the questions about whole messages that were asked

    def perform(self, step: Step) -> tuple[str, str]:
        """The user's message and the bot's reply."""
        if step.kind == "tell":
            return self._tell(step)
        if step.kind == "change":
            return self._change(step)
        if step.kind == "ask" and step.fact:
            return self._ask(step.fact, step.before)
        if step.question:
            return self.question(step.question), self._refuse(step.question)
        raise ValueError(f"a step of kind {step.kind!r} lacks its fact or question")

    def _frame(self, name: str) -> str:
        return self.draw.wordings.pick(self.draw.rng, load_table("frames")[name])

    def _typed(self, text: str, *facts: Fact) -> str:
        """Capitals, marks and contractions as people type them."""
        rng = self.draw.rng
        text = sentence(contract(text, rng))
        if self.plain:
            return text
        if rng.random() < UNMARKED:
            text = text.rstrip(".?")
        if rng.random() < LOWER:
            text = text.lower()
            self.lowered.update(fact.key for fact in facts)
        else:
            self.lowered.difference_update(fact.key for fact in facts)
        return text

    def _said(self, clause: str, fact: Fact | None) -> str:
        """A clause of the bot's, with the value as the user typed it."""
        return clause.lower() if fact and fact.key in self.lowered else clause

    def _tell(self, step: Step) -> tuple[str, str]:
        rng, fact = self.draw.rng, step.fact
        assert fact
        told = fact.tell(self.draw)
        if step.pronoun and isinstance(fact, AttributeFact):
            by_pronoun = replace(fact, subject=fact.subject.pronominal())
            told = replace(told, text=by_pronoun.tell(self.draw).text)
        if told.as_typed or (step.also and step.also.relation == "episode"):
            return self._tell_as_typed(step, told)
        if step.also:
            other = step.also.tell(self.draw)
            text = self._frame("joined").format(s=told.text, t=other.text)
            text = text.replace(". " + other.text, ". " + sentence(other.text, ""))
            text = self._typed(text, fact, step.also)
            clauses = [self._said(told.echo, fact), self._said(other.echo, step.also)]
            clause = " and ".join(clauses) if all(clauses) else ""
            return text, self._acknowledge(clause, None)
        frame = "{s}." if rng.random() < 0.5 else self._frame("tell")
        text = sentence(_fill(frame, s=told.text))
        if not self.plain and rng.random() < 0.1:
            aside = self.aside()
            text = f"{aside} {text}" if rng.random() < 0.5 else f"{text} {aside}"
        return self._typed(text, fact), self._acknowledge(self._said(told.echo, fact), fact)

    def _tell_as_typed(self, step: Step, told: Told) -> tuple[str, str]:
        """A whole message, with another fact or some small talk before or behind it."""
        rng, facts = self.draw.rng, [fact for fact in (step.fact, step.also) if fact]
        texts = [told, *(fact.tell(self.draw) for fact in facts[1:])]
        parts = [one.text if one.as_typed else sentence(contract(one.text, rng)) for one in texts]
        if not self.plain and len(parts) == 1 and rng.random() < 0.08:
            parts.insert(rng.randint(0, 1), self.aside())
        return self._careless(" ".join(parts), *facts), self._acknowledge("", None)

    def _careless(self, text: str, *facts: Fact) -> str:
        """A whole message, at times without capitals."""
        lower = not self.plain and self.draw.rng.random() < LOWER
        (self.lowered.update if lower else self.lowered.difference_update)(fact.key for fact in facts)
        return text.lower() if lower else text

    def _acknowledge(self, clause: str, fact: Fact | None) -> str:
        rng = self.draw.rng
        shape = rng.random()
        if fact and fact.acks and shape < 0.35:
            return sentence(rng.choice(fact.acks).replace("{v}", self._said(_bot_value(fact), fact)))
        frames = load_table("frames")
        if clause and shape < 0.65 and len(clause.split()) < 18:
            return sentence(_fill(rng.choice(frames["echo"]), a=clause))
        return rng.choice(frames["acknowledge"])

    def _change(self, step: Step) -> tuple[str, str]:
        fact, before = step.fact, step.before
        assert fact and before
        told, old = fact.tell(self.draw), core(before.value)
        if told.as_typed:
            thanks = self.draw.rng.choice(load_table("frames")["corrected_so"])
            return self._careless(told.text, fact), thanks
        if step.short and fact.relation != "polar":
            was, now = _difference(before, fact)
            text = self._typed(_fill(self._frame("correct_short"), old=core(was), new=core(now)), fact)
        else:
            frame = self._frame("correct")
            if fact.relation in _NOT_BY_VALUE:
                frame = re.sub(r".*\{old\}.*", "Actually, {s}.", frame)
            text = self._typed(_fill(frame, s=told.text, old=old), fact)
        corrected = self.draw.rng.choice(load_table("frames")["corrected"])
        if fact.relation in _NOT_BY_VALUE or not told.echo:
            corrected = re.sub(r".*\{(v|old|a)\}.*", "Thanks for the correction.", corrected)
        value = self._said(core(_bot_value(fact)), fact)
        reply = _fill(corrected, v=value, old=self._said(old, before), a=self._said(told.echo, fact))
        return text, sentence(reply)

    def _ask(self, fact: Fact, before: Fact | None = None) -> tuple[str, str]:
        rng = self.draw.rng
        if rng.random() < YES_NO and (answered := self._yes_or_no(fact)):
            return answered
        question = self._not_asked_yet(fact)
        if before:  # most people ask for what has changed
            was = before.tell(self.draw).text.lower()
            for _ in range(4):
                if question.value.lower() not in was:
                    break
                question = self._not_asked_yet(fact)
        text, self.wanted = self.question(question), question.value
        if question.as_typed:
            return text, self._said(question.answer, fact)
        frame = rng.choice(load_table("frames")["answer"]) if question.is_clause else "{a}."
        return text, sentence(_fill(frame, a=self._said(question.answer, fact)))

    def _not_asked_yet(self, fact: Fact) -> Question:
        """A question that most likely is another than those before, where a message answers several."""
        question = fact.ask(self.draw)
        for _ in range(6):
            if not question.as_typed or question.topic not in self.topics:
                break
            question = fact.ask(self.draw)
        self.topics.add(question.topic)
        return question

    def _yes_or_no(self, fact: Fact) -> tuple[str, str] | None:
        rng = self.draw.rng
        question = fact.whether(self.draw) if rng.random() > STATED else None
        if question:
            self.wanted = question.value
            return self.question(question), sentence(self._said(question.answer, fact))
        if fact.relation in ("natural", "episode"):
            return None
        if isinstance(fact, PolarFact):
            fact = fact.alone
        other = fact.changed(self.draw) if rng.random() < 0.5 else None
        asked = (other or fact).tell(self.draw).text
        frame = rng.choice(("Is it true that {s}?", "Did I say that {s}?", "{s}, right?", "{s}, correct?",
                            "{s}, isn't that so?", "Did I tell you that {s}?"))  # fmt: skip
        answer, self.wanted = self._said(fact.tell(self.draw).echo, fact), ""
        return self._typed(_fill(frame, s=asked)), sentence(f"{'No' if other else 'Yes'}, {answer}")

    def question(self, question: Question) -> str:
        """A question as the user types it, put directly or inside a sentence."""
        rng = self.draw.rng
        asked = question.asked
        if question.as_typed:
            return self._asked_as_typed(asked.direct)
        if rng.random() < 0.62 or not asked.indirect:
            frame = "{q}?" if rng.random() < 0.5 else self._frame("direct")
            text = _fill(frame, q=asked.direct)
        else:
            text = _fill(self._frame("indirect"), q=asked.indirect)
        if not self.plain and rng.random() < 0.04:
            text = f"{self.aside()} {sentence(text)}"
        return self._typed(text)

    def _asked_as_typed(self, text: str) -> str:
        rng = self.draw.rng
        if self.plain:
            return text
        if rng.random() < LED_IN and _WH.match(text):
            text = rng.choice(load_table("frames")["lead_in"]) + text[0].lower() + text[1:]
        text = text.rstrip("?") if rng.random() < UNMARKED else text
        return text.lower() if rng.random() < LOWER else text

    def _refuse(self, question: Question) -> str:
        about = question.asked.bot and self.draw.rng.random() < 0.7
        frames = load_table("frames")["refuse_about" if about else "refuse_short"]
        return sentence(_fill(self.draw.rng.choice(frames), q=question.asked.bot))


def _fill(frame: str, **parts: str) -> str:
    """A frame with its parts; a part that begins a sentence gets its capital."""
    text = frame
    for name, part in parts.items():
        text = text.replace("{" + name + "}", part)
    return sentence(text)


def _difference(before: Fact, fact: Fact) -> tuple[str, str]:
    """What a change replaced, and with what."""
    if isinstance(before, EventFact) and isinstance(fact, EventFact):
        pairs = zip(before.circumstances, fact.circumstances, strict=True)
        return next((was, now) for (_, was), (_, now) in pairs if was != now)
    return before.value, fact.value


def _bot_value(fact: Fact) -> str:
    return shift_person(fact.value)
