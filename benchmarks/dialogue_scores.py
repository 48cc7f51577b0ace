"""Scores of a chatbot on the dialogue and reading corpora of the LSTM years, each as it is published.

python -m benchmarks.dialogue_scores babi --model runs/babi/best --corpora DIR
python -m benchmarks.dialogue_scores dialog_babi --model runs/dialog_babi/best --corpora DIR
python -m benchmarks.dialogue_scores kvret --model runs/kvret/best --corpora DIR
python -m benchmarks.dialogue_scores abg_coqa | squad_v1 | squad_v2 | small_talk --corpora DIR

Any chat checkpoint can be given. --limit takes so many rows of each test (of each task for babi).
"""

from __future__ import annotations

import argparse
import json
import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.kvret import entities_of, wanted_of
from chat.bot import PRETRAINED, Bot
from chat.documents.passages import passages_of
from chat.documents.retrieval import PassageIndex
from chat.refusals import is_refusal
from chat.segments import Dialogue, Turn
from data_prep.answering import Answer, answers, distinct, entity_f1, exact, repeats_trigram, word_f1
from data_prep.corpora import corpora_root, get_corpus
from data_prep.dialogue_rows import dialogue_of
from data_prep.dialogues.readers import is_held_title
from data_prep.loading import load_rows
from lstm_models.engine import Engine
from lstm_models.state import ContextState

Row = dict[str, Any]
Scores = dict[str, float]


def babi(bot: Bot, root: Path | None, limit: int) -> tuple[Scores, list[Answer]]:
    """Error of each of the 20 tasks, in percent; the mean, also without task 3 (of which 1k are there)."""
    by_task: dict[int, list[Row]] = defaultdict(list)
    for row in rows("babi_qa", "test", root):
        by_task[row["task"]].append(row)
    scores: Scores = {}
    kept: list[Answer] = []
    for task, some in sorted(by_task.items()):
        found = answered(bot.engine, "babi_qa", some[: limit or None])
        scores[f"task {task}"] = 100 - percent(exact(one.reply, [one.expected]) for one in found)
        kept += found[:50]
    errors = [scores[f"task {task}"] for task in by_task]
    scores["mean"] = float(np.mean(errors))
    scores["mean without task 3"] = float(np.mean([scores[f"task {task}"] for task in by_task if task != 3]))
    scores["tasks above 5 %"] = sum(error > 5 for error in errors)
    return scores, kept


def dialog_babi(bot: Bot, root: Path | None, limit: int) -> tuple[Scores, list[Answer]]:
    """Task 5: replies that are right to the letter, and dialogues of which all are, in percent."""
    scores: Scores = {}
    kept: list[Answer] = []
    for split in ("test", "test_oov"):
        some = [row for row in rows("dialog_babi", split, root) if row["task"] == 5]
        found = answered(bot.engine, "dialog_babi", some[: limit or None])
        scores[f"{split}: per response"] = percent(one.reply == one.expected for one in found)
        whole: dict[int, bool] = defaultdict(lambda: True)
        for one in found:
            whole[one.dialogue] &= one.reply == one.expected
        scores[f"{split}: per dialogue"] = percent(whole.values())
        kept += found
    return scores, kept


def kvret(bot: Bot, root: Path | None, limit: int) -> tuple[Scores, list[Answer]]:
    """Entity F1 over all test replies, and in each domain."""
    some = [row for row in rows("kvret", "test", root) if dialogue_of(row, "dialogue")]
    some = some[: limit or None]
    found = answered(bot.engine, "kvret", some)
    pairs = [
        (one.reply, wanted_of(one.expected, some[one.dialogue]), entities_of(some[one.dialogue]))
        for one in found
    ]
    scores = {"entity F1": 100 * entity_f1(pairs)}
    for domain in sorted({row["domain"] for row in some}):
        part = [
            pair for pair, one in zip(pairs, found, strict=True) if some[one.dialogue]["domain"] == domain
        ]
        scores[f"entity F1, {domain}"] = 100 * entity_f1(part)
    return scores, found


def abg_coqa(bot: Bot, root: Path | None, limit: int) -> tuple[Scores, list[Answer]]:
    """Word F1 and exact match of answers about a story, earlier questions and answers given."""
    return reading(bot.engine, "abg_coqa", list(rows("abg_coqa", "test", root))[: limit or None])


def squad(version: str) -> Callable[[Bot, Path | None, int], tuple[Scores, list[Answer]]]:
    """EM and F1 on the ten test articles of SQuAD's dev set (the others are for training)."""

    def measured(bot: Bot, root: Path | None, limit: int) -> tuple[Scores, list[Answer]]:
        name = f"squad_{version}_dev"
        some = [row for row in rows(name, "validation", root) if is_held_title(row["title"])]
        return reading(bot.engine, name, some[: limit or None])

    return measured


def reading(engine: Engine, name: str, some: list[Row]) -> tuple[Scores, list[Answer]]:
    """EM and F1 from the passages that the bot would look up; where there is no answer, it should refuse."""
    corpus = get_corpus(name)
    wanted = [
        row["answers"]["text"] if isinstance(row["answers"], dict) else row["answers"][-1:] for row in some
    ]
    told = [row if answer else _with_answer(row) for row, answer in zip(some, wanted, strict=True)]
    dialogues = [looked_up(dialogue) for row in told if (dialogue := dialogue_of(row, corpus.schema_))]
    if len(dialogues) != len(some):
        raise ValueError(f"{name}: some rows have no question; is this the registered corpus?")
    found = sorted(answers(engine, dialogues), key=lambda one: one.dialogue)
    em, f1 = [], []
    for one, gold in zip(found, wanted, strict=True):
        em.append(exact(one.reply, gold) if gold else float(is_refusal(one.reply)))
        f1.append(word_f1(one.reply, gold) if gold else float(is_refusal(one.reply)))
    scores = {"questions": float(len(found)), "EM": 100 * float(np.mean(em)), "F1": 100 * float(np.mean(f1))}
    answerable = [value for value, gold in zip(f1, wanted, strict=True) if gold]
    scores["F1, answerable"] = 100 * float(np.mean(answerable))
    return scores, found


