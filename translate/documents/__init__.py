"""Whole documents: the same format out as in, with structure, tags, code and white space as they were.

A document is taken apart into units (a paragraph, a cell, a cue, a string), these are translated in batches,
and it is put together again. Nothing is written before all of it is done.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path

from translate.decode import NO_GLOSSARY, Glossary
from translate.documents.base import LARGEST, Document
from translate.documents.markdown import Markdown
from translate.documents.markup import Html
from translate.documents.office import Catalogue, Docx
from translate.documents.plain import JsonStrings, PlainText, Subtitles
from translate.translator import Translator

FORMATS: dict[str, Callable[[bytes, str], Document]] = {
    ".txt": PlainText,
    ".md": Markdown,
    ".markdown": Markdown,
    ".html": Html,
    ".htm": Html,
    ".srt": Subtitles,
    ".vtt": Subtitles,
    ".docx": Docx,
    ".po": Catalogue,
    ".json": JsonStrings,
}
_AT_ONCE = 48  # units


class Cancelled(Exception):
    """The caller said so; nothing was written."""


@dataclass(frozen=True)
class TranslatedDocument:
    """A document in another language. warnings: what is missing in it, for people to read."""

    data: bytes
    source: str
    target: str
    units: int
    warnings: tuple[str, ...]


def is_document(name: str | Path) -> bool:
    """Whether a file's name tells a format that `translate_document` reads; plain text counts."""
    return Path(name).suffix.lower() in FORMATS


def translate_document(
    translator: Translator,
    data: bytes,
    name: str,
    source: str = "auto",
    target: str = "en",
    beam_size: int = 5,
    glossary: Glossary = NO_GLOSSARY,
    progress: Callable[[int, int], bool] | None = None,
    check: Callable[[], None] | None = None,
) -> TranslatedDocument:
    """The document `data`; the ending of its `name` says its format (FORMATS).

    progress(done, all) is called after each batch of units; it returns False to cancel.
    check: called more often, see `Translator.translate`.
    Raises: ValueError for a format that is not known, or a file that is not what its name says; Cancelled.
    """
    steps = document_steps(translator, data, name, source, target, beam_size, glossary, check)
    while True:
        try:
            done, count = next(steps)
        except StopIteration as end:
            result: TranslatedDocument = end.value
            return result
        if progress is not None and not progress(done, count):
            raise Cancelled(f"{name}: cancelled after {done} of {count} parts")


def document_steps(
    translator: Translator,
    data: bytes,
    name: str,
    source: str = "auto",
    target: str = "en",
    beam_size: int = 5,
    glossary: Glossary = NO_GLOSSARY,
    check: Callable[[], None] | None = None,
) -> Generator[tuple[int, int], None, TranslatedDocument]:
    """`translate_document` batch by batch: yields (units done, all), returns the document."""
    ending = Path(name).suffix.lower()
    if ending not in FORMATS:
        raise ValueError(
            f"{name}: {ending or 'no ending'} is not known; the formats are {', '.join(FORMATS)}"
        )
    if len(data) > LARGEST:
        raise ValueError(f"{name} has {len(data):,} bytes: up to {LARGEST:,} are read; split it")
    document = FORMATS[ending](data, Path(name).name)
    if source == "auto" and document.units:
        # One language for the document: single words of it say too little.
        whole = translator.settle(" ".join(document.units)[:4000], target)
        source = whole if whole != target else "auto"
        if whole == target:
            return TranslatedDocument(data, target, target, 0, (f"{name} is already in that language",))
    done: list[str] = []
    warnings: dict[str, None] = {}
    for start in range(0, len(document.units), _AT_ONCE):
        batch = document.units[start : start + _AT_ONCE]
        for translation in translator.translate(
            batch, source, target, beam_size, glossary=glossary, check=check
        ):
            done.append(translation.text)
            warnings |= dict.fromkeys(translation.warnings)
        yield len(done), len(document.units)
    return TranslatedDocument(document.render(done), source, target, len(done), tuple(warnings))


__all__ = [
    "FORMATS",
    "Cancelled",
    "TranslatedDocument",
    "document_steps",
    "is_document",
    "translate_document",
]
