"""Where lessons that need a corpus find it: a folder of local corpora, <name>/<file>.parquet."""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd

VARIABLE = "LONGSHORT_CORPORA"


def table(name: str, file: str, columns: list[str]) -> pd.DataFrame:
    """Columns of a corpus file below $LONGSHORT_CORPORA. Raises: ValueError saying what is missing."""
    folder = os.environ.get(VARIABLE)
    path = Path(folder or ".") / name / f"{file}.parquet"
    if not folder or not path.is_file():
        raise ValueError(
            f"this lesson needs the corpus {name}, which is not part of the program: put "
            f"{name}/{file}.parquet into a folder, and start with {VARIABLE} naming it "
            f"({VARIABLE} is {folder or 'not set'})"
        )
    return pd.read_parquet(path, columns=columns)
