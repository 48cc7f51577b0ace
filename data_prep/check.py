"""`longshort check-data FILE`: is this file fit to train on, and if not, which lines and why."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from data_prep.cleaning import Cleaner, CleaningConfig
from data_prep.own_data import FORMS, Kind, file_format, is_of_others, read_entries
from lstm_models.tokenizer import normalise

MAX_LISTED = 50  # problems listed one by one; the rest are counted
_SNIFFED = 20  # entries tried both ways to learn whether a file holds pairs or dialogues
_KINDS: tuple[Kind, ...] = ("pairs", "dialogues")
_REASONS: dict[tuple[Kind, str], str] = {
    ("pairs", "empty"): "one side is empty",
    ("pairs", "too_long"): "one side is longer than {max_characters} characters",
    ("pairs", "wrong_script"): "one side is not in Latin letters, as the languages on offer are",
    ("pairs", "length_ratio"): "one side is more than {max_length_ratio:g} times as long as the other",
    ("pairs", "duplicate"): "stands in the file before",
    ("dialogues", "empty"): "a turn is empty",
    ("dialogues", "wrong_script"): "is not in Latin letters, as the languages on offer are",
    ("dialogues", "duplicate"): "stands in the file before",
}


@dataclass(frozen=True)
class Problem:
    """What is wrong with one line. An error keeps the file from being used; a warning drops the line."""

    line: int
    what: str
    severity: str  # "error" or "warning"


@dataclass
class Report:
    """What `check_data` found. `ok`: the file can be prepared and something is left to train on."""

    path: Path
    form: str
    kind: Kind
    expected: str
    entries: int = 0
    good: int = 0
    errors: int = 0
    warnings: int = 0
    problems: list[Problem] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return self.errors == 0 and self.good > 0

    def add(self, line: int, what: str, severity: str) -> None:
        """Counts a problem, and lists it while there are few."""
        if severity == "error":
            self.errors += 1
        else:
            self.warnings += 1
        if len(self.problems) < MAX_LISTED:
            self.problems.append(Problem(line, what, severity))

    def __str__(self) -> str:
        unit = "row" if self.form == "parquet" else "line"
        lines = [
            f"{self.path}: {self.form}, {self.kind}, {self.entries:,} {unit}s, {self.good:,} of them good"
        ]
        lines += [f"  {p.severity}: {unit} {p.line} {p.what}" for p in self.problems]
        hidden = self.errors + self.warnings - len(self.problems)
        if hidden:
            lines.append(
                f"  and {hidden:,} more ({self.errors:,} errors and {self.warnings:,} warnings in all)"
            )
        if self.problems:
            lines.append(f"  expected form: {self.expected}")
        if self.warnings:
            lines.append("  lines with a warning are left out of training")
        lack = "mend the errors and check again" if self.errors else "nothing would be left to train on"
        lines.append("  ready to prepare" if self.ok else f"  not ready: {lack}")
        return "\n".join(lines)


def check_data(
    path: str | Path,
    kind: Kind | None = None,
    cleaning: CleaningConfig = CleaningConfig(),
    languages: tuple[str, ...] = (),
) -> Report:
    """Reads a whole file and reports every bad line: its number, what is wrong, the form expected.

    kind: pairs or dialogues; None = by the file's content. languages: of pairs; () = those that the file
    names. Lines are read one at a time, so a file may be larger than memory. Raises: ValueError if the file
    as a whole is unfit: missing, empty, binary, another encoding, cut short, of more languages than two.
    """
    path = Path(path).expanduser()
    form = file_format(path)
    if kind is None:
        kind = guess_kind(path, languages)
    report = Report(path, form, kind, FORMS[form, kind])
    cleaner = Cleaner(cleaning)
    for entry in read_entries(path, kind, languages):
        report.entries += 1
        if len(entry.languages) > 2:
            raise ValueError(
                f"{path} holds {', '.join(entry.languages)}: say which two by --languages, such as "
                f"{'-'.join(entry.languages[:2])}"
            )
        if is_of_others(entry, languages):
            report.add(
                entry.number, f"holds {' and '.join(entry.languages)}, not {' and '.join(languages)}", "error"
            )
        elif entry.row is None:
            ending = " (the file ends in this line: was it cut off?)" if entry.last_and_open else ""
            report.add(entry.number, entry.fault + ending, "error")
        elif what := _cleaning_fault(cleaner, kind, entry.row, entry.languages):
            report.add(entry.number, what, "warning")
        else:
            report.good += 1
    if not report.entries:
        raise ValueError(f"{path} is empty: there is nothing to read. Expected: {report.expected}")
    return report


def guess_kind(path: Path, languages: tuple[str, ...] = ()) -> Kind:
    """Pairs or dialogues: the reading under which fewer of the first entries are bad; pairs on a tie."""
    bad = {
        kind: sum(
            entry.row is None for entry in itertools.islice(read_entries(path, kind, languages), _SNIFFED)
        )
        for kind in _KINDS
    }
    return "dialogues" if bad["dialogues"] < bad["pairs"] else "pairs"


def _cleaning_fault(cleaner: Cleaner, kind: Kind, row: dict[str, Any], languages: tuple[str, ...]) -> str:
    """Why `prepare` would leave a row out of training, or an empty text."""
    if kind == "dialogues":
        reason = cleaner.dialogue_fault([normalise(turn["text"]) for turn in row["turns"]])
    else:
        source, target = (normalise(row[key]) for key in languages)
        reason = cleaner.fault(source, target, (languages[0], languages[1]))
    return _REASONS[kind, reason].format(**cleaner.config.model_dump()) if reason else ""
