"""How near the engine comes to what this machine can do, and where the time of a sentence goes.

    python -m benchmarks.roofline                      # about a minute on two quiet cores
    python -m benchmarks.roofline --rounds 1 --seconds 2

Counted: multiply-adds and bytes of weights of a decoder step and of a token read, from the exported graphs.
Measured: the machine's rate of int8 products through ONNX Runtime itself, at the size of a product that suits
it best, and its rate of reading memory; then what one sentence and batches reach of the former.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx

from benchmarks.engine_speed import BATCH, CASES, LENGTH, PRETRAINED, engine_run, seconds
from benchmarks.table import Row, compared
from benchmarks.time_profile import TAG, inside_a_step, of_a_sentence
from lstm_models.checkpoint import read_config
from lstm_models.export.graph import Graph, Product
from lstm_models.runtimes.files import READ, STEP, Exported
from lstm_models.runtimes.session import session_of
from lstm_models.shortlist import read_shortlists

SIZE = 1024  # of the square weight whose products show what the machine can do
ROWS = (64, 256, 1024)
MEMORY = 256 * 2**20  # bytes, more than any cache holds
PRODUCT = "MatMulIntegerToFloat"


@dataclass(frozen=True)
class Work:
    """Of one row: int8 multiply-adds, bytes of the weights, multiply-adds of attention for a memory token."""

    products: int
    weights: int
    attention: int


def work_of(graph: bytes, attention: int = 0, spared: int = 0) -> Work:
    """What the products of a graph take for each row, those inside its loops for each of their turns.

    spared: of the output layer, where a shortlist is looked at instead of all words.
    """
    model = onnx.load_from_string(graph)
    shapes = {one.name: tuple(one.dims) for one in model.graph.initializer}
    weights = [node.input[1] for node in _nodes(model.graph) if node.op_type == PRODUCT]
    sizes = [int(np.prod(shapes[weight])) for weight in weights if weight in shapes]  # else of a shortlist
    if not sizes:
        raise ValueError("the graph has no int8 products: export the checkpoint without --fp32")
    return Work(sum(sizes) - spared, sum(sizes) - spared, attention)


def _nodes(graph: onnx.GraphProto) -> Iterator[onnx.NodeProto]:
    for node in graph.node:
        yield node
        for attribute in node.attribute:
            if attribute.type == onnx.AttributeProto.GRAPH:
                yield from _nodes(attribute.g)


def spared_of(folder: Path) -> int:
    """Multiply-adds of a row that the shortlist of the benchmark's language saves."""
    config = read_config(folder)
    vocabulary, width = config["model"]["vocab_size"], config["model"]["embed_dim"]
    lists = read_shortlists(folder, config["tokenizer"]["sha256"], vocabulary)
    return (vocabulary - len(lists[TAG]) - 1) * width if TAG in lists else 0  # padding is always looked at


def product_rate(threads: int, rounds: int) -> float:
    """Multiply-adds a second of int8 products in ONNX Runtime: the best of several numbers of rows."""
    g = Graph()
    weight = np.random.default_rng(0).standard_normal((SIZE, SIZE)).astype(np.float32)
    g.output("y", Product(g, weight, int8=True)(g.input("x", ["R", SIZE])), ["R", SIZE])
    session = session_of(g.model({}), threads)
    best = 0.0
    for rows in ROWS:
        x = np.random.default_rng(1).uniform(-1, 1, (rows, SIZE)).astype(np.float32)
        best = max(best, rows * SIZE * SIZE / _quickest(lambda x=x: session.run(None, {"x": x}), 5 * rounds))
    return best


