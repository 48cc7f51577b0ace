"""What has to come through a translation as it was: found in the text, by kind. No torch.

Opaque spans (addresses, code, placeholders) mean nothing to the network: it is never shown them. Soft spans
(numbers, names) it may handle itself, and is checked. Markers (tags, emoji) are no words: they are taken out
and put back where their neighbours went.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from translate.known import WORD, known

OPAQUE = ("url", "email", "code", "placeholder", "keep")
SOFT = ("price", "date", "time", "phone", "number", "ordinal", "identifier", "name")
MARKERS = ("tag", "emoji")
# What a text must hold to have any: most texts have none of it, and need no search.
_SIGNS = {"code": "`", "url": ".:", "email": "@", "tag": "<", "placeholder": "{%$&"}
_NUMBERS = ("price", "date", "time", "phone", "ordinal", "identifier", "number")
_DIGIT = re.compile(r"\d")
# Of what overlaps, the earlier kind wins. Each takes linear time, whatever the text: repetitions inside of
# repetitions cannot share their characters out in another way (`++`), long ones are bounded.
_PATTERNS = (
    ("code", re.compile(r"``[^`\n]+``|`[^`\n]+`")),
    ("url", re.compile(r"(?i)\b(?:[a-z][a-z0-9+.-]{1,20}://|www\.)[^\s<>\"“”„«»`{}|\\^]+")),
    ("email", re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64})+")),
    ("tag", re.compile(r"</?[A-Za-z][\w:-]{0,30}(?:\s[^<>\n]{0,500})?/?>|<!--.{0,500}?-->|<\d+/?>|</\d+>")),
    ("placeholder", re.compile(r"\{\{?\s?[\w.:,!\[\]-]{0,60}\s?\}?\}|\$\{[\w.]{1,60}\}")),
    ("placeholder", re.compile(r"&[a-zA-Z]{2,8};|&#\d{1,6};")),
    ("placeholder", re.compile(r"%(?:\(\w{1,40}\))?(?:\d+\$)?[-+0#]?\d*(?:\.\d+)?l?"
                               r"[sdiufxXeEgGc@](?![A-Za-z])")),
    ("emoji", re.compile("(?:[\U0001f1e6-\U0001f1ff]{2}|[\u2600-\u27bf\u2b05-\u2b55\U0001f000-\U0001faff]"
                         "[\ufe0e\ufe0f\u20e3\U0001f3fb-\U0001f3ff]?"
                         "(?:\u200d[\u2600-\u27bf\U0001f000-\U0001faff][\ufe0f\U0001f3fb-\U0001f3ff]?)*)")),
    ("price", re.compile(r"(?:[$€£¥]|\b(?:US\$|EUR|USD|GBP|CHF))\s?\d[\d.,'\u00a0\u202f]{0,20}\d|[$€£¥]\s?\d"
                         r"|(?<![\w.,'])\d(?:[\d.,']{0,20}\d)?\s?(?:[$€£¥]|(?:EUR|USD|GBP|CHF)\b)")),
    ("date", re.compile(r"\b\d{1,4}(?P<mark>[-/.])\d{1,2}(?P=mark)\d{1,4}\b")),
    ("time", re.compile(r"\b\d{1,2}:\d{2}(?::\d{2})?\b")),
    ("phone", re.compile(r"(?:\+\d{1,3}|\(\d{2,5}\)|\b0\d{2,5})[\s/-]?(?:\(?\d++\)?[\s/-]?){0,5}"
                         r"(?:\(?\d++\)?[\s/-]?\d|\(?\d\d++)\b")),
    ("phone", re.compile(r"\b\d{3}[\s-]\d{3}[\s-]\d{4}\b|\b\d{3}-\d{4}\b")),
    ("ordinal", re.compile(r"\b\d{1,4}(?=(?:st|nd|rd|th|er|ère|e|ème|º|ª|o|a)\b)")),
    ("identifier", re.compile(r"\b(?=\w*\d)(?=\w*[A-Za-z])[A-Za-z0-9](?:[\w.-]*\w)?")),
    ("number", re.compile(r"(?<![\w.,])[-−±]?\d+(?:[.,'\u00a0\u202f]\d+)*(?:\s?[%‰°])?")),
)  # fmt: skip
_TRAILING = ".,;:!?)]}'\"»”’"
# Capitalised words that are translated: adjectives of places, followers, days, months, and places of which
# every language has its own name.
_TRANSLATED_ENDING = re.compile(r"(?:ians?|ish|ese|isms?|ists?|ics?|day|days|ans|ards|ness|ity)$")
_OWN_WORDS = """
January February March April June July August September October November December English French German
Spanish Dutch Greek Swiss Turk Turks Internet Earth Europe Asia Africa America Australia Antarctica
Germany France Spain Italy Austria Switzerland Belgium Netherlands Holland Denmark Sweden Norway Finland
Poland Hungary Greece Turkey Russia Ukraine Ireland Scotland England Britain Kingdom States United Japan
China India Egypt Morocco Brazil Mexico Canada Munich Cologne Vienna Geneva Zurich Basel Lisbon Moscow
Warsaw Prague Rome Milan Venice Florence Naples Athens Copenhagen Brussels Antwerp Seville London
Edinburgh Londres Allemagne Espagne Italie Autriche Suisse Belgique Suède Norvège Pologne Grèce Turquie
Russie Angleterre Écosse Irlande Asie Afrique Amérique Australie Japon Chine Inde Égypte Maroc Brésil
Mexique Alemania Francia España Italia Suiza Bélgica Suecia Noruega Polonia Grecia Turquía Rusia
Inglaterra Escocia Irlanda Europa Japón Moscou Vienne Genève Lisbonne Varsovie Venise Athènes Bruxelles
Múnich Colonia Viena Ginebra Lisboa Moscú Varsovia Praga Roma Venecia Atenas Bruselas Sir Madam Madame
Monsieur Mademoiselle Señor Señora Señorita Herr Frau Doctor Professor President King Queen Prince
Princess God Lord Mom Dad Mother Father Mum Bible Koran Renaissance Parliament Congress Senate
Christmas Government Street Avenue Square River Lake Mount
"""
_TRANSLATED = frozenset(_OWN_WORDS.split())
_COPIED, _COPIED_INSIDE, _ATTENDED = 0.3, 0.03, 0.2
_DETERMINED = re.compile(  # a German noun, then, not a name
    r"(?i)\b(?:de[rnms]|die|das|k?eine?[rnms]?|[mds]eine?[rnms]?|ihre?[rnms]?|unse?re?[rnms]?|eu(?:er|re)[rnms]?"
    r"|diese[rnms]?|jede[rnms]?|welche[rnms]?|alle[rnms]?|viele[rnms]?|im|am|zu[mr]|vom|beim|[ia]ns|\d+)\s+$"
)
_SENTENCE_START = re.compile(r"(?:^|[.!?:…]\s+|[\"“„«¿¡(–—-]\s*)$")


@dataclass(frozen=True)
class Span:
    """A part of a text that has to survive: text == source[start:end]."""

    start: int
    end: int
    kind: str
    text: str


def find_spans(text: str, keep: Sequence[str] = ()) -> list[Span]:
    """Everything in `text` that must come through, but for names; in order, nothing overlaps.

    keep: words and phrases that are not to be translated, found as they are written.
    """
    taken, found = bytearray(len(text)), []
    patterns = [("keep", kept_pattern(keep))] if keep else []
    digits = bool(_DIGIT.search(text))
    for kind, pattern in (*patterns, *_PATTERNS):
        if not _possible(kind, text, digits):
            continue
        for match in pattern.finditer(text):
            start, end = match.span()
            if kind == "url":
                end = _without_trailing(text, start, end)
            while end > start and text[end - 1].isspace():
                end -= 1
            if end > start and not any(taken[start:end]):
                taken[start:end] = b"\1" * (end - start)
                found.append(Span(start, end, kind, text[start:end]))
    return sorted(found, key=lambda span: span.start)


def _possible(kind: str, text: str, digits: bool) -> bool:
    if kind in _NUMBERS:
        return digits
    return kind not in _SIGNS or any(sign in text for sign in _SIGNS[kind])


def kept_pattern(phrases: Sequence[str]) -> re.Pattern[str]:
    """Finds any of the phrases as whole words, the longest first."""
    ordered = sorted({phrase for phrase in phrases if phrase}, key=len, reverse=True)
    return re.compile("|".join(map(whole, ordered)) or r"(?!)")


def whole(phrase: str) -> str:
    """A pattern of the phrase where it is not a part of a longer word."""
    return rf"(?<!\w){re.escape(phrase)}(?!\w)"


def _without_trailing(text: str, start: int, end: int) -> int:
    """An address does not end with the punctuation of its sentence; a bracket opened inside stays."""
    while end > start and text[end - 1] in _TRAILING:
        if text[end - 1] == ")" and text.count("(", start, end) >= text.count(")", start, end):
            break
        end -= 1
    return end


def find_names(
    text: str, language: str, pieces: Callable[[str], int], rested: Callable[[int, int], tuple[float, float]]
) -> list[Span]:
    """Names that the network does not know for sure; names side by side are one span.

    A name is capitalised and rare: it takes two pieces of the vocabulary or more (`pieces` counts them); what
    is common the network has learnt. Whether such a word is a name, the network says itself: it tries to copy
    it. `rested(start, end)` tells of a part of the text how much of it the first answer copied, and how much
    attention it had, both for each of its tokens: names are copied 0.3 or more, words that are translated
    hardly ever. In the middle of a sentence, where only names are capitalised (not so in German), and beside
    another name, less is enough, and a word that had no attention was passed over.
    """
    words = [match for match in WORD.finditer(text) if _may_be_name(match.group())]
    rare = [match for match in words if pieces(match.group()) >= 2]
    shares = [rested(*match.span()) for match in rare]
    sure: list[Span] = []
    for place, match in enumerate(rare):
        starts = bool(_SENTENCE_START.search(text[: match.start()]))
        beside = any(
            0 <= other < len(rare) and shares[other][0] >= _COPIED and _beside(text, match, rare[other])
            for other in (place - 1, place + 1)
        )
        unclear = (language == "de" or starts) and not beside
        copied, attended = shares[place]
        passed_over = attended < _ATTENDED and not unclear
        if copied >= (_COPIED if unclear else _COPIED_INSIDE) or passed_over:
            sure.append(Span(*match.span(), "name", match.group()))
    return list(joined_names(text, sure))


def find_strangers(text: str, language: str, pieces: Callable[[str], int], output: str) -> list[Span]:
    """Capitalised words that are not ordinary and did not come through: names the network never met.

    It does not copy those, it makes something of their pieces: "Oksana" became "okay".
    """
    return [
        Span(*match.span(), "name", match.group())
        for match in WORD.finditer(text)
        if _may_be_name(match.group()) and pieces(match.group()) >= 2
        if not known(match.group(), language) and match.group() not in output
        if language != "de" or not _DETERMINED.search(text[: match.start()])
    ]


def joined_names(text: str, found: Sequence[Span]) -> Iterator[Span]:
    """Names with nothing but a blank between them as one, so that nothing comes between them."""
    waiting: Span | None = None
    for span in found:
        if waiting is not None and text[waiting.end : span.start] in (" ", "-"):
            waiting = Span(waiting.start, span.end, "name", text[waiting.start : span.end])
            continue
        if waiting is not None:
            yield waiting
        waiting = span
    if waiting is not None:
        yield waiting


def _may_be_name(word: str) -> bool:
    inner = word[:1].islower() and any(map(str.isupper, word[1:]))  # iPhone
    if not (word[:1].isupper() or inner) or len(word) < 3 or word.isupper():
        return False
    return word not in _TRANSLATED and not _TRANSLATED_ENDING.search(word)


def _beside(text: str, one: re.Match[str], other: re.Match[str]) -> bool:
    first, second = sorted((one, other), key=lambda match: match.start())
    return text[first.end() : second.start()] in (" ", " de ", " von ", "-")


def survives(span: Span, count: int, output: str) -> bool:
    """Whether the output has the span as often as the source, `count` times, as a whole."""
    before = r"(?<![\w])" if span.text[0].isalnum() else ""
    after = r"(?![\w])" if span.text[-1].isalnum() and span.kind != "ordinal" else ""
    return len(re.findall(before + re.escape(span.text) + after, output)) >= count


def mask(text: str) -> str:
    """The text with the insides of opaque spans made into letters, so that no sentence ends in them."""
    characters = list(text)
    for span in find_spans(text):
        if span.kind in OPAQUE or span.kind == "tag":
            characters[span.start : span.end] = "x" * (span.end - span.start)
    return "".join(characters)
