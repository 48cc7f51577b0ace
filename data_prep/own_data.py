"""Your own data: TSV, JSONL or parquet, sentence pairs or dialogues, in the forms that `FORMS` shows."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from chat.segments import SPEAKERS
from data_prep.lines import Line, read_lines
from data_prep.loading import read_parquet
from translate.languages import DIRECTIONS, LANGUAGES

Kind = Literal["pairs", "dialogues"]
SUFFIXES = {".tsv": "TSV", ".txt": "TSV", ".jsonl": "JSONL", ".json": "JSONL", ".parquet": "parquet"}
FORMS: dict[tuple[str, Kind], str] = {
    ("TSV", "pairs"): "Good morning.<TAB>Guten Morgen.",
    ("TSV", "dialogues"): "what the user says<TAB>what the bot replies (and on: user<TAB>bot<TAB>...)",
    ("JSONL", "pairs"): '{"en": "Good morning.", "de": "Guten Morgen."}',
    ("JSONL", "dialogues"): (
        '{"turns": [{"speaker": "user", "text": "I am Ada."}, {"speaker": "bot", "text": "Hello, Ada."}]}'
    ),
    (
        "parquet",
        "pairs",
    ): 'a row with the columns en and de, or a `translation` struct {"en": ..., "de": ...}',
    ("parquet", "dialogues"): "a row with the column turns: a list of {speaker, text}",
}
_GENERIC = ("source", "target")


@dataclass(frozen=True)
class Entry:
    """Row or line `number` of a file, from 1: {language: text} or {"turns": [...]}, or its fault."""

    number: int
    row: dict[str, Any] | None = None
    fault: str = ""
    languages: tuple[str, ...] = ()  # pairs: the keys of the row, in order
    last_and_open: bool = False


def file_format(path: Path) -> str:
    """TSV, JSONL or parquet, by the ending. Raises: ValueError with the endings known."""
    try:
        return SUFFIXES[path.suffix.lower()]
    except KeyError:
        raise ValueError(
            f"{path}: the ending {path.suffix!r} is unknown; your own data can be .tsv (tab-separated), "
            f".jsonl (one JSON object a line) or .parquet"
        ) from None


def read_entries(path: Path, kind: Kind, languages: tuple[str, ...] = ()) -> Iterator[Entry]:
    """The entries of a file in order, good and bad.

    languages: what the columns of a file without names hold; () = "source" and "target".
    Raises: ValueError if the file as a whole cannot be read.
    """
    form = file_format(path)
    if form == "TSV":
        return _tsv(read_lines(path), kind, languages)
    if form == "JSONL":
        return _jsonl(read_lines(path), kind, languages)
    rows = enumerate(read_parquet([str(path)]), 1)
    return (_entry(number, row, kind, languages, False) for number, row in rows)


def own_rows(
    path: str | Path, split: str, kind: Kind, languages: tuple[str, ...] = ()
) -> Iterator[dict[str, Any]]:
    """Rows of your own file, or of a split's file in your own folder (see `own_file`).

    Raises: ValueError naming the first bad line, what is wrong with it and the form expected.
    """
    file = own_file(path, split)
    form = FORMS[file_format(file), kind]
    for entry in read_entries(file, kind, languages):
        if entry.row is None:
            raise ValueError(
                f"{file}, line {entry.number}: {entry.fault}. Expected: {form}. "
                f"`longshort check-data {file}` lists every bad line"
            )
        if is_of_others(entry, languages):
            raise ValueError(
                f"{file}, line {entry.number}: it holds {' and '.join(entry.languages)}, not "
                f"{' and '.join(languages)} as asked for: ask for those that it holds"
            )
        yield entry.row


def is_of_others(entry: Entry, languages: tuple[str, ...]) -> bool:
    """Whether an entry says that its languages are others than those asked for, if any are."""
    return bool(languages and entry.languages) and set(entry.languages) != set(languages)


def two_languages(given: str) -> tuple[str, str]:
    """The languages of --languages, source first. Raises: ValueError if they are no direction on offer."""
    offered = {"-".join(pair): pair for pair in DIRECTIONS}
    if given not in offered:
        raise ValueError(
            f"--languages {given}: give the file's two languages, source first; "
            f"the directions are {', '.join(offered)}"
        )
    return offered[given]


def has_split(path: str | Path, split: str) -> bool:
    """Whether your own data has a split: a file is train, a folder has what it has files for."""
    path = Path(path).expanduser()
    return bool(_named(path, split)) if path.is_dir() else split == "train"


def _named(folder: Path, split: str) -> list[Path]:
    """The files of a split, such as train.tsv or Train.JSONL."""
    return sorted(
        file
        for file in folder.iterdir()
        if file.stem.lower() == split.lower() and file.suffix.lower() in SUFFIXES and file.is_file()
    )


def own_file(path: str | Path, split: str) -> Path:
    """The file itself, or the file of a split in a folder. Raises: ValueError if there is none or several."""
    path = Path(path).expanduser()
    if not path.is_dir():
        if not path.exists():
            raise ValueError(f"no file at {path}: give the path of your .tsv, .jsonl or .parquet file")
        return path
    files = _named(path, split)
    if len(files) == 1:
        return files[0]
    if files:
        raise ValueError(f"{path} has {' and '.join(file.name for file in files)}: leave one of them there")
    there = sorted(file.name for file in path.iterdir())
    listed = f"it has {', '.join(there[:5])}{' and more' * (len(there) > 5)}" if there else "it is empty"
    raise ValueError(f"{path} has no {split}.tsv, {split}.jsonl or {split}.parquet: {listed}")


def _tsv(lines: Iterator[Line], kind: Kind, languages: tuple[str, ...]) -> Iterator[Entry]:
    columns = languages or _GENERIC
    for line in lines:
        fields = line.text.split("\t")
        if kind == "pairs" and line.number == 1 and _is_header(fields):
            columns = tuple(field.strip().lower() for field in fields)
            if columns == _GENERIC and languages:
                columns = languages
            continue
        if line.fault:
            yield Entry(line.number, fault=line.fault, last_and_open=line.last_and_open)
        elif kind == "dialogues":
            turns = {"turns": fields} if len(fields) > 1 else {}
            yield _entry(line.number, turns, kind, (), line.last_and_open, _one_column(fields))
        elif len(fields) != 2:
            fault = _one_column(fields) or f"has {len(fields)} columns where two are expected"
            yield Entry(line.number, fault=fault, last_and_open=line.last_and_open)
        else:
            row = dict(zip(columns, fields, strict=True))
            yield Entry(line.number, row, languages=columns, last_and_open=line.last_and_open)


def _is_header(fields: list[str]) -> bool:
    names = [field.strip().lower() for field in fields]
    return len(names) == 2 and (
        tuple(names) == _GENERIC or (names[0] != names[1] and set(names) <= LANGUAGES.keys())
    )


def _one_column(fields: list[str]) -> str:
    return "has no tab, so only one column" if len(fields) == 1 else ""


def _jsonl(lines: Iterator[Line], kind: Kind, languages: tuple[str, ...]) -> Iterator[Entry]:
    for line in lines:
        if line.fault:
            yield Entry(line.number, fault=line.fault, last_and_open=line.last_and_open)
            continue
        try:
            row = json.loads(line.text)
        except (ValueError, RecursionError) as error:
            why = (
                f" at character {error.pos + 1}: {error.msg}"
                if isinstance(error, json.JSONDecodeError)
                else " that can be read: it is too deep, or a number in it too long"
            )
            yield Entry(line.number, fault=f"is not JSON{why}", last_and_open=line.last_and_open)
            continue
        yield _entry(line.number, row, kind, languages, line.last_and_open)


def _entry(
    number: int, row: Any, kind: Kind, languages: tuple[str, ...], is_open: bool, fault: str = ""
) -> Entry:
    judge: Callable[..., Entry] = _dialogue if kind == "dialogues" else _pair
    entry = Entry(number, fault=fault) if fault else judge(number, row, languages)
    return Entry(number, entry.row, entry.fault, entry.languages, is_open)


def _pair(number: int, row: Any, languages: tuple[str, ...]) -> Entry:
    if not isinstance(row, dict):
        return Entry(number, fault=f"is {_kind_of(row)}, not an object of two texts")
    struct = row["translation"] if isinstance(row.get("translation"), dict) else row
    found = tuple(key for key in struct if key in LANGUAGES)
    if len(found) != 2 and all(key in struct for key in _GENERIC):
        found = _GENERIC
    if languages and all(key in struct for key in languages):
        found = languages
    if len(found) > 2 and not languages:
        return Entry(number, fault=f"holds {', '.join(found)}: say which two", languages=found)
    if len(found) != 2:
        return Entry(
            number, fault=f"has the names {', '.join(map(repr, struct)) or 'none'}, not two languages"
        )
    for key in found:
        if not isinstance(struct[key], str):
            return Entry(number, fault=f"{key!r} is {_kind_of(struct[key])}, not a text")
    names = languages if found == _GENERIC and languages else found
    return Entry(number, dict(zip(names, (struct[key] for key in found), strict=True)), languages=names)


def _dialogue(number: int, row: Any, languages: tuple[str, ...]) -> Entry:
    turns = row.get("turns") if isinstance(row, dict) else None
    if not isinstance(turns, list) or len(turns) < 2:
        return Entry(number, fault='has no "turns", a list of two turns or more')
    result = []
    for i, turn in enumerate(turns):
        if isinstance(turn, str):
            turn = {"speaker": SPEAKERS[i % 2], "text": turn}
        if not isinstance(turn, dict) or not isinstance(turn.get("text"), str):
            return Entry(number, fault=f'turn {i + 1} has no "text"')
        if turn.get("speaker") not in SPEAKERS:
            return Entry(
                number,
                fault=f"turn {i + 1} has the speaker {turn.get('speaker')!r}, not {', '.join(SPEAKERS)}",
            )
        if not turn["text"].strip():
            return Entry(number, fault=f"turn {i + 1} is empty")
        result.append({"speaker": turn["speaker"], "text": turn["text"]})
    if not any(turn["speaker"] == "bot" for turn in result[1:]):
        return Entry(number, fault="has no turn of the bot to learn from")
    return Entry(number, {"turns": result})


def _kind_of(value: Any) -> str:
    names = {
        dict: "an object",
        list: "a list",
        str: "a text",
        bool: "true or false",
        bytes: "bytes",
        type(None): "null",
    }
    return names.get(type(value), "a number")
