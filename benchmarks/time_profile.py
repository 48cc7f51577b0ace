"""Where time goes: by part of the program, sampled; inside ONNX Runtime, by its own profiler."""

from __future__ import annotations

import json
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np

from benchmarks.engine_speed import LENGTH
from lstm_models.config import ModelConfig
from lstm_models.runtimes.base import Memories
from lstm_models.runtimes.files import Exported
from lstm_models.runtimes.onnx import OnnxRuntime

EVERY = 0.0007  # seconds from one sample to the next; no multiple of what a step takes
FEW, TAG = 3, "<2de>"  # as a greedy search asks for: so many of the likeliest words, of this language
STEPS = 40  # that ONNX Runtime's profiler watches
SENTENCE = "The children were playing in the garden when their mother called them because it began to rain."
# The innermost frame whose path holds one of these says what a sample is counted for.
PARTS = {
    "onnxruntime": "ONNX Runtime",
    "lstm_models/search": "search, in NumPy",
    "sentencepiece": "tokenizer",
    "lstm_models/tokenizer": "tokenizer",
    "lstm_models/": "engine: arrays in and out",
    "translate/": "translator: sentences, names and numbers, confidence",
}
OTHER = "anything else"
CHOOSING = {"TopK", "GatherElements", "ScatterElements", "ReduceMax", "Max", "Log", "Equal", "Cast"}


def sampled(run: Callable[[], object], seconds: float) -> Counter[str]:
    """How many samples of this thread fall on each part while `run` is run again and again for so long."""
    found: Counter[str] = Counter()
    watched, done = threading.get_ident(), threading.Event()

    def watch() -> None:
        while not done.wait(EVERY):
            found[part_of(sys._current_frames().get(watched))] += 1

    watcher = threading.Thread(target=watch)
    interval = sys.getswitchinterval()
    sys.setswitchinterval(EVERY / 10)
    watcher.start()
    try:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            run()
    finally:
        done.set()
        watcher.join()
        sys.setswitchinterval(interval)
    return found


def part_of(frame: FrameType | None) -> str:
    """The part of the program that a frame, or the frame that called it, belongs to."""
    while frame is not None:
        path = frame.f_code.co_filename.replace("\\", "/")
        for mark, name in PARTS.items():
            if mark in path:
                return name
        frame = frame.f_back
    return OTHER


def of_a_sentence(folder: Path, seconds: float) -> Counter[str]:
    """One sentence of everyday length, as the command translates it."""
    from translate import Translator

    translator = Translator.load(folder)
    run = lambda: translator.translate([SENTENCE], "en", "de")  # noqa: E731
    run()
    return sampled(run, seconds)


def inside_a_step(files: Exported, rows: int, threads: int) -> Counter[str]:
    """Microseconds of each part of the step's graph, greedy, while so many rows write."""
    with tempfile.TemporaryDirectory() as folder:
        runtime = OnnxRuntime(files, threads, profile=f"{folder}/step")
        _write(runtime, rows)
        events = json.loads(Path(runtime.end_profile()).read_text(encoding="utf-8"))
    found: Counter[str] = Counter()
    for event in events:
        is_kernel = event.get("cat") == "Node" and str(event.get("name", "")).endswith("_kernel_time")
        if is_kernel and event["args"].get("op_name") != "If":  # what is inside of it is counted by itself
            found[layer_of(event["args"], files.config)] += event["dur"]
    return found


def _write(runtime: OnnxRuntime, rows: int) -> None:
    config, rng = runtime.config, np.random.default_rng(1)
    tokens = rng.integers(config.vocab_size // 2, config.vocab_size, (rows, LENGTH))
    zeros = np.zeros((rows, config.encoder_layers - 1, config.hidden_size), np.float32)
    encoded = runtime.read(tokens, np.full(rows, LENGTH), zeros, zeros)
    age = np.zeros_like(tokens)
    state = runtime.begin(Memories(encoded.summary, encoded.keys, encoded.values, tokens, age))
    last = tokens[:, 0]
    for _ in range(STEPS):
        output, state = runtime.step(last, state, FEW, TAG)
        best = output.log_probs.argmax(axis=1)
        last = best if output.tokens is None else output.tokens[np.arange(rows), best]


def layer_of(about: dict[str, Any], config: ModelConfig) -> str:
    """Which part of the model an operator of the step belongs to, by what comes out of it."""
    shapes = [shape for one in about.get("output_type_shape", []) for shape in one.values()]
    shape = shapes[0] if shapes else []
    width = shape[-1] if shape else 0
    kind = about.get("op_name")
    if len(shape) == 4:
        return "attention"
    if kind == "MatMulIntegerToFloat" and width <= 4 * config.hidden_size:
        return "LSTM products" if width == 4 * config.hidden_size else "queries and features"
    if kind in ("MatMulIntegerToFloat", "Softmax"):
        return "output layer and its softmax"
    if kind in CHOOSING or width == config.vocab_size:
        return "all words or the likeliest, with what is copied"
    if about.get("op_name") == "Gather":
        return "table of words, former states"
    return "gates, norms, sums"
