"""Sentence pairs to records: alone, in order with the state carried, and English with mistakes."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Collection, Iterator
from itertools import islice
from typing import Any

from rich.progress import Progress

from data_prep.antecedents import cases
from data_prep.cleaning import Cleaner
from data_prep.corruption import agreement_pair, corrupted
from data_prep.data_config import CorpusUse, DataConfig, Role
from data_prep.distilled import DistilledPairs
from data_prep.examples import Record, context_record, fix_record, translation_record
from data_prep.prose import SCHEMAS as PROSE
from data_prep.prose import sentences
from data_prep.records import Locations, RecordSource
from data_prep.synthetic import SyntheticPairs
from lstm_models.tokenizer import normalise

Row = dict[str, Any]
GENERATED, SYNTHETIC = "generated", "synthetic"
SPOILT = 3  # ways in which a sentence of prose is spoilt


class TranslationSource(RecordSource):
    """Sentence pairs, each in every direction asked for."""

    kind = "pairs"

    def __init__(self, data: DataConfig, locations: Locations, progress: Progress | None = None) -> None:
        super().__init__(data, locations, progress)
        # Loaded first: a checkpoint that is missing is told before the corpora are read.
        self._synthetic = SyntheticPairs(data.synthetic) if data.synthetic.translator else None
        self._teachers = DistilledPairs(data.distilled) if data.distilled.teachers else None
        self._taught = Cleaner(data.cleaning)  # of its own: a teacher may say what a person wrote
        self._english: dict[str, dict[str, None]] = defaultdict(
            dict
        )  # language -> English translated into it

    def records(self, role: Role) -> Iterator[Record]:
        """The corpora's pairs; for training, what is generated besides."""
        spoilt, rng = 0, random.Random(self.data.seed)
        for record in super().records(role):
            yield record
            if role == "train" and spoilt < self.data.corruptions and record.get("source_language") == "en":
                yield fix_record(corrupted(record["source"], rng), record["source"], GENERATED)
                spoilt += 1
        if role == "train":
            for case in cases("train", self.data.antecedents, self.data.seed, self.data.antecedent_kinds):
                pairs = (translation_record(*pair, (case.source, case.target), "") for pair in case.pairs)
                yield context_record(list(pairs), GENERATED)
            if self._synthetic:
                yield from self._translated(self._synthetic)

    def _translated(self, made: SyntheticPairs) -> Iterator[Record]:
        """What a corpus has not of the others' English, translated: in both directions."""
        everything = {text: None for texts in self._english.values() for text in texts}
        for language, known in self._english.items():
            missing = (text for text in everything if text not in known)
            for pair in made.pairs(missing, "en", language):
                fault = self._fault(pair, ("en", language), SYNTHETIC)
                self.counts[SYNTHETIC][f"train.{fault or 'kept'}"] += 1
                if not fault:
                    yield translation_record(pair[1], pair[0], (language, "en"), SYNTHETIC)
                    yield translation_record(*pair, ("en", language), SYNTHETIC)

    def _name_of(self, row: Row, use: CorpusUse) -> str:
        if use.corpus.schema_ == "minimal_pairs":
            return row["sentence_good"]
        if use.corpus.schema_ in PROSE:
            return next(sentences(row), "")
        return row[use.corpus.languages[0]] or ""

    def _evaluation(self, use: CorpusUse, role: Role, rows: Iterator[Row]) -> Iterator[Record]:
        if use.corpus.schema_ in ("minimal_pairs", *PROSE):
            return  # nothing is scored on them here
        held = list(rows)
        self.counts[use.corpus.name][f"{role}.rows"] += len(held)
        for row in held:
            self._leaks.hold((row[code] or "", code) for code in use.corpus.languages)
        for source, target in use.direction_pairs():
            for row in held:
                pair = row[source] or "", row[target] or ""
                yield translation_record(*pair, (source, target), use.corpus.name)

    def _train(self, use: CorpusUse, rows: Iterator[Row]) -> Iterator[Record]:
        if use.corpus.schema_ == "minimal_pairs":
            yield from self._minimal(use, rows)
        elif use.corpus.schema_ in PROSE:
            yield from self._prose(use, rows)
        elif use.window > 1:
            yield from self._in_order(use, rows)
        else:
            yield from self._alone(use, rows)

    def _minimal(self, use: CorpusUse, rows: Iterator[Row]) -> Iterator[Record]:
        counts = self.counts[use.corpus.name]
        for row in rows:
            pair = agreement_pair(row)
            counts[f"train.{'kept' if pair else 'of no use'}"] += 1
            if pair:
                yield fix_record(*pair, use.corpus.name)
                yield fix_record(pair[1], pair[1], use.corpus.name)  # what is right stays

    def _prose(self, use: CorpusUse, rows: Iterator[Row]) -> Iterator[Record]:
        """Longer sentences than pairs have, spoilt; rows often share a passage, which counts once."""
        counts, rng, seen = self.counts[use.corpus.name], random.Random(self.data.seed), set[str]()
        for row in rows:
            for right in map(normalise, sentences(row)):
                if right in seen:
                    continue
                seen.add(right)
                counts["train.kept"] += 1
                for _ in range(SPOILT):
                    yield fix_record(corrupted(right, rng), right, use.corpus.name)

    def _in_order(self, use: CorpusUse, rows: Iterator[Row]) -> Iterator[Record]:
        """Windows of rows, each in one language, in the other, and with speakers of both.

        Turns such as "ok" recur naturally: a single one is neither a duplicate nor a leak here.
        """
        counts, name = self.counts[use.corpus.name], use.corpus.name
        directions, rng = use.direction_pairs(), random.Random(self.data.seed)
        limits = self._cleaner.config
        while window := list(islice(rows, use.window)):
            texts = [{code: normalise(row[code] or "") for code in use.corpus.languages} for row in window]
            whole = all(0 < len(text) <= limits.max_characters for row in texts for text in row.values())
            counts[f"train.{'kept' if whole else 'unfit'}"] += len(window)
            if not whole:
                continue
            ways = [[direction] * len(window) for direction in directions]
            if len(directions) > 1:
                ways.append([rng.choice(directions) for _ in window])
            for way in ways:
                yield context_record(
                    [
                        translation_record(row[source], row[target], (source, target), name)
                        for row, (source, target) in zip(texts, way, strict=True)
                    ],
                    name,
                )

    def _alone(self, use: CorpusUse, rows: Iterator[Row]) -> Iterator[Record]:
        counts, name = self.counts[use.corpus.name], use.corpus.name
        first, second = use.corpus.languages
        sources: dict[tuple[str, str], dict[str, None]] = {way: {} for way in use.direction_pairs()}
        for row in rows:
            source, target = normalise(row[first] or ""), normalise(row[second] or "")
            fault = self._fault((source, target), (first, second), name)
            counts[f"train.{fault or 'kept'}"] += 1
            if fault:
                continue
            texts = {first: source, second: target}
            if self._synthetic and "en" in texts:
                (language,) = texts.keys() - {"en"}
                self._english[language][texts["en"]] = None
            for way, asked in sources.items():
                pair = texts[way[0]], texts[way[1]]
                if self._teachers:
                    asked[pair[0]] = None
                if not self._teachers or self.data.distilled.beside:
                    yield translation_record(*pair, way, name)
        if self._teachers:
            for way, asked in sources.items():
                yield from self._distilled(self._teachers, asked, way, name)

    def _distilled(
        self, teachers: DistilledPairs, texts: Collection[str], languages: tuple[str, str], name: str
    ) -> Iterator[Record]:
        """What the teachers make of the sources of a corpus, each once."""
        told = f"translate {name} {'-'.join(languages)}"
        made = teachers.pairs(texts, *languages)
        for pair in self._progress.track(made, total=len(texts), description=told):
            fault = self._fault(pair, languages, name, self._taught)
            self.counts[name][f"train.distilled {fault or 'kept'}"] += 1
            if not fault:
                yield translation_record(*pair, languages, name)

    def _fault(
        self, pair: tuple[str, str], languages: tuple[str, str], name: str, cleaner: Cleaner | None = None
    ) -> str | None:
        """Why a normalised pair cannot be trained on, or None."""
        fault = (cleaner or self._cleaner).fault(*pair, languages)
        if not fault and self._leaks.leaks(zip(pair, languages, strict=True)):
            fault = "leak"
            self.leaks_removed[name] += 1
        return fault
