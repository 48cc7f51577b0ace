"""From a recipe's corpora to records (see examples.py): loaded, cleaned, checked for leaks, counted."""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

from data_prep.cleaning import Cleaner
from data_prep.data_config import CorpusUse, DataConfig, Role
from data_prep.examples import Record, translation_record
from data_prep.leaks import LeakCheck
from data_prep.loading import load_rows
from data_prep.own_data import own_rows


class TranslationSource:
    """Records of a translation recipe. Ask for validation and test first: train leaves out what they hold."""

    def __init__(self, data: DataConfig, root: Path | None) -> None:
        self.data, self.root = data, root
        self.counts: dict[str, Counter[str]] = defaultdict(Counter)  # corpus -> "train.kept", ... -> rows
        self.leaks_removed: Counter[str] = Counter()
        self._cleaner = Cleaner(data.cleaning)
        self._leaks = LeakCheck()

    def records(self, role: Role) -> Iterator[Record]:
        """The records of one role: corpus by corpus, direction by direction."""
        for use in self.data.corpora:
            split = use.split_of(role)
            if split is None:
                continue
            yield from self._train(use, split) if role == "train" else self._evaluation(use, split, role)

    def _rows(self, use: CorpusUse, split: str) -> Iterator[dict[str, str]]:
        if use.path:
            return own_rows(use.path, split, use.corpus)
        return load_rows(use.corpus, split, self.root, use.revision)

    def _evaluation(self, use: CorpusUse, split: str, role: Role) -> Iterator[Record]:
        rows = list(self._rows(use, split))
        self.counts[use.corpus.name][f"{role}.rows"] += len(rows)
        for row in rows:
            self._leaks.hold((row[code] or "", code) for code in use.corpus.languages)
        for source, target in use.direction_pairs():
            for row in rows:
                yield translation_record(row[source] or "", row[target] or "", (source, target), use.corpus.name)

    def _train(self, use: CorpusUse, split: str) -> Iterator[Record]:
        name = use.corpus.name
        first, second = use.corpus.languages
        counts: Counter[str] = Counter()
        for row in itertools.islice(self._rows(use, split), use.limit):
            pair = self._cleaner.clean(row[first], row[second], (first, second), counts)
            if pair is None:
                continue
            texts = dict(zip((first, second), pair, strict=True))
            if self._leaks.leaks((text, code) for code, text in texts.items()):
                self.leaks_removed[name] += 1
                counts["kept"] -= 1
                continue
            for source, target in use.direction_pairs():
                yield translation_record(texts[source], texts[target], (source, target), name)
        for reason, rows in counts.items():
            self.counts[name][f"train.{reason}"] += rows
