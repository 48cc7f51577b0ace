"""Scores of a translation checkpoint: BLEU and chrF by sacrebleu and perplexity, for each direction.

Texts are scored as published: raw references, cased, sacrebleu's own tokenisation, its signatures.
"""

from __future__ import annotations

import json
import math
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from data_prep.examples import Record, cut, encode_record, translation_record
from data_prep.own_data import own_rows, two_languages
from lstm_models.shards import MANIFEST

if TYPE_CHECKING:
    from lstm_models.engine import Engine
    from translate import Translator

ROLES = ("test", "validation")
_ROWS = 32  # pairs in a batch when perplexity is measured


@dataclass(frozen=True)
class DirectionScore:
    """How well one direction is translated.

    bleu, chrf: 0 to 100. perplexity: of the references, per token of this model's tokenizer, from 1.
    signatures: sacrebleu's, of bleu and chrf. seconds: for translating, the model loaded.
    """

    source: str
    target: str
    bleu: float
    chrf: float
    perplexity: float
    signatures: tuple[str, str]
    seconds: float
    translations: tuple[str, ...]

    def __str__(self) -> str:
        count = len(self.translations)
        return (
            f"{self.source}-{self.target}: BLEU {self.bleu:.1f}, chrF {self.chrf:.1f}, "
            f"perplexity {self.perplexity:.2f}; {count:,} sentences, {count / self.seconds:.1f} a second"
        )


def read_records(data: str | Path, split: str | None = None, languages: str = "en-de") -> list[Record]:
    """Sentence pairs to score on: a prepared folder's test split (else validation), or your own file.

    languages: of a file, source first; a prepared folder knows its own.
    Raises: ValueError if there is nothing to score on, with what there is.
    """
    data = Path(data)
    if (data / MANIFEST).is_file():
        return _prepared(data, split)
    if not data.is_file():
        raise ValueError(
            f"--data {data}: neither prepared data nor a file of sentence pairs; make the first by "
            "`longshort prepare recipes/translate.yaml`, or give a .tsv, .jsonl or .parquet file"
        )
    source, target = two_languages(languages)
    rows = own_rows(data, split or "test", "pairs", (source, target))
    records = [translation_record(row[source], row[target], (source, target), data.name) for row in rows]
    if not records:
        raise ValueError(f"--data {data}: there is no sentence pair in it: give a file that has some")
    return records


def _prepared(folder: Path, split: str | None) -> list[Record]:
    files = {role: folder / f"{role}.jsonl" for role in ROLES}
    there = [role for role, file in files.items() if file.is_file() and file.stat().st_size]
    chosen = split or next(iter(there), "test")
    if chosen not in there:
        raise ValueError(f"--split {chosen}: {folder} has {' and '.join(there) or 'nothing held out'}")
    with open(files[chosen], encoding="utf-8", errors="surrogatepass") as lines:  # as `prepare` writes it
        records = [json.loads(line) for line in lines]
    if (task := records[0].get("task")) != "translate":
        raise ValueError(f"{folder} holds data of task {task}, not sentence pairs to score a translator on")
    return records


def score_directions(
    translator: Translator, records: Iterable[Record], beam_size: int = 5, limit: int = 0
) -> Iterator[DirectionScore]:
    """Translates and scores direction by direction. limit: the first so many pairs of each; 0 = all."""
    by_direction: dict[tuple[str, str], list[Record]] = defaultdict(list)
    for record in records:
        pairs = by_direction[record["source_language"], record["target_language"]]
        if not limit or len(pairs) < limit:
            pairs.append(record)
    for (source, target), pairs in by_direction.items():
        texts, references = [pair["source"] for pair in pairs], [pair["target"] for pair in pairs]
        start = time.perf_counter()
        done = translator.translate(texts, source, target, beam_size)
        seconds = time.perf_counter() - start
        translations = tuple(translation.text for translation in done)
        bleu, chrf, signatures = corpus_scores(translations, references)
        measured = perplexity(translator.engine, pairs)
        yield DirectionScore(source, target, bleu, chrf, measured, signatures, seconds, translations)


def corpus_scores(
    translations: Sequence[str], references: Sequence[str]
) -> tuple[float, float, tuple[str, str]]:
    """BLEU and chrF, 0 to 100, and their signatures (Papineni et al. 2002, Popovic 2015, Post 2018)."""
    from sacrebleu.metrics import BLEU, CHRF

    metrics = BLEU(), CHRF()
    bleu, chrf = (metric.corpus_score(list(translations), [list(references)]).score for metric in metrics)
    return bleu, chrf, (str(metrics[0].get_signature()), str(metrics[1].get_signature()))


def perplexity(engine: Engine, records: Iterable[Record]) -> float:
    """exp of the mean negative log-likelihood of the references' tokens, </s> counted; no smoothing."""
    longest = engine.config.max_segment
    examples = [cut(encode_record(engine.tokenizer, record), longest) for record in records]
    examples.sort(key=lambda example: (len(example.segments[0]), len(example.targets[0].ids)))
    nll, tokens = 0.0, 0
    for start in range(0, len(examples), _ROWS):
        batch = examples[start : start + _ROWS]
        states = engine.read([engine.new_state()] * len(batch), [example.segments[0] for example in batch])
        ids = [example.targets[0].ids for example in batch]
        tags = engine.tokenizer.pieces([target[0] for target in ids])
        for log_probs in engine.score(states, tags, [target[1:] for target in ids]):
            nll -= float(log_probs.sum())
            tokens += len(log_probs)
    return math.exp(min(50.0, nll / max(1, tokens)))
