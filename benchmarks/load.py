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
import statistics
import sys
import threading
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

from benchmarks.server import numbers_of, served
from benchmarks.table import Row, compared, spread
from benchmarks.users import Tally, User

SAMPLE = 10.0  # seconds between looks at the memory
WARM = 0.25  # of the time until the memory is taken to have reached its size
GROWTH = 1.05  # what is more than that is not flat
LARGEST = 600.0  # MB


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


@dataclass
class Found:
    """One run: one at a time, then many at once, with the server's memory meanwhile."""

    alone: Tally
    many: Tally
    sizes: list[float]

    @property
    def throughput(self) -> float:
        """How many times as many answers a second many get. Raises ValueError where one alone got none."""
        if not self.alone.rate:
            raise ValueError("one user alone got no answer: give more --seconds")
        return self.many.rate / self.alone.rate

    @property
    def waiting(self) -> float:
        """How many times as long as with an idle server 95 % of the chat replies take at most."""
        return quantile(self.many.chat, 0.95) / quantile(self.alone.chat, 0.95)


def one_run(address: str, clients: int, seconds: float) -> Found:
    """Both parts of so many seconds."""
    return Found(load(address, 1, seconds), *watched(address, clients, seconds))


def rows(arguments: Sequence[str]) -> list[Row]:
    """The table's rows: throughput, waiting and memory."""
    options = parse(arguments)
    with _server_of(options) as address:
        load(address, 2, min(5.0, options.seconds), first=500)  # warm
        runs = [one_run(address, options.clients, options.seconds) for _ in range(options.rounds)]
    many = f"{options.clients} users at once"
    sizes = [size for run in runs for size in run.sizes]
    waits = [quantile(run.many.chat, 0.95) for run in runs]
    flat = "flat" if is_flat(sizes) else "growing"
    return [
        compared(
            f"{many}, answers",
            spread([run.many.rate for run in runs], "a second"),
            "one at a time",
            [run.throughput for run in runs],
            "at least 10",
        ),
        compared(
            f"{many}, 95 % of the chat replies",
            "within " + spread(waits, "ms", 0),
            "an idle server",
            [run.waiting for run in runs],
            "at most 5",
        ),
        Row(
            f"{many}, the server's memory",
            f"{max(sizes):,.0f} MB at most, {flat}",
            wanted=f"at most {LARGEST:.0f} MB, flat",
        ),
    ]


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """The options; see --help."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=40.0, help="of each part")
    parser.add_argument("--rounds", type=int, default=1, help="of both parts")
    parser.add_argument("--minutes", type=float, default=0.0, help="of load while memory is watched")
    parser.add_argument("--server", help="an address (default: the app is started)")
    return parser.parse_args(arguments)


def main() -> None:
    """Prints a table, the ratios, and the memory. Exit code 1 where memory grows or is too large."""
    options = parse()
    with _server_of(options) as address:
        sys.exit(measure(address, options))


def _server_of(options: argparse.Namespace) -> AbstractContextManager[str]:
    """The address that was given, or the app's, which is started."""
    return nullcontext(options.server) if options.server else served()


def measure(address: str, options: argparse.Namespace) -> int:
    """All parts; returns the exit code."""
    load(address, 2, min(5.0, options.seconds), first=500)  # warm
    heads = "users | answers/s | CPU, ms an answer | chat p50, ms | p95 | translation p50, ms | p95 | refused"
    print(f"| {heads} |")
    print("| --- " * 8 + "|", flush=True)
    runs = []
    for _ in range(options.rounds):
        runs.append(run := one_run(address, options.clients, options.seconds))
        print(line("one at a time", run.alone))
        print(line(f"{options.clients} at once", run.many), flush=True)
    print()
    for run in runs:
        print(f"{run.throughput:.2f} x the throughput, {run.alone.cost / run.many.cost:.2f} x in CPU time")
        print(f"p95 of a chat reply {run.waiting:.2f} x that of an idle server")
    sizes = [size for run in runs for size in run.sizes]
    refused = sum((run.alone.refused + run.many.refused for run in runs), Counter[str]())
    if options.minutes:
        many, sizes = watched(address, options.clients, 60 * options.minutes)
        print(line(f"{options.clients} for {options.minutes:g} minutes", many))
        refused += many.refused
    for said, times in refused.most_common(5):
        print(f"refused {times} times: {said}")
    step = max(1, len(sizes) // 12)
    flat = is_flat(sizes)
    print(f"memory, MB: {', '.join(f'{size:.0f}' for size in sizes[::step])}; largest {max(sizes):.0f}")
    print(f"memory is {'flat' if flat else 'growing'}")
    return int(bool(options.minutes) and not (flat and max(sizes) <= LARGEST))


if __name__ == "__main__":
    main()
