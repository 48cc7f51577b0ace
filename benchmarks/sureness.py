"""How sure a correction must be: right sentences changed and wanted changes made, at several thresholds.

python -m benchmarks.sureness --corpora DIR --model runs/fix/best

On prose that is not trained on (fairytale_qa validation, topical_chat test, WikiText-2 valid), as it is and
with generated mistakes. SURE in translate/grammar.py is chosen by this table, not on the sets reported.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Sequence
from pathlib import Path

from data_prep import corruption
from data_prep.loading import read_parquet
from data_prep.prose import sentences
from translate import Translator
from translate.grammar import Judged, changes, judged
from translate.translator import PRETRAINED

PROSE = ("fairytale_qa/validation", "topical_chat/test", "wikitext-2/valid")
THRESHOLDS = (0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 7.0)
_RATE = 0.12  # mistakes a word


def main() -> None:
    """Correct once, count at each threshold."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--corpora", type=Path, required=True)
    parser.add_argument("--model", type=Path, default=PRETRAINED)
    parser.add_argument("--count", type=int, default=150, help="sentences of each corpus")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--beam", type=int, default=5)
    options = parser.parse_args()
    rng, translator = random.Random(options.seed), Translator.load(options.model)
    right = [one for name in PROSE for one in some(options.corpora / f"{name}.parquet", options.count, rng)]
    wrong = [corruption.spoilt(one, max(1, round(_RATE * len(one.split()))), rng) for one in right]
    clean = list(judged(translator, right, options.beam))
    mended = list(judged(translator, wrong, options.beam))
    print(f"{len(right)} sentences, seed {options.seed}, beam {options.beam}")
    print(
        "| how much likelier | right ones changed | wanted among those made | made of those wanted | F0.5 |"
    )
    print("| --- | --- | --- | --- | --- |")
    for sure in THRESHOLDS:
        alarms = sum(one.corrected(sure) != one.sentence for one in clean) / len(clean)
        precision, recall = agreement(mended, right, sure)
        score = 1.25 * precision * recall / max(0.25 * precision + recall, 1e-9)
        print(f"| {sure:g} | {alarms:.1%} | {precision:.0%} | {recall:.0%} | {score:.2f} |")


def some(path: Path, count: int, rng: random.Random) -> list[str]:
    """So many different sentences of a corpus."""
    found = {sentence: None for row in read_parquet([str(path)]) for sentence in sentences(row)}
    return rng.sample(list(found), count)


def agreement(mended: Sequence[Judged], right: Sequence[str], sure: float) -> tuple[float, float]:
    """Precision and recall of the changes made, counted word by word at their places."""
    hits = made = wanted = 0
    for one, goal in zip(mended, right, strict=True):
        good = {(change.start, change.end, change.after) for change in changes(one.sentence, goal)}
        ours = {
            (change.start, change.end, change.after)
            for change, gain in zip(one.changes, one.gains, strict=True)
            if gain >= sure
        }
        hits, made, wanted = hits + len(good & ours), made + len(ours), wanted + len(good)
    return hits / max(made, 1), hits / max(wanted, 1)


if __name__ == "__main__":
    main()
