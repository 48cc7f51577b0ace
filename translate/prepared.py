"""A sentence as the network reads it, and what has to be in the answer: stand-ins, case, full stop. No torch.

What the network cannot know (an address, code, a rare name) is shown to it as a common word of the same
part, Tom for a name, 300 for an amount; the search must bring that word back (search/constraints.py), and
then it is replaced by what it stood for. So the sentence around it is one that the network has learnt.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from lstm_models.tokenizer import normalise
from translate.protect import (
    MARKERS,
    OPAQUE,
    Span,
    find_names,
    find_spans,
    find_strangers,
    joined_names,
    kept_pattern,
    survives,
    whole,
)

_NAMES = ("Tom", "Mary", "Boston", "John", "Mike", "Bob", "Bill", "Jane", "Jim", "Ken", "Jack", "Paul")
_AMOUNTS = ("300", "200", "500", "400", "600", "700", "800", "900", "250", "350", "450", "550")
_PLAIN = ("number", "ordinal")  # short ones are required as they are
_OPENING = "([{\"'«„“‘¿¡/-"
_FULL_STOP = "."


@dataclass(frozen=True)
class Marker:
    """A tag or an emoji, taken out of a sentence: it stood at `place` of the text that was left."""

    place: int
    text: str
    closes: bool  # belongs to what stands before it: an end tag, an emoji after a word
    before: str = ""  # blanks that went with it
    after: str = ""


@dataclass(frozen=True)
class StandIn:
    """`word` is read in the place of `span`."""

    word: str
    span: Span
    glued: str = ""  # what stood before it without a blank


@dataclass(frozen=True)
class Prepared:
    """A sentence, ready for the network."""

    source: str  # as the user wrote it, normalised
    text: str  # as the network reads it
    spans: tuple[Span, ...] = ()  # of the source without markers, that must survive
    stand_ins: tuple[StandIn, ...] = ()
    required: tuple[str, ...] = ()  # phrases that the search has to bring, stand-ins among them
    markers: tuple[Marker, ...] = ()
    capitals: bool = False  # the source shouts: so does the answer
    stopped: bool = False  # a full stop was added, and is to be taken away
    terms: Mapping[str, str] = field(default_factory=dict)  # glossary entries that the sentence has
    bare: str = ""  # the source without markers

    @property
    def certain(self) -> bool:
        """Whether the network need not be trusted: everything that must survive is required."""
        return bool(self.required) or not self.spans


class Preparer:
    """Makes sentences ready: what it knows of a request is the same for all of them."""

    def __init__(
        self,
        language: str,
        pieces: Callable[[str], int],
        keep: Sequence[str] = (),
        terms: Mapping[str, str] | None = None,
    ) -> None:
        """language: of the source; pieces: how many tokens a word takes; keep, terms: see `Glossary`."""
        self.language, self.pieces, self.keep, self.terms = language, pieces, tuple(keep), dict(terms or {})
        self._longest_first = sorted(self.terms, key=len, reverse=True)
        groups = "|".join(f"({whole(term)})" for term in self._longest_first)
        self._term = re.compile(groups or r"(?!)", re.IGNORECASE)

    def first(self, sentence: str) -> Prepared:
        """For the first try: opaque spans and terms are required, numbers and names left to the network."""
        return self._prepare(sentence)

    def names(self, prepared: Prepared, rested: Callable[[int, int], tuple[float, float]]) -> list[Span]:
        """The names of a sentence after the first try; rested: see `find_names`, in places of `text`."""

        def share(start: int, end: int) -> tuple[float, float]:
            return rested(place_in_text(prepared, start), place_in_text(prepared, end))

        return self._free(prepared, find_names(prepared.bare, self.language, self.pieces, share))

    def strangers(self, prepared: Prepared, output: str) -> list[Span]:
        """Words that the first try lost and that are names, most likely; see `find_strangers`."""
        return self._free(prepared, find_strangers(prepared.bare, self.language, self.pieces, output))

    def _free(self, prepared: Prepared, found: Sequence[Span]) -> list[Span]:
        """What is no part of a span or a term: a name that the glossary translates must not come through."""
        taken = (*prepared.spans, *(place for place, _ in self._terms_in(prepared.bare)))
        return [span for span in found if not _overlaps(span, taken)]

    def second(self, prepared: Prepared, names: Sequence[Span]) -> Prepared:
        """For another try, where the network lost something: numbers and names are required as well."""
        ordered = sorted(names, key=lambda span: span.start)
        return self._prepare(prepared.source, list(joined_names(prepared.bare, ordered)), soft=True)

    def _terms_in(self, bare: str) -> list[tuple[Span, str]]:
        """Where terms stand, and what each has to be; of two that differ in case, the one written so counts.

        The pattern's group says which it was: what matches without regard to case (I, İ, ı) need not be
        equal when folded.
        """
        found = []
        for match in self._term.finditer(bare):
            term = self._longest_first[(match.lastindex or 1) - 1]
            wanted = self.terms.get(match.group(), self.terms[term])
            found.append((Span(*match.span(), "term", match.group()), wanted))
        return found

    def _prepare(self, sentence: str, names: Sequence[Span] = (), soft: bool = False) -> Prepared:
        sentence = normalise(sentence)  # so that places in it are those of its tokens
        bare, markers = _without_markers(sentence, self.keep)
        found = self._terms_in(bare)
        spans = [  # a number or the like that is a term is to be what the glossary says
            span
            for span in find_spans(bare, self.keep)
            if span.kind in OPAQUE
            or not any(term.start <= span.start and span.end <= term.end for term, _ in found)
        ]
        spans = sorted(
            [*spans, *(name for name in names if not _overlaps(name, spans))], key=lambda span: span.start
        )
        replaced = [span for span in spans if span.kind in OPAQUE or (soft and not _is_plain(span))]
        stand_ins = _choose(replaced, bare)
        terms = {term.text: wanted for term, wanted in found if not _overlaps(term, replaced)}
        required = [one.word for one in stand_ins] + list(dict.fromkeys(terms.values()))
        if soft:
            required += [span.text for span in spans if _is_plain(span)]
        capitals = _shouts(bare, replaced)
        text = _replace(bare, stand_ins, capitals)
        stopped = bool(re.search(r"\w$", text.rstrip()))
        if stopped:
            text = text.rstrip() + _FULL_STOP
        return Prepared(
            sentence, text, tuple(spans), tuple(stand_ins), tuple(required), tuple(markers), capitals,
            stopped, terms, bare,
        )  # fmt: skip


def _is_plain(span: Span) -> bool:
    return span.kind in _PLAIN and span.text.isdigit() and len(span.text) <= 4


def _overlaps(span: Span, others: Sequence[Span]) -> bool:
    return any(span.start < other.end and other.start < span.end for other in others)


def _without_markers(sentence: str, keep: Sequence[str]) -> tuple[str, list[Marker]]:
    """The sentence without its tags and emoji, and where they stood."""
    parts: list[str] = []
    markers: list[Marker] = []
    length = last = 0
    for span in find_spans(sentence, keep):
        if span.kind not in MARKERS:
            continue
        parts.append(sentence[last : span.start])
        length += span.start - last
        last = span.end
        before = after = ""
        if span.kind == "emoji" and "".join(parts).strip():  # it goes with the word before it
            kept = "".join(parts)
            before = kept[len(kept.rstrip()) :]
            parts, length = [kept.rstrip()], len(kept.rstrip())
        elif not length or "".join(parts)[-1:].isspace():  # between two blanks, one goes with the marker
            after = sentence[span.end : span.end + 1] if sentence[span.end : span.end + 1].isspace() else ""
        last += len(after)
        closes = span.text.startswith("</") or (span.kind == "emoji" and length > 0)
        markers.append(Marker(length, span.text, closes, before, after))
    parts.append(sentence[last:])
    return "".join(parts), markers


def _choose(spans: Sequence[Span], bare: str) -> list[StandIn]:
    """A stand-in for each span, a word that the sentence does not have."""
    free_names = [word for word in _NAMES if word not in bare]
    free_amounts = [word for word in _AMOUNTS if word not in bare]
    chosen = []
    for span in spans:
        amount = span.kind in ("price", "number", "phone", "ordinal")
        free = free_amounts if amount and free_amounts else free_names or free_amounts
        if not free:
            break  # what is beyond a dozen in one sentence is left to the network, and checked
        before = bare[: span.start][-1:]
        chosen.append(StandIn(free.pop(0), span, before if before and before in _OPENING else ""))
    return chosen


def _shouts(bare: str, replaced: Sequence[Span]) -> bool:
    """Whether the sentence is in capitals: two words at least, or a long one."""
    rest = "".join(" " if any(s.start <= i < s.end for s in replaced) else c for i, c in enumerate(bare))
    letters = [c for c in rest if c.isalpha()]
    return len(letters) > 4 and all(c.isupper() or (not c.islower() and c == "ß") for c in letters)


def _replace(bare: str, stand_ins: Sequence[StandIn], capitals: bool) -> str:
    parts, last = [], 0
    for one in stand_ins:
        parts += [_lowered(bare[last : one.span.start], capitals, not last), one.word]
        last = one.span.end
    parts.append(_lowered(bare[last:], capitals, not last))
    return "".join(parts)


def _lowered(part: str, capitals: bool, first: bool) -> str:
    if not capitals:
        return part
    part = part.lower()
    if first:
        part = re.sub(r"[^\W\d_]", lambda match: match.group().upper(), part, count=1)
    return re.sub(r"(?<=[.!?] )[^\W\d_]|\bi\b", lambda match: match.group().upper(), part)


def place_in_text(prepared: Prepared, place: int) -> int:
    """Where a place of `bare` is in `text`, in which stand-ins are shorter or longer than their spans."""
    return place + sum(
        len(one.word) - len(one.span.text) for one in prepared.stand_ins if one.span.end <= place
    )


def restore(prepared: Prepared, output: str) -> str:
    """The answer with stand-ins replaced, and in the case of the source; markers are put back elsewhere."""
    if prepared.stopped and output.endswith(_FULL_STOP):
        output = output[: -len(_FULL_STOP)]
    if prepared.capitals:
        kept = [*(one.word for one in prepared.stand_ins), *prepared.terms.values()]
        output = "".join(
            part if part in kept else part.upper()
            for part in re.split(f"({kept_pattern(kept).pattern})" if kept else r"(?!)", output)
        )
    for one in prepared.stand_ins:
        pattern = rf"(?<!\w){re.escape(one.word)}(?!\w)"
        if one.glued:
            output = re.sub(rf"{re.escape(one.glued)} (?={re.escape(one.word)}(?!\w))", one.glued, output)
        output = re.sub(pattern, lambda _, one=one: one.span.text, output, count=1)  # type: ignore[misc]
    return output


def lost(prepared: Prepared, output: str) -> tuple[str, ...]:
    """What must survive and does not stand in the output: spans, and terms of the glossary."""
    wanted = Counter(span.text for span in prepared.spans)
    missing = [span.text for span in prepared.spans if not survives(span, wanted[span.text], output)]
    folded = output.casefold()
    missing += [term for term in prepared.terms.values() if term.casefold() not in folded]
    return tuple(dict.fromkeys(missing))


def strange_numbers(prepared: Prepared, output: str) -> bool:
    """Whether the output has a number that the source does not have."""
    there = Counter(re.findall(r"\d+", prepared.bare + " ".join(prepared.terms.values())))
    return bool(Counter(re.findall(r"\d+", output)) - there)
