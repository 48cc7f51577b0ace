"""Rows of dialogue and question corpora to dialogues: who is the bot, and which turns it learns to say."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from chat.segments import Dialogue, Turn

Row = dict[str, Any]
_LONGEST_RESULT = 400  # characters: about what one segment holds
# The corpora name their speakers differently; whoever is not here is the user.
_SPEAKERS = {
    **dict.fromkeys(("bot", "system", "assistant", "agent_2", "user_2", "B"), "bot"),
    **dict.fromkeys(("doc", "kb"), "doc"),
}


def dialogue_of(row: Row, schema: str) -> Dialogue | None:
    """The dialogue of one row of a corpus, or None where it has nothing to learn (an unanswered question).

    Raises: ValueError for a schema that is no dialogue's, or a row that does not fit it.
    """
    if schema not in _READERS:
        raise ValueError(f"a {schema!r} corpus holds no dialogues: those that do are {', '.join(_READERS)}")
    try:
        return _READERS[schema](row)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"a row does not fit the schema {schema!r}: {error!r} in {sorted(row)}") from error


def _turns(row: Row) -> Dialogue | None:
    turns = (*_knowledge(row), *(part for turn in row["turns"] for part in _parts(turn)))
    said = [i for i, turn in enumerate(turns) if i and turn.speaker == "bot"]
    targets = tuple((i - 1, turns[i].text, "<reply>") for i in said)
    return Dialogue(turns, targets) if targets else None


def _parts(turn: Row) -> list[Turn]:
    """A turn; what a knowledge base found, one passage for each thing that its lines begin with."""
    speaker, text = _SPEAKERS.get(turn["speaker"], "user"), turn["text"]
    if turn["speaker"] != "kb" or len(text) <= _LONGEST_RESULT:
        return [Turn(speaker, text)]
    things: dict[str, list[str]] = {}
    for line in text.splitlines():
        things.setdefault(line.split(" ", 1)[0], []).append(line)
    return [Turn(speaker, "\n".join(lines)) for lines in things.values()]


def _knowledge(row: Row) -> list[Turn]:
    """What the assistant of KVRET knows before the dialogue begins: a passage for each entry."""
    if row.get("source") != "kvret" or not row.get("knowledge"):
        return []
    entries = [entry for part in json.loads(row["knowledge"]).values() for entry in part]
    lines = (", ".join(f"{name}: {value}" for name, value in entry.items()) for entry in entries)
    return [Turn("doc", line) for line in lines if line]


def _question(context: Iterable[Turn], question: str, answer: str | None) -> Dialogue | None:
    turns = (*context, Turn("user", question))
    return Dialogue(turns, ((len(turns) - 1, answer, "<answer>"),)) if answer else None


def _babi_qa(row: Row) -> Dialogue | None:
    """A turn for each statement; of the supporting ones, the last that holds the answer is the evidence."""
    story, answer, supporting = row["story"], row["answer"], row.get("supporting", ())
    holding = [i for i in supporting if answer.lower() in re.findall(r"\w+", story[i].lower())]
    if not holding and len(supporting) == 1:  # "yes" and the like
        holding = supporting
    dialogue = _question((Turn("user", text) for text in story), row["question"], answer)
    return replace(dialogue, evidence=(max(holding),)) if dialogue and holding else dialogue


def _passage_qa(row: Row) -> Dialogue | None:
    if "questions" in row:  # a conversation about a story; the last question is the one to answer
        told = zip(row["questions"][:-1], row["answers"][:-1], strict=True)
        earlier = [turn for q, a in told for turn in (Turn("user", q), Turn("bot", a))]
        return _question((Turn("doc", row["story"]), *earlier), row["questions"][-1], row["answers"][-1])
    if "story_section" in row:
        return _question((Turn("doc", row["story_section"]),), row["question"], row["answer1"])
    answers = row["answers"]["text"]  # empty: the passage does not say
    return _question((Turn("doc", row["context"]),), row["question"], answers[0] if answers else None)


def _multiple_choice(row: Row) -> Dialogue | None:
    return _question((Turn("doc", row["story"]),), row["question"], row["answer"])


def _questions(row: Row) -> Dialogue | None:
    return _question((), row["question"], row["answer"] if "answer" in row else row["answers"][0])


_READERS: dict[str, Callable[[Row], Dialogue | None]] = {
    "dialogue": _turns,
    "babi_qa": _babi_qa,
    "passage_qa": _passage_qa,
    "multiple_choice": _multiple_choice,
    "questions": _questions,
}
