"""From a recipe's corpora to records (see examples.py): loaded, cleaned, checked for leaks, counted."""

from __future__ import annotations

import itertools
import random
from abc import ABC, abstractmethod
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

from rich.progress import Progress

from chat.segments import Dialogue, Turn
from data_prep.cleaning import Cleaner
from data_prep.data_config import ROLES, CorpusUse, DataConfig, Role
from data_prep.dialogue_rows import dialogue_of, of_one_story
from data_prep.dialogues import generate
from data_prep.dialogues.generate import MATERIAL
from data_prep.examples import Record, dialogue_record
from data_prep.leaks import LeakCheck, in_zone
from data_prep.loading import Location, import_datasets, locate, pinned, rows_at
from data_prep.message_parts import record_in_parts
from data_prep.own_data import Kind, has_split, own_file, own_rows
from data_prep.renaming import renamed
from lstm_models.tokenizer import normalise

Locations = dict[tuple[str, str], Location]  # (corpus, split) -> where it is
Row = dict[str, Any]


def split_of(use: CorpusUse, role: Role) -> str | None:
    """The split that a recipe uses for a role: named, or (own folder) there, or the registry's; or None."""
    if use.splits:
        return use.splits.get(role)
    if use.path:
        return role if has_split(use.path, role) else None
    return role if role in use.corpus.splits else None


def locate_all(data: DataConfig, root: Path | None) -> Locations:
    """Finds every split that a recipe names, before hours are spent; hub branches become commits.

    Raises: ValueError naming the first corpus that is missing or folder without data, with the remedy.
    """
    for use in data.corpora:
        if use.path and not any(split_of(use, role) for role in ROLES):
            own_file(use.path, "train")
    wanted = [(use, split) for use in data.corpora for role in ROLES if (split := split_of(use, role))]
    for use, split in wanted:
        if use.path:
            own_file(use.path, split)
    registered = [(use, split) for use, split in wanted if not use.path]
    found = {(use.name, split): locate(use.corpus, split, root, use.revision) for use, split in registered}
    import_datasets(offline=all(location.files for location in found.values()))
    return {key: pinned(location) for key, location in found.items()}


class RecordSource(ABC):
    """The records of a recipe. Ask for validation and test first: train leaves out what they hold."""

    kind: ClassVar[Kind]

    def __init__(self, data: DataConfig, locations: Locations, progress: Progress | None = None) -> None:
        """locations: where each split of the registered corpora is (see `locate_all`).

        progress: shows how far slow work is, such as translating.
        """
        self.data, self.locations = data, locations
        self._progress = progress or Progress(disable=True)
        self.counts: dict[str, Counter[str]] = defaultdict(Counter)  # corpus -> "train.kept", ... -> rows
        self.leaks_removed: Counter[str] = Counter()
        self._cleaner = Cleaner(data.cleaning)
        self._leaks = LeakCheck()

    def records(self, role: Role) -> Iterator[Record]:
        """The records of one role, corpus by corpus."""
        for use in self.data.corpora:
            yield from self._records_of(use, role)

    def _records_of(self, use: CorpusUse, role: Role) -> Iterator[Record]:
        rows = self._rows(use, role)
        return self._train(use, rows) if role == "train" else self._evaluation(use, role, rows)

    def _rows(self, use: CorpusUse, role: Role) -> Iterator[Row]:
        """The raw rows of a role; validation is held out of train where a corpus has none of its own."""
        split = split_of(use, role)
        held_out = use.share_held_out if split_of(use, "validation") is None else 0.0
        if role == "train" and split:
            rows = itertools.islice(self._split(use, split), use.limit)
            if not held_out:
                return rows
            return (row for row in rows if not in_zone(self._name_of(row, use), held_out))
        if role == "validation" and held_out and (train := split_of(use, "train")):
            rows = itertools.islice(self._split(use, train), use.limit)
            return (row for row in rows if in_zone(self._name_of(row, use), held_out))
        return self._split(use, split) if split else iter(())

    def _split(self, use: CorpusUse, split: str) -> Iterator[Row]:
        if use.path:
            return own_rows(use.path, split, self.kind, use.languages)
        return rows_at(self.locations[use.name, split])

    @abstractmethod
    def _name_of(self, row: Row, use: CorpusUse) -> str:
        """The text whose hash decides whether a row is held out: equal texts stay together."""

    @abstractmethod
    def _evaluation(self, use: CorpusUse, role: Role, rows: Iterator[Row]) -> Iterator[Record]:
        """Records as published, and remembered by the leak check."""

    @abstractmethod
    def _train(self, use: CorpusUse, rows: Iterator[Row]) -> Iterator[Record]:
        """Cleaned records that show nothing of the evaluation."""


