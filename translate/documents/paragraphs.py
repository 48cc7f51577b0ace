"""A paragraph of a Word document as one text: numbered tags stand for its formats, pictures and notes."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from typing import Any

WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def _names(names: str) -> frozenset[str]:
    return frozenset(WORD + name for name in names.split())


_HOLDERS = _names("hyperlink fldSimple ins moveTo sdt sdtContent smartTag")  # of runs that are read
_WORDS = _names("t tab br cr noBreakHyphen")
_SIGHTS = _names("rPr lastRenderedPageBreak softHyphen")  # the format, and where Word broke what was there
_FIELD = _names("fldChar instrText")
_TAG = re.compile(r"<(/?)(\d+)(/?)>")
_Piece = tuple[int, list[Any]]  # the number of a run, and what it holds: texts and elements


class Paragraph:
    """`text` is what is to be translated, "" where nothing is; `write` puts the translation in its place."""

    def __init__(self, element: Any) -> None:
        """element: a w:p."""
        self._element = element
        self._groups = _groups(element)
        found = [
            (run, place, holds)
            for place, group in enumerate(self._groups)
            for child in group
            for run in _runs(child)
            if (holds := _contents(run))
        ]
        spoken = [number for number, (_, _, holds) in enumerate(found) if _said(holds).strip()]
        # What stands before the first word or after the last one stays there.
        found = found[spoken[0] : spoken[-1] + 1] if spoken else []
        self._runs = [run for run, _, _ in found]
        self._places = [place for _, place, _ in found]
        self._speaking = [number for number, (_, _, holds) in enumerate(found) if _said(holds)]
        self._tagged: list[tuple[int, Any]] = []  # tag 1 and so on: the run, and what is no text in it
        self.text = "".join(self._as_text(number, holds) for number, (_, _, holds) in enumerate(found))

    def _as_text(self, number: int, holds: list[Any]) -> str:
        pair = 0
        if len(self._runs) > 1 and number in self._speaking:
            self._tagged.append((number, None))
            pair = len(self._tagged)

        def alone(thing: Any) -> str:
            self._tagged.append((number, thing))
            return f"<{len(self._tagged)}/>"

        # Words that look like a tag of ours are carried along as what is no text.
        inside = "".join(
            _TAG.sub(lambda match: alone(match.group()), thing) if isinstance(thing, str) else alone(thing)
            for thing in holds
        )
        return f"<{pair}>{inside}</{pair}>" if pair else inside

    def write(self, translation: str) -> None:
        """The translation of `text`; formats, links, pictures and notes go where their words went."""
        if sorted(_TAG.findall(translation)) != sorted(_TAG.findall(self.text)):
            # A tag was lost: all words get the first format, and everything else is there still.
            tags = [match.group() for match in _TAG.finditer(self.text)]
            first = 1 if len(self._runs) > 1 else 0
            translation = "".join([*tags[:first], _TAG.sub("", translation), *tags[first:]])
        pieces = self._pieces(translation)
        if self._can_move([number for number, _ in pieces]):
            self._move(pieces)
        else:
            self._fill(pieces)

    def _pieces(self, translation: str) -> list[_Piece]:
        """What each run holds, in the order of the translation; a run may come more than once."""
        opening = re.search(r"<(\d+)>", translation)
        last = self._tagged[int(opening.group(1)) - 1][0] if opening else 0
        open_: list[int] = []
        found: list[_Piece] = [] if opening else [(0, [""])]

        def add(number: int, thing: Any) -> None:
            if found and found[-1][0] == number:
                found[-1][1].append(thing)
            else:
                found.append((number, [thing]))

        for part in re.split(r"(</?\d+/?>)", translation):
            match = _TAG.fullmatch(part)
            if match is None:
                if part:  # what stands between two runs goes with the one before it
                    add(open_[-1] if open_ else last, part)
                continue
            number, thing = self._tagged[int(match.group(2)) - 1]
            if match.group(3):
                add(number, thing)
            elif match.group(1):
                last = number
                open_ = [other for other in open_ if other != number]
            else:
                open_.append(number)
                add(number, "")
        return found

    def _can_move(self, order: list[int]) -> bool:
        """Whether each link, insertion, control and field is still one piece."""
        for place in set(self._places):
            held = [number for number, other in enumerate(self._places) if other == place]
            if self._groups[place] == [self._runs[held[0]]]:
                continue  # a run of its own may go anywhere, and be split
            first = order.index(held[0])
            if order[first : first + len(held)] != held or sum(map(order.count, held)) > len(held):
                return False
        return True

    def _move(self, pieces: list[_Piece]) -> None:
        """Runs, and what holds them, in the order of the translation."""
        moved: list[list[Any]] = []
        written: set[int] = set()
        for number, holds in pieces:
            run = self._runs[number]
            group = self._groups[self._places[number]]
            if number in written:
                run = _same_format(run)
                group = [run]
            _write(run, holds)
            written.add(number)
            if group not in moved:
                moved.append(group)
        last = max(self._places)
        for place, group in enumerate(self._groups):
            if place in self._places:
                count = len(moved) if place == last else 1
                now, moved = moved[:count], moved[count:]
            else:
                now = [group]
            self._element.extend([child for one in now for child in one])

    def _fill(self, pieces: list[_Piece]) -> None:
        """The words in their new order, in runs that stay where they are."""
        words: list[_Piece] = []
        for number, holds in pieces:
            if said := _said(holds):
                if words and words[-1][0] == number:
                    words[-1][1].append(said)
                else:
                    words.append((number, [said]))
        for number, run in enumerate(self._runs):
            things = [thing for other, holds in pieces if other == number for thing in holds]
            things = [thing for thing in things if not isinstance(thing, str)]
            if number in self._speaking:
                count = len(words) if number == self._speaking[-1] else 1
                things = [_said([text for _, texts in words[:count] for text in texts]), *things]
                words = words[count:]
            _write(run, things)


def _groups(paragraph: Any) -> list[list[Any]]:
    """The children of a paragraph, those of one field together: its signs have to stay around its words."""
    groups: list[list[Any]] = []
    depth = 0
    for child in paragraph:
        if depth:
            groups[-1].append(child)
        else:
            groups.append([child])
        kinds = [sign.get(WORD + "fldCharType") for sign in child.iter(WORD + "fldChar")]
        depth = max(0, depth + kinds.count("begin") - kinds.count("end"))
    return groups


def _runs(element: Any) -> Iterator[Any]:
    if element.tag == WORD + "r":
        yield element
    elif element.tag in _HOLDERS:
        for child in element:
            yield from _runs(child)


def _contents(run: Any) -> list[Any]:
    """Texts, and elements that are none (a picture, a note's sign, the end of a page); nothing of a field."""
    found: list[Any] = []
    for child in run:
        if child.tag in _FIELD:
            return []
        ends_page = child.tag == WORD + "br" and child.attrib  # or a column
        if child.tag in _WORDS and not ends_page:
            if found and isinstance(found[-1], str):
                found[-1] += str(child)
            else:
                found.append(str(child))
        elif child.tag not in _SIGHTS:
            found.append(child)
    return found


def _said(holds: list[Any]) -> str:
    return "".join(thing for thing in holds if isinstance(thing, str))


def _empty(run: Any) -> Any:
    return run.makeelement(run.tag, nsmap=run.nsmap)


def _same_format(run: Any) -> Any:
    made = _empty(run)
    made.extend([copy.deepcopy(child) for child in run if child.tag == WORD + "rPr"])
    return made


def _write(run: Any, holds: list[Any]) -> None:
    """Texts and elements as all that a run holds."""
    run.clear_content()
    text = ""
    for thing in [*holds, None]:
        if isinstance(thing, str):
            text += thing
            continue
        words = _empty(run)
        words.text = text  # python-docx makes tabs and line breaks of it
        run.extend(list(words))
        text = ""
        if thing is not None:
            run.append(thing)
