"""What a long conversation costs: the time of a reply and the size of the state, early on and late.

python -m benchmarks.chat_cost [--model FOLDER] [--turns 10 100 1000]

The same questions are asked at each length, in turns, of states that were read before, so the ratio is of one
run. A turn is a message of either side.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.table import Row, compared
from chat.bot import PRETRAINED, Bot
from chat.segments import Turn
from data_prep.recall_cases import CaseMaker
from lstm_models.search import SearchOptions

TOKENS = SearchOptions(max_length=12, min_length=12, avoid_loops=False)  # the same work at every length
QUESTIONS = ("What is my name?", "Where does my sister live?", "What did I buy last week?")


@dataclass(frozen=True)
class Cost:
    """Of a conversation of so many turns: tokens in its bank, megabytes stored, seconds of each reply."""

    turns: int
    tokens: int
    size: float
    times: list[float]

    @property
    def middle(self) -> float:
        """Seconds of a reply."""
        return statistics.median(self.times)


def costs(options: argparse.Namespace) -> list[Cost]:
    """Of each length that was asked for, the shortest first."""
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
    return [
        Cost(turns, held.num_tokens, len(held.to_bytes()) / 1e6, times[turns])
        for turns, held in states.items()
    ]


def rows(arguments: Sequence[str]) -> list[Row]:
    """The table's rows: time and state of the longest conversation, the time against the shortest's."""
    found = costs(parse(arguments))
    first, last = found[0], found[-1]
    ratios = [late / early for early, late in zip(first.times, last.times, strict=True)]
    at = f"at turn {last.turns:,}"
    return [
        compared(f"reply {at}", f"{1e3 * last.middle:.0f} ms", f"turn {first.turns}", ratios, "at most 1.1"),
        Row(f"stored state {at}", f"{last.size:.2f} MB", wanted="at most 2 MB"),
    ]


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """The options; see --help."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", type=Path, default=PRETRAINED)
    parser.add_argument("--turns", type=int, nargs="+", default=[10, 100, 1000])
    parser.add_argument("--rounds", type=int, default=9)
    return parser.parse_args(arguments)


def main() -> None:
    """Measure and print a table."""
    found = costs(parse())
    print(
        "| turns | tokens in the bank | stored state, MB | reply, ms | ratio |", "| --- " * 5 + "|", sep="\n"
    )
    for cost in found:
        ratio = cost.middle / found[0].middle
        print(f"| {cost.turns} | {cost.tokens} | {cost.size:.2f} | {1000 * cost.middle:.0f} | {ratio:.2f} |")


if __name__ == "__main__":
    main()
