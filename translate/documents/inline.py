"""The inline markup of Markdown (links, emphasis, code, notes) as numbered tags. Linear in the text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container
from dataclasses import dataclass

from markdown_it.common.utils import normalizeReference

from translate.documents.tagged import TAG, Tags

NOTE_NAME = r"\^[^\]\s]{1,99}\]"
NOTE = rf"\[{NOTE_NAME}"  # a footnote's sign
# What holds no other markup: code, HTML, footnotes, placeholders; words that look like tags or signs of ours.
_WHOLE = re.compile(
    rf"``[^`\n]+``|`[^`\n]+`|<[A-Za-z/!][^<>\n]*>|<\d+/?>|{NOTE}|\{{\{{?[^{{}}\n]*\}}\}}?|[\ue000\ue001]"
)
_HIDDEN = re.compile("\ue000(\\d+)\ue001")
_LINK = re.compile(
    r"(?<!\\)(!?)\[((?:[^\[\]\n]++|\[[^\[\]\n]*+\])*+)\]"  # an image or a link: its text,
    r"(\((?:[^()\n]++|\([^()\n]*+\))*+\)|\[[^\[\]\n]*\])?"  # and its goal or the name of that
)
_RUN = re.compile(r"(?<!\\)(?:\*+|_+|~~)")


class Inline:
    """The text of one block: `text` has numbered tags, `tags` knows what they stand for."""

    def __init__(self, text: str, references: Container[str]) -> None:
        """references: names of links that are defined, as markdown-it normalises them."""
        self.tags = Tags()
        self._references = references
        # What is hidden, so that signs of emphasis in it are none: as written, and as it is translated.
        self._written: list[str] = []
        self._read: list[str] = []
        self.text = _shown(self._marked(_WHOLE.sub(self._whole, text)), self._read)

    def _marked(self, text: str) -> str:
        return _emphasised(_LINK.sub(self._link, text), self.tags)

    def _hide(self, written: str, read: str) -> str:
        self._written.append(written)
        self._read.append(read)
        return f"\ue000{len(self._read) - 1}\ue001"

    def _whole(self, match: re.Match[str]) -> str:
        written = match.group()
        known = written[0] in "`{" and not TAG.search(written)  # the translator finds these itself
        return self._hide(written, written if known else self.tags.alone(written))

    def _link(self, match: re.Match[str]) -> str:
        image, text, goal = match.groups("")
        written = _shown(match.group(), self._written)
        name = ""
        if goal in ("", "[]"):  # the text is the name
            name = _shown(text, self._written)
            if normalizeReference(name) not in self._references:
                return f"{image}[{_LINK.sub(self._link, text)}]{goal}"
        if image or not text.strip():
            return self._hide(written, self.tags.alone(written))
        closing = f"][{name}]" if name else "]" + _shown(goal, self._written)
        return self._hide(written, _shown(self.tags.pair("[", self._marked(text), closing), self._read))


def _shown(text: str, forms: list[str]) -> str:
    return _HIDDEN.sub(lambda match: forms[int(match.group(1))], text)


@dataclass
class _Run:
    """Signs of emphasis side by side: tags that end here, `left` signs without a partner, tags that begin."""

    sign: str
    left: int
    closing: str = ""
    opening: str = ""

    def __str__(self) -> str:
        return self.closing + self.sign * self.left + self.opening


def _emphasised(text: str, tags: Tags) -> str:
    """Emphasis as tags, well nested. Every run is put on the stack and taken from it once."""
    parts: list[str | _Run] = []
    open_: list[_Run] = []
    waiting: Counter[str] = Counter()  # how many of `open_` have the sign
    last = 0
    for match in _RUN.finditer(text):
        run = _Run(match.group()[0], len(match.group()))
        parts += [text[last : match.start()], run]
        last = match.end()
        before, after = text[max(0, match.start() - 1) : match.start()], text[last : last + 1]
        closes = bool(before.strip()) and not after.isalnum()
        while closes and run.left and waiting[run.sign]:
            while open_[-1].sign != run.sign:
                waiting[open_.pop().sign] -= 1
            signs = run.sign * min(run.left, open_[-1].left)
            opening, closing = tags.opening(signs)
            open_[-1].opening = opening + open_[-1].opening
            run.closing += tags.closing(closing, signs)
            run.left -= len(signs)
            open_[-1].left -= len(signs)
            if not open_[-1].left:
                waiting[open_.pop().sign] -= 1
        if run.left and after.strip() and not before.isalnum():
            open_.append(run)
            waiting[run.sign] += 1
    return "".join(map(str, [*parts, text[last:]]))
