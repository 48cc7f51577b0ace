"""Text for the language-model lessons: a corpus folder to one long row of numbers. No torch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

UNKNOWN = "\ufffd"  # stands for every symbol outside the vocabulary
LARGEST_LETTER_VOCABULARY = 256  # a letter fits into a byte, and seven of them into one integer (ngrams.py)


@dataclass(frozen=True)
class Vocabulary:
    """Symbols (letters, or words) and their numbers; number 0 stands for whatever is not in it."""

    symbols: tuple[str, ...]

    @classmethod
    def of(cls, sequence: Iterable[str], largest: int, at_least: int = 1) -> Vocabulary:
        """The most frequent symbols of a text, at most `largest` with the unknown one."""
        counts = Counter(sequence)
        counts.pop(UNKNOWN, None)
        frequent = [symbol for symbol, count in counts.most_common(largest - 1) if count >= at_least]
        return cls((UNKNOWN, *frequent))

    @cached_property
    def numbers(self) -> dict[str, int]:
        """The number of each symbol."""
        return {symbol: number for number, symbol in enumerate(self.symbols)}

    def encode(self, sequence: Iterable[str]) -> np.ndarray:
        """int64 [T]"""
        return np.array([self.numbers.get(symbol, 0) for symbol in sequence], np.int64)

    def decode(self, ids: Iterable[int]) -> list[str]:
        """The symbols of some numbers."""
        return [self.symbols[int(number)] for number in ids]

    def __len__(self) -> int:
        return len(self.symbols)


def read_lines(corpora: Path, name: str, split: str) -> list[str]:
    """The column `text` of DIR/<name>/<split>.parquet. Raises: ValueError saying what is missing."""
    path = corpora / name / f"{split}.parquet"
    if not path.is_file():
        raise ValueError(f"no corpus at {path}: give --corpora a folder that holds {name}/{split}.parquet")
    import pyarrow.parquet as pq

    return [str(line) for line in pq.read_table(path, columns=["text"])["text"].to_pylist()]


def letters(lines: Sequence[str]) -> str:
    """Lines as one running text; empty lines are left out."""
    return "\n".join(line for line in lines if line) + "\n"


def words(lines: Sequence[str]) -> list[str]:
    """Words, and an end mark behind each line, as Mikolov et al. (2010) and Merity et al. (2017) count."""
    return [word for line in lines for word in [*line.split(), "<eos>"]]
