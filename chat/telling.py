"""What a message tells, one thing after the other: each is read as a segment of its own. No torch.

The network finds the right segment far more surely than the right place inside one (decision 0042). A model
that was trained so says it on its card.
"""

from __future__ import annotations

import re

from chat.segments import plain
from chat.splitting import sentences
from chat.words import is_question

ABILITY = "messages in parts"  # of a model, as its card says it
# What asks without a question mark; what follows, as in "I forgot.", belongs to it.
_ASKS = re.compile(
    r"(?:(?:and|so|but|ok|okay|well|hey|now|please|can you|could you)\b[, ]*)*"
    r"(?:tell me|remind me|say again|name|give me|let me know|help me|i wonder|i'm wondering"
    r"|i(?:'ve| have)? (?:forgot|forgotten|lost track)\b"
    r"|i (?:can't|cannot|don't|do not) (?:remember|recall|know)\b"
    r"|i (?:need|want|would like|'d like) to know)",
    re.IGNORECASE,
)
_IN_PASSING = re.compile(
    r"\b(?:who|whose|whom|what|which|where|when|why|how|if|whether|you|your|forg[eo]t\w*|remember|recall"
    r"|remind|track|slip\w*)\b",
    re.IGNORECASE,
)
_JOINT = re.compile(  # (?<!\s): many blanks are gone through once
    r"(?:;|,)?(?<!\s)\s+(?:and|but|while|whereas)\s+|[;,]\s+", re.IGNORECASE
)
_DEPENDENT = re.compile(
    r"(?:when|if|while|whenever|because|after|before|since|although|though|as|once|until|unless|where|what|who"
    r"|which|that|how|why|either|neither|both|not only|let|don't|please)\b",
    re.IGNORECASE,
)
_LEADING = re.compile(r"(?:(?:and|but|so|also|then|well|oh|ok|okay|actually|yes|no)\b,?\s+)+", re.IGNORECASE)
_PRONOUN = re.compile(r"(?:I|you|he|she|it|we|they|there)(?:'\w+)?\s+\S", re.IGNORECASE)
_SPEAKS_ON = re.compile(r"(?:he|she|it|they|there|that|this|who)\b", re.IGNORECASE)  # of the one just named
_DETERMINED = re.compile(
    r"(?:my|your|his|her|its|our|their|the|a|an|this|that|these|those|one|another|some|every|each)\s",
    re.IGNORECASE,
)
_RELATIVE = re.compile(
    r"(?:mum|mom|mummy|mommy|mother|dad|daddy|father|gran|granny|grandma|grandpa|granddad)\b", re.IGNORECASE
)
_WHEN = re.compile(
    r"(?:(?:on|in|at|next|last|this|every|since|until)\s+(?:[\w:.]+\s+){1,3}?|(?:now|today|tonight|tomorrow|yesterday"
    r"|later|usually|sometimes)\s+)(?=(?:I|you|he|she|it|we|they|my|your|his|her|our|their|the)\b)",
    re.IGNORECASE,
)
_CONTRACTED = re.compile(  # "dad's allergic", not "dad's boat"
    r"(?:\S+\s+){0,3}?[^\W\d]+'s\s+(?:not|an?|the|at|in|on|from|my|our|very|so|always|never|afraid|born|\d+"
    r"|\w+(?:ing|ed|ic))\b"
)
_NOUN_PHRASE = (
    r"(?:(?i:I|you|he|she|it|we|they|everyone|everybody|nobody|no one"
    r"|mum|mom|mother|dad|father|granny|gran|grandma|grandpa)"
    r"|(?i:my|your|his|her|its|our|their|the|that|this)(?: [\w'-]+){1,4}?"
    r"|[A-Z][\w'-]*(?: (?:and )?[A-Z][\w'-]*){0,3})"
)
_AUXILIARY = (
    r"(?:'(?:s|m|re|ve|ll|d) not| (?:do|does|did|is|are|was|were|am|has|have|had|can|could|will|would|should)"
    r"(?:n't| not)?| (?:can't|cannot|won't))"
)
_SPEAKS_BACK = re.compile(r"\s(?:one|ones|it|them|there|too|either|none|same|coming)[.!;,]*$", re.IGNORECASE)
_ELLIPTIC = re.compile(  # "but my brother does", "so do I": what it says stands in what comes before
    rf"(?:(?i:but|and|however|though|only|while|whereas),? )?"
    rf"(?:{_NOUN_PHRASE}{_AUXILIARY}|(?i:so|neither|nor){_AUXILIARY} {_NOUN_PHRASE})"
    r"(?:,? (?:too|either|though|as well))?[.!;,]*$"
)
_LONGEST_START = 200  # characters in which a clause shows that it is one
_VERB_TEXT = """
is are was were am has have had does do did will would can could may might must shall should isn't
aren't wasn't weren't hasn't haven't hadn't doesn't don't didn't won't wouldn't can't couldn't came come
went go got get gave give took take made make said say told tell saw see knew know thought think found
find left leave felt feel kept keep brought bring began begin held hold wrote write stood stand heard
hear let met meet ran run paid pay sat sit spoke speak lay led lead read grew grow lost lose fell fall
sent send built build spent spend cut rose rise drove drive bought buy wore wear chose choose slept
sleep sold sell won win taught teach caught catch broke break drew draw drank drink ate eat flew fly
forgot forget hid hide hit hurt lent lend rode ride rang ring sang sing sank shook shut stole steal
stuck struck swam swim swore threw throw woke wake put set cost bit bet bred burst dealt dug fed fought
froze hung knelt quit sewed shone shot slid spread sprang stung swept swung tore wept wound live work
play like love hate want need study teach own park
"""
_VERBS = frozenset(_VERB_TEXT.split())


