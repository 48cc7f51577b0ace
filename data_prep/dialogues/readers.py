"""Dialogues of a corpus's own: passages with questions, bAbI stories, restaurant bookings, plain chat."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chat.segments import Dialogue, Turn
from data_prep.dialogues.episodes import Episode
from data_prep.dialogues.facts import Draw, Question
from data_prep.dialogues.natural import NaturalFact, from_passages, passages_of, sentences_of
from data_prep.dialogues.smalltalk import SmallTalk
from data_prep.dialogues.values import core
from data_prep.dialogues.wording import sentence
from lstm_models.encoded import ANYWHERE, NOWHERE

Row = Mapping[str, Any]
MAX_PASSAGE = 130  # words: a segment of the model's holds about 256 tokens
READ = ("I've read it.", "Thanks, I've read the text.")
NOT_IN_TEXT = (
    "The text doesn't say.",
    "The text doesn't say that.",
    "That isn't in the text.",
)


@dataclass(frozen=True)
class Passage:
    """A text with its sentences, the facts it answers and questions that it does not answer."""

    sentences: tuple[str, ...]
    facts: tuple[NaturalFact, ...]
    unanswered: tuple[str, ...]


def passages(rows: Sequence[Row], source: str) -> list[Passage]:
    """The passages of a corpus with all their questions."""
    by_text: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_text[next(passages_of([row]))[0]].append(row)
    found = []
    for text, asked in by_text.items():
        facts = tuple(from_passages(asked, source))
        left = tuple(question for _, question, answer in passages_of(asked) if not answer)
        if facts:
            found.append(Passage(tuple(sentences_of(" ".join(text.split()))), facts, left))
    return found


def reading(passage: Passage, rng: random.Random) -> Dialogue | None:
    """A part of a passage as a <doc> turn, then questions about it, and now and then one it leaves open."""
    fact = rng.choice(passage.facts)
    part = _part(passage.sentences, fact, rng)
    if not part:
        return None
    text = " ".join(part)
    answered = [f for f in passage.facts if f is not fact and f.answer in text and _is_held(f, part)]
    chosen = [fact, *rng.sample(answered, min(len(answered), rng.choice((0, 1, 2, 3))))]
    rng.shuffle(chosen)
    turns: list[Turn] = [Turn("doc", text)]
    targets = []
    if rng.random() < 0.3:  # the user pasted it: the bot says that it has read it
        turns = [
            Turn("user", text),
            Turn("bot", rng.choice(READ)),
        ]
        targets.append((0, turns[1].text, "<reply>"))
    evidence, wanted = [ANYWHERE] * len(targets), [""] * len(targets)
    pairs = [(_asked(f), _answer(f, rng), core(f.answer)) for f in chosen]
    if passage.unanswered and rng.random() < 0.3:
        question = rng.choice(passage.unanswered)
        pairs.insert(rng.randint(0, len(pairs)), (question, rng.choice(NOT_IN_TEXT), ""))
    for question, answer, words in pairs:
        turns.append(Turn("user", question))
        targets.append((len(turns) - 1, answer, "<reply>"))
        evidence.append(0 if words else NOWHERE)
        wanted.append(words)
        turns.append(Turn("bot", answer))
    return Dialogue(tuple(turns), tuple(targets), tuple(evidence), tuple(wanted))


def own_reading(episode: Episode, draw: Draw) -> Dialogue:
    """A text given to read, as a document or typed in, then questions that it answers or leaves open."""
    rng, fact = draw.rng, episode.make(draw)
    text = fact.tell(draw).text
    turns: list[Turn] = [Turn("doc", text)]
    targets: list[tuple[int, str, str]] = []
    evidence: list[int] = []
    wanted: list[str] = []
    if rng.random() < 0.4:
        turns = [Turn("user", text), Turn("bot", rng.choice(READ))]
        targets, evidence, wanted = [(0, turns[1].text, "<reply>")], [ANYWHERE], [""]
    asked: dict[str, tuple[Question, str, int]] = {}
    for _ in range(rng.choice((2, 3, 4, 5, 6, 7))):
        question = fact.ask(draw)
        asked[question.topic] = (question, question.answer, 0)
    if rng.random() < 0.45:
        question = fact.unknown(draw)
        asked[question.topic] = (question, rng.choice(NOT_IN_TEXT), NOWHERE)
    pairs = list(asked.values())
    rng.shuffle(pairs)
    for question, answer, where in pairs:
        turns.append(Turn("user", question.asked.direct))
        targets.append((len(turns) - 1, answer, "<reply>"))
        evidence.append(where)
        wanted.append(question.value)
        turns.append(Turn("bot", answer))
    return Dialogue(tuple(turns), tuple(targets), tuple(evidence), tuple(wanted))


def _is_held(fact: NaturalFact, part: Sequence[str]) -> bool:
    return any(fact.statement in text.rstrip(". ") for text in part)


def _part(sentences: Sequence[str], fact: NaturalFact, rng: random.Random) -> Sequence[str]:
    """Some sentences around the one that holds the fact, short enough for a segment."""
    places = [i for i, text in enumerate(sentences) if text.rstrip(". ") == fact.statement]
    if not places:
        return ()
    first = last = places[0]
    words = len(sentences[first].split())
    wanted = rng.choice((1, 2, 3, 4, 6, 8))
    while last - first + 1 < wanted:
        before, after = first > 0, last < len(sentences) - 1
        if not before and not after:
            break
        back = before and (not after or rng.random() < 0.5)
        extra = len(sentences[first - 1 if back else last + 1].split())
        if words + extra > MAX_PASSAGE:
            break
        words += extra
        first, last = (first - 1, last) if back else (first, last + 1)
    return sentences[first : last + 1]


def _asked(fact: NaturalFact) -> str:
    return sentence(fact.asked.direct, "?")


def _answer(fact: NaturalFact, rng: random.Random) -> str:
    return sentence(fact.clause if fact.clause and rng.random() < 0.7 else fact.answer)


def babi(row: Row) -> Dialogue:
    """A bAbI story, a turn a sentence, and its question; the answer is the corpus's own word."""
    turns = (*(Turn("user", text) for text in row["story"]), Turn("user", row["question"]))
    return Dialogue(turns, ((len(turns) - 1, row["answer"], "<answer>"),))


