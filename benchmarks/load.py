"""Many users at once, chatting and translating, against one at a time; and the server's memory meanwhile.

    python -m benchmarks.load                                # 64 users, about 2 minutes
    python -m benchmarks.load --minutes 60                   # and whether memory stays as it is for an hour
    python -m benchmarks.load --clients 8 --seconds 5        # a quick look

The app runs in a process of its own with the shipped models. Every second client chats, each in a
conversation of its own, over OpenAI's interface; the others translate a sentence each time, over
LibreTranslate's. Each asks again as soon as it has its answer. One at a time means one client that does both
in turns. The clients take their share of the same cores.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from itertools import count

from benchmarks.server import Caller, numbers_of, served

NAMES = ("Ada", "Bruno", "Clara", "David", "Elena", "Felix", "Greta", "Hugo", "Irene", "Jonas")
TOWNS = ("Oslo", "Lisbon", "Vienna", "Dublin", "Turin", "Geneva", "Prague", "Bergen")
THINGS = ("the red umbrella", "my old bicycle", "the blue suitcase", "our spare key", "the long ladder")
SAID = (
    "My sister {name} lives in {town}.",
    "I left {thing} at the station.",
    "Where does {name} live?",
    "How are you today?",
    "{name} would like to visit {town} next summer.",
    "Do you remember where I left {thing}?",
)
SENTENCES = (
    "{name} went to {town} yesterday because the train was late.",
    "Have you seen {thing} anywhere?",
    "We should meet in {town} before the shops close.",
    "{name} said that it was going to rain, so we stayed at home.",
    "I would like a room with a view, please.",
    "The children were playing in the garden when {name} called.",
)
TARGETS = ("de", "fr", "es")
TURNS = 40  # of a conversation, then the client begins another one and deletes it
SAMPLE = 10.0  # seconds between looks at the memory
WARM = 0.25  # of the time until the memory is taken to have reached its size
GROWTH = 1.05  # what is more than that is not flat
LARGEST = 600.0  # MB


@dataclass
class Tally:
    """Seconds of each answer by kind, and what was refused."""

    chat: list[float] = field(default_factory=list)
    translation: list[float] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    cpu: float = 0.0  # seconds of the server's process

    @property
    def cost(self) -> float:
        """Milliseconds of the server's CPU time for an answer: other work beside it hardly changes that."""
        return 1e3 * self.cpu / max(1, len(self.chat) + len(self.translation))

    @property
    def rate(self) -> float:
        """Answers a second."""
        return (len(self.chat) + len(self.translation)) / self.seconds


class User:
    """One client. does: the kinds of what it asks for, in turns."""

    def __init__(self, address: str, number: int, does: tuple[str, ...]) -> None:
        self.rng, self.does = random.Random(number), does
        self.caller = Caller(address, f"benchmark-{number}")
        self.conversation, self.turns = "", 0

    def run(self, until: float, tally: Tally) -> None:
        """Asks until then (time.monotonic())."""
        for n in count():
            if time.monotonic() >= until:
                break
            kind = self.does[n % len(self.does)]
            if kind == "chat":
                self._begin()
            path, body = self._message() if kind == "chat" else self._sentence()
            start = time.perf_counter()
            status, answer, retry = self.caller.ask("POST", path, body)
            if status == 200:
                getattr(tally, kind).append(time.perf_counter() - start)
            else:
                tally.refused[f"{status} {answer}"[:120]] += 1
                time.sleep(min(retry or 1.0, 5.0))
        self.caller.close()

    def _begin(self) -> None:
        """A new conversation, where there is none or it has become long."""
        if self.conversation and self.turns < TURNS:
            self.turns += 1
            return
        if self.conversation:
            self.caller.ask("DELETE", f"/v1/conversations/{self.conversation}")
        status, answer, _ = self.caller.ask("POST", "/v1/conversations", {})
        if status != 200:
            raise RuntimeError(f"no conversation could be begun: {status} {answer}")
        self.conversation, self.turns = answer["id"], 1

    def _filled(self, texts: tuple[str, ...]) -> str:
        pick = self.rng.choice
        return pick(texts).format(name=pick(NAMES), town=pick(TOWNS), thing=pick(THINGS))

    def _message(self) -> tuple[str, dict[str, object]]:
        message = {"role": "user", "content": self._filled(SAID)}
        asked: dict[str, object] = {
            "model": "longshort-chat",
            "conversation": self.conversation,
            "messages": [message],
        }
        return "/v1/chat/completions", asked

    def _sentence(self) -> tuple[str, dict[str, object]]:
        target = self.rng.choice(TARGETS)
        return "/translate", {"q": self._filled(SENTENCES), "source": "en", "target": target}


