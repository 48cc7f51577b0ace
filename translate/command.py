"""What the command `longshort translate` does with lines and with documents."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from lstm_models.files import write_atomic
from translate.decode import Glossary
from translate.documents import translate_document
from translate.documents.base import LARGEST
from translate.translator import Translation, Translator

# Lines of a file or pipe that are translated together.
LINES_AT_ONCE = 64


def glossary_of(terms: Sequence[str], keep: Sequence[str]) -> Glossary:
    """A glossary of "term=translation" options. Raises: ValueError with an example."""
    pairs = {}
    for option in terms:
        term, sign, wanted = option.partition("=")
        if not sign or not term.strip() or not wanted.strip():
            raise ValueError(f"--term {option}: give a word and its translation: --term house=Gebäude")
        pairs[term.strip()] = wanted.strip()
    return Glossary(pairs, tuple(keep))


@dataclass(frozen=True)
class Columns:
    """What is told beside a translation, behind a tab each."""

    confidence: bool = False
    back: bool = False
    alternatives: int = 0

    def refuse(self, file: Path) -> None:
        """Raises: ValueError where columns were asked for, which a document has no place for."""
        asked = [name for name in ("confidence", "back", "alternatives") if getattr(self, name)]
        if asked:
            raise ValueError(f"--{asked[0]} is for lines of text, and {file} is a document: leave it out")

    def line(self, translator: Translator, done: Translation, glossary: Glossary) -> str:
        """One translation with its columns. Raises: ValueError without a calibration, with the remedy."""
        told = [done.text]
        if self.confidence:
            translator.check_calibrated(done.source, done.target)
            told.append("" if done.confidence is None else f"{done.confidence:.2f}")
        if self.back:
            told.append(translator.check_back(done, glossary).text)
        if self.alternatives:
            told += [*done.alternatives, *[""] * (self.alternatives - len(done.alternatives))]
        if len(told) == 1:
            return done.text
        return "\t".join(" ".join(part.split("\t")) for part in told)


def translate_lines(
    translator: Translator,
    lines: Iterable[str],
    at_once: int,
    output: Path | None,
    source: str,
    target: str,
    beam: int,
    glossary: Glossary,
    columns: Columns = Columns(),
) -> None:
    """One line out for each line in, `at_once` of them together; a file is written whole or not at all."""
    done = (
        " ".join(columns.line(translator, translation, glossary).splitlines())
        for batch in _batches(lines, at_once)
        for translation in _warned(
            translator.translate(
                batch, source, target, beam, glossary=glossary, alternatives=columns.alternatives
            )
        )
    )
    if output is None:
        for line in done:
            print(line, flush=True)
    else:
        write_atomic(output, "".join(f"{line}\n" for line in done).encode())


def _warned(translations: list[Translation]) -> Iterator[Translation]:
    for warning in dict.fromkeys(one for translation in translations for one in translation.warnings):
        print(f"longshort: {warning}", file=sys.stderr)
    yield from translations


def translate_file(
    translator: Translator,
    file: Path,
    output: Path | None,
    source: str,
    target: str,
    beam: int,
    glossary: Glossary,
) -> None:
    """The whole document or nothing is written; progress goes to a terminal's stderr.

    Raises: ValueError for a file that is too large or not what its name says.
    """
    if file.stat().st_size > LARGEST:
        raise ValueError(f"{file} has {file.stat().st_size:,} bytes: up to {LARGEST:,} are read; split it")
    if output is None and file.suffix.lower() == ".docx":
        raise ValueError(f"{file} is no text: say where to write with --output FILE.docx")

    def progress(done: int, count: int) -> bool:
        if sys.stderr.isatty():
            print(f"\r{done} of {count} parts", end="\n" if done == count else "", file=sys.stderr)
        return True

    data = file.read_bytes()
    done = translate_document(translator, data, file.name, source, target, beam, glossary, progress)
    for warning in done.warnings:
        print(f"longshort: {warning}", file=sys.stderr)
    if output is None:
        sys.stdout.buffer.write(done.data)
    else:
        write_atomic(output, done.data)


def lines_of(file: Path | None) -> Iterator[str]:
    """The lines of a file, or of stdin, without their line ends."""
    if file is not None:
        with open(file, encoding="utf-8-sig", errors="replace") as stream:
            yield from (line.rstrip("\r\n") for line in stream)
        return
    sys.stdin.reconfigure(errors="replace")  # type: ignore[union-attr]
    yield from (line.rstrip("\r\n") for line in sys.stdin)


def _batches(lines: Iterable[str], size: int) -> Iterator[list[str]]:
    iterator = iter(lines)
    while batch := list(islice(iterator, size)):
        yield batch