class DialogueSource(RecordSource):
    """Dialogues. A leak is a whole dialogue that evaluation holds: single turns ("ok") recur naturally."""

    kind = "dialogues"

    def records(self, role: Role) -> Iterator[Record]:
        """The corpora's dialogues; where dialogues are generated, those corpora give material only."""
        found = self._dialogues(role)
        return map(record_in_parts, found) if self.data.messages_in_parts else found

    def _dialogues(self, role: Role) -> Iterator[Record]:
        count = getattr(self.data.generated, role)
        if not count:
            yield from super().records(role)
            return
        material: dict[str, list[Row]] = {}
        for use in self.data.corpora:
            if use.name not in MATERIAL:
                yield from self._records_of(use, role)
            elif split_of(use, role):
                material[use.name] = list(self._rows(use, role))
                self.counts[use.name][f"{role}.material"] += len(material[use.name])
        for dialogue in generate(role, count, self.data.seed, material):
            yield dialogue_record(dialogue, "generated")

    def _name_of(self, row: Row, use: CorpusUse) -> str:
        return _whole_text(_dialogue_in(row, use))

    def _evaluation(self, use: CorpusUse, role: Role, rows: Iterator[Row]) -> Iterator[Record]:
        for row in rows:
            dialogue = _dialogue_in(row, use)
            self.counts[use.corpus.name][f"{role}.{'rows' if dialogue else 'unanswered'}"] += 1
            if dialogue:
                self._leaks.hold([(_whole_text(dialogue), "dialogue")])
                yield dialogue_record(dialogue, use.corpus.name)

    def _train(self, use: CorpusUse, rows: Iterator[Row]) -> Iterator[Record]:
        rng = random.Random(self.data.seed)
        for dialogue in of_one_story(self._kept(use, rows), use.window):
            yield dialogue_record(dialogue, use.corpus.name)
            copies = (renamed(dialogue, rng) for _ in range(use.renamed))
            yield from (dialogue_record(copy, use.corpus.name) for copy in copies if copy)

    def _kept(self, use: CorpusUse, rows: Iterator[Row]) -> Iterator[Dialogue]:
        """The dialogues of training that have no fault and show nothing of the evaluation."""
        counts, name = self.counts[use.corpus.name], use.corpus.name
        for row in rows:
            dialogue = _normalised(_dialogue_in(row, use))
            texts = [turn.text for turn in dialogue.turns] if dialogue else []
            fault = self._cleaner.dialogue_fault(texts) if dialogue else "unanswered"
            if not fault and self._leaks.leaks([(_whole_text(dialogue), "dialogue")]):
                fault = "leak"
                self.leaks_removed[name] += 1
            counts[f"train.{fault or 'kept'}"] += 1
            if dialogue and not fault:
                yield dialogue


def _dialogue_in(row: Row, use: CorpusUse) -> Dialogue | None:
    """As `dialogue_of`; the error names the corpus."""
    try:
        return dialogue_of(row, use.corpus.schema_)
    except ValueError as error:
        raise ValueError(f"corpus {use.corpus.name!r}: {error}") from error


def _normalised(dialogue: Dialogue | None) -> Dialogue | None:
    if dialogue is None:
        return None
    return replace(
        dialogue,
        turns=tuple(Turn(turn.speaker, normalise(turn.text)) for turn in dialogue.turns),
        targets=tuple((turn, normalise(text), tag) for turn, text, tag in dialogue.targets),
    )


def _whole_text(dialogue: Dialogue | None) -> str:
    return "\n".join(turn.text for turn in dialogue.turns) if dialogue else ""
