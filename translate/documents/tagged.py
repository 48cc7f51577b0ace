"""Inline markup as numbered tags, which the translator carries along, and back again."""

from __future__ import annotations

import re
from collections.abc import Iterable

TAG = re.compile(r"<(/?)(\d+)(/?)>")


class Tags:
    """The markup of one unit: `<1>` and `</1>` stand for a pair, `<2/>` for something alone."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}
        self._count = 0

    def text(self, pieces: Iterable[tuple[str, str, str]]) -> str:
        """Pieces of a text as one, each (kind, name, as written).

        The kinds are "text", "open", "close" (of the last that was opened, if the name is the same) and
        "alone". Words that look like a tag of ours are carried along as what is no text.
        """
        parts: list[str] = []
        open_: list[tuple[str, str]] = []
        for kind, name, written in pieces:
            if kind == "open":
                first, last = self.opening(written)
                open_.append((name, last))
                parts.append(first)
            elif kind == "close" and open_ and open_[-1][0] == name:
                parts.append(self.closing(open_.pop()[1], written))
            elif kind == "text":
                parts.append(TAG.sub(lambda match: self.alone(match.group()), written))
            else:
                parts.append(self.alone(written))
        parts += [self.closing(last, "") for _, last in reversed(open_)]  # closed outside of this text
        return "".join(parts)

    def pair(self, opening: str, inside: str, closing: str) -> str:
        """`inside` within a numbered pair."""
        first, last = self.opening(opening)
        return first + inside + self.closing(last, closing)

    def opening(self, text: str) -> tuple[str, str]:
        """The tag that stands for an opening, and the one for its end."""
        self._count += 1
        self._texts[f"<{self._count}>"] = text
        return f"<{self._count}>", f"</{self._count}>"

    def closing(self, tag: str, text: str) -> str:
        """Says what an end stands for."""
        self._texts[tag] = text
        return tag

    def alone(self, text: str) -> str:
        """The tag of something that holds no text."""
        self._count += 1
        self._texts[f"<{self._count}/>"] = text
        return f"<{self._count}/>"

    def restore(self, source: str, translated: str) -> str:
        """The translation with its markup. Where tags are not well nested, the markup goes around it all."""
        if not self._texts:
            return translated
        found, wanted = TAG.findall(translated), TAG.findall(source)
        if sorted(found) != sorted(wanted) or not _nested(found):
            bare = TAG.sub("", translated).strip()
            tags = [match.group() for match in TAG.finditer(source)]
            opening = [tag for tag in tags if not tag.startswith("</")]
            closing = [tag for tag in reversed(opening) if not tag.endswith("/>")]
            translated = "".join(opening) + bare + "".join(f"</{tag[1:]}" for tag in closing)
        return TAG.sub(lambda match: self._texts.get(match.group(), match.group()), translated)


def _nested(found: list[tuple[str, str, str]]) -> bool:
    open_: list[str] = []
    for closes, number, alone in found:
        if closes:
            if not open_ or open_.pop() != number:
                return False
        elif not alone:
            open_.append(number)
    return not open_
