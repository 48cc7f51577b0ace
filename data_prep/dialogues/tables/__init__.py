"""The generator's own words: relations, verbs, things, values and small talk, as data."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

import yaml

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the same, ten times as fast


@cache
def load_table(name: str) -> Any:
    """The parsed table `name`.yaml of this folder."""
    text = files(__name__).joinpath(f"{name}.yaml").read_text(encoding="utf-8")
    return yaml.load(text, Loader=_LOADER)


def load_folder(name: str) -> dict[str, Any]:
    """The rows of every table in the folder `name` here, in the order of the files' names.

    Raises: ValueError for a row of the same name in two tables.
    """
    rows: dict[str, Any] = {}
    for file in sorted(files(__name__).joinpath(name).iterdir(), key=lambda file: file.name):
        for row, value in load_table(f"{name}/{file.name.removesuffix('.yaml')}").items():
            if row in rows:
                raise ValueError(f"{name}/{file.name}: {row!r} is in another table too; rename one of them")
            rows[row] = value
    return rows
