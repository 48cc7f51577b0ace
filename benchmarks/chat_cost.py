"""What a long conversation costs: the time of a reply and the size of the state, early on and late.

python -m benchmarks.chat_cost [--model FOLDER] [--turns 10 100 1000]

The same questions are asked at each length, in turns, of states that were read before, so the ratio is of one
run. A turn is a message of either side.
"""

from __future__ import annotations

import argparse
import statistics
import time
from pathlib import Path

from chat.bot import PRETRAINED, Bot
from chat.segments import Turn
from data_prep.recall_cases import CaseMaker
from lstm_models.search import SearchOptions

TOKENS = SearchOptions(max_length=12, min_length=12, avoid_loops=False)  # the same work at every length
QUESTIONS = ("What is my name?", "Where does my sister live?", "What did I buy last week?")


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", type=Path, default=PRETRAINED)
    parser.add_argument("--turns", type=int, nargs="+", default=[10, 100, 1000])
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args()
    bot = Bot.load(options.model)
    talk = CaseMaker([], max(options.turns)).make("trained relations", 1)
    said = [*((text, "I see.") for text in talk.tells), *talk.talk]
    states, state = {}, bot.new_state()
    for number, (message, reply) in enumerate(said, 1):
        state = bot.replay([Turn("user", message), Turn("bot", reply)], state)
        if 2 * number in options.turns:
            states[2 * number] = state
    times: dict[int, list[float]] = {turns: [] for turns in states}
    for turn in range(options.rounds):
        for turns, held in states.items():
            started = time.perf_counter()
            bot.reply(QUESTIONS[turn % len(QUESTIONS)], held, TOKENS)
            times[turns].append(time.perf_counter() - started)
    first = min(states)
    print(
        "| turns | tokens in the bank | stored state, MB | reply, ms | ratio |", "| --- " * 5 + "|", sep="\n"
    )
    for turns, held in states.items():
        middle, base = statistics.median(times[turns]), statistics.median(times[first])
        size = len(held.to_bytes(packed=True)) / 1e6
        print(f"| {turns} | {held.num_tokens} | {size:.2f} | {1000 * middle:.0f} | {middle / base:.2f} |")


if __name__ == "__main__":
    main()
