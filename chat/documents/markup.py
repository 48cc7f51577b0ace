"""HTML and Markdown to plain text: what a reader would see, a line for each block."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from itertools import chain

from markdown_it import MarkdownIt

_UNSEEN = (
    "script",
    "style",
    "title",
    "template",
    "noscript",
    "svg",
    "nav",
)  # a head's words stand in these, too
_RAW = ("script", "style", "title", "textarea")  # no tag counts inside of these but their own end
_HIDING = re.compile(rf"</?(?:{'|'.join(_UNSEEN)})\b", re.IGNORECASE)
_INLINE_NAMES = """a abbr b bdi bdo cite code data del dfn em font i ins kbd mark q s samp small span strong
sub sup time u var wbr"""
_INLINE = frozenset(_INLINE_NAMES.split())


class _Text(HTMLParser):
    """Collects what is seen. A broken page never raises: tags that do not match are ignored."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._begun: dict[str, list[int]] = {tag: [] for tag in _UNSEEN}  # where in the parts

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self._begun:
            self._begun[tag].append(len(self.parts))
        self._break(tag)

    def handle_endtag(self, tag: str) -> None:
        if begun := self._begun.get(tag):
            start = begun[-1]
            del self.parts[start:]  # only now: what is never closed hides nothing
            for starts in self._begun.values():
                while starts and starts[-1] >= start:
                    starts.pop()
        self._break(tag)

    def handle_data(self, data: str) -> None:
        self.parts.append(re.sub(r"\s+", " ", data))

    def _break(self, tag: str) -> None:
        if tag not in _INLINE:
            self.parts.append("\n")


def html_text(page: str) -> str:
    """What a page says, without its scripts, styles and menus."""
    parser = _Text()
    parser.feed(_without_endless(page))
    parser.close()
    lines = (" ".join(line.split()) for line in "".join(parser.parts).splitlines())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _without_endless(page: str) -> str:
    """The page without the starts of raw texts that never end: the parser drops all that follows one."""
    for tag in _RAW:
        ends = re.finditer(rf"</{tag}\s*>", page, re.IGNORECASE)
        last = max((end.start() for end in ends), default=0)
        page = page[:last] + re.sub(rf"<{tag}\b", "<span", page[last:], flags=re.IGNORECASE)
    return page


def markdown_text(text: str) -> str:
    """What a Markdown text says, without its marks; raw HTML in it is read as HTML.

    A tag within a sentence that would hide what follows is one that the sentence is about.
    """
    reader = MarkdownIt("commonmark").enable("table")
    tokens = reader.parse(text)
    for child in chain.from_iterable(token.children or () for token in tokens):
        if child.type == "html_inline" and _HIDING.match(child.content):
            child.type = "text"
    return html_text(reader.renderer.render(tokens, reader.options, {}))
