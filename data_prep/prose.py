"""English sentences out of corpora made for something else: what mistakes can be put into."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from data_prep.dialogues.natural import sentences_of

SCHEMAS = ("passage_qa", "multiple_choice", "dialogue")
LENGTHS = range(4, 46)  # words
_WHOLE = re.compile(r"[\"A-Z][\w\s,.;:'\"?!()%$/-]*[.!?]\"?")


def sentences(row: Mapping[str, Any]) -> Iterator[str]:
    """Whole sentences of a row: of its passage, or of every turn. Others than plain English are left out."""
    texts = [row[name] for name in ("context", "story_section", "story") if name in row][:1]
    if isinstance(row.get("turns"), list):
        texts += [turn["text"] for turn in row["turns"]]
    for text in texts:
        whole = text if isinstance(text, str) else " ".join(text)
        for sentence in sentences_of(" ".join(whole.split())):
            if len(sentence.split()) in LENGTHS and _WHOLE.fullmatch(sentence) and sentence.isascii():
                yield sentence
