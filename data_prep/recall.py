"""How well a chatbot remembers: recall by distance, answers invented, refusals of what it was told.

Every conversation begins with some facts, told in messages of their own, which the bot acknowledges.
Then real small talk follows (self_dialogue's, or the project's own without a folder of corpora).
After each distance (in turns; a turn is a message of either side) questions are asked, each of a branch of
the conversation, so that one does not help the next. Names are made up and were never trained on. An answer
is right when it contains the value as whole words; a reply to a question about something never told is
invented unless it says so.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from chat.bot import Bot
from chat.reply import Reply
from chat.segments import Turn, encode_turn
from data_prep.corpora import corpora_root, get_corpus
from data_prep.loading import load_rows
from data_prep.recall_cases import GROUPS, Asked, Case, CaseMaker
from lstm_models.state import ContextState

BATCH = 32  # conversations side by side
DISTANCES = (1, 10, 50, 200)  # turns between telling and asking
CONVERSATIONS = 64
FACTS = 4  # told in each conversation
Rates = dict[str, float]
Results = dict[str, dict[int, Rates]]  # group -> turns -> rates


def measure_recall(
    bot: Bot,
    groups: Sequence[str] = (),
    distances: Sequence[int] = DISTANCES,
    conversations: int = CONVERSATIONS,
    facts: int = FACTS,
    corpora: str | Path | None = None,
    test: bool = True,
) -> tuple[Results, list[dict[str, Any]]]:
    """Rates by group and distance, and every reply with its verdict.

    groups: of GROUPS; empty = all. facts: told in each conversation. corpora: a folder of local corpora.
    test: False takes other cases, for choosing between checkpoints.
    """
    distances = sorted(distances)
    maker = CaseMaker(small_talk(corpora, test), max(distances) // 2 + 1, facts, test)
    results: Results = {}
    replies: list[dict[str, Any]] = []
    for group in groups or GROUPS:
        cases = [maker.make(group, seed) for seed in range(conversations)]
        for distance, verdicts in measure(bot, cases, distances, group, replies).items():
            results.setdefault(group, {})[distance] = rates(verdicts)
    return results, replies


def small_talk(corpora: str | Path | None, test: bool = True) -> Iterator[dict[str, Any]]:
    """Conversations of self_dialogue's test split, or of its validation split; none without corpora."""
    root, split = corpora_root(corpora), "test" if test else "validation"
    return load_rows(get_corpus("self_dialogue"), split, root) if root else iter(())


def measure(
    bot: Bot, cases: Sequence[Case], distances: Sequence[int], group: str, replies: list[dict[str, Any]]
) -> dict[int, list[str]]:
    """Verdicts by distance, in batches of conversations; every reply is added to `replies`."""
    verdicts: dict[int, list[str]] = defaultdict(list)
    for start in range(0, len(cases), BATCH):
        batch = cases[start : start + BATCH]
        states = told(bot, batch)
        said = 0  # exchanges of small talk so far
        for distance in distances:
            exchanges = range(said, (distance + 1) // 2)
            states = talked(bot, batch, states, exchanges)
            said += len(exchanges)
            for state_index, question, reply in asked(bot, batch, states):
                verdict = question.judge(reply.text)
                verdicts[distance].append(verdict)
                case = start + state_index
                about = {"group": group, "turns": distance, "case": case, "question": question.text}
                replies.append(about | {"value": question.value, "reply": reply.text, "verdict": verdict})
    return verdicts


def told(bot: Bot, batch: Sequence[Case]) -> list[ContextState]:
    """The conversations after the facts were told and acknowledged by the bot itself."""
    states = [bot.new_state() for _ in batch]
    for place in range(max(len(case.tells) for case in batch)):
        rows = [row for row, case in enumerate(batch) if place < len(case.tells)]
        tells = [batch[row].tells[place] for row in rows]
        heard = read(bot, [states[row] for row in rows], "user", tells)
        said = [reply.text for reply in bot.answers(heard)]
        for row, state in zip(rows, read(bot, heard, "bot", said), strict=True):
            states[row] = state
    return states


def talked(
    bot: Bot, batch: Sequence[Case], states: Sequence[ContextState], exchanges: range
) -> list[ContextState]:
    """The conversations after these exchanges of their small talk."""
    now = list(states)
    for place in exchanges:
        for side, speaker in enumerate(("user", "bot")):
            now = read(bot, now, speaker, [case.talk[place][side] for case in batch])
    return now


def asked(
    bot: Bot, batch: Sequence[Case], states: Sequence[ContextState]
) -> Iterator[tuple[int, Asked, Reply]]:
    """(conversation, question, reply) for every question, each asked of its own branch."""
    pairs = [(row, question) for row, case in enumerate(batch) for question in case.questions]
    for start in range(0, len(pairs), BATCH):
        part = pairs[start : start + BATCH]
        questions = [question.text for _, question in part]
        heard = read(bot, [states[row] for row, _ in part], "user", questions)
        for (row, question), reply in zip(part, bot.answers(heard), strict=True):
            yield row, question, reply


def read(bot: Bot, states: Sequence[ContextState], speaker: str, texts: Sequence[str]) -> list[ContextState]:
    """The states after one more message each; an empty one is read as a full stop."""
    now = list(states)
    waiting = [[text or "."] if speaker == "bot" else bot.parts(text) or ["."] for text in texts]
    longest = bot.engine.config.max_segment
    for place in range(max(map(len, waiting))):
        rows = [row for row, parts in enumerate(waiting) if place < len(parts)]
        ids = [encode_turn(bot.engine.tokenizer, Turn(speaker, waiting[row][place])) for row in rows]
        cut = [turn[: longest - 1] + turn[-1:] if len(turn) > longest else turn for turn in ids]
        for row, state in zip(rows, bot.engine.read([now[row] for row in rows], cut), strict=True):
            now[row] = state
    return now


def rates(verdicts: Sequence[str]) -> dict[str, float]:
    """Shares in percent: recall and false refusals of what was told, inventions of what was not."""
    counts = Counter(verdicts)
    told = counts["right"] + counts["wrong"] + counts["refused"]
    untold = counts["honest"] + counts["invented"]
    return {
        "told": told,
        "recall": 100 * counts["right"] / max(1, told),
        "refused": 100 * counts["refused"] / max(1, told),
        "never_told": untold,
        "invented": 100 * counts["invented"] / max(1, untold),
    }


def table(results: dict[str, dict[int, dict[str, float]]]) -> str:
    """The results as a Markdown table."""
    lines = ["| facts | turns | told | recall | refused | never told | invented |", "| --- " * 7 + "|"]
    for group, by_distance in results.items():
        for distance, rate in by_distance.items():
            lines.append(
                f"| {group} | {distance} | {rate['told']:.0f} | {rate['recall']:.1f} % "
                f"| {rate['refused']:.1f} % | {rate['never_told']:.0f} | {rate['invented']:.1f} % |"
            )
    return "\n".join(lines)
