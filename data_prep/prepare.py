"""Preparation from end to end: a recipe's data section in, a folder of shards and a manifest out.

Everything is made in a hidden folder beside the one asked for and renamed at the very end, so that a
folder which exists is complete: a kill, a full disk or an error leaves nothing that looks finished.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from data_prep.corpora import corpora_root, get_corpus, registry
from data_prep.data_config import ROLES, CorpusUse, DataConfig, Role, abilities, check_task
from data_prep.encoding import ChunkResult, Rules, chunks_of, encode_chunks
from data_prep.examples import Record, record_texts
from data_prep.pairs import TranslationSource
from data_prep.recipe import Recipe
from data_prep.records import DialogueSource, Locations, RecordSource, locate_all, split_of
from lstm_models.card import BY_DATA, CardCorpus, ModelCard
from lstm_models.checkpoint import LITTER, read_config
from lstm_models.files import replace_folder
from lstm_models.shards import FORMAT, MANIFEST, shard_infos_as_dicts, write_manifest
from lstm_models.tokenizer import Tokenizer

TOKENIZER = "tokenizer.model"
_OURS = re.compile(rf"({'|'.join(ROLES)})(\.jsonl|-\d+\.safetensors)")
# Where things lie on this machine, which a manifest does not say.
_PLACES: Any = {
    "corpora_root": True,
    "tokenizer": True,
    "synthetic": {"translator", "folder"},
    "distilled": {"teachers", "folder"},
}


def prepare(
    recipe: Recipe,
    out_folder: str | Path,
    root: str | Path | None = None,
    processes: int = 2,
    overwrite: bool = False,
    show_progress: bool = True,
) -> dict[str, Any]:
    """Prepares a recipe's data into `out_folder` and returns its manifest.

    root: folder of local corpora (see corpora.py). overwrite: replace a folder prepared before.
    Raises: ValueError for bad data or arguments, OSError for a full disk; what existed stays as it was.
    """
    if processes < 1:
        raise ValueError(f"processes is {processes}: give 1 or more")
    out = Path(out_folder).absolute()
    _refuse_to_replace(out, overwrite)
    check_task(recipe.data, recipe.task)
    local = corpora_root(root or recipe.data.corpora_root or None)
    locations = locate_all(recipe.data, local)
    with replace_folder(out) as work, _progress(show_progress) as progress:
        return _Job(recipe, work, locations, processes, progress).run()


class _Job:
    """One preparation, inside its own folder."""

    def __init__(
        self, recipe: Recipe, work: Path, locations: Locations, processes: int, progress: Progress
    ) -> None:
        self.recipe, self.data, self.work, self.locations = recipe, recipe.data, work, locations
        self.processes, self.progress = processes, progress
        source = TranslationSource if recipe.task == "translate" else DialogueSource
        self.source: RecordSource = source(recipe.data, locations, progress)

    def run(self) -> dict[str, Any]:
        lines: dict[Role, int] = {}
        for role in ("validation", "test", "train"):  # what is held out must be known before train is read
            lines[role] = self._write_records(role)
        if not lines["train"]:
            counts = {corpus: dict(of) for corpus, of in self.source.counts.items()}
            raise ValueError(f"nothing is left to train on: {counts}. Check the corpora and data.cleaning")
        if not lines["validation"]:
            raise ValueError(
                "there is no validation data, without which training cannot tell when to stop: "
                f"{_how_to_validate(self.data)}"
            )
        tokenizer = self._tokenizer()
        results = self._encode(lines)
        if not any(result.shard for result in results["train"]):
            raise ValueError(
                f"nothing is left to train on: all examples exceed data.max_tokens={self.data.max_tokens}"
            )
        (self.work / "train.jsonl").unlink()
        manifest = self._manifest(tokenizer, results)
        write_manifest(self.work, manifest)
        return manifest

    def _write_records(self, role: Role) -> int:
        task = self.progress.add_task(f"read and clean {role}", total=None)
        records: Iterable[Record] = self.source.records(role)
        if role == "validation":  # its head is scored while training: mix the directions
            mixed = list(records)
            random.Random(self.data.seed).shuffle(mixed)
            records = mixed
        lines = 0
        with open(self.work / f"{role}.jsonl", "w", encoding="utf-8", errors="surrogatepass") as file:
            for record in records:
                file.write(json.dumps(record, ensure_ascii=False) + "\n")
                lines += 1
                if lines % 1000 == 0:
                    self.progress.update(task, completed=lines)
        self.progress.update(task, completed=lines, total=lines)
        return lines

    def _tokenizer(self) -> Tokenizer:
        path = self.work / TOKENIZER
        if self.data.tokenizer:
            tokenizer = Tokenizer.load(self.data.tokenizer)
            tokenizer.save(path)
            return tokenizer
        task = self.progress.add_task("train the tokenizer", total=None)
        tokenizer = Tokenizer.train(
            self._train_texts(),
            path,
            self.data.vocab_size,
            seed=self.data.seed,
            character_coverage=self.data.character_coverage,
        )
        self.progress.update(task, completed=1, total=1)
        return tokenizer

    def _train_texts(self) -> Iterator[str]:
        with open(self.work / "train.jsonl", encoding="utf-8", errors="surrogatepass") as file:
            for line in file:
                yield from record_texts(json.loads(line))

    def _encode(self, lines: dict[Role, int]) -> dict[Role, list[ChunkResult]]:
        jobs, roles = [], []
        for role in ROLES:
            if not lines[role]:
                continue
            data = self.data
            rules = (
                Rules(data.max_tokens, True, data.bpe_dropout, data.bpe_variants, data.seed)
                if role == "train"
                else Rules(data.max_eval_tokens, drop_longer=False)
            )
            for chunk in chunks_of(self.work / f"{role}.jsonl", self.work, role, self.data.shard_examples):
                jobs.append((chunk, rules))
                roles.append(role)
        task = self.progress.add_task("encode", total=sum(lines.values()))
        done = encode_chunks(
            self.work / TOKENIZER, jobs, self.processes, lambda n: self.progress.advance(task, n)
        )
        return {role: [r for r, of in zip(done, roles, strict=True) if of == role] for role in ROLES}

    def _manifest(self, tokenizer: Tokenizer, results: dict[Role, list[ChunkResult]]) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "task": self.recipe.task,
            "recipe": self.recipe.name,
            "abilities": abilities(self.data),
            "tokenizer": {"file": TOKENIZER, "sha256": tokenizer.sha256, "vocab_size": tokenizer.vocab_size},
            "seed": self.data.seed,
            "data": self.data.model_dump(mode="json", exclude=_PLACES),
            "corpora": self._corpora(),
            "splits": {
                role: shard_infos_as_dicts(r.shard for r in of if r.shard) for role, of in results.items()
            },
            "cleaning": {
                **self.data.cleaning.model_dump(),
                "train_too_many_tokens": sum(r.too_long for r in results["train"]),
                "validation_cut": sum(r.too_long for r in results["validation"]),
                "test_cut": sum(r.too_long for r in results["test"]),
            },
            "leaks_removed": dict(self.source.leaks_removed),
        }

    def _corpora(self) -> list[dict[str, Any]]:
        """What is learnt from, then what the translators had learnt whose translations are learnt from."""
        entries = [*map(self._corpus_entry, self.data.corpora), *self._misspellings()]
        named = {_terms(entry) for entry in entries}
        for entry in _taught(self.data):
            if _terms(entry) not in named:
                named.add(_terms(entry))
                entries.append(entry)
        return entries

    def _corpus_entry(self, use: CorpusUse) -> dict[str, Any]:
        corpus = use.corpus
        places = [
            self.locations[key]
            for role in ROLES
            if (key := (use.name, split_of(use, role))) in self.locations
        ]
        return {
            "name": corpus.name,
            "revision": next((place.revision for place in places if place.revision), None),
            "licence": corpus.licence,
            "may_ship": corpus.may_ship,
            "citation": corpus.citation,
            "path_or_hub_id": ", ".join(sorted({str(place) for place in places})) or corpus.name,
            "counts": {k: n for k, n in sorted(self.source.counts[corpus.name].items()) if n},
        }

    def _misspellings(self) -> list[dict[str, Any]]:
        """The list that mistakes of spelling come from, which asks to be named."""
        if not self.data.corruptions:
            return []
        corpus = get_corpus("codespell")
        return [
            {
                "name": corpus.name,
                "revision": version("codespell"),
                "licence": corpus.licence,
                "may_ship": corpus.may_ship,
                "citation": corpus.citation,
                "path_or_hub_id": corpus.name,
                "counts": {},
            }
        ]


def _terms(entry: dict[str, Any]) -> tuple[str, str, bool]:
    return entry["name"], entry["licence"], entry["may_ship"]


def _taught(data: DataConfig) -> Iterator[dict[str, Any]]:
    """By the cards of teachers and translator. Raises: ValueError where one is no checkpoint any more."""
    for folder in filter(None, [*data.distilled.teachers, data.synthetic.translator]):
        card = ModelCard.parse(read_config(folder)["card"])
        unnamed = CardCorpus(name=card.name, licence="not stated", attribution=card.name)
        yield from (_taught_entry(corpus, card) for corpus in card.data or [unnamed])


def _taught_entry(corpus: CardCorpus, card: ModelCard) -> dict[str, Any]:
    known = registry().get(corpus.name)
    return {
        "name": corpus.name,
        "revision": None,
        "licence": corpus.licence,
        # a card that must not be shipped does not say through which of its corpora
        "may_ship": bool(known and known.may_ship and card.licence != BY_DATA),
        "citation": corpus.attribution,
        "path_or_hub_id": f"learnt by {card.name}",
        "counts": {},
    }


def _how_to_validate(data: DataConfig) -> str:
    shares = [use.share_held_out for use in data.corpora]
    if held := max(shares):
        more = f", or hold out more with data.corpora.{shares.index(held)}.hold_out={min(0.5, 5 * held):g}"
        return (
            f"the text is too short for any of it to be held out with hold_out={held:g}: "
            f"give more text{more * (held < 0.5)}"
        )
    return "add a corpus that has some, or keep a share of train with data.corpora.0.hold_out=0.02"


def _refuse_to_replace(out: Path, overwrite: bool) -> None:
    if not out.exists() or (out.is_dir() and not any(out.iterdir())):
        return
    if not (out / MANIFEST).is_file():
        raise ValueError(f"{out} exists and is not prepared data: give another output folder")
    if not overwrite:
        raise ValueError(
            f"{out} already holds prepared data: give another folder, or --overwrite to replace it"
        )
    ours = {MANIFEST, TOKENIZER, *LITTER}
    others = sorted(
        file.name for file in out.iterdir() if file.name not in ours and not _OURS.fullmatch(file.name)
    )
    if others:
        raise ValueError(
            f"{out} holds other files ({', '.join(others[:5])}{' and more' * (len(others) > 5)}), which "
            "--overwrite would delete: move them away or give another folder"
        )


def _progress(show: bool) -> Progress:
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    return Progress(*columns, disable=not show)
