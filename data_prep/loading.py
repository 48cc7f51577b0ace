"""Rows of a corpus through `datasets`: from a local folder of parquet files or from the hub.

`datasets` is imported only when rows are asked for, so that training and serving never need it.
"""

from __future__ import annotations

import glob
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from data_prep.corpora import ENVIRONMENT, Corpus, local_folder

Row = dict[str, Any]
_BATCH = 1000
_SHARD = re.compile(r"-(\d+)-of-(\d+)")  # behind the split's name, as the hub numbers the files of a split


@dataclass(frozen=True)
class Location:
    """Where one split of a corpus is: local files, or (without files) the hub at a revision."""

    corpus: Corpus
    split: str
    files: tuple[str, ...] = ()
    revision: str | None = None

    def __str__(self) -> str:
        """For the manifest: nothing of this machine, only the folder's name or the hub's."""
        return self.corpus.name if self.files else f"hub:{self.corpus.hub_id}@{self.revision or 'main'}"


def locate(corpus: Corpus, split: str, root: Path | None, revision: str | None = None) -> Location:
    """Finds a split, in the local folder first.

    Raises: ValueError with the remedy if it is nowhere, or only in part.
    """
    folder = local_folder(corpus.name, root)
    files = _files_of(folder, split) if folder else []
    if files:
        return Location(corpus, split, tuple(str(file) for file in files))
    if split not in corpus.splits:
        raise ValueError(f"corpus {corpus.name!r} has no split {split!r}: it has {', '.join(corpus.splits)}")
    on_hub = corpus.hub_splits or corpus.splits
    if corpus.hub_id and not corpus.loading_script and split in on_hub:
        return Location(corpus, split, revision=revision or corpus.revision)
    raise ValueError(_missing(corpus, split, root))


def _files_of(folder: Path, split: str) -> list[Path]:
    """The file of a split, or all its shards in order. Raises: ValueError if one is missing or too many."""
    whole = folder / f"{split}.parquet"
    shards = {
        shard: (int(found[1]), int(found[2]))
        for shard in sorted(folder.glob(f"{split}-*.parquet"))
        if (found := _SHARD.match(shard.name, len(split)))
    }
    files = [*([whole] if whole.is_file() else []), *shards]
    totals = {total for _, total in shards.values()}
    if len(files) > 1 and (files[0] == whole or len(totals) > 1 or len({*shards.values()}) < len(shards)):
        raise ValueError(
            f"{folder} holds {', '.join(file.name for file in files[:5])}: these are several copies of "
            f"{split!r}, which would be read one after the other; move all but one copy away"
        )
    for total in totals:
        absent = next((n for n in range(total) if (n, total) not in shards.values()), None)
        if absent is not None:
            raise ValueError(
                f"{split}-{absent:05}-of-{total:05}.parquet is missing in {folder}, which holds "
                f"{len(shards)} of {total}: copy it there"
            )
    return files


def _missing(corpus: Corpus, split: str, root: Path | None) -> str:
    looked = f"there is no {corpus.name}/{split}.parquet in {root}" if root else "no local folder was given"
    if corpus.hub_id and not corpus.loading_script:
        hub = f"the hub's copy ({corpus.hub_id}) has only {', '.join(corpus.hub_splits)}"
    elif corpus.hub_id:
        hub = f"the hub's copy ({corpus.hub_id}) needs a loading script, which `datasets` no longer runs"
    else:
        hub = "the hub has no copy"
    return (
        f"corpus {corpus.name!r}, split {split!r}, is missing: {looked}, and {hub}. Put it in "
        f"DIR/{corpus.name}/{split}.parquet and give the folder with --corpora DIR or {ENVIRONMENT}=DIR"
    )


def pinned(location: Location) -> Location:
    """The location with the hub's branch replaced by its commit now, so that a manifest names one text.

    Raises: ValueError if the hub cannot be asked.
    """
    if location.files or _is_commit(location.revision):
        return location
    import_datasets(offline=False)
    from huggingface_hub import HfApi

    try:
        info = HfApi().dataset_info(str(location.corpus.hub_id), revision=location.revision)
    except Exception as error:  # each layer of the network has errors of its own kind
        raise ValueError(_unreachable(location, error)) from error
    return Location(location.corpus, location.split, revision=info.sha)


def _is_commit(revision: str | None) -> bool:
    return revision is not None and len(revision) == 40 and set(revision) <= set("0123456789abcdef")


def load_rows(
    corpus: Corpus, split: str, root: Path | None = None, revision: str | None = None
) -> Iterator[Row]:
    """The rows of one split, in order, in the registry's schema (translation: {"en": ..., "de": ...}).

    Raises: ValueError naming the corpus, the split and the remedy.
    """
    return rows_at(locate(corpus, split, root, revision))


