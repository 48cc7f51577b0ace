"""Markdown: blocks are translated one by one, their inline markup goes along, all else stays."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from markdown_it import MarkdownIt

from translate.documents.base import Chunks, decoded, line_end, wrapped
from translate.documents.inline import NOTE, NOTE_NAME, Inline
from translate.documents.tagged import Tags

_CELLS = ("td_open", "th_open")
# A footnote of a single word looks like the goal of a link: it is parsed with another sign.
_SIGN = "\ue000"
_FOOTNOTE = re.compile(rf"^( {{0,3}})\[(?={NOTE_NAME}:)", re.MULTILINE)
_PARSED_FOOTNOTE = re.compile(rf"^{_SIGN}(?={NOTE_NAME}:)", re.MULTILINE)
_FRONT = re.compile(r"---\r?\n.*?\n---\r?\n", re.DOTALL)
# What opens a block without being said: the box of a task, the sign of a footnote.
_OPENING = re.compile(rf"\[[ xX]\](?:\s+|$)|{NOTE}:\s*")
# Where a block has to go on in another line: after two blanks or a backslash, at the next footnote, at signs
# that are line breaks elsewhere.
_BREAK = re.compile(
    rf"((?<=.)(?:(?<! ) {{2,}}\n|(?<!\\)\\\n|\n{NOTE}:\s*(?=\S)|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]\s*))"
)


@dataclass(frozen=True)
class _Block:
    """How a translation is written: in parts of so many lines, each after its break."""

    tags: Tags
    counts: list[int]
    breaks: list[str]
    between: str  # what stands between two lines
    cell: bool  # of a table, in which "|" is escaped


class Markdown(Chunks):
    """Blocks as CommonMark finds them (markdown-it-py): code, links' goals, front matter and layout stay."""

    def __init__(self, data: bytes, name: str) -> None:
        text, encoding = decoded(data, name)
        super().__init__(encoding)
        self._blocks: list[_Block] = []
        self._end = line_end(text)
        self._lines = list(io.StringIO(text, newline=""))  # the ends of lines that markdown-it knows
        self._kept = (0, 0)  # up to this line and column
        front = _FRONT.match(text)
        skipped = len(list(io.StringIO(front.group(), newline=""))) if front else 0
        found: dict[str, Any] = {}
        parser = MarkdownIt("commonmark").enable("table").disable("inline")
        rest = _FOOTNOTE.sub(rf"\1{_SIGN}", "".join(self._lines[skipped:]))
        parsed = parser.parse("\n" * skipped + rest, found)
        self._references = found.get("references", {})
        for before, token in pairwise(parsed):
            if token.type == "inline" and token.map is not None and token.content.strip():
                content = _PARSED_FOOTNOTE.sub("[", token.content)
                self._block(content, token.map[0], before.type in _CELLS)
        self._keep_until(len(self._lines), 0)

    def _block(self, content: str, first: int, cell: bool) -> None:
        """The text of a block whose first line is `first`."""
        there = content.replace("|", r"\|") if cell else content
        wanted = [line.strip() for line in there.split("\n")]
        opening = _OPENING.match(wanted[0])
        skipped = opening.end() if opening else 0
        said = "\n".join(line.lstrip() for line in content.strip().split("\n"))[skipped:].lstrip(" ")
        last = first + len(wanted) - 1
        line, column = self._kept
        if first < line or last >= len(self._lines) or not said.strip():
            return
        start = self._lines[first].find(wanted[0], column if first == line else 0)
        end = self._lines[last].find(wanted[-1], start if last == first else 0)
        if start < 0 or end < 0:
            return  # not as it stands in the file (an escape, say): it stays
        self._keep_until(first, start + skipped)
        second = self._lines[first + 1] if len(wanted) > 1 else ""
        self._say(said, self._end + second[: second.find(wanted[1])] if second else "", cell)
        self._kept = (last, end + len(wanted[-1]))

    def _keep_until(self, end_line: int, end: int) -> None:
        line, column = self._kept
        between = "".join(self._lines[line:end_line])[column:] if line < end_line else ""
        start = column if line == end_line else 0
        self.keep(between + "".join(self._lines[end_line : end_line + 1])[start:end])

    def _say(self, said: str, between: str, cell: bool) -> None:
        parts = _BREAK.split(said)
        lines = [[line.strip() for line in part.split("\n")] for part in parts[::2]]
        inline = Inline("\n".join(map(" ".join, lines)), self._references)
        breaks = ["", *(sign.replace("\n", between) for sign in parts[1::2])]
        self._blocks.append(_Block(inline.tags, list(map(len, lines)), breaks, between, cell))
        self.translate(inline.text)

    def written(self, unit: int, translation: str) -> str:
        """With its markup, on as many lines as before."""
        block = self._blocks[unit]
        # Its lines are broken first: no goal of a link is torn apart.
        parts = translation.split("\n", len(block.counts) - 1)
        text = "".join(
            sign + block.between.join(wrapped(part, count))
            for part, count, sign in zip(parts, block.counts, block.breaks, strict=False)
        )
        text = block.tags.restore(self.units[unit], text)
        return text.replace("|", r"\|") if block.cell else text
