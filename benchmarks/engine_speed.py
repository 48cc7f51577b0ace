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
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import numpy as np

from benchmarks.transformer_peer import SIZES, build
from lstm_models.engine import Engine
from lstm_models.search import SearchOptions

PRETRAINED = Path(__file__).resolve().parent.parent / "pretrained" / "translate"
LENGTH, BATCH, VOCABULARY = 25, 64, 8000
CASES = ((1, 1), (1, 5), (BATCH, 1), (BATCH, 5))  # sentences, beam
Run = Callable[[int, int], None]


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
    import ctranslate2

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


def main() -> None:
    """Prints the machine, and a line for each case and peer."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", type=Path, default=PRETRAINED)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    versions = ", ".join(f"{name} {version(name)}" for name in ("onnxruntime", "ctranslate2", "numpy"))
    machine = f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores"
    print(f"{machine}, {options.threads} threads; {versions}")
    ours = engine_run(options.model, options.threads)
    peers = {name: peer_run(name, options.threads) for name in SIZES}
    for sentences, beam in CASES:
        for run in (ours, *peers.values()):
            run(sentences, beam)  # warm
        rounds = [
            {name: seconds(run, sentences, beam) for name, run in {"ours": ours, **peers}.items()}
            for _ in range(options.rounds)
        ]
        own = statistics.median(one["ours"] for one in rounds)
        rate = sentences * LENGTH / own
        print(f"{sentences:2} sentences, beam {beam}: {own * 1e3:8.1f} ms, {rate:8,.0f} tokens/s")
        for name in peers:
            ratios = sorted(one[name] / one["ours"] for one in rounds)
            middle = statistics.median(ratios)
            print(f"    {middle:5.2f} x {name} ({ratios[0]:.2f} to {ratios[-1]:.2f})", flush=True)


if __name__ == "__main__":
    main()
