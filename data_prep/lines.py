"""Lines of a text file that may be anything: huge, binary, cut off, or in another encoding."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

MAX_LINE = 1 << 20  # bytes; a longer line is reported and skipped, never held in memory
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_KINDS = {  # how well-known files that are no text begin
    b"PAR1": "a parquet file (name it .parquet)",
    b"PK\x03\x04": "a zip archive or an office document (export it as TSV)",
    b"\x1f\x8b": "a gzip archive (unpack it first)",
    b"%PDF": "a PDF document",
    b"SQLite": "a SQLite database",
    b"\x89PNG": "a picture",
}


@dataclass(frozen=True)
class Line:
    """Line `number`, counted from 1: its text, or the fault that keeps it from being read."""

    number: int
    text: str = ""
    fault: str = ""
    last_and_open: bool = False  # the file ends here without a newline: perhaps it was cut off


def open_text(path: Path) -> BinaryIO:
    """Opens a file of lines. Raises: ValueError if it is missing, a folder, empty or plainly no text."""
    if not path.exists():
        raise ValueError(f"no file at {path}")
    if path.is_dir():
        raise ValueError(f"{path} is a folder: give a file")
    try:
        file = open(path, "rb")  # noqa: SIM115 - the caller closes it
    except OSError as error:
        raise ValueError(f"{path} cannot be opened: {error.strerror}") from error
    start = file.read(4096)
    file.seek(0)
    problem = _not_text(start)
    if problem:
        file.close()
        raise ValueError(f"{path} {problem}")
    return file


def _not_text(start: bytes) -> str:
    if not start.strip():
        return "is empty: there is nothing to read" if len(start) < 4096 else ""
    for magic, kind in _KINDS.items():
        if start.startswith(magic):
            return f"is {kind}; lines of UTF-8 text are expected"
    if start.startswith(_UTF16):
        return "is in UTF-16: save it as UTF-8"
    if b"\n" not in start and b"\r" in start.rstrip(b"\r"):
        return "has line ends of CR alone: save it with line ends of Unix (LF) or Windows (CRLF)"
    if start.count(0) > len(start) // 10:
        return "is binary (or UTF-16 without its mark): lines of UTF-8 text are expected"
    return ""


def read_lines(path: Path) -> Iterator[Line]:
    """Every line that is not blank, one at a time. Raises: see `open_text`."""
    with open_text(path) as file:
        number = 0
        while raw := file.readline(MAX_LINE):
            number += 1
            if len(raw) == MAX_LINE and not raw.endswith(b"\n"):
                length = len(raw) + _skip_line(file)
                yield Line(number, fault=f"is {length:,} bytes long, {MAX_LINE:,} at most")
                continue
            if number == 1:
                raw = raw.removeprefix(b"\xef\xbb\xbf")
            if raw.strip():
                yield _decoded(number, raw)


def _skip_line(file: BinaryIO) -> int:
    skipped = 0
    while raw := file.readline(MAX_LINE):
        skipped += len(raw)
        if raw.endswith(b"\n"):
            break
    return skipped


def _decoded(number: int, raw: bytes) -> Line:
    is_open = not raw.endswith(b"\n")
    try:
        text = raw.rstrip(b"\r\n").decode("utf-8")
    except UnicodeDecodeError as error:
        byte = raw[error.start]
        return Line(
            number,
            fault=f"is not UTF-8 (byte 0x{byte:02x} at position {error.start + 1}): save the file as UTF-8",
            last_and_open=is_open,
        )
    if "\x00" in text:
        return Line(number, fault="has a NUL byte: take it out", last_and_open=is_open)
    return Line(number, text, last_and_open=is_open)
