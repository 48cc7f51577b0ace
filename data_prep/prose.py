"""English sentences out of corpora made for something else: what mistakes can be put into."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from typing import Any

from data_prep.dialogues.natural import sentences_of

SCHEMAS = ("passage_qa", "multiple_choice", "dialogue", "tokenised_text")
LENGTHS = range(4, 46)  # words
_HYPHENS = re.compile(r" @(.)@ ")
_CUT = re.compile(r"\b([A-Z]|Mrs?|Ms|Dr|St|No|vs|Jr|Sr|Lt|Col|Gen|Capt|Rev|Prof|Inc|etc)\.\"?$")
_LOOSE = re.compile(r" [:;,.?!/%]|\d: \d")  # signs that joining tokens did not put where they belong
_WHOLE = re.compile(r"[\"A-Z][\w\s,.;:'\"?!()%$/-]*[.!?]\"?")


def sentences(row: Mapping[str, Any]) -> Iterator[str]:
    """Whole sentences of a row: of its passage or line, or of every turn; plain English alone."""
    if "text" in row:
        yield from _sentences(_untokenised(row["text"]))
        return
    texts = [row[name] for name in ("context", "story_section", "story") if name in row][:1]
    if isinstance(row.get("turns"), list):
        texts += [turn["text"] for turn in row["turns"]]
    for text in texts:
        yield from _sentences(text if isinstance(text, str) else " ".join(text))


@lru_cache(maxsize=8)  # questions about one passage stand side by side
def _sentences(text: str) -> tuple[str, ...]:
    found, cut = [], False
    for sentence in sentences_of(" ".join(text.split())):
        begun, cut = cut, bool(_CUT.search(sentence))  # "by Michael R." and "Perry." were one sentence
        whole = not begun and not cut and _WHOLE.fullmatch(sentence) and not _LOOSE.search(sentence)
        if whole and sentence.isascii() and len(sentence.split()) in LENGTHS:
            found.append(sentence)
    return tuple(found)


def _untokenised(line: str) -> str:
    """A line of WikiText as it was before: "third @-@ tallest , " is "third-tallest,". Headings have nothing.

    What held a word too rare for the corpus is left with <unk>, which no plain sentence has.
    """
    if line.startswith("="):
        return ""
    return str(_joiner().detokenize(_HYPHENS.sub(r"\1", line).split()))


@cache
def _joiner() -> Any:
    from sacremoses import MosesDetokenizer

    return MosesDetokenizer("en")
