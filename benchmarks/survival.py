"""What survives translation: numbers, dates, addresses, code, tags, names, by class.

python -m benchmarks.survival                          2,000 generated sentences with the shipped translator
python -m benchmarks.survival --model run/checkpoint --count 200 --failures 3

Each class shows the share that comes through as it was: left to the network alone, and by the translator. A
sentence counts when everything wanted stands in the output, as a whole word where it is one. `quiet` counts
losses that the translator did not warn of.
"""

from __future__ import annotations

import argparse
import re
import time
from collections import defaultdict
from pathlib import Path

import torch

from benchmarks.survival_cases import Case, cases
from lstm_models.search import SearchOptions
from translate import Translator
from translate.languages import encode_source, target_tag
from translate.translator import PRETRAINED


def main() -> None:
    """Translate, count, print the table."""
    options = parse()
    torch.set_num_threads(options.threads)
    translator = Translator.load(options.model)
    found = list(cases(options.count, options.seed))
    alone: dict[str, list[bool]] = defaultdict(list)
    kept: dict[str, list[bool]] = defaultdict(list)
    quiet: dict[str, int] = defaultdict(int)
    failures: list[str] = []
    started = time.time()
    for source, target in dict.fromkeys((case.source, case.target) for case in found):
        chosen = [case for case in found if (case.source, case.target) == (source, target)]
        raw = untouched(translator, [case.text for case in chosen], target, options.beam)
        done = translator.translate([case.text for case in chosen], source, target, options.beam)
        for case, plain, translation in zip(chosen, raw, done, strict=True):
            alone[case.kind].append(survived(case, plain))
            kept[case.kind].append(survived(case, translation.text))
            if not kept[case.kind][-1]:
                quiet[case.kind] += not translation.warnings
                failures.append(f"{case.kind} {source}-{target}: {case.text} -> {translation.text}")
    print(f"{'class':12} {'cases':>6} {'network alone':>14} {'translator':>11} {'quiet losses':>13}")
    for kind in [*kept, "all"]:
        rows = [
            [one for row in table.values() for one in row] if kind == "all" else table[kind]
            for table in (alone, kept)
        ]
        count = sum(quiet.values()) if kind == "all" else quiet[kind]
        shares = [100 * sum(row) / len(row) for row in rows]
        print(f"{kind:12} {len(rows[1]):6} {shares[0]:12.1f} % {shares[1]:9.1f} % {count:13}")
    print(*failures[: options.failures], sep="\n")
    print(
        f"{options.count} sentences, seed {options.seed}, beam {options.beam}, {time.time() - started:.0f} s"
    )


def untouched(translator: Translator, texts: list[str], target: str, beam: int) -> list[str]:
    """What the network gives when nobody helps it."""
    engine, out = translator.engine, []
    for start in range(0, len(texts), 32):
        segments = [encode_source(engine.tokenizer, text) for text in texts[start : start + 32]]
        states = engine.read([engine.new_state()] * len(segments), segments)
        best = engine.generate(states, [target_tag(target)] * len(segments), SearchOptions(beam_size=beam))
        out += [engine.tokenizer.decode(one[0].tokens) for one in best]
    return out


def survived(case: Case, output: str) -> bool:
    """Whether everything that the case wants is in the output."""
    return all(_whole(wanted, output) for wanted in case.wanted)


def _whole(wanted: str, output: str) -> bool:
    before = r"(?<!\w)" if wanted[0].isalnum() else ""
    after = r"(?!\w)" if wanted[-1].isalnum() else ""
    return re.search(before + re.escape(wanted) + after, output) is not None


def parse() -> argparse.Namespace:
    """The options; see --help."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", default=PRETRAINED, type=Path, help="checkpoint folder")
    parser.add_argument("--count", type=int, default=2000, help="sentences")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--beam", type=int, default=5)
    parser.add_argument("--failures", type=int, default=10, help="failures to print")
    parser.add_argument("--threads", type=int, default=2)
    return parser.parse_args()


if __name__ == "__main__":
    main()