def load(address: str, clients: int, seconds: float, first: int = 0) -> Tally:
    """So many users at once for so long; one alone does both in turns. first: the number of the first one."""
    tally, faults = Tally(), []
    kinds = [("chat", "translation")] if clients == 1 else [("chat",), ("translation",)]
    users = [User(address, first + n, kinds[n % len(kinds)]) for n in range(clients)]
    start, cpu = time.monotonic(), numbers_of(address)["cpu"]

    def run(user: User) -> None:
        try:
            user.run(start + seconds, tally)
        except Exception as error:
            faults.append(error)

    threads = [threading.Thread(target=run, args=(user,)) for user in users]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    tally.seconds, tally.cpu = time.monotonic() - start, numbers_of(address)["cpu"] - cpu
    if faults:
        raise faults[0]
    return tally


def watched(address: str, clients: int, seconds: float) -> tuple[Tally, list[float]]:
    """As `load`, with the server's memory (MB) every few seconds."""
    sizes, done = [numbers_of(address)["memory"]], threading.Event()
    every = min(SAMPLE, seconds / 20)

    def watch() -> None:
        while not done.wait(every):
            sizes.append(numbers_of(address)["memory"])

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        return load(address, clients, seconds, first=1000), sizes
    finally:
        done.set()
        watcher.join()


def is_flat(sizes: list[float]) -> bool:
    """Whether memory no longer grows: the last quarter's middle against that of the quarter after warming."""
    quarter = max(1, int(len(sizes) * WARM))
    early, late = sizes[quarter : 2 * quarter] or sizes[:1], sizes[-quarter:]
    return statistics.median(late) <= GROWTH * statistics.median(early)


def quantile(seconds: list[float], share: float) -> float:
    """In milliseconds; of nothing, not a number."""
    ordered = sorted(seconds)
    return 1e3 * ordered[min(int(share * len(ordered)), len(ordered) - 1)] if ordered else float("nan")


def line(name: str, tally: Tally) -> str:
    """A row of the table."""
    times = [quantile(part, q) for part in (tally.chat, tally.translation) for q in (0.5, 0.95)]
    shown = " | ".join(f"{value:,.0f}" for value in times)
    return f"| {name} | {tally.rate:.1f} | {tally.cost:.1f} | {shown} | {sum(tally.refused.values())} |"


def main() -> None:
    """Prints a table, the ratios, and the memory. Exit code 1 where memory grows or is too large."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=40.0, help="of each part")
    parser.add_argument("--minutes", type=float, default=0.0, help="of load while memory is watched")
    parser.add_argument("--server", help="an address (default: the app is started)")
    options = parser.parse_args()
    if options.server:
        sys.exit(measure(options.server, options))
    with served() as address:
        sys.exit(measure(address, options))


def measure(address: str, options: argparse.Namespace) -> int:
    """All parts; returns the exit code."""
    load(address, 2, min(5.0, options.seconds), first=500)  # warm
    heads = "users | answers/s | CPU, ms an answer | chat p50, ms | p95 | translation p50, ms | p95 | refused"
    print(f"| {heads} |")
    print("| --- " * 8 + "|")
    alone = load(address, 1, options.seconds)
    print(line("one at a time", alone), flush=True)
    many, sizes = watched(address, options.clients, options.seconds)
    print(line(f"{options.clients} at once", many), flush=True)
    ratio = many.rate / alone.rate
    waiting = quantile(many.chat, 0.95) / quantile(alone.chat, 0.95)
    print(f"\n{ratio:.2f} x the throughput, {alone.cost / many.cost:.2f} x in CPU time")
    print(f"p95 of a chat reply {waiting:.2f} x that of an idle server")
    if options.minutes:
        many, sizes = watched(address, options.clients, 60 * options.minutes)
        print(line(f"{options.clients} for {options.minutes:g} minutes", many))
    for said, times in (many.refused + alone.refused).most_common(5):
        print(f"refused {times} times: {said}")
    step = max(1, len(sizes) // 12)
    flat = is_flat(sizes)
    print(f"memory, MB: {', '.join(f'{size:.0f}' for size in sizes[::step])}; largest {max(sizes):.0f}")
    print(f"memory is {'flat' if flat else 'growing'}")
    return int(bool(options.minutes) and not (flat and max(sizes) <= LARGEST))


if __name__ == "__main__":
    main()
