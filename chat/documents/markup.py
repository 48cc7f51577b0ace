"""HTML and Markdown to plain text: what a reader would see, a line for each block."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from markdown_it import MarkdownIt

_UNSEEN = {"script", "style", "head", "template", "noscript", "svg", "nav"}
_INLINE_NAMES = """a abbr b bdi bdo cite code data del dfn em font i ins kbd mark q s samp small span strong
sub sup time u var wbr"""
_INLINE = frozenset(_INLINE_NAMES.split())


class _Text(HTMLParser):
    """Collects what is seen. A broken page never raises: tags that do not match are ignored."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._unseen: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _UNSEEN:
            self._unseen.append(tag)
        elif tag == "body":
            self._unseen.clear()  # a head that was never closed
        self._break(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._unseen:
            del self._unseen[self._unseen.index(tag) :]
        self._break(tag)

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.parts.append(re.sub(r"\s+", " ", data))

    def _break(self, tag: str) -> None:
        if tag not in _INLINE and not self._unseen:
            self.parts.append("\n")


def html_text(page: str) -> str:
    """What a page says, without its scripts, styles and menus."""
    parser = _Text()
    parser.feed(page)
    parser.close()
    lines = (" ".join(line.split()) for line in "".join(parser.parts).splitlines())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def markdown_text(text: str) -> str:
    """What a Markdown text says, without its marks; raw HTML in it is read as HTML."""
    return html_text(MarkdownIt("commonmark").enable("table").render(text))
