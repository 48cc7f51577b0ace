"""Plain text, subtitles (SubRip, WebVTT) and JSON string files."""

from __future__ import annotations

import json
import re

from translate.documents.base import Chunks, decoded, line_end, wrapped

_TIME = r"\s*(?:\d{1,3}:)?\d{1,2}:\d{2}[.,]\d{1,3}"
_TIMING = re.compile(rf"^{_TIME}\s*-->{_TIME}")
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
    """Cues: the lines of one are read as one text, and are as many again afterwards."""

    def __init__(self, data: bytes, name: str) -> None:
        text, encoding = decoded(data, name)
        super().__init__(encoding)
        self._lines: list[int] = []
        self._end = line_end(text)
        lines, cue, in_cue, timings = text.splitlines(keepends=True), [], False, 0
        for line in [*lines, ""]:
            if in_cue and line.strip():
                cue.append(line)
                continue
            if in_cue:
                self._cue(cue)
                cue, in_cue = [], False
            self.keep(line)
            if _TIMING.match(line):
                in_cue, timings = True, timings + 1
        if not timings:
            raise ValueError(f"{name} has no cue, such as 00:00:01,000 --> 00:00:02,000: is it subtitles?")

    def _cue(self, lines: list[str]) -> None:
        said = "".join(lines)
        before = len(self.units)
        end = said[len(said.rstrip("\r\n")) :]
        self.translate(" ".join(line.strip() for line in lines))
        if len(self.units) > before:
            self._lines.append(len(lines))
        self.keep(end)

    def written(self, unit: int, translation: str) -> str:
        """As many lines as the cue had."""
        return self._end.join(wrapped(translation, self._lines[unit]))


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