def looked_up(dialogue: Dialogue) -> Dialogue:
    """The passages that the bot would look up in the text for the last question, instead of the text.

    Where it would find none, the first two.
    """
    (text, *talk), (_, answer, tag) = dialogue.turns, dialogue.targets[0]
    passages = passages_of("text", text.text)
    before = " ".join(turn.text for turn in talk[:-1])
    found = PassageIndex(passages).search(talk[-1].text, before) or passages[:2]
    turns = (*talk[:-1], *(Turn("doc", passage.text) for passage in found), talk[-1])
    return Dialogue(turns, ((len(turns) - 1, answer, tag),))


def _with_answer(row: Row) -> Row:
    """A question without an answer, as a row that has one to be compared with."""
    return row | {"answers": {"text": ["unanswerable"], "answer_start": [0]}}


def small_talk(bot: Bot, root: Path | None, limit: int) -> tuple[Scores, list[Answer]]:
    """500 turns of self_dialogue's test: replies that go round in circles, and how varied all are."""
    talks = list(rows("self_dialogue", "test", root))
    random.Random(1).shuffle(talks)
    dialogues: list[Dialogue] = []
    for row in talks:
        dialogue = dialogue_of(row, "dialogue")
        if dialogue:
            dialogues.append(dialogue)
        if sum(len(one.targets) for one in dialogues) >= (limit or 500):
            break
    seen: list[tuple[ContextState, str]] = []

    def say(states: Sequence[ContextState], tags: Sequence[str]) -> list[str]:
        seen.extend(zip(states, tags, strict=True))
        return [reply.text for reply in bot.answers(states)]

    found = list(answers(bot.engine, dialogues, say=say))[: limit or 500]
    said, human = [one.reply for one in found], [one.expected for one in found]
    return {
        "replies": float(len(found)),
        "perplexity of the humans'": perplexity(bot.engine, seen[: len(human)], human),
        "with a repeated trigram, %": percent(map(repeats_trigram, said)),
        "humans' with a repeated trigram, %": percent(map(repeats_trigram, human)),
        "distinct-2": 100 * distinct(said),
        "humans' distinct-2": 100 * distinct(human),
        "refusals, %": percent(map(is_refusal, said)),
        "different replies, %": 100 * len(set(said)) / max(1, len(said)),
    }, found


def perplexity(engine: Engine, seen: Sequence[tuple[ContextState, str]], replies: Sequence[str]) -> float:
    """Of given replies to states that have read, each with its tag; for each token, the end counted."""
    pieces = engine.tokenizer
    log_probs = [
        engine.score([state], [tag], [[*pieces.encode(reply), pieces.eos_id]])[0]
        for (state, tag), reply in zip(seen, replies, strict=True)
    ]
    return float(np.exp(-np.concatenate(log_probs).mean()))


def rows(name: str, split: str, root: Path | None) -> Iterator[Row]:
    """The rows of a corpus."""
    return load_rows(get_corpus(name), split, root)


def answered(engine: Engine, name: str, some: list[Row]) -> list[Answer]:
    """The replies in all dialogues of a corpus' rows that have any."""
    schema = get_corpus(name).schema_
    return list(answers(engine, [one for row in some if (one := dialogue_of(row, schema))]))


def percent(values: Any) -> float:
    """The share of true values, in percent."""
    held = [float(value) for value in values]
    return 100 * sum(held) / max(1, len(held))


MEASURES: dict[str, Callable[[Bot, Path | None, int], tuple[Scores, list[Answer]]]] = {
    "babi": babi,
    "dialog_babi": dialog_babi,
    "kvret": kvret,
    "abg_coqa": abg_coqa,
    "squad_v1": squad("v1"),
    "squad_v2": squad("v2"),
    "small_talk": small_talk,
}


def main() -> None:
    """Measure, print the scores and some failures, write the JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("measure", choices=list(MEASURES))
    parser.add_argument("--model", default=PRETRAINED, type=Path, help="checkpoint folder")
    parser.add_argument("--corpora", help="folder of local corpora")
    parser.add_argument("--limit", type=int, default=0, help="rows of each test; all if left out")
    parser.add_argument("--failures", type=int, default=20, help="failures to print")
    parser.add_argument("--json", type=Path, help="write scores and replies here")
    options = parser.parse_args()
    bot = Bot.load(options.model)
    scores, found = MEASURES[options.measure](bot, corpora_root(options.corpora), options.limit)
    for name, value in scores.items():
        print(f"{name:40} {value:8.2f}")
    failures = [one for one in found if word_f1(one.reply, [one.expected]) < 0.5]
    for one in failures[:: max(1, len(failures) // max(1, options.failures))][: options.failures]:
        print(f"{one.question[-120:]}\n    {one.reply}    [{one.expected}]")
    if options.json:
        report = {"model": bot.engine.model_hash, "scores": scores, "replies": [vars(one) for one in found]}
        options.json.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
