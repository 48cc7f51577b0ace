"""Templates to sentences: agreement, questions in both word orders, and the wordings held out for tests.

A template is plain English with marks:

    {S} {S's} {S.o}     the subject: I, my, me / you, your, you / my sister, my sister's, my sister
    {he} {his} {him}    its pronoun (I, my, me for the user)
    [live] [be] [was]   a verb that agrees with the subject
    {v} {name}          the value; other slots by name
    (a|b|)              one of these, the same text apart from that

A question is `where ~do {S} | live`: a question word, `~` and the auxiliary, the subject up to the bar, the
rest. It gives "where do I live" asked directly and "where I live" in "remind me where I live" and in "you
haven't told me where you live".
"""

from __future__ import annotations

import random
import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from data_prep.dialogues.inflect import agree, past
from data_prep.dialogues.subjects import Subject, shift_person

_VERB = re.compile(r"\[([a-z]+)\]")
_SLOT = re.compile(r"\{([A-Za-z_.']+)\}")
_CHOICE = re.compile(r"\(([^()|]*(?:\|[^()|]*)+)\)")
_QUESTION = re.compile(r"^(?P<wh>.*?)~(?P<aux>[a-z']+) (?P<subject>[^|]*)\|(?P<rest>.*)$")
_CONTRACTIONS = (
    ("I am", "I'm"), ("I have", "I've"), ("I will", "I'll"), ("do not", "don't"), ("does not", "doesn't"),
    ("did not", "didn't"), ("what is", "what's"), ("where is", "where's"), ("who is", "who's"),
    ("it is", "it's"), ("he is", "he's"), ("she is", "she's"), ("is not", "isn't"), ("name is", "name's"),
    ("when is", "when's"), ("you are", "you're"), ("cannot", "can't"), ("that is", "that's"),
)  # fmt: skip
HELD_OUT = 9  # one wording in so many is never trained on


@dataclass(frozen=True)
class Wordings:
    """Which wordings may be chosen: those for training, or those held out for tests."""

    held: bool = False

    def pick(self, rng: random.Random, options: Sequence[str]) -> str:
        """One of the options. A list without held-out wordings gives any of them, even in a test."""
        if self.held:
            allowed = [text for text in options if is_held_out(text)] or options
        else:
            allowed = [text for text in options if not is_held_out(text)] or options
        return rng.choice(allowed)


def is_held_out(template: str) -> bool:
    """Whether a wording belongs to the tests: decided by its text, so that adding others changes nothing."""
    return zlib.crc32(template.encode()) % HELD_OUT == 0


def choose(template: str, rng: random.Random) -> str:
    """Settles each (a|b|c)."""
    while "(" in template:
        settled = _CHOICE.sub(lambda match: rng.choice(match[1].split("|")), template, count=1)
        if settled == template:
            break
        template = settled
    return " ".join(template.split())


def render(template: str, subject: Subject, slots: Mapping[str, str], bot: bool = False) -> str:
    """Fills a template (without choices) for the user's or the bot's mouth."""
    fixed = {
        "S": subject.name(bot),
        "S's": subject.possessive(bot),
        "S.o": subject.objective(bot),
        "he": subject.pronoun(0, bot),
        "his": subject.pronoun(1, bot),
        "him": subject.pronoun(2, bot),
    }

    def fill(match: re.Match[str]) -> str:
        name = match[1]
        return fixed[name] if name in fixed else slots[name]

    text = _VERB.sub(lambda match: agree(match[1], subject.form, bot), template)
    text = " ".join(_SLOT.sub(fill, text).split())
    return shift_person(text) if bot else text


@dataclass(frozen=True)
class Asked:
    """One question in three forms: put directly, inside a sentence, and inside one of the bot's."""

    direct: str
    indirect: str
    bot: str


def ask(template: str, subject: Subject, slots: Mapping[str, str]) -> Asked:
    """The forms of a question template (without choices). One without `~` is a subject question."""
    match = _QUESTION.match(template)
    if not match:
        text = render(template, subject, slots)
        return Asked(text, text, render(template, subject, slots, bot=True))
    wh, aux, who, rest = (match[part].strip() for part in ("wh", "aux", "subject", "rest"))
    about_subject = who == "{S}"
    form = subject.form if about_subject else "p" if who in ("I", "we", "you") else "n"

    def agreed(verb: str, bot: bool) -> str:
        return agree(verb, form, bot and about_subject)

    def whole(first: str, bot: bool) -> str:
        return render(first, subject, slots, bot)

    if aux == "do":
        direct = f"{wh} {agreed('do', False)} {who} {rest}"
        stated = "do " + rest if rest.startswith("not ") else rest
        never, verb, after = re.fullmatch(r"(never )?(\S+) ?(.*)", stated).groups("")  # type: ignore[union-attr]
        return Asked(
            whole(direct, False),
            whole(f"{wh} {who} {never}{agreed(verb, False)} {after}", False),
            whole(f"{wh} {who} {never}{agreed(verb, True)} {after}", True),
        )
    if aux == "did":
        ever, verb, after = re.fullmatch(r"(ever )?(\S+) ?(.*)", rest).groups("")  # type: ignore[union-attr]
        direct = f"{wh} did {who} {rest}"
        told = f"{wh} {who} {ever}{past(verb)} {after}"
        return Asked(whole(direct, False), whole(told, False), whole(told, True))
    told = f"{wh} {who} %s {rest}"
    return Asked(
        whole(f"{wh} {agreed(aux, False)} {who} {rest}", False),
        whole(told % agreed(aux, False), False),
        whole(told % agreed(aux, True), True),
    )


def sentence(text: str, end: str = ".") -> str:
    """Capital first letter, one end mark, "a" before vowels made "an"."""
    text = re.sub(r"\ba (?=[aeioAEIO])(?!one|eu|once)", "an ", text.strip())
    if text and text[-1] not in ".!?":
        text += end
    return text[:1].upper() + text[1:]


def contract(text: str, rng: random.Random, probability: float = 0.6) -> str:
    """Spoken forms (I'm, what's) with that probability for each place."""
    for long, short in _CONTRACTIONS:
        if long in text.lower() and rng.random() < probability:
            text = re.sub(
                rf"\b{long}\b(?! ?[.?!,]|$)", partial(_like, short=short), text, flags=re.IGNORECASE
            )
    return text


def _like(match: re.Match[str], short: str) -> str:
    return short[0].upper() + short[1:] if match[0][0].isupper() else short
