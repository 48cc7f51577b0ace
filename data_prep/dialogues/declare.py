"""Real questions and their answers as statements: "Who wrote X?" and "Y" give "Y wrote X"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from data_prep.dialogues.inflect import participle, past, third_person
from data_prep.dialogues.tables import load_table

_BE = r"(?:is|was|are|were)"
_AUX = r"(?:is|was|are|were|has|have|had|can|could|will|would|may|might|must|should)"
_DETERMINER = re.compile(r"(?i:the|a|an|his|her|their|its|my|our|this|that|your|one)\b|[A-Z]")
_PREPOSITION = re.compile(
    r"(in|on|at|to|from|by|under|over|near|behind|inside|into|around|during|after|before|between|because|for|"
    r"with|through|across|along|outside|beside|above|below|next|until|since|about|as|when|while|of|off|up|down)\b",
    re.IGNORECASE,
)
_CHOICE = re.compile(r" of (the following|these)", re.IGNORECASE)
_DO = ("did", "does", "do")
_MODALS = ("can", "could", "will", "would", "may", "might", "must", "should")
_NEVER_BEFORE_VERB = {"the", "a", "an", "of", "his", "her", "its", "their", "to", "my", "and", "in", "on"}
_SMALL_WORDS = """a an the his her its their he she it they my your one two three four five six seven eight
nine ten by in on at to from because after before when while with for some many all every under over"""
_SMALL = frozenset(_SMALL_WORDS.split())
_AUXILIARIES = "did do does is was are were has have had can could will would"
_NOT_NOUN = frozenset(_AUXILIARIES.split())


@dataclass(frozen=True)
class Declared:
    """A statement with the answer in it, and the question inside another sentence ("" if unclear)."""

    clause: str
    indirect: str


@cache
def _bases() -> frozenset[str]:
    listed = (verb for line in load_table("verbs") for verb in line.split())
    return frozenset([*listed, *(v.split()[0] for v in load_table("events")), *load_table("irregular")])


@cache
def _participles() -> frozenset[str]:
    return frozenset([*(participle(verb) for verb in _bases()), "born", "located", "situated"])


def declare(question: str, answer: str) -> Declared | None:
    """The statement that a question and its answer make, or None where no rule fits.

    question: as a person asks it, with or without its mark; answer: a short phrase.
    """
    q = re.sub(r"\s*\?+$", "", question.strip())
    first = q.split(" ", 1)[0].lower()
    if first not in _RULES or " " not in q:
        return None
    rest = q.split(" ", 1)[1]
    start = answer.split()[0]
    if start[0].isupper() and (
        start.lower() in _SMALL or start.lower() in _bases() or start.lower().endswith("ing")
    ):
        answer = answer[0].lower() + answer[1:]
    declared = _RULES[first](rest, answer, f"{first} {rest}")
    if declared is None or re.search(r" (did|does|do) ", declared.clause):  # two clauses: no rule for those
        return None
    return Declared(" ".join(declared.clause.split()), " ".join(declared.indirect.split()))


def _who(rest: str, answer: str, q: str) -> Declared | None:
    first, *after = rest.split()
    first = first.lower()
    if first in _DO:
        return _inverted("who", rest, answer, q)
    if first in _MODALS:
        return _modal("who", rest, answer, q)
    if re.fullmatch(_BE, first):
        if _is_stranded(after):
            return _stranded("who", first, after, answer)
        return Declared(f"{answer} {rest}", q)
    if re.fullmatch(_AUX, first) and (not after or after[0] not in _participles()):
        return None
    if re.fullmatch(_AUX, first) or first.endswith(("ed", "s")) or _is_past(first):
        return Declared(f"{answer} {rest}", q)
    return None


def _what(rest: str, answer: str, q: str) -> Declared | None:
    first, *after = rest.split()
    first = first.lower()
    if first in _DO:
        return _inverted("what", rest, answer, q)
    if first in _MODALS:
        return _modal("what", rest, answer, q)
    if re.fullmatch(_BE, first):
        return _what_is(first, after, answer, q)
    if re.fullmatch(_AUX, first):
        return Declared(f"{answer} {rest}", q) if after and after[0] in _participles() else None
    return _which(rest, answer, q)


def _what_is(be: str, after: list[str], answer: str, q: str) -> Declared | None:
    topic = " ".join(after)
    if not after or " time" in topic:
        return None
    if _is_stranded(after):
        return _stranded("what", be, after, answer)
    if not _DETERMINER.match(topic):
        starts = after[0] in _participles() or after[0].endswith("ing") or _PREPOSITION.fullmatch(after[0])
        return Declared(f"{answer} {be} {topic}", q) if starts else None
    if any(word in _participles() for word in after[1:]) and not re.search(r"\b(that|who|which|by)\b", topic):
        return None
    return Declared(f"{topic} {be} {answer}", f"what {topic} {be}")


def _is_stranded(after: list[str]) -> bool:
    """Whether the question ends where its answer belongs: "the ball made out of", "Fox fishing with"."""
    return len(after) > 1 and bool(
        _PREPOSITION.fullmatch(after[-1]) or after[-1] in ("be", "called", "named")
    )


def _stranded(wh: str, be: str, after: list[str], answer: str) -> Declared | None:
    for place in range(1, len(after)):
        word = after[place]
        if word in _participles() or word.endswith("ing") or (place == len(after) - 1 and place < 4):
            subject, tail = " ".join(after[:place]), " ".join(after[place:])
            return Declared(f"{subject} {be} {tail} {answer}", f"{wh} {subject} {be} {tail}")
    return None


def _modal(wh: str, rest: str, answer: str, q: str) -> Declared | None:
    """ "will happen" asks for the subject; in "will the farmer tell" the object is asked for."""
    modal, *words = rest.split()
    if words and words[0] in _bases():
        return Declared(f"{answer} {rest}", q)
    for place in range(1, len(words)):
        if words[place] in _bases() and words[place - 1] not in _NEVER_BEFORE_VERB:
            if words[place] == "do":
                return None
            subject = " ".join(words[:place])
            clause = _with_object(f"{subject} {modal} {words[place]}", words[place + 1 :], answer)
            return Declared(clause, f"{wh} {subject} {modal} {' '.join(words[place:])}") if clause else None
    return None


def _which(rest: str, answer: str, q: str) -> Declared | None:
    words = rest.split()
    if words[0].lower() in ("one", "of") or _is_past(words[0].lower()) or _CHOICE.search(rest):
        return None
    for size in range(1, min(4, len(words) - 1)):
        verb = words[size].lower()
        noun = " ".join(words[:size])
        if noun.endswith(","):
            return None
        if verb in _DO:
            done = _inverted("that", " ".join(words[size:]), answer, q, leave_object=True)
            be = "are" if words[size - 1].endswith("s") else "is"
            return Declared(f"{answer} {be} the {noun} {done.clause}", "") if done else None
        if re.fullmatch(_AUX, verb) or _is_past(verb):
            if verb in ("are", "were", "have") or words[size - 1].lower() in _NOT_NOUN:
                return None
            if re.fullmatch(_AUX, verb) and _DETERMINER.match(words[size + 1]):  # what colour is the kite
                topic = " ".join(words[size + 1 :])
                plain = noun in ("color", "colour", "size", "shape", "nationality")
                return Declared(f"{topic} {verb} {answer}", f"what {noun} {topic} {verb}") if plain else None
            return Declared(f"{answer} is the {noun} that {' '.join(words[size:])}", q)
    return None


def _is_past(word: str) -> bool:
    return word in _pasts() or (word.endswith("ed") and len(word) > 4)


@cache
def _pasts() -> frozenset[str]:
    return frozenset(past(verb) for verb in _bases())


def _inverted(
    wh: str, rest: str, answer: str, q: str, leave_object: bool = False, at_end: bool = False
) -> Declared | None:
    """ "did the king order" becomes "the king ordered": the first base form after the subject is its verb."""
    aux, *words = rest.split()
    for place in range(1, len(words)):
        word = words[place].lower()
        if word not in _bases() or words[place - 1].lower() in _NEVER_BEFORE_VERB:
            continue
        verb = past(word) if aux.lower() == "did" else third_person(word) if aux.lower() == "does" else word
        subject, tail = " ".join(words[:place]), words[place + 1 :]
        indirect = f"{wh} {subject} {verb} {' '.join(tail)}".strip()
        if leave_object:
            return Declared(indirect, "")
        if word == "do":
            return None
        if at_end:
            ends_open = tail and _PREPOSITION.fullmatch(tail[-1])
            clause = None if ends_open else f"{subject} {verb} {' '.join([*tail, answer])}"
        else:
            clause = _with_object(f"{subject} {verb}", tail, answer)
        return Declared(clause, indirect) if clause else None
    return None


def _with_object(start: str, tail: list[str], answer: str) -> str | None:
    """The answer where the object belongs: after the verb, or after its preposition or infinitive."""
    if not tail:
        return f"{start} {answer}"
    if tail[0] == "to" and len(tail) > 1 and tail[1] in _bases():
        inner = _with_object(" ".join([start, *tail[:2]]), tail[2:], answer)
        return None if tail[1] in ("do", "be") else inner
    if not _PREPOSITION.fullmatch(tail[0]):
        return None
    if len(tail) == 1 or _PREPOSITION.fullmatch(tail[1]):
        return " ".join([start, tail[0], answer, *tail[1:]])
    if _PREPOSITION.fullmatch(tail[-1]):
        return " ".join([start, *tail, answer])
    return " ".join([start, answer, *tail])


def _with_preposition(answer: str, wh: str) -> str | None:
    if _PREPOSITION.match(answer) or re.search(r"\bago$|^(yesterday|today|tomorrow|last|next)\b", answer):
        return answer
    if wh == "when":
        in_year = re.fullmatch(r"(the )?(\d{3,4}s?|[A-Z][a-z]+ \d{4})( (BC|AD|BCE|CE))?", answer)
        return f"in {answer}" if in_year else f"on {answer}" if re.search(r"\d", answer) else None
    return f"in {answer}" if answer[0].isupper() else None


def _when_where(rest: str, answer: str, q: str) -> Declared | None:
    wh = q.split()[0]
    phrase = _with_preposition(answer, wh)
    if phrase is None:
        return None
    first, *words = rest.split()
    if first.lower() in _DO:
        return _inverted(wh, rest, phrase, q, at_end=True)
    if not re.fullmatch(_BE, first.lower()) or not words:
        return None
    for place in range(1, len(words)):
        if words[place] in ("that", "who", "which"):
            return None
        if words[place].lower() in _participles() or (words[place].endswith("ed") and place > 0):
            subject, tail = " ".join(words[:place]), " ".join(words[place:])
            return Declared(f"{subject} {first} {tail} {phrase}", f"{wh} {subject} {first} {tail}")
    if wh == "where" and _DETERMINER.match(words[0]):
        topic = " ".join(words)
        return Declared(f"{topic} {first} {phrase}", f"where {topic} {first}")
    return None


def _how(rest: str, answer: str, q: str) -> Declared | None:
    there = re.match(r"many (.+?) (are|were) there\b ?(.*)$", rest)
    if there:
        return Declared(f"there {there[2]} {answer} {there[1]} {there[3]}".strip(), q)
    did = re.match(r"many ([\w ]+?) (did|does|do) (.+)$", rest)
    if did:
        return _inverted(f"how many {did[1]}", f"{did[2]} {did[3]}", f"{answer} {did[1]}", q)
    plain = re.match(rf"many ([\w ]+?) ({_AUX}) (.+)$", rest)
    if plain:
        return Declared(f"{answer} {plain[1]} {plain[2]} {plain[3]}", q)
    return None


_RULES = {"who": _who, "what": _what, "which": _which, "when": _when_where, "where": _when_where, "how": _how}