def booking(row: Row) -> Dialogue | None:
    """A dialog_babi dialogue; its knowledge-base lines are documents."""
    turns: list[Turn] = []
    targets = []
    for turn in row["turns"]:
        speaker = {"kb": "doc", "user": "user"}.get(turn["speaker"], "bot")
        text = " ".join(turn["text"].split())
        if len(text.split()) > MAX_PASSAGE:
            return None
        if speaker == "bot" and turns:
            targets.append((len(turns) - 1, text, "<answer>"))
        turns.append(Turn(speaker, text))
    return Dialogue(tuple(turns), tuple(targets)) if targets else None


def chat(talk: SmallTalk, rng: random.Random) -> Dialogue:
    """Small talk only: every reply that teaches something is learnt."""
    exchanges = talk.draw(rng, rng.randint(2, 12))
    turns: list[Turn] = []
    targets = []
    for said in exchanges:
        turns.append(Turn("user", said.user))
        if said.learn:
            targets.append((len(turns) - 1, said.bot, "<reply>"))
        turns.append(Turn("bot", said.bot))
    if not targets:
        targets.append((0, turns[1].text, "<reply>"))
    return Dialogue(tuple(turns), tuple(targets))


def whole(dialogues: Iterable[Dialogue | None]) -> list[Dialogue]:
    """Those that there are."""
    return [dialogue for dialogue in dialogues if dialogue]


def is_held_title(title: str) -> bool:
    """Whether a SQuAD article is kept for tests (v1 and v2 alike)."""
    return re.sub(r"\W", "_", title) in HELD_TITLES


HELD_TITLES = frozenset(
    (
        "Packet_switching", "Normans", "Amazon_rainforest", "Oxygen", "Warsaw", "Nikola_Tesla", "Black_Death",
        "European_Union_law", "Victoria__Australia_", "Private_school",
    )
)  # fmt: skip