def rows_at(location: Location) -> Iterator[Row]:
    """As `load_rows`, from a split found before."""
    rows = read_parquet(list(location.files)) if location.files else _hub_rows(location)
    if location.corpus.schema_ == "translation":
        return (translation_of(row, location.corpus) for row in rows)
    return rows


def translation_of(row: Row, corpus: Corpus) -> Row:
    """{language: text} from a `translation` struct, from flat columns or from the hub's own columns."""
    struct = row["translation"] if isinstance(row.get("translation"), dict) else row
    for names in (corpus.hub_columns, {}):
        columns = [names.get(code, code) for code in corpus.languages]
        if all(column in struct for column in columns):
            _refuse_no_text(struct, columns, corpus)
            return {code: struct[column] for code, column in zip(corpus.languages, columns, strict=True)}
    raise ValueError(
        f"corpus {corpus.name!r}: a row has the columns {sorted(struct)}, "
        f"but {' and '.join(corpus.languages)} are expected (or a `translation` struct of them)"
    )


def _refuse_no_text(struct: Row, columns: list[str], corpus: Corpus) -> None:
    """A text that is missing is cleaning's to leave out; what is none at all means another column."""
    for column in columns:
        if not isinstance(struct[column], str | None):
            raise ValueError(
                f"corpus {corpus.name!r}: a row has {struct[column]!r:.40} in the column {column!r}, "
                "which is no text: write the column anew, as texts"
            )


def read_parquet(paths: list[str]) -> Iterator[Row]:
    """Rows of parquet files, streamed, so that nothing is copied into a cache first.

    Raises: ValueError if a file is cut short or no parquet, or none has a row.
    """
    for path in paths:
        _check_parquet(Path(path))
        if "::" in path:  # for `datasets` a chain of places, however it is written
            raise ValueError(f"{path}: a path with :: cannot be read; give the file or folder another name")
    datasets = import_datasets(offline=True)
    from pyarrow.parquet import read_metadata

    try:
        filled = [path for path in paths if read_metadata(path).num_rows]
        if filled:  # `datasets` fails on files of no rows
            yield from _stream(datasets, filled)
    except (OSError, ValueError, datasets.exceptions.DatasetsError) as error:
        raise ValueError(f"{', '.join(paths)} cannot be read as parquet: {error}") from error
    if not filled:
        raise ValueError(f"{', '.join(paths)} is empty: it has no rows")


def _stream(datasets: Any, paths: list[str]) -> Iterator[Row]:
    names = [glob.escape(path) for path in paths]  # "pairs[1].parquet" is a name, no pattern
    stream = datasets.load_dataset("parquet", data_files={"rows": names}, split="rows", streaming=True)
    for batch in stream.iter(batch_size=_BATCH):
        columns = list(batch)
        for values in zip(*batch.values(), strict=True):
            yield dict(zip(columns, values, strict=True))


def _check_parquet(path: Path) -> None:
    """A parquet file begins and ends with PAR1; one that was cut off does not end so."""
    try:
        with open(path, "rb") as file:
            start = file.read(4)
            file.seek(max(0, path.stat().st_size - 4))
            end = file.read(4)
    except OSError as error:
        raise ValueError(f"{path} cannot be opened: {error.strerror}") from error
    if not start:
        raise ValueError(f"{path} is empty: there is nothing to read")
    if start != b"PAR1":
        raise ValueError(f"{path} is not a parquet file")
    if end != b"PAR1":
        raise ValueError(f"{path} is cut short (a parquet file ends with its index): copy or write it again")


def _hub_rows(location: Location) -> Iterator[Row]:
    datasets = import_datasets(offline=False)
    corpus, split = location.corpus, location.split
    try:
        yield from datasets.load_dataset(
            corpus.hub_id,
            corpus.hub_config,
            split=corpus.hub_splits.get(split, split),
            revision=location.revision,
            streaming=corpus.large,
        )
    except Exception as error:  # each layer of the network has errors of its own kind
        raise ValueError(_unreachable(location, error)) from error


def _unreachable(location: Location, error: Exception) -> str:
    corpus = location.corpus
    note = f" ({corpus.note})" if corpus.note else ""
    return (
        f"corpus {corpus.name!r}, split {location.split!r}, cannot be read from the hub, "
        f"{corpus.hub_id}{note}: {error}. Check the network, or put it in "
        f"DIR/{corpus.name}/{location.split}.parquet and give --corpora DIR or {ENVIRONMENT}=DIR"
    )


def import_datasets(offline: bool) -> Any:
    """The `datasets` package without telemetry; offline keeps it from asking the hub anything.

    The first call of a process decides about the network. Raises: ValueError if it is not installed.
    """
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    if offline and "datasets" not in sys.modules:
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
    try:
        import datasets
    except ImportError as error:
        raise ValueError(
            "reading corpora needs the `datasets` package: pip install 'longshort[train]'"
        ) from error
    datasets.disable_progress_bars()
    return datasets