def memory_rate(threads: int, rounds: int) -> float:
    """Bytes a second that so many threads read together."""
    parts = np.array_split(np.ones(MEMORY // 8), threads)
    with ThreadPoolExecutor(threads) as pool:
        return MEMORY / _quickest(lambda: list(pool.map(np.max, parts)), 3 * rounds)


def _quickest(run: Callable[[], object], times: int) -> float:
    run()
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        run()
        taken.append(time.perf_counter() - start)
    return min(taken)


@dataclass(frozen=True)
class Reached:
    """What so many sentences with such a beam reach: multiply-adds, and seconds of each round."""

    sentences: int
    beam: int
    work: int
    times: list[float]

    def shares(self, rate: float) -> list[float]:
        """Of the machine's rate, round by round."""
        return [self.work / taken / rate for taken in self.times]


def reached(options: argparse.Namespace, step: Work, read: Work) -> Iterator[Reached]:
    """Each case of `engine_speed`."""
    run = engine_run(options.model, options.threads)
    for sentences, beam in CASES:
        run(sentences, beam)  # warm
        looked_at = beam * step.attention * (LENGTH + 1)
        work = sentences * LENGTH * (read.products + beam * step.products + looked_at)
        yield Reached(sentences, beam, work, [seconds(run, sentences, beam) for _ in range(options.rounds)])


def counted(files: Exported, folder: Path) -> tuple[Work, Work]:
    """The work of a decoder step and of a token read."""
    attention = 2 * files.config.hidden_size * files.config.num_hops
    return work_of(files.data(STEP), attention, spared_of(folder)), work_of(files.data(READ))


def rows(arguments: Sequence[str]) -> list[Row]:
    """The table's rows: what batches reach of the machine's rate."""
    options = parse(arguments)
    step, read = counted(Exported.open(options.model), options.model)
    rate = product_rate(options.threads, options.rounds)
    return [
        compared(
            f"int8 multiply-adds, {one.sentences} sentences, beam {one.beam}",
            f"{one.work / statistics.median(one.times) / 1e9:.1f} x 10^9 a second",
            f"the machine's {rate / 1e9:.0f} x 10^9",
            one.shares(rate),
            "at least 0.3",
        )
        for one in reached(options, step, read)
        if one.sentences > 1
    ]


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """The options; see --help."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", type=Path, default=PRETRAINED)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=10.0, help="of each profile")
    return parser.parse_args(arguments)


def main() -> None:
    """Prints what is counted, what the machine can do, what is reached, and where the time goes."""
    options = parse()
    files = Exported.open(options.model)
    step, read = counted(files, options.model)
    kept = 2 * 4 * files.config.hidden_size  # bytes of a token in the memory: key and value, float32
    print("| of | int8 multiply-adds | weights, bytes | attention, for each memory token |")
    print("| --- | --- | --- | --- |")
    looks = f"{step.attention:,} multiply-adds, {kept:,} bytes"
    print(f"| a decoder step, one row | {step.products:,} | {step.weights:,} | {looks} |")
    print(f"| a token read | {read.products:,} | {read.weights:,} | |")
    rate = product_rate(options.threads, options.rounds)
    memory = memory_rate(options.threads, options.rounds)
    known = 1e6 * step.products / rate, 1e6 * step.weights / memory
    print(
        f"\nThis machine, {options.threads} threads: {rate / 1e9:.0f} x 10^9 int8 multiply-adds a second, "
        f"{memory / 1e9:.1f} GB/s read from memory. A step of one row takes {known[0]:.0f} us "
        f"for its products at least, {known[1]:.0f} us if its weights come from memory, not a cache.\n"
    )
    print(f"| sentences of {LENGTH} tokens | ms | 10^9 multiply-adds/s | share of the machine's |")
    print("| --- | --- | --- | --- |")
    for one in reached(options, step, read):
        taken = min(one.times)
        each = f"{1e3 * taken:.1f} | {one.work / taken / 1e9:.1f} | {100 * max(one.shares(rate)):.0f} %"
        print(f"| {one.sentences}, beam {one.beam} | {each} |", flush=True)
    for title, parts in (
        ("One sentence through the translator, beam 5", of_a_sentence(options.model, options.seconds)),
        ("Inside a step, 1 row", inside_a_step(files, 1, options.threads)),
        (f"Inside a step, {BATCH} rows", inside_a_step(files, BATCH, options.threads)),
    ):
        print(f"\n| {title} | share |\n| --- | --- |")
        whole = sum(parts.values())
        for name, part in sorted(parts.items(), key=lambda item: -item[1]):
            print(f"| {name} | {100 * part / whole:.0f} % |")


if __name__ == "__main__":
    main()
