"""Questions that want a yes or a no: statements put as questions, and what is answered to them."""

from __future__ import annotations

import re
from dataclasses import replace

from data_prep.dialogues.subjects import Subject
from data_prep.dialogues.wording import Asked, ask

_BY_FORM = (  # of a statement's template, that of the question; see `wording`
    (re.compile(r"\{S\} \[(be|was)\] (.*)"), r"~\1 {S} | \2"),
    (re.compile(r"\{S\} \[([a-z]+)\] (.*)"), r"~do {S} | \1 \2"),
    (re.compile(r"(\{S's\} [^{}\[]+|the [^{}\[]+ of \{S\}) is (.*)"), r"~be \1 | \2"),
)
_SENTENCE = re.compile(
    r"(?P<who>(?:(?! (?:is|are|was|were|can|will|must|should)\b).)+) "
    r"(?P<be>is|are|was|were|can|will|must|should) (?P<rest>[^.;]+)\.?"
)
_PRONOUN = re.compile(r"(?:it|they|he|she|that|this|there|who|one)\b|.* (?:it|that|there)$", re.IGNORECASE)
_OF_YOU = {"are": "am", "were": "was"}
_OBJECT = re.compile(r"\b(to|for|with|from|of|at|by|on|about) you\b|\byou$")
_PLAIN = re.compile(r"(?:Your|You|The|A|An|It|He|She|They|His|Her|Their|There|That|In|On|At)\b")


def asked_whether(say: str, subject: Subject, slots: dict[str, str]) -> Asked | None:
    """Whether a statement is so, "do I live in Porto" for "{S} [live] in {v}"; None for another form."""
    for form, question in _BY_FORM:
        if form.fullmatch(say):
            return put(form.sub(question, say), subject, slots)
    return None


def put(question: str, subject: Subject, slots: dict[str, str]) -> Asked:
    """A question's template that begins with its auxiliary."""
    asked = ask(question, subject, slots)
    return replace(asked, indirect="", bot=f"whether {asked.bot}")


def turned_round(sentence: str) -> str | None:
    """A sentence of the bot's as the user would ask whether it is so; None where no rule fits.

    "You are learning {s}." gives "Am I learning {s}?", "Your car is *blue*." gives "Is my car *blue*?".
    """
    found = _SENTENCE.fullmatch(sentence)
    if not found or _PRONOUN.match(found["who"]):
        return None
    who, be, rest = found["who"], found["be"], _OBJECT.sub(_to_me, found["rest"])
    if who == "You":
        who, be = "I", _OF_YOU.get(be, be)
    elif _PLAIN.match(who):
        who = who[0].lower() + who[1:]
    text = re.sub(r"\byour\b", "my", re.sub(r"\byours\b", "mine", f"{be.capitalize()} {who} {rest}?"))
    return None if re.search(r"\b[Yy]ou\b", text) else text


def answered(so: bool, sentence: str) -> str:
    """ "No, your car is red." """
    plain = sentence[0].lower() + sentence[1:] if _PLAIN.match(sentence) else sentence
    return f"{'Yes' if so else 'No'}, {plain}"


def _to_me(match: re.Match[str]) -> str:
    return f"{match[1]} me" if match[1] else "me"
