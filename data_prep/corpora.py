"""The registry: every corpus that a recipe can name, with its schema, licence and where it is found.

A corpus is looked for in a local folder first (`--corpora DIR`, the recipe's `corpora_root` or the
environment's LONGSHORT_CORPORA: DIR/<name>/<split>.parquet), then on the Hugging Face hub.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict

ENVIRONMENT = "LONGSHORT_CORPORA"
Schema = Literal[
    "translation",
    "minimal_pairs",
    "dialogue",
    "aligned_dialogue",
    "babi_qa",
    "passage_qa",
    "multiple_choice",
    "questions",
    "tokenised_text",
    "misspellings",
]


class Corpus(BaseModel):
    """What is known about one corpus. `splits` gives the rows of each."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    schema_: Schema
    splits: dict[str, int]
    licence: str
    may_ship: bool
    citation: str
    languages: tuple[str, ...] = ("en",)
    hub_id: str | None = None
    hub_config: str | None = None
    hub_columns: dict[str, str] = {}  # language -> flat column, where the hub has no `translation` struct
    hub_splits: dict[str, str] = {}  # our split -> the hub's; empty: all, by the same names
    revision: str | None = None
    loading_script: bool = False  # the hub's copy needs a script, which `datasets` 4 and later refuse to run
    large: bool = False  # streamed from the hub rather than downloaded first
    note: str = ""


@cache
def registry() -> dict[str, Corpus]:
    """Every registered corpus by name, in the order of corpora.yaml."""
    entries = yaml.safe_load(files("data_prep").joinpath("corpora.yaml").read_text(encoding="utf-8"))
    return {name: Corpus(name=name, schema_=entry.pop("schema"), **entry) for name, entry in entries.items()}


def suggestion(name: str, known: Iterable[str]) -> str:
    """ " (did you mean ...?)" when a known name is close, else an empty text."""
    close = difflib.get_close_matches(name, list(known), n=1)
    return f" (did you mean {close[0]!r}?)" if close else ""


def get_corpus(name: str) -> Corpus:
    """The corpus of that name. Raises: ValueError with the nearest name and the list."""
    if name not in registry():
        hint = suggestion(name, registry()) or f": the registry has {', '.join(registry())}"
        raise ValueError(f"unknown corpus {name!r}{hint}. For your own data give path: FILE instead of name")
    return registry()[name]


def corpora_root(given: str | Path | None = None) -> Path | None:
    """The folder of local corpora: what is given, else the environment's, else None.

    Raises: ValueError if the folder named does not exist.
    """
    chosen = given or os.environ.get(ENVIRONMENT)
    if not chosen:
        return None
    root = Path(chosen).expanduser()
    if not root.is_dir():
        origin = "--corpora" if given else ENVIRONMENT
        raise ValueError(
            f"{origin} is {str(chosen)!r}, but that is no folder: give the folder of the corpora"
        )
    return root


def local_folder(name: str, root: Path | None) -> Path | None:
    """root/name if it holds parquet files, else None."""
    folder = root / name if root else None
    return folder if folder and folder.is_dir() and any(folder.glob("*.parquet")) else None
