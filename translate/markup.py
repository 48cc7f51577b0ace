"""Tags and emoji put back into a translation, where the words went that they stood at. No torch."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from translate.alignment import Word, words_of
from translate.prepared import Marker, Prepared, place_in_text

_NAME = re.compile(r"</?([\w:-]+)")
_PUNCTUATION = re.compile(r"[^\w\s<>]*")
_SELF_CLOSED = re.compile(r"/>$|^<(?:br|hr|img|input|wbr|!)", re.IGNORECASE)


def put_back(prepared: Prepared, output: str, weights: np.ndarray | None) -> str:
    """`output`, which still has its stand-ins, with every marker of the sentence in it.

    weights [W, N] from `align`, or None: then markers go to the place in proportion to where they were.
    Pairs of tags stay well nested: a pair holds the longest run of words that come from the words it held.
    """
    if not prepared.markers:
        return output
    words, source = words_of(output), words_of(prepared.text)
    owners = _owners(weights, len(words), len(source))
    starts, ends = [word.start for word in source], [word.end for word in source]
    if not words:
        return output + "".join(marker.text for marker in prepared.markers)
    pairs = _pairs(prepared.markers)
    inserts: list[tuple[int, int, int, str]] = []  # place, then two numbers for the order there, text
    ranges: list[tuple[int, int, int, int]] = []  # of the pairs so far: source words, then target words
    for number, marker in enumerate(prepared.markers):
        place = place_in_text(prepared, marker.place)
        first = sum(start < place for start in starts)  # the source word that begins after it
        text = marker.before + marker.text + marker.after
        if number in pairs:
            closing = prepared.markers[pairs[number]]
            last = sum(end <= place_in_text(prepared, closing.place) for end in ends)
            low, high = _run(owners, first, last, *_inside(ranges, first, last, len(words)))
            ranges.append((first, last, low, high))
            # What is longer begins first and ends last; of equals, what began first.
            begin, end = words[low].start, words[high - 1].end
            source_end = place_in_text(prepared, closing.place)
            if last > first and prepared.text[ends[last - 1] : source_end].strip():
                end += len(_PUNCTUATION.match(output[end:]).group())  # type: ignore[union-attr]
            if last > first and prepared.text[place : starts[first]].strip():
                begin -= len(_PUNCTUATION.match(output[:begin][::-1]).group())  # type: ignore[union-attr]
            inserts.append((begin, low - high, number, text))
            text = closing.before + closing.text + closing.after
            inserts.append((end, high - low, -number, text))
        elif number not in pairs.values():
            place = _single(marker, first, len(source), owners, words, output)
            inserts.append((place, len(words) if marker.closes else -len(words) - 1, number, text))
    for place, _, _, text in sorted(inserts, reverse=True):
        output = output[:place] + text + output[place:]
    return output


def _owners(weights: np.ndarray | None, words: int, source: int) -> list[int]:
    """The source word that each word of the translation comes from."""
    if weights is not None and weights.shape == (words, source) and source:
        return weights.argmax(axis=1).tolist()
    return [min(source - 1, round(word * source / max(1, words))) for word in range(words)]


def _pairs(markers: Sequence[Marker]) -> dict[int, int]:
    """Opening tag -> its end tag; those that have no partner are left alone."""
    pairs: dict[int, int] = {}
    open_: list[tuple[str, int]] = []
    for number, marker in enumerate(markers):
        match = _NAME.match(marker.text)
        if match is None or _SELF_CLOSED.search(marker.text):
            continue
        name = match.group(1).lower()
        if not marker.text.startswith("</"):
            open_.append((name, number))
        elif any(name == other for other, _ in open_):
            while open_[-1][0] != name:
                open_.pop()
            pairs[open_.pop()[1]] = number
    return pairs


def _inside(ranges: list[tuple[int, int, int, int]], first: int, last: int, count: int) -> tuple[int, int]:
    """The words of the translation that the pair around has, or all."""
    for start, end, low, high in reversed(ranges):
        if start <= first and last <= end and (first < last or start < first):
            return low, high
    return 0, count


def _run(owners: list[int], first: int, last: int, low: int, high: int) -> tuple[int, int]:
    """The longest run within [low, high) of words that come from the source words [first, last).

    At least one word: so of two runs one holds the other, or they share nothing, and tags nest.
    """
    best = (0, 0)
    start = None
    for word in range(low, high + 1):
        if word < high and first <= owners[word] < last:
            start = word if start is None else start
        elif start is not None:
            best = max(best, (start, word), key=lambda run: run[1] - run[0])
            start = None
    if best[1] > best[0]:
        return best
    # None of them: the word after those that come from what is before it.
    before = [word + 1 for word in range(low, high) if owners[word] < first]
    place = min(before[-1] if before else low, high - 1)
    return place, place + 1


def _single(
    marker: Marker, first: int, source_count: int, owners: list[int], words: list[Word], output: str
) -> int:
    """The place of a marker without a partner; `first` is the source word after it."""
    if not words:
        return len(output)
    if first == 0 and not marker.closes:
        return 0
    if first >= source_count and marker.closes:
        return words[-1].end
    if marker.closes:
        own = [word for word, owner in enumerate(owners) if owner == first - 1]
        return words[own[-1]].end if own else words[-1].end
    own = [word for word, owner in enumerate(owners) if owner == first]
    if own:
        return words[own[0]].start
    later = [word for word, owner in enumerate(owners) if owner > first]
    return words[later[0]].start if later else len(output)
