"""Plain text, subtitles (SubRip, WebVTT) and JSON string files."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator

from translate.documents.base import Chunks, decoded, line_end, wrapped
from translate.documents.tagged import Tags

_TIME = r"\s*(?:\d{1,3}:)?\d{1,2}:\d{2}[.,]\d{1,3}"
_TIMING = re.compile(rf"^{_TIME}\s*-->{_TIME}")
# Markup in cues: <i>, <v Bob>, the time of a word, {\an8}.
_MARKUP = r"</?[A-Za-z][^<>]*>|<[\d:.]+>|\{\\[^{}]*\}"
_SWITCH = re.compile(r"\{\\([biusBIUS])([01])\}")  # {\i1} begins, {\i0} ends
_SPEAKER = re.compile(rf"(?:\s|{_MARKUP})*+[-‐‒–—]+[ \t]*")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_PARAGRAPH = re.compile(r"(\n[ \t\r]*\n\s*)")


class PlainText(Chunks):
    """Paragraphs, whose lines stay lines (see sentences.py)."""

    def __init__(self, data: bytes, name: str) -> None:
        text, encoding = decoded(data, name)
        super().__init__(encoding)
        for number, part in enumerate(_PARAGRAPH.split(text)):
            (self.keep if number % 2 else self.translate)(part)


class Subtitles(Chunks):
    """Cues: what one speaker says is read as one text, and has as many lines afterwards."""

    def __init__(self, data: bytes, name: str) -> None:
        text, encoding = decoded(data, name)
        super().__init__(encoding)
        self._tags: list[Tags] = []
        self._counts: list[int] = []
        self._end = line_end(text)
        cue: list[str] = []
        in_cue, timings = False, 0
        for line in [*io.StringIO(text, newline=""), ""]:
            times = bool(_TIMING.match(line))
            if in_cue and line.strip() and not times:
                cue.append(line)
                continue
            # Where the blank line between two cues was left out, the second one's number is no text.
            number = cue.pop() if times and cue and cue[-1].strip().isdigit() else ""
            self._cue(cue)
            self.keep(number + line)
            cue, in_cue, timings = [], times, timings + times
        if not timings:
            raise ValueError(f"{name} has no cue, such as 00:00:01,000 --> 00:00:02,000: is it subtitles?")

    def _cue(self, lines: list[str]) -> None:
        said: list[list[str]] = []  # by speaker
        for line in lines:
            if said and not _SPEAKER.match(line):
                said[-1].append(line)
            else:
                said.append([line])
        for part in said:
            self._say(part)

    def _say(self, lines: list[str]) -> None:
        speaker = _SPEAKER.match(lines[0])
        opening = speaker.group() if speaker else ""
        tags, before = Tags(), len(self.units)
        text = " ".join(line.strip() for line in [lines[0][len(opening) :], *lines[1:]])
        self.keep(opening)
        self.translate(tags.text(_pieces(text)))
        if len(self.units) > before:
            self._tags.append(tags)
            self._counts.append(len(lines))
        self.keep(lines[-1][len(lines[-1].rstrip("\r\n")) :])

    def written(self, unit: int, translation: str) -> str:
        """With its markup, on as many lines as before."""
        lines = self._end.join(wrapped(translation, self._counts[unit]))
        return self._tags[unit].restore(self.units[unit], lines)


def _pieces(text: str) -> Iterator[tuple[str, str, str]]:
    """A cue's text as `Tags.text` takes it."""
    for number, written in enumerate(re.split(f"({_MARKUP})", text)):
        name = re.match(r"</?([A-Za-z]+)", written)
        switch = _SWITCH.fullmatch(written)
        if not number % 2:
            yield "text", "", written
        elif switch:
            yield "open" if switch.group(2) == "1" else "close", switch.group(1).lower(), written
        elif name is None or written.endswith("/>") or name.group(1).lower() == "br":
            yield "alone", "", written
        else:
            yield "close" if written.startswith("</") else "open", name.group(1).lower(), written


class JsonStrings(Chunks):
    """A JSON file of texts: every string value is translated, keys and layout stay."""

    def __init__(self, data: bytes, name: str) -> None:
        text, encoding = decoded(data, name)
        super().__init__(encoding)
        self._escaped: list[bool] = []
        try:
            json.loads(text)
        except (ValueError, RecursionError) as error:
            raise ValueError(f"{name} is no valid JSON ({error}): mend it first") from error
        last = 0
        for match in _STRING.finditer(text):
            value = json.loads(match.group())
            is_key = re.match(r"\s*:", text[match.end() : match.end() + 200])
            if is_key or not value.strip():
                continue
            self.keep(text[last : match.start()] + '"')
            before = len(self.units)
            self.translate(value)
            if len(self.units) > before:
                self._escaped.append("\\u" in match.group())
                # The white space around the words was kept as text: it has to be written as JSON.
                self._parts[-3] = json.dumps(self._parts[-3])[1:-1]
                self._parts[-1] = json.dumps(self._parts[-1])[1:-1]
            self.keep('"')
            last = match.end()
        self.keep(text[last:])

    def written(self, unit: int, translation: str) -> str:
        """As a JSON string, escaped where the original was."""
        return json.dumps(translation, ensure_ascii=self._escaped[unit])[1:-1]
