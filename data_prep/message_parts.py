"""Dialogues whose messages are read in parts, as the bot reads them (chat/telling.py)."""

from __future__ import annotations

from collections.abc import Sequence

from chat.segments import Dialogue, Turn
from chat.telling import things_told
from chat.words import content_words
from data_prep.examples import Record, dialogue_record
from lstm_models.encoded import ANYWHERE


def in_parts(dialogue: Dialogue) -> Dialogue:
    """Each part of a message of the user, and of a passage, is a turn of its own; the bot's stay whole.

    Evidence is the part of the turn that has the words that answer, else the one that says most of the
    answer, ANYWHERE where none says anything of it.
    """
    parts = [
        (things_told(turn.text) if turn.speaker != "bot" else []) or [turn.text] for turn in dialogue.turns
    ]
    starts = [sum(map(len, parts[:place])) for place in range(len(parts) + 1)]
    evidence = []
    wanted = dialogue.wanted or ("",) * len(dialogue.targets)
    told = zip(dialogue.targets, dialogue.evidence, wanted, strict=bool(dialogue.evidence))
    for (turn, answer, _), place, words in told:
        if place >= 0:
            part = telling_part(parts[place], dialogue.turns[turn].text, answer, words)
            place = ANYWHERE if part is None else starts[place] + part
        evidence.append(place)
    return Dialogue(
        tuple(
            Turn(turn.speaker, text)
            for turn, texts in zip(dialogue.turns, parts, strict=True)
            for text in texts
        ),
        tuple((starts[turn + 1] - 1, text, tag) for turn, text, tag in dialogue.targets),
        tuple(evidence),
        dialogue.wanted,  # but no steps: which part of a turn is needed for them is not known
    )


def telling_part(parts: Sequence[str], question: str, answer: str, wanted: str = "") -> int | None:
    """The part that says most of what the answer says and the question does not; of equals, most asked of.

    One that has the words `wanted` goes before all others.
    """
    if len(parts) == 1:
        return 0
    asked = content_words(question)
    new = content_words(answer) - asked
    said = [content_words(part) for part in parts]
    has = [bool(wanted) and wanted.lower() in part.lower() for part in parts]
    scores = [(there, len(words & new), len(words & asked)) for there, words in zip(has, said, strict=True)]
    best = max(scores)
    return scores.index(best) if any(best) else None


def record_in_parts(record: Record) -> Record:
    """The record of a dialogue in parts."""
    turns = tuple(Turn(turn["speaker"], turn["text"]) for turn in record["turns"])
    targets = tuple((target["turn"], target["text"], target["tag"]) for target in record["targets"])
    evidence = tuple(target.get("evidence", ANYWHERE) for target in record["targets"])
    wanted = tuple(target.get("wanted", "") for target in record["targets"])
    return dialogue_record(in_parts(Dialogue(turns, targets, evidence, wanted)), record["corpus"])