def things_told(text: str) -> list[str]:
    """The parts of a message, in order: sentences, and clauses with a subject of their own.

    What speaks on of the one just named, as in "She likes it.", stays with what named it, and what is cut
    short, as in "but Ben does", with what it is short for.
    The first sentence that asks, and all behind it, are one part: the newest segment is what is answered.
    Nothing but blanks is left out. A text without words gives no part.
    """
    found = sentences(text)
    asked = next((place for place, one in enumerate(found) if is_request(one)), len(found))
    parts: list[str] = []
    for one in found[:asked]:
        first, *others = clauses(one)
        if parts and (_SPEAKS_ON.match(_LEADING.sub("", first)) or is_elliptic(first)):
            first = f"{parts.pop()} {first}"
        parts += [first, *others]
    return [*parts, " ".join(found[asked:])] if asked < len(found) else parts


def clauses(sentence: str) -> list[str]:
    """The main clauses of a sentence that each have a subject; the sentence itself where there is but one."""
    if _DEPENDENT.match(_LEADING.sub("", sentence)):
        return [sentence]
    parts, start = [], 0
    joints = list(_JOINT.finditer(sentence))
    ends = [*(joint.start() for joint in joints[1:]), len(sentence)]
    for joint, end in zip(joints, ends, strict=False):
        left = sentence[start : min(joint.start(), start + _LONGEST_START)]
        right = sentence[joint.end() : min(end, joint.end() + _LONGEST_START)]
        if _is_clause(left) and _is_clause(right) and not _belongs(right):
            word = joint.group().lstrip(",; ")  # the conjunction goes with what it begins
            cut = joint.end() - len(word)
            parts.append(sentence[start:cut].strip())
            start = cut
    return [*parts, sentence[start:].strip()]


def is_statement(message: str) -> bool:
    """Whether a message by its form states something and asks nothing, not even in passing ("what I ate")."""
    parts = sentences(message)
    return (
        bool(parts)
        and not _IN_PASSING.search(plain(message))
        and all(_is_clause(part) and not is_request(part) for part in parts)
    )


def is_request(sentence: str) -> bool:
    """Whether a sentence asks for something, with a question mark or without."""
    if "?" in sentence or is_elliptic(sentence):  # "So do I." looks like a question
        return "?" in sentence
    return is_question(sentence) or bool(_ASKS.match(plain(sentence)))


def _belongs(clause: str) -> bool:
    """Whether it takes the clause before to understand this one."""
    return bool(_SPEAKS_ON.match(clause) or _SPEAKS_BACK.search(clause)) or is_elliptic(clause)


def is_elliptic(clause: str) -> bool:
    """Whether a clause ends with its auxiliary, so that the one before must tell the rest."""
    return bool(_ELLIPTIC.match(plain(clause).strip()))


def _is_clause(text: str) -> bool:
    """Whether a text begins with a subject and has a verb soon behind it."""
    text = _WHEN.sub("", _LEADING.sub("", plain(text).strip()), count=1)
    if _DEPENDENT.match(text):
        return False
    if _PRONOUN.match(text):
        return True
    determined = bool(_DETERMINED.match(text))
    if not (determined or text[:1].isupper() or _RELATIVE.match(text)):
        return False
    if _CONTRACTED.match(text):
        return True
    behind = [word.strip(".,!:").lower() for word in text.split()[1:7]]
    # Behind "the" stands no verb yet: "the kids" is none, "the boy kids" would be.
    return any(
        word in _VERBS or (place >= determined and _is_regular(word)) for place, word in enumerate(behind)
    )


def _is_regular(word: str) -> bool:
    return (
        len(word) > 3
        and word.isalpha()
        and (word.endswith("ed") or (word.endswith("s") and word[-2] not in "su'"))
    )
