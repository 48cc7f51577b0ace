"""Markdown and HTML: blocks are translated one by one, their inline markup goes along, all else stays."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser

from markdown_it import MarkdownIt

from translate.documents.base import Chunks, decoded, line_end, wrapped
from translate.documents.tagged import Tags

_IMAGE = re.compile(r"!\[[^\]\n]*\]\([^)\n]*\)")
_LINK = re.compile(r"\[([^\]\n]+)\](\([^)\n]*\)|\[[^\]\n]*\])")
_EMPHASIS = re.compile(r"(?<![\w\\])(\*\*|__|~~|\*|_)(?=[^\s*_])(.+?)(?<=[^\s*_\\])\1(?!\w)")
_CODE = re.compile(r"``[^`\n]+``|`[^`\n]+`|<[A-Za-z/!][^<>\n]*>|\{[^}\n]*\}")
_INLINE_TAGS = """a abbr b bdi bdo br cite code data del dfn em font i img input ins kbd label mark q s samp
small span strike strong sub sup time tt u var wbr"""
_INLINE = frozenset(_INLINE_TAGS.split())
_SILENT = frozenset(("script", "style", "pre", "code", "kbd", "samp", "textarea", "svg", "math", "template"))


class Markdown(Chunks):
    """Blocks as CommonMark finds them (markdown-it-py): code, links' goals, front matter and layout stay."""

    def __init__(self, data: bytes, name: str) -> None:
        text, encoding = decoded(data, name)
        super().__init__(encoding)
        self._tags: list[Tags] = []
        self._breaks: list[tuple[int, str]] = []
        self._end = line_end(text)
        lines = text.splitlines(keepends=True)
        last_line, column = 0, 0  # kept up to here
        front = re.match(r"---\r?\n.*?\n---\r?\n", text, re.DOTALL)
        skipped = front.group().count("\n") if front else 0
        parsed = MarkdownIt("commonmark").enable("table").parse("\n" * skipped + "".join(lines[skipped:]))
        for token in parsed:
            if token.type != "inline" or token.map is None or not token.content.strip():
                continue
            wanted = [line.strip() for line in token.content.split("\n")]
            first = token.map[0]
            if first < last_line or first + len(wanted) > len(lines):
                continue
            start = lines[first].find(wanted[0], column if first == last_line else 0)
            end_line = first + len(wanted) - 1
            end = lines[end_line].find(wanted[-1], start if end_line == first else 0)
            if start < 0 or end < 0:
                continue  # not as it stands in the file (an escape, say): it stays
            self._keep_lines(lines, last_line, column, first, start)
            prefix = lines[first + 1][: lines[first + 1].find(wanted[1])] if len(wanted) > 1 else ""
            self._block(" ".join(wanted), len(wanted), prefix)
            last_line, column = end_line, end + len(wanted[-1])
        self._keep_lines(lines, last_line, column, len(lines), 0)

    def _keep_lines(self, lines: list[str], line: int, column: int, end_line: int, end: int) -> None:
        if line == end_line:
            self.keep(lines[line][column:end] if line < len(lines) else "")
            return
        self.keep(lines[line][column:] if line < len(lines) else "")
        for middle in lines[line + 1 : end_line]:
            self.keep(middle)
        self.keep(lines[end_line][:end] if end_line < len(lines) else "")

    def _block(self, text: str, lines: int, prefix: str) -> None:
        tags = Tags()
        hidden: list[str] = []  # emphasis signs inside code are none

        def hide(match: re.Match[str]) -> str:
            hidden.append(match.group() if match.group()[0] in "`{" else tags.alone(match.group()))
            return f"\ue000{len(hidden) - 1}\ue001"

        text = _CODE.sub(hide, text)
        text = _IMAGE.sub(lambda match: tags.alone(match.group()), text)
        text = _LINK.sub(lambda match: tags.pair("[", match.group(1), "]" + match.group(2)), text)
        for _ in range(3):  # emphasis in emphasis
            text = _EMPHASIS.sub(
                lambda match: tags.pair(match.group(1), match.group(2), match.group(1)), text
            )
        text = re.sub("\ue000(\\d+)\ue001", lambda match: hidden[int(match.group(1))], text)
        self._tags.append(tags)
        self._breaks.append((lines, prefix))
        self.translate(text)

    def written(self, unit: int, translation: str) -> str:
        """With its markup, on as many lines as before."""
        lines, prefix = self._breaks[unit]
        text = self._tags[unit].restore(self.units[unit], translation)
        return (self._end + prefix).join(wrapped(text, lines))


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
        tags, parts, open_ = Tags(), [], []
        for kind, written in run:
            if kind == "open":
                first, last = tags.opening(written)
                open_.append((_name(written), last))
                parts.append(first)
            elif kind == "close" and open_ and open_[-1][0] == _name(written):
                parts.append(tags.closing(open_.pop()[1], written))
            elif kind == "text":
                parts.append(_unescaped(written))
            else:
                parts.append(tags.alone(written))
        text = "".join(parts)
        for _, last in reversed(open_):  # closed outside of this run
            text += tags.closing(last, "")
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


class _Pieces(HTMLParser):
    """The file in pieces, each as it is written: "text", inline "open", "close" and "alone", and "block"."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=False)
        self.pieces: list[tuple[str, str]] = []
        self._text, self._silent, self._last, self._kind = text, [""][:0], 0, ""
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
        self._kind = "block" if self._silent and kind == "text" else kind

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
        silent = tag in _SILENT or ("translate", "no") in attrs
        if self._silent or silent:
            inline = tag in _INLINE and not self._silent
            self._note("alone" if inline else "alone" if self._silent else "block")
            if silent or tag == self._silent[0]:
                self._silent.append(tag)
        elif tag in _INLINE:
            void = tag in ("br", "img", "input", "wbr")
            self._note("alone" if void else "open")
        else:
            self._note("block")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A tag that closes itself."""
        self._note("alone" if tag in _INLINE else "block")

    def handle_endtag(self, tag: str) -> None:
        """A tag ends."""
        if self._silent:
            self._note("alone")
            if tag == self._silent[-1]:
                self._silent.pop()
            return
        self._note("close" if tag in _INLINE else "block")

    def handle_data(self, data: str) -> None:
        """Text, or what stands in a script."""
        self._note("text" if not self._silent else "alone")

    def handle_entityref(self, name: str) -> None:
        """A character written by name: a part of the text."""
        self._note("text" if not self._silent else "alone")

    def handle_charref(self, name: str) -> None:
        """A character written by number."""
        self._note("text" if not self._silent else "alone")

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
