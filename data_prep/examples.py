"""Text to `EncodedExample`, through the task's own functions: the ones that serving uses.

Between cleaning and encoding a record is one JSON line, so that preparation needs little memory and
evaluation finds the raw references:

    {"task": "translate", "source": ..., "target": ..., "source_language": "en", "target_language": "de",
     "corpus": "tatoeba_en_de"}
    {"task": "translate", "turns": [{"source": ..., "target": ..., "source_language": "en",
     "target_language": "de"}, ...], "corpus": "bcontrast_en_de"}      sentences in order, the state carried
    {"task": "fix", "source": "He go.", "target": "He goes.", "corpus": "blimp"}
    {"task": "chat", "turns": [{"speaker": "user", "text": ...}, ...],
     "targets": [{"turn": 0, "text": ..., "tag": "<reply>", "evidence": 0, "wanted": "Leeds", "steps": []}],
     "corpus": "self_dialogue"}
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import accumulate
from typing import Any

from chat.segments import Dialogue, Turn, encode_reply, encode_turn, plain
from lstm_models.encoded import ANYWHERE, UNKNOWN, EncodedExample, EncodedTarget
from lstm_models.tokenizer import Tokenizer
from translate.languages import encode_fixed, encode_source, encode_target

Record = dict[str, Any]


def translation_record(source: str, target: str, languages: tuple[str, str], corpus: str) -> Record:
    """The record of one pair in one direction, (source, target) languages."""
    return {
        "task": "translate",
        "source": source,
        "target": target,
        "source_language": languages[0],
        "target_language": languages[1],
        "corpus": corpus,
    }


def context_record(turns: Sequence[Record], corpus: str) -> Record:
    """The record of sentences that follow one another; turns: records of pairs, in any direction each."""
    kept = ("source", "target", "source_language", "target_language")
    return {
        "task": "translate",
        "turns": [{name: turn[name] for name in kept} for turn in turns],
        "corpus": corpus,
    }


def fix_record(wrong: str, right: str, corpus: str) -> Record:
    """The record of an English sentence with mistakes, or none, and without."""
    return {"task": "fix", "source": wrong, "target": right, "corpus": corpus}


def dialogue_record(dialogue: Dialogue, corpus: str) -> Record:
    """The record of one dialogue."""
    evidences = dialogue.evidence or (ANYWHERE,) * len(dialogue.targets)
    wanted = dialogue.wanted or ("",) * len(dialogue.targets)
    steps = dialogue.steps or ((),) * len(dialogue.targets)
    known = zip(dialogue.targets, evidences, wanted, steps, strict=True)
    return {
        "task": "chat",
        "turns": [{"speaker": turn.speaker, "text": turn.text} for turn in dialogue.turns],
        "targets": [
            {
                "turn": turn,
                "text": text,
                "tag": tag,
                "evidence": place,
                "wanted": words,
                "steps": list(before),
            }
            for (turn, text, tag), place, words, before in known
        ],
        "corpus": corpus,
    }


def record_texts(record: Record) -> Iterator[str]:
    """Every text of a record once, for training a tokenizer."""
    if record["task"] in ("translate", "fix"):
        for pair in record.get("turns", [record]):
            yield pair["source"]
            yield pair["target"]
        return
    yield from {part["text"]: None for part in (*record["turns"], *record["targets"])}


def encode_record(tokenizer: Tokenizer, record: Record) -> EncodedExample:
    """The encoded example of a record. Raises: ValueError for a task, language or speaker not offered."""
    if record["task"] == "translate":
        pairs = record.get("turns", [record])
        targets = [encode_target(tokenizer, pair["target"], pair["target_language"]) for pair in pairs]
        return EncodedExample(
            [encode_source(tokenizer, pair["source"]) for pair in pairs],
            [EncodedTarget(target, place) for place, target in enumerate(targets)],
        )
    if record["task"] == "fix":
        target = encode_fixed(tokenizer, record["target"])
        return EncodedExample([encode_source(tokenizer, record["source"])], [EncodedTarget(target, 0)])
    if record["task"] == "chat":
        segments = [encode_turn(tokenizer, Turn(turn["speaker"], turn["text"])) for turn in record["turns"]]
        return EncodedExample(segments, [_reply(tokenizer, segments, one) for one in record["targets"]])
    raise ValueError(f"unknown task {record['task']!r}: the tasks are translate, fix and chat")


def _reply(tokenizer: Tokenizer, segments: Sequence[list[int]], target: Record) -> EncodedTarget:
    evidence, wanted = target.get("evidence", ANYWHERE), target.get("wanted", "")
    answer = tokens_of(tokenizer, segments[evidence], wanted) if evidence >= 0 and wanted else UNKNOWN
    ids = encode_reply(tokenizer, target["text"], target["tag"])
    return EncodedTarget(ids, target["turn"], evidence, answer, tuple(target.get("steps", ())))


def tokens_of(tokenizer: Tokenizer, segment: list[int], words: str) -> tuple[int, int]:
    """From which token of a segment to which (exclusive) the words stand in it, whole words, however written.

    UNKNOWN where they do not.
    """
    pieces = [_bytes(piece) for piece in tokenizer.pieces(segment)]
    pieces[0] = pieces[-1] = b""  # the speaker's tag and </s>
    wanted = re.escape(plain(words).strip().encode())
    found = re.search(rb"(?<!\w)" + wanted + rb"(?!\w)", b"".join(pieces), re.IGNORECASE)
    if not found:
        return UNKNOWN
    ends = list(accumulate(map(len, pieces)))
    return bisect_right(ends, found.start()), bisect_left(ends, found.end()) + 1


def _bytes(piece: str) -> bytes:
    """A piece in UTF-8; what the vocabulary lacks is spelt in pieces of a byte each."""
    byte = re.fullmatch("<0x([0-9A-F]{2})>", piece)
    return bytes.fromhex(byte[1]) if byte else piece.replace("\u2581", " ").encode()


def longest_part(example: EncodedExample) -> int:
    """Tokens of the longest segment or target."""
    return max(*map(len, example.segments), *(len(target.ids) for target in example.targets))


def cut(example: EncodedExample, max_tokens: int) -> EncodedExample:
    """The example with every part cut to max_tokens, its last token (</s>) kept."""
    return EncodedExample(
        [_cut(ids, max_tokens) for ids in example.segments],
        [
            replace(
                target,
                ids=_cut(target.ids, max_tokens),
                answer=target.answer if target.answer[1] < max_tokens else UNKNOWN,
            )
            for target in example.targets
        ],
    )


def _cut(ids: list[int], max_tokens: int) -> list[int]:
    return ids if len(ids) <= max_tokens else [*ids[: max_tokens - 1], ids[-1]]
