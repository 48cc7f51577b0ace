"""The engine beside CTranslate2's int8 Transformers: one sentence and batches, greedy and beam 5.

    python -m benchmarks.engine_speed                    # under 3 minutes on two quiet cores
    python -m benchmarks.engine_speed --rounds 3 --model runs/translate/best

The peers have random weights (speed does not depend on them). Every output is forced to as many tokens as the
source. Peer and engine take turns, so that a change in what else runs meets both; what counts is the ratio:
the median over the rounds, and its spread.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np

from benchmarks.table import Row, compared
from benchmarks.transformer_peer import SIZES, build
from lstm_models.engine import Engine
from lstm_models.search import SearchOptions

PRETRAINED = Path(__file__).resolve().parent.parent / "pretrained" / "translate"
LENGTH, BATCH, VOCABULARY = 25, 64, 8000
CASES = ((1, 1), (1, 5), (BATCH, 1), (BATCH, 5))  # sentences, beam
Run = Callable[[int, int], None]
# How many times as fast as each peer, in the order of CASES.
WANTED = {
    "Transformer of the IWSLT size": ("at least 5", "at least 7", "at least 8", "at least 8"),
    "student, Bergamot's size": ("at least 1.5", "", "at least 2.5", ""),
}


def engine_run(folder: Path, threads: int) -> Run:
    """Translates so many sentences with such a beam, LENGTH tokens each."""
    engine = Engine.load(folder, "onnx", threads)
    rng = np.random.default_rng(1)
    sources = rng.integers(300, engine.config.vocab_size, (BATCH, LENGTH)).tolist()

    def run(sentences: int, beam: int) -> None:
        options = SearchOptions(beam_size=beam, min_length=LENGTH, max_length=LENGTH, avoid_loops=False)
        states = engine.read([engine.new_state()] * sentences, sources[:sentences])
        found = engine.generate(states, ["<2de>"] * sentences, options)
        assert all(len(one[0].tokens) == LENGTH for one in found)

    return run


def peer_run(name: str, threads: int) -> Run:
    """The same with a Transformer of CTranslate2."""
    try:
        import ctranslate2
    except ImportError as error:
        raise ValueError(
            f"CTranslate2 cannot be imported ({error}): `make bench` installs it, then measures"
        ) from error
    rng = np.random.default_rng(1)
    sources = [[f"w{i}" for i in row] for row in rng.integers(0, VOCABULARY - 3, (BATCH, LENGTH))]
    with tempfile.TemporaryDirectory() as folder:
        build(folder, VOCABULARY, **SIZES[name])
        translator = ctranslate2.Translator(folder, intra_threads=threads, compute_type="int8")

    def run(sentences: int, beam: int) -> None:
        translator.translate_batch(
            sources[:sentences],
            beam_size=beam,
            max_batch_size=BATCH,
            min_decoding_length=LENGTH,
            max_decoding_length=LENGTH,
        )

    return run


def seconds(run: Run, sentences: int, beam: int) -> float:
    """The quickest of a few runs: what disturbs a run only makes it longer."""
    times = []
    for _ in range(5 if sentences == 1 else 1):
        start = time.perf_counter()
        run(sentences, beam)
        times.append(time.perf_counter() - start)
    return min(times)


@dataclass(frozen=True)
class Case:
    """What so many sentences with such a beam took: seconds of "ours" and of each peer, by round."""

    sentences: int
    beam: int
    rounds: list[dict[str, float]]

    @property
    def own(self) -> float:
        """The median of our seconds."""
        return statistics.median(one["ours"] for one in self.rounds)

    @property
    def rate(self) -> float:
        """Tokens a second."""
        return self.sentences * LENGTH / self.own

    def ratios(self, peer: str) -> list[float]:
        """How many times as fast as the peer, round by round."""
        return [one[peer] / one["ours"] for one in self.rounds]


def contenders_of(options: argparse.Namespace) -> dict[str, Run]:
    """The engine ("ours") and its peers. Raises ValueError without CTranslate2."""
    peers = {name: peer_run(name, options.threads) for name in SIZES}
    return {"ours": engine_run(options.model, options.threads), **peers}


def cases(contenders: dict[str, Run], rounds: int) -> Iterator[Case]:
    """Each case when it is measured."""
    for sentences, beam in CASES:
        for run in contenders.values():
            run(sentences, beam)  # warm
        taken = [
            {name: seconds(run, sentences, beam) for name, run in contenders.items()} for _ in range(rounds)
        ]
        yield Case(sentences, beam, taken)


def rows(arguments: Sequence[str]) -> list[Row]:
    """The table's rows: a case and a peer each."""
    options = parse(arguments)
    return [
        compared(
            f"translating {case.sentences} x {LENGTH} tokens, beam {case.beam}",
            f"{case.own * 1e3:,.1f} ms" if case.sentences == 1 else f"{case.rate:,.0f} tokens/s",
            f"CTranslate2 int8, {peer}",
            case.ratios(peer),
            WANTED[peer][number],
        )
        for number, case in enumerate(cases(contenders_of(options), options.rounds))
        for peer in SIZES
    ]


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """The options; see --help."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", type=Path, default=PRETRAINED)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    return parser.parse_args(arguments)


def main() -> None:
    """Prints the machine, and a line for each case and peer."""
    options = parse()
    contenders = contenders_of(options)
    versions = ", ".join(f"{name} {version(name)}" for name in ("onnxruntime", "ctranslate2", "numpy"))
    machine = f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores"
    print(f"{machine}, {options.threads} threads; {versions}", flush=True)
    for case in cases(contenders, options.rounds):
        rate = f"{case.own * 1e3:8.1f} ms, {case.rate:8,.0f} tokens/s"
        print(f"{case.sentences:2} sentences, beam {case.beam}: {rate}")
        for peer in SIZES:
            ratios = sorted(case.ratios(peer))
            middle = statistics.median(ratios)
            print(f"    {middle:5.2f} x {peer} ({ratios[0]:.2f} to {ratios[-1]:.2f})", flush=True)


if __name__ == "__main__":
    main()
