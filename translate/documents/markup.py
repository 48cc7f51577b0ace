"""HTML: blocks are translated one by one, their inline markup goes along, all else stays."""

from __future__ import annotations

import html
import re
from collections import Counter
from html.parser import HTMLParser

from translate.documents.base import Chunks, decoded
from translate.documents.tagged import Tags

_INLINE_TAGS = """a abbr b bdi bdo br cite code data del dfn em font i img input ins kbd label mark q s samp
small span strike strong sub sup time tt u var wbr"""
_INLINE = frozenset(_INLINE_TAGS.split())
_VOID = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr")
)
_REPEATED = frozenset(("dd", "dt", "li", "option", "p", "td", "th", "tr"))  # may be ended by the next one
_SILENT = frozenset(("script", "style", "pre", "code", "kbd", "samp", "textarea", "svg", "math", "template"))


class Html(Chunks):
    """Texts between the tags of blocks; scripts, styles, code and whatever says translate="no" stay."""

    def __init__(self, data: bytes, name: str) -> None:
        text, encoding = decoded(data, name)
        super().__init__(encoding)
        self._tags: list[Tags] = []
        self._run: list[tuple[str, str]] = []  # (kind, as written) of the inline part being gathered
        for kind, written in _Pieces(text).pieces:
            if kind == "block":
                self._flush()
                self.keep(written)
            else:
                self._run.append((kind, written))
        self._flush()

    def _flush(self) -> None:
        run, self._run = self._run, []
        if not any(kind == "text" and written.strip() for kind, written in run):
            for _, written in run:
                self.keep(written)
            return
        while run and (run[0][0] == "text" and not run[0][1].strip()):
            self.keep(run.pop(0)[1])
        tags = Tags()
        text = tags.text(
            (kind, _name(written), _unescaped(written) if kind == "text" else written)
            for kind, written in run
        )
        self._tags.append(tags)
        self.translate(text)

    def written(self, unit: int, translation: str) -> str:
        """With its markup; signs that would be markup are escaped."""
        parts = re.split(r"(</?\d+/?>)", translation)
        escaped = [part if number % 2 else _escaped(part) for number, part in enumerate(parts)]
        return self._tags[unit].restore(self.units[unit], "".join(escaped))


def _unescaped(text: str) -> str:
    """Entities as characters, but for those that stand for signs of markup. Line breaks are blanks here."""
    text = re.sub(r"&(?!(?:lt|gt|amp);)[#\w]{1,31};", lambda match: html.unescape(match.group()), text)
    return re.sub(r"\s+", " ", text)


def _escaped(text: str) -> str:
    return re.sub(r"&(?!(?:lt|gt|amp);)", "&amp;", text).replace("<", "&lt;").replace(">", "&gt;")


def _name(tag: str) -> str:
    match = re.match(r"</?\s*([\w:-]+)", tag)
    return match.group(1).lower() if match else ""


class _Open:
    """The elements that are open. silent: how nothing in them is translated, "alone" or "block", or ""."""

    def __init__(self) -> None:
        self._elements: list[tuple[str, str]] = []  # name, silent
        self._counts: Counter[str] = Counter()  # of names: a stray end tag is told without a search
        self.silent = ""

    def begin(self, name: str, silent: str) -> None:
        """An element begins; silent: what it makes of everything in it, "" for nothing."""
        if name in _REPEATED and self._elements and self._elements[-1][0] == name:
            self.end(name)
        if name not in _VOID:
            self._elements.append((name, self.silent))
            self._counts[name] += 1
            self.silent = self.silent or silent

    def end(self, name: str) -> None:
        """An element ends, and with it those in it whose end was left out."""
        ended = "" if self._counts[name] else name
        while ended != name:
            ended, self.silent = self._elements.pop()
            self._counts[ended] -= 1


class _Pieces(HTMLParser):
    """The file in pieces, each as it is written: "text", inline "open", "close" and "alone", and "block"."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=False)
        self.pieces: list[tuple[str, str]] = []
        self._text, self._open, self._last, self._kind = text, _Open(), 0, ""
        self._lines = [0]
        for line in text.split("\n"):
            self._lines.append(self._lines[-1] + len(line) + 1)
        self.feed(text)
        self.close()
        self._until(len(text))

    def _note(self, kind: str) -> None:
        """Another piece begins here."""
        line, column = self.getpos()
        self._until(self._lines[line - 1] + column)
        self._kind = self._open.silent or kind

    def _until(self, place: int) -> None:
        if place > self._last:
            written = self._text[self._last : place]
            if self.pieces and self._kind == "text" == self.pieces[-1][0]:
                self.pieces[-1] = ("text", self.pieces[-1][1] + written)
            else:
                self.pieces.append((self._kind or "block", written))
            self._last = place

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A tag begins."""
        kind = "block" if tag not in _INLINE else "alone"
        stays = tag in _SILENT or (dict(attrs).get("translate") or "").lower() == "no"
        silent = kind if stays else ""
        self._note("open" if tag in _INLINE and tag not in _VOID and not silent else kind)
        self._open.begin(tag, silent)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A tag that closes itself."""
        self._note("alone" if tag in _INLINE else "block")

    def handle_endtag(self, tag: str) -> None:
        """A tag ends."""
        self._note("close" if tag in _INLINE else "block")
        self._open.end(tag)

    def handle_data(self, data: str) -> None:
        """Text, or what stands in a script."""
        self._note("text")

    def handle_entityref(self, name: str) -> None:
        """A character written by name: a part of the text."""
        self._note("text")

    def handle_charref(self, name: str) -> None:
        """A character written by number."""
        self._note("text")

    def handle_comment(self, data: str) -> None:
        """A comment."""
        self._note("alone")

    def handle_decl(self, decl: str) -> None:
        """A document type."""
        self._note("block")

    def handle_pi(self, data: str) -> None:
        """A processing instruction."""
        self._note("block")

    def unknown_decl(self, data: str) -> None:
        """A section such as CDATA."""
        self._note("block")
