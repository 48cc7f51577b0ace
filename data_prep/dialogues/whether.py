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
_NO_SUBJECT = re.compile(r"(?:what|because|only|next|those|yours|theirs|hers|its)\b", re.IGNORECASE)
_DENIED = re.compile(r"(?:not|never|no|nobody|nothing|neither|none)\b")
_MARKED_SUBJECT = re.compile(
    r"(?:(?:Your|The|His|Her|Their|Mrs?|Ms|Miss|Dr|Aunt|Uncle) (?:[a-z]+ )?)?\*", re.IGNORECASE
)
_VERDICT = re.compile(r"(?:Yes|No), ")
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
    if not found or any(form.match(found["who"]) for form in (_PRONOUN, _NO_SUBJECT, _VERDICT)):
        return None
    if _DENIED.match(found["rest"]):
        return None  # "yes" to "is he not coming?" may mean either
    who, be, rest = found["who"], found["be"], _OBJECT.sub(_to_me, found["rest"])
    if who == "You":
        who, be = "I", _OF_YOU.get(be, be)
    elif _PLAIN.match(who):
        who = who[0].lower() + who[1:]
    text = re.sub(r"\byour\b", "my", re.sub(r"\byours\b", "mine", f"{be.capitalize()} {who} {rest}?"))
    return None if re.search(r"\b[Yy]ou\b", text) else text


def is_verdict(answer: str) -> bool:
    """Whether an answer of the bot's begins with its verdict, "Yes, " or "No, "."""
    return bool(_VERDICT.match(answer))


def marks_subject(answer: str) -> bool:
    """Whether what is *marked* is whom or what an answer speaks of: it says nothing of any other one then.

    That "*Ben* is ill" does not make it untrue of others; that "Your car is *blue*" does of other colours.
    """
    return bool(_MARKED_SUBJECT.match(_VERDICT.sub("", answer, count=1)))


def answered(so: bool, sentence: str) -> str:
    """ "No, your car is red." """
    plain = sentence[0].lower() + sentence[1:] if _PLAIN.match(sentence) else sentence
    return f"{'Yes' if so else 'No'}, {plain}"


def _to_me(match: re.Match[str]) -> str:
    return f"{match[1]} me" if match[1] else "me"
