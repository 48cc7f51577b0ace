"""Which passages a question is about: a full-text index in memory (SQLite's FTS5, ranked by BM25).

The index is made of the stored texts when a conversation is opened, and is kept nowhere: a text that is
deleted leaves no trace in it, and every database that holds conversations can have one (docs/decisions).
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Sequence

from chat.documents.passages import Passage
from chat.words import content_words

FEW = 3  # a question with fewer words of its own goes on from the one before: "and who paid for it?"


class PassageIndex:
    """The passages of one conversation's documents."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        self.passages = tuple(passages)
        self._lock = threading.Lock()
        self._base = sqlite3.connect(":memory:", check_same_thread=False)
        # Words by their stems, without accents: "painted" finds "paints", "cafe" finds "café".
        self._base.execute(
            "CREATE VIRTUAL TABLE passages USING fts5(text, tokenize='porter unicode61 remove_diacritics 2')"
        )
        rows = ((number, passage.text) for number, passage in enumerate(self.passages))
        self._base.executemany("INSERT INTO passages(rowid, text) VALUES (?, ?)", rows)

    def search(self, question: str, before: str = "", most: int = 2) -> list[Passage]:
        """The `most` best passages for a question, best last (next to the question); none without a hit.

        before: what was asked and answered before, whose words help a question that has few of its own.
        """
        own = content_words(question)
        if not own and not before:
            return []
        found = self._ranked(own, 4 * most)
        if len(own) < FEW and before:
            help_of = dict(self._ranked(content_words(before) - own, 8 * most))
            # Of those with the question's own words, what speaks of the same as before comes first.
            found = [(place, rank + help_of.get(place, 0.0)) for place, rank in found] or list(
                help_of.items()
            )
            found.sort(key=lambda hit: hit[1])
        return [self.passages[place] for place, _ in reversed(found[:most])]

    def _ranked(self, words: set[str], most: int) -> list[tuple[int, float]]:
        """(passage, BM25: the lower the better), best first."""
        if not words:
            return []
        query = " OR ".join('"' + word.replace('"', "") + '"' for word in sorted(words))
        with self._lock:
            return self._base.execute(
                "SELECT rowid, bm25(passages) FROM passages WHERE passages MATCH ? "
                "ORDER BY bm25(passages) LIMIT ?",
                (query, most),
            ).fetchall()
