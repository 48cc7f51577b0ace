"""What the command `longshort translate` does with lines and with documents."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from lstm_models.files import write_atomic
from translate.decode import Glossary
from translate.documents import translate_document
from translate.documents.base import LARGEST, decoded
from translate.translator import NotOffered, Translation, Translator

# Lines of a file or pipe that are translated together.
LINES_AT_ONCE = 64
# What is in no text: NUL, as of UTF-16 read as something else, and bytes that could not be decoded.
_NO_TEXT = re.compile("[\0\udc80-\udcff]")


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
            if done.sentences:  # a line that is in the target language already has no direction
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
    name: str = "line",
) -> None:
    """One line out for each line in, `at_once` of them together; a file is written whole or not at all.

    name: what a line is called in errors, before its number.
    Raises: ValueError naming the first line that cannot be translated, after those before it were printed.
    """

    def translated(batch: list[str]) -> list[Translation]:
        return translator.translate(
            batch, source, target, beam, glossary=glossary, alternatives=columns.alternatives
        )

    done = (
        " ".join(columns.line(translator, translation, glossary).splitlines())
        for translation in _in_order(translated, lines, at_once, name)
    )
    if output is None:
        for line in done:
            print(line, flush=True)
    else:
        write_atomic(output, "".join(f"{line}\n" for line in done).encode())


def _in_order(
    translated: Callable[[list[str]], list[Translation]], lines: Iterable[str], at_once: int, name: str
) -> Iterator[Translation]:
    before = 0
    for batch in _batches(lines, at_once):
        try:
            found = translated(batch)
        except NotOffered as error:
            yield from _warned(translated(batch[: error.place]))
            raise _refused(f"{name} {before + error.place + 1}", error) from error
        yield from _warned(found)
        before += len(batch)


def _refused(place: str, error: NotOffered) -> ValueError:
    return ValueError(
        f"{place} {error.said}: translate into English (--target en) first, or name the language with "
        "--source if this is wrong"
    )


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

    Raises: ValueError for a file that is too large, not what its name says, or in another language.
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
    try:
        done = translate_document(translator, data, file.name, source, target, beam, glossary, progress)
    except NotOffered as error:
        raise _refused(str(file), error) from error
    for warning in done.warnings:
        print(f"longshort: {warning}", file=sys.stderr)
    if output is None:
        sys.stdout.buffer.write(done.data)
    else:
        write_atomic(output, done.data)


def typed() -> bool:
    """Whether somebody types what is read, and waits for each line."""
    return sys.stdin is not None and sys.stdin.isatty()


def lines_of(file: Path | None) -> Iterator[str]:
    """The lines of a file, or of stdin, without their line ends.

    A file is UTF-8, or UTF-16 with its mark, or it is refused before its first line. What comes through a
    pipe is not known before it is there: its lines come up to the first that is no text.
    Raises: ValueError with the remedy.
    """
    if file is not None:
        text, _ = decoded(file.read_bytes(), str(file))
        yield from (line.rstrip("\n") for line in io.StringIO(text, newline=None))
        return
    if sys.stdin is None:
        raise ValueError("standard input is closed, and no text was given: give sentences, or --file FILE")
    sys.stdin.reconfigure(errors="surrogateescape")  # type: ignore[union-attr]
    for number, line in enumerate(sys.stdin, start=1):
        if _NO_TEXT.search(line):
            raise ValueError(
                f"standard input, line {number} is not {sys.stdin.encoding.upper()}: convert it first with "
                "iconv -f LATIN1 -t UTF-8"
            )
        yield line.rstrip("\r\n")


def _batches(lines: Iterable[str], size: int) -> Iterator[list[str]]:
    """Up to `size` lines together; a line that cannot be read does not take those before it along."""
    batch: list[str] = []
    try:
        for line in lines:
            batch.append(line)
            if len(batch) == size:
                yield batch
                batch = []
    except ValueError:
        if batch:
            yield batch
        raise
    if batch:
        yield batch
