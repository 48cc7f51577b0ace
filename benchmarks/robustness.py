"""Odd inputs: single words, capitals, missing full stops, repeats, other scripts: no loop, no empty answer.

python -m benchmarks.robustness                        10,000 generated inputs with the shipped translator

An answer is empty when nothing but blanks comes for an input that has more. It loops when a run of one to
four words stands in it four times in a row, and the input does not repeat itself four times.
"""

from __future__ import annotations

import argparse
import random
import re
import time
from collections import Counter
from pathlib import Path

import torch

from benchmarks.survival_cases import FRAMES
from translate import Translator
from translate.translator import PRETRAINED

_LOOP = re.compile(r"(?<!\S)(\S+(?:\s+\S+){0,3}?)(?:\s+\1){3,}(?!\S)")
_REPEATED = re.compile(r"(?<!\S)(\S+(?:\s+\S+){0,14}?)(?:\s+\1){3,}(?!\S)")  # of longer sentences
_SCRIPTS = ("Привет, как дела?", "日本語です。", "مرحبا", "שלום", "नमस्ते दुनिया", "Γειά σου")
_ODD = (
    "ok",
    "OK",
    "Ok!",
    "hm",
    "?",
    "...",
    "!!!",
    "a",
    "ß",
    "1",
    "€",
    "e-mail",
    "http://",
    "<b>",
    "{",
    "`",
    "😀",
)


def odd_input(language: str, rng: random.Random) -> tuple[str, str]:
    """(kind, text)"""
    frames = [frame for kind in FRAMES.values() for frame in kind[language]]
    sentence = rng.choice(frames).format(x=rng.choice(("12", "Ada", "3:45", "www.a.example")))
    words = re.findall(r"\w+", sentence)
    word = rng.choice(words)
    kinds = {
        "word": word,
        "odd": rng.choice(_ODD),
        "capitals": sentence.upper(),
        "small": sentence.lower(),
        "no stop": sentence.rstrip(".?! "),
        "repeated": " ".join([sentence] * rng.randint(2, 6)),
        "stutter": " ".join([word] * rng.randint(2, 30)),
        "shuffled": " ".join(rng.sample(words, len(words))),
        "letters": "".join(rng.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(rng.randint(1, 40))),
        "script": rng.choice(_SCRIPTS),
        "mixed": f"{sentence} {rng.choice(_SCRIPTS)}",
    }
    kind = rng.choice(sorted(kinds))
    return kind, kinds[kind]


def main() -> None:
    """Translate, count, print what failed."""
    options = parse()
    torch.set_num_threads(options.threads)
    translator, rng = Translator.load(options.model), random.Random(options.seed)
    directions = [("en", "de"), ("de", "en"), ("en", "fr"), ("fr", "en"), ("en", "es"), ("es", "en")]
    count: Counter[str] = Counter()
    failures: list[str] = []
    started = time.time()
    for number in range(0, options.count, 100):
        source, target = directions[number // 100 % 6]
        inputs = [odd_input(source, rng) for _ in range(min(100, options.count - number))]
        done = translator.translate([text for _, text in inputs], source, target, options.beam)
        for (kind, text), translation in zip(inputs, done, strict=True):
            count[kind] += 1
            empty = bool(text.strip()) and not translation.text.strip()
            loops = bool(_LOOP.search(translation.text)) and not _REPEATED.search(text)
            changed = kind == "script" and translation.text != text
            if empty or loops or changed:
                fault = "empty" if empty else "loop" if loops else "other script changed"
                failures.append(f"{fault} ({kind}, {source}-{target}): {text} -> {translation.text}")
    print(", ".join(f"{kind} {number}" for kind, number in sorted(count.items())))
    print(*failures[: options.failures], sep="\n")
    settings = f"{options.count} inputs, seed {options.seed}"
    print(f"{len(failures)} failures in {settings}, {time.time() - started:.0f} s")


def parse() -> argparse.Namespace:
    """The options; see --help."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", default=PRETRAINED, type=Path, help="checkpoint folder")
    parser.add_argument("--count", type=int, default=10_000, help="inputs")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--beam", type=int, default=5)
    parser.add_argument("--failures", type=int, default=20, help="failures to print")
    parser.add_argument("--threads", type=int, default=2)
    return parser.parse_args()


if __name__ == "__main__":
    main()
