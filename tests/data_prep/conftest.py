"""Small made-up corpora in the hub's schema, in a local folder like the real ones."""

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

ADJECTIVES = {"red": "rote", "old": "alte", "quiet": "stille", "tall": "hohe", "new": "neue", "warm": "warme"}
NOUNS = {
    "house": "Haus",
    "cat": "Katze",
    "river": "Fluss",
    "king": "König",
    "garden": "Garten",
    "song": "Lied",
}
VERBS = {"sees": "sieht", "hears": "hört", "finds": "findet", "loves": "liebt"}


def sentence_pairs() -> list[dict[str, str]]:
    """864 pairs of made-up English and German."""
    words = itertools.product(ADJECTIVES.items(), NOUNS.items(), VERBS.items(), NOUNS.items())
    return [
        {"en": f"The {a} {n} {v} the {m}.", "de": f"Das {x} {y} {z} das {w}."}
        for (a, x), (n, y), (v, z), (m, w) in words
    ]


def write_parquet(path: Path, rows: list[Any], column: str = "") -> Path:
    """Rows as columns, or as one struct column."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table({column: rows}) if column else pa.Table.from_pylist(rows), path)
    return path


def write_pairs(folder: Path, **splits: list[dict[str, str]]) -> None:
    for split, rows in splits.items():
        write_parquet(folder / f"{split}.parquet", rows, "translation")


@pytest.fixture(scope="session")
def pairs() -> list[dict[str, str]]:
    return sentence_pairs()


@pytest.fixture(scope="session")
def corpora(tmp_path_factory: pytest.TempPathFactory, pairs: list[dict[str, str]]) -> Path:
    """A folder with tatoeba_en_de (clean), bcontrast_en_de (dirty, leaking), dialog_babi and babi_qa."""
    root = tmp_path_factory.mktemp("corpora")
    held = pairs[::40]
    rest = [pair for pair in pairs if pair not in held]
    write_pairs(root / "tatoeba_en_de", train=rest, validation=held[::2], test=held[1::2])
    dirty = [
        {"en": "A fine day.", "de": "Ein feiner Tag."},
        {"en": "A fine day.", "de": "Ein feiner Tag."},  # duplicate
        {"en": "  ", "de": "Nichts."},  # empty
        {"en": "Say it in Greek.", "de": "Πες το στα ελληνικά."},  # wrong script
        {"en": "Yes.", "de": "Das ist eine viel zu lange Antwort auf diese Frage."},  # length ratio
        {"en": "Long " * 200, "de": "Lang " * 200},  # too long
        {"en": held[0]["en"].upper() + "!", "de": "Etwas ganz anderes."},  # leak of the source, disguised
        {"en": "Something else.", "de": held[1]["de"]},  # leak of a test reference
    ]
    write_pairs(root / "bcontrast_en_de", train=dirty)
    talks = [
        {
            "source": "made up",
            "dialogue_id": str(i),
            "turns": [
                {"speaker": "user", "text": f"Hello, I am number {i}."},
                {"speaker": "system", "text": f"Good to see you, {i}."},
                {"speaker": "user", "text": "And who am I?"},
                {"speaker": "system", "text": f"You are number {i}."},
            ],
            "task": 1,
        }
        for i in range(60)
    ]
    splits = {"train": talks[:40] + talks[50:51], "validation": talks[40:50], "test": talks[50:]}
    for split, rows in splits.items():
        write_parquet(root / "dialog_babi" / f"{split}.parquet", rows)
    stories = [
        {
            "task": 1,
            "story": [f"Mary went to room {i}."],
            "question": "Where is Mary?",
            "answer": f"room {i}",
            "supporting": [0],
        }
        for i in range(30)
    ]
    for split, rows in {"train": stories[:25], "test": stories[25:]}.items():
        write_parquet(root / "babi_qa" / f"{split}.parquet", rows)
    return root


@pytest.fixture
def own_file(tmp_path: Path) -> Callable[[str, str | bytes], Path]:
    """Writes a file of your own data."""

    def write(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write
