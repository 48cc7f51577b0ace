"""Rows of a corpus through `datasets`: from a local folder of parquet files or from the hub.

`datasets` is imported only when rows are asked for, so that training and serving never need it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from data_prep.corpora import ENVIRONMENT, Corpus, local_folder

Row = dict[str, Any]
_BATCH = 1000


def where(corpus: Corpus, root: Path | None, revision: str | None = None) -> str:
    """Where a corpus will be read from: its folder's name or "hub:<id>@<revision>".

    Raises: ValueError with the remedy if it is in no folder and cannot come from the hub.
    """
    folder = local_folder(corpus.name, root)
    if folder:
        return folder.name
    looked = f"it is not in {root}" if root else "no local folder was given"
    local = (
        f"put it in DIR/{corpus.name}/<split>.parquet and give the folder with --corpora DIR or {ENVIRONMENT}=DIR"
    )
    if not corpus.hub_id:
        raise ValueError(f"corpus {corpus.name!r} is missing: {looked} and the hub has no copy; {local}")
    if corpus.loading_script:
        raise ValueError(
            f"corpus {corpus.name!r} is missing: {looked}, and the hub's copy ({corpus.hub_id}) needs a loading "
            f"script, which `datasets` no longer runs; convert it to parquet and {local}"
        )
    return f"hub:{corpus.hub_id}@{revision or corpus.revision or 'main'}"


def load_rows(corpus: Corpus, split: str, root: Path | None = None, revision: str | None = None) -> Iterator[Row]:
    """The rows of one split, in order, in the registry's schema (translation: {"en": ..., "de": ...}).

    Raises: ValueError naming the corpus, the split and the remedy.
    """
    where(corpus, root, revision)
    folder = local_folder(corpus.name, root)
    rows = _local_rows(folder, split) if folder else _hub_rows(corpus, split, revision)
    if corpus.schema_ == "translation":
        return (translation_of(row, corpus) for row in rows)
    return rows


def translation_of(row: Row, corpus: Corpus) -> Row:
    """{language: text} from a `translation` struct, from flat columns or from the hub's own columns."""
    struct = row.get("translation") or row
    try:
        return {code: struct[corpus.hub_columns.get(code, code)] for code in corpus.languages}
    except KeyError:
        pass
    try:
        return {code: struct[code] for code in corpus.languages}
    except KeyError:
        raise ValueError(
            f"corpus {corpus.name!r}: a row has the columns {sorted(struct)}, "
            f"but {' and '.join(corpus.languages)} are expected (or a `translation` struct of them)"
        ) from None


def _local_rows(folder: Path, split: str) -> Iterator[Row]:
    files = sorted({*folder.glob(f"{split}.parquet"), *folder.glob(f"{split}-*-of-*.parquet")})
    if not files:
        found = ", ".join(sorted(file.stem for file in folder.glob("*.parquet")))
        raise ValueError(f"{folder} has no split {split!r} ({split}.parquet): it has {found or 'no parquet files'}")
    return read_parquet([str(file) for file in files])


def read_parquet(paths: list[str]) -> Iterator[Row]:
    """Rows of parquet files, streamed, so that nothing is copied into a cache first."""
    datasets = import_datasets(offline=True)
    try:
        stream = datasets.load_dataset("parquet", data_files={"rows": paths}, split="rows", streaming=True)
        for batch in stream.iter(batch_size=_BATCH):
            names = list(batch)
            for values in zip(*batch.values(), strict=True):
                yield dict(zip(names, values, strict=True))
    except (OSError, ValueError, datasets.exceptions.DatasetGenerationError) as error:
        raise ValueError(f"{', '.join(paths)} cannot be read as parquet: {error}") from error


def _hub_rows(corpus: Corpus, split: str, revision: str | None) -> Iterator[Row]:
    datasets = import_datasets(offline=False)
    try:
        yield from datasets.load_dataset(
            corpus.hub_id,
            corpus.hub_config,
            split=corpus.hub_splits.get(split, split),
            revision=revision or corpus.revision,
            streaming=corpus.large,
        )
    except (OSError, ValueError, datasets.exceptions.DatasetsError, ConnectionError) as error:
        raise ValueError(
            f"corpus {corpus.name!r}, split {split!r}, cannot be read from the hub ({corpus.hub_id}): {error}. "
            f"Check the network, or put it in DIR/{corpus.name}/{split}.parquet and give --corpora DIR"
        ) from error


def import_datasets(offline: bool) -> Any:
    """The `datasets` package without telemetry; offline keeps it from asking the hub anything.

    Raises: ValueError if it is not installed.
    """
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    if offline:
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
    try:
        import datasets
    except ImportError as error:
        raise ValueError(
            "reading corpora needs the `datasets` package: pip install 'longshort[train]'"
        ) from error
    datasets.disable_progress_bars()
    return datasets
