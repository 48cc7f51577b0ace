"""What every kind of document offers: units to translate, and itself again with their translations."""

from __future__ import annotations

import codecs
import re
from abc import ABC, abstractmethod
from collections.abc import Sequence

LARGEST = 10 * 2**20  # bytes of a file


class Document(ABC):
    """A document, taken apart."""

    units: list[str]

    @abstractmethod
    def render(self, translations: Sequence[str]) -> bytes:
        """The document with a translation for each unit."""


class Chunks(Document):
    """A document of text: what is kept and what is translated, in order."""

    def __init__(self, encoding: str) -> None:
        self.encoding = encoding
        self.units = []
        self._parts: list[str | int] = []

    def keep(self, text: str) -> None:
        """Text that stays."""
        self._parts.append(text)

    def translate(self, text: str) -> None:
        """Text to translate, but for the white space around it."""
        words = text.strip()
        if not words:
            self.keep(text)
            return
        start = text.index(words)
        self._parts += [text[:start], len(self.units), text[start + len(words) :]]
        self.units.append(words)

    def written(self, unit: int, translation: str) -> str:
        """How a translation is written in this format; a format overrides it."""
        return translation

    def render(self, translations: Sequence[str]) -> bytes:
        """The text, in the encoding that it came in."""
        parts = (
            part if isinstance(part, str) else self.written(part, translations[part]) for part in self._parts
        )
        return "".join(parts).encode(self.encoding, "replace")


def decoded(data: bytes, name: str) -> tuple[str, str]:
    """(text, encoding) of a text file: UTF-8, or UTF-16 with its mark. Raises: ValueError with the remedy."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    else:
        encoding = "utf-8-sig" if data.startswith(codecs.BOM_UTF8) else "utf-8"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise ValueError(
            f"{name} is not {encoding.upper()} (byte {error.start}): save it as UTF-8, or convert it with "
            "iconv -f LATIN1 -t UTF-8"
        ) from error
    if "\0" in text:
        raise ValueError(f"{name} holds bytes that are no text: give a text file, or name its kind")
    return text, encoding


def wrapped(text: str, lines: int) -> list[str]:
    """The words of a text on so many lines of about the same length; fewer if there are fewer words."""
    words, total = text.split(), len(text)
    found: list[str] = []
    line = ""
    for word in words:
        enough = len(" ".join([*found, line])) + len(word) / 2 > total * (len(found) + 1) / lines
        if line and enough and len(found) < lines - 1:
            found.append(line)
            line = word
        else:
            line = f"{line} {word}".strip()
    return [*found, line] if line else found


def line_end(text: str) -> str:
    """How the lines of a text end."""
    return "\r\n" if re.search(r"\r\n", text[:100_000]) else "\n"
