"""A text cut into what is translated and what stays: the pieces, joined, are the text again.

The model reads one sentence at a time. Line breaks, indents, bullets, blanks between sentences, and what is
no language (numbers, emoji, links, other scripts) are pieces that stay. Sentences are found by
sentencex (docs/decisions/0010).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import sentencex

from translate.protect import mask

# A run of this many characters without a blank is no word of any of the languages.
LONGEST_WORD = 120

_LATIN = re.compile(r"[A-Za-z\u00aa\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u1e00-\u1eff]")
_ADDRESS = re.compile(r"(?i)(?:[a-z][a-z0-9+.-]{1,20}://|www\.)\S+|[\w.+-]{1,64}@[\w-]{1,64}\.[\w.-]{1,64}")
# What opens a line without being said: bullets, "1.", "a)", quotation marks of e-mails, headings.
_OPENING = re.compile(r"\s{0,200}(?:(?:[-*•‣–—+>#]{1,6}|\d{1,3}[.)]|[a-z]\))\s{1,20})?")
# sentencex ends a sentence after these; each language has its own reading of the full stop.
_GOES_ON = {
    "de": re.compile(
        r"\b(?:d(?:er|ie|as|es|em|en)|am|im|vom|zum|zur|beim|bis|seit|ab|jede[nrms]?)\s\d{1,3}\.$"
    ),
    "fr": re.compile(r"(?:^|\s)(?:M|MM|art|p|pp|n|v)\.$"),
    "es": re.compile(r"(?:^|\s)(?:art|p|pág|pp|n|v)\.$"),
}
_BLOCK = 5000  # characters
_SENTENCE_END = re.compile(r"[.!?]\s+")
_INITIAL = re.compile(r"(?:^|\s)[A-HJ-ZÀ-Þ]\.$")
_CLAUSE_END = re.compile(r"[;:,.!?…)–—]['\"»”]?\s*$")


@dataclass(frozen=True)
class Piece:
    """A part of a text: a sentence to translate, or something that stays as it is."""

    text: str
    translate: bool


def split(text: str, language: str) -> list[Piece]:
    """Pieces of `text` (any length, linear time); "".join(piece.text) == text.

    language: the text's own, for its abbreviations; a code of LANGUAGES.
    """
    # Code and addresses have full stops that end no sentence: the splitter sees letters in their place.
    masked = mask(text)
    found = [piece for line in masked.splitlines(keepends=True) for piece in _split_line(line, language)]
    if masked == text:
        return found
    pieces: list[Piece] = []
    start = 0
    for piece in found:
        words = text[start : start + len(piece.text)]
        pieces.append(Piece(words, piece.translate and (words == piece.text or is_language(words))))
        start += len(words)
    return pieces


def _split_line(line: str, language: str) -> Iterator[Piece]:
    opening = _OPENING.match(line)
    start = opening.end() if opening else 0
    body = line[start:].rstrip()
    if start:
        yield Piece(line[:start], False)
    for sentence in _sentences(body, language):
        words = sentence.rstrip()
        yield Piece(words, is_language(words))
        if len(words) < len(sentence):
            yield Piece(sentence[len(words) :], False)
    if start + len(body) < len(line):
        yield Piece(line[start + len(body) :], False)


def is_language(text: str) -> bool:
    """Whether there is anything to translate: a letter of the Latin script outside links and addresses."""
    return bool(_LATIN.search(_ADDRESS.sub("", text)))


def _sentences(body: str, language: str) -> Iterator[str]:
    waiting = ""
    for part in _segments(body, language):
        waiting += part
        end = waiting.rstrip()[-20:]
        goes_on = _GOES_ON.get(language)
        if end and not _INITIAL.search(end) and not (goes_on and goes_on.search(end)):
            yield waiting
            waiting = ""
    if waiting:
        yield waiting


def _segments(body: str, language: str) -> Iterator[str]:
    """sentencex's sentences. It is given a block at a time: its time grows with the square of open quotes."""
    start = 0
    while start < len(body):
        end = len(body)
        if end - start > _BLOCK:
            ends = [start + match.end() for match in _SENTENCE_END.finditer(body[start : start + _BLOCK])]
            blank = body.rfind(" ", start, start + _BLOCK) + 1
            end = ends[-1] if ends else blank or start + _BLOCK
        block = body[start:end]
        found = sentencex.segment(language, block)
        # Better one long sentence than a lost word.
        yield from found if "".join(found) == block else [block]
        start = end


def split_long(piece: Piece, count: Callable[[str], int], longest: int) -> Iterator[Piece]:
    """`piece`, or parts of it of at most `longest` tokens as `count` counts them; joined, they are the same.

    Cut after a comma or the like where there is one in the second half, else between words. What is no word
    (more than LONGEST_WORD characters without a blank) becomes a piece that stays.
    """
    if not piece.translate or (len(piece.text) <= LONGEST_WORD and count(piece.text) <= longest):
        yield piece
        return
    words = re.findall(r"\s*\S+", piece.text) + re.findall(r"\s+\Z", piece.text[-LONGEST_WORD:])
    held: list[str] = []
    sizes: list[int] = []
    for word in words:
        if len(word) > LONGEST_WORD:
            yield from _spoken("".join(held))
            yield Piece(word, False)
            held, sizes = [], []
            continue
        size = count(word)
        if held and sum(sizes) + size > longest:
            cut = _cut(held)
            yield from _spoken("".join(held[:cut]))
            held, sizes = held[cut:], sizes[cut:]
        held.append(word)
        sizes.append(size)
    yield from _spoken("".join(held))


def _spoken(text: str) -> Iterator[Piece]:
    """A part of a sentence without the blanks around it, which stay."""
    words = text.strip()
    if not words:
        if text:
            yield Piece(text, False)
        return
    start = text.index(words)
    if start:
        yield Piece(text[:start], False)
    yield Piece(words, is_language(words))
    if start + len(words) < len(text):
        yield Piece(text[start + len(words) :], False)


def _cut(words: list[str]) -> int:
    """How many of `words` come before the cut."""
    for place in range(len(words), len(words) // 2, -1):
        if _CLAUSE_END.search(words[place - 1][-4:]):
            return place
    return len(words)
