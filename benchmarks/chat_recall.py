"""How well a chatbot remembers (data_prep/recall.py says how that is measured), with some of its failures.

python -m benchmarks.chat_recall                                    the shipped bot
python -m benchmarks.chat_recall --model run/checkpoint --corpora DIR --json recall.json
python -m benchmarks.chat_recall --model run/checkpoint --corpora DIR --choosing --turns 0 50
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import torch

from chat.bot import PRETRAINED, Bot
from data_prep.recall import CONVERSATIONS, DISTANCES, FACTS, measure_recall, table
from data_prep.recall_cases import GROUPS
from lstm_models.files import write_text


def main() -> None:
    """Measure, print a table and some failures, write the JSON."""
    options = parse()
    torch.set_num_threads(options.threads)
    bot = Bot.load(options.model)
    bot = Bot(bot.engine) if options.plain else bot
    started = time.time()
    asked = (options.groups or (), options.turns, options.conversations, options.facts, options.corpora)
    results, replies = measure_recall(bot, *asked, test=not options.choosing)
    print(table(results))
    failures = [reply for reply in replies if reply["verdict"] in ("wrong", "refused", "invented")]
    for reply in failures[:: max(1, len(failures) // max(1, options.failures))][: options.failures]:
        value = reply["value"] or "never told"
        print(f"{reply['verdict']} ({reply['group']}, {reply['turns']} turns): {reply['question']}")
        print(f"    {reply['reply']}    [{value}]")
    print(f"{len(replies)} questions in {time.time() - started:.0f} s")
    if options.json:
        report = {
            "model": bot.engine.model_hash,
            "options": vars(options),
            "results": results,
            "replies": replies,
        }
        write_text(options.json, json.dumps(report, indent=1, ensure_ascii=False, default=str) + "\n")


def parse() -> argparse.Namespace:
    """The options; see --help."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", default=PRETRAINED, type=Path, help="checkpoint folder")
    parser.add_argument("--corpora", help="folder of local corpora, for small talk out of self_dialogue/test")
    parser.add_argument("--conversations", type=int, default=CONVERSATIONS, help="in each group")
    parser.add_argument("--facts", type=int, default=FACTS, help="told in each conversation")
    parser.add_argument(
        "--turns", type=int, nargs="+", default=list(DISTANCES), help="between telling and asking"
    )
    parser.add_argument("--groups", nargs="+", choices=list(GROUPS), help="only these")
    parser.add_argument(
        "--choosing",
        action="store_true",
        help="other cases than the test's, to choose between checkpoints by",
    )
    parser.add_argument("--plain", action="store_true", help="the network alone, without a calibration")
    parser.add_argument("--failures", type=int, default=20, help="failures to print")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--json", type=Path, help="write everything here, with every reply")
    return parser.parse_args()


if __name__ == "__main__":
    main()
