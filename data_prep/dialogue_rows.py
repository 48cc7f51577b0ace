"""Rows of dialogue and question corpora to dialogues: who is the bot, and which turns it learns to say."""

from __future__ import annotations

import json
import reprlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from chat.segments import Dialogue, Turn
from lstm_models.encoded import ANYWHERE, MOST_STEPS

Row = dict[str, Any]
_BRIEFLY = reprlib.Repr()
_BRIEFLY.maxdict, _BRIEFLY.maxstring = 12, 60
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
        dialogue = _READERS[schema](row)
        _refuse_no_text(dialogue)
    except (LookupError, TypeError, AttributeError, ValueError) as error:
        shown = _BRIEFLY.repr(row)
        raise ValueError(f"a row does not fit the schema {schema!r}: {error!r} in {shown}") from error
    return dialogue


def _refuse_no_text(dialogue: Dialogue | None) -> None:
    if dialogue is None:
        return
    for text in (*(turn.text for turn in dialogue.turns), *(text for _, text, _ in dialogue.targets)):
        if not isinstance(text, str):
            raise TypeError(f"{text!r:.40} is no text")


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
    """A turn for each statement; the supporting ones stand in the order of thought, the last one answers.

    Where more support it than can be looked at one after the other (what somebody carries), nothing is said.
    """
    supporting = tuple(map(int, row.get("supporting", ())))
    dialogue = _question((Turn("user", text) for text in row["story"]), row["question"], row["answer"])
    if not dialogue or not 0 < len(supporting) <= MOST_STEPS + 1:
        return dialogue
    return replace(dialogue, evidence=supporting[-1:], steps=(supporting[:-1],))


def of_one_story(dialogues: Iterable[Dialogue], most: int) -> Iterator[Dialogue]:
    """Questions about one story, each with what was told before it, as one dialogue that asks as it goes on.

    At most so many of them, one behind the other; a story is read once, not once for each question. Dialogues
    that do not go on are given as they are.
    """
    story: list[Dialogue] = []
    for dialogue in dialogues:
        if story and (len(story) == most or not _goes_on(story[-1], dialogue)):
            yield _joined(story)
            story = []
        story.append(dialogue)
    if story:
        yield _joined(story)


def _goes_on(before: Dialogue, after: Dialogue) -> bool:
    """Whether both end with their only question, and the second has all that was told in the first."""
    asks = all([turn for turn, _, _ in one.targets] == [len(one.turns) - 1] for one in (before, after))
    told = before.turns[:-1]
    return asks and after.turns[: len(told)] == told


def _joined(story: Sequence[Dialogue]) -> Dialogue:
    if len(story) == 1:
        return story[0]
    turns: list[Turn] = []
    places: list[int] = []  # of what is told, among the turns
    targets, evidence, steps = [], [], []
    for one in story:
        for turn in one.turns[len(places) : -1]:
            places.append(len(turns))
            turns.append(turn)
        turns.append(one.turns[-1])
        targets.append((len(turns) - 1, *one.targets[0][1:]))
        evidence += [places[place] if place >= 0 else place for place in one.evidence or (ANYWHERE,)]
        steps.append(tuple(places[step] for one_steps in one.steps for step in one_steps))
    return Dialogue(tuple(turns), tuple(targets), tuple(evidence), steps=tuple(steps))


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
