"""Recall on dialogues written by hand: wordings and relations that no generator made.

    python -m benchmarks.natural_recall pretrained/chat --turns 0 6 50 --json natural.json

Every question is asked of its own branch of the conversation, after so many turns of small talk.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import yaml

from chat.bot import Bot
from chat.refusals import is_refusal
from data_prep.recall import read, small_talk
from lstm_models.state import ContextState

CASES = Path(__file__).with_name("natural_dialogues.yaml")


def main() -> None:
    """Reads the options, measures, prints a table and the failures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("model", type=Path, help="a chat checkpoint")
    parser.add_argument("--split", choices=("development", "choosing", "test"), default="test")
    parser.add_argument("--turns", type=int, nargs="*", default=[0, 6, 50], help="between telling and asking")
    parser.add_argument("--corpora", type=Path, help="folder of corpora; small talk of self_dialogue's test")
    parser.add_argument("--json", type=Path, help="every reply with its verdict")
    options = parser.parse_args()
    bot = Bot.load(options.model)
    cases = yaml.safe_load(CASES.read_text(encoding="utf-8"))[options.split]
    replies = [
        reply for turns in sorted(options.turns) for reply in ask_all(bot, cases, turns, options.corpora)
    ]
    print(table(replies))
    for reply in replies:
        if not reply["right"]:
            print(f"{reply['turns']:3}  {reply['told']}\n     {reply['question']} -> {reply['reply']}")
    if options.json:
        options.json.write_text(json.dumps(replies, indent=1, ensure_ascii=False), encoding="utf-8")


def ask_all(
    bot: Bot, cases: dict[str, list[dict[str, Any]]], turns: int, corpora: Path | None
) -> list[dict[str, Any]]:
    """Every question of every case after `turns` turns of small talk, with its verdict."""
    talk = [(row["user"], row["bot"]) for row in exchanges(corpora, turns // 2)]
    replies = []
    for kind, dialogues in cases.items():
        for case in dialogues:
            state = told(bot, case["told"], talk)
            questions = list(case["ask"].items())
            heard = read(bot, [state] * len(questions), "user", [question for question, _ in questions])
            for (question, wanted), reply in zip(questions, bot.answers(heard), strict=True):
                right = judge(reply.text, str(wanted))
                about = {"kind": kind, "turns": turns, "told": " / ".join(case["told"]), "question": question}
                replies.append(about | {"wanted": wanted, "reply": reply.text, "right": right})
    return replies


def exchanges(corpora: Path | None, count: int) -> list[dict[str, str]]:
    """Exchanges of small talk, the first ones of self_dialogue's test split (none without corpora)."""
    found: list[dict[str, str]] = []
    for row in small_talk(corpora):
        turns = [turn["text"] for turn in row["turns"]]
        found += [{"user": a, "bot": b} for a, b in zip(turns[::2], turns[1::2], strict=False)]
        if len(found) >= count:
            break
    if len(found) < count:
        raise ValueError(f"--turns {2 * count} needs small talk: name a folder of corpora with --corpora")
    return found[:count]


def told(bot: Bot, messages: list[str], talk: list[tuple[str, str]]) -> ContextState:
    """The state after the messages, which the bot answers itself, and the small talk."""
    states = [bot.new_state()]
    for message in messages:
        states = read(bot, states, "user", [message])
        states = read(bot, states, "bot", [bot.answers(states)[0].text])
    for said, answered in talk:
        states = read(bot, read(bot, states, "user", [said]), "bot", [answered])
    return states[0]


def judge(reply: str, wanted: str) -> bool:
    """Whether a reply refuses (wanted "-"), or says one of what is wanted."""
    if wanted == "-":
        return is_refusal(reply)
    return not is_refusal(reply) and any(part.lower() in reply.lower() for part in wanted.split("|"))


def table(replies: list[dict[str, Any]]) -> str:
    """Right answers by kind and turns, as a Markdown table."""
    counts: dict[str, dict[int, Counter[bool]]] = defaultdict(lambda: defaultdict(Counter))
    for reply in replies:
        for kind in (reply["kind"], "all"):
            counts[kind][reply["turns"]][reply["right"]] += 1
    distances = sorted({reply["turns"] for reply in replies})
    lines = ["| kind | " + " | ".join(f"{turns} turns" for turns in distances) + " |"]
    lines.append("| --- " * (len(distances) + 1) + "|")
    for kind, by_turns in sorted(counts.items(), key=lambda item: item[0] == "all"):
        cells = [f"{by_turns[turns][True]} of {by_turns[turns].total()}" for turns in distances]
        lines.append(f"| {kind} | {' | '.join(cells)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
