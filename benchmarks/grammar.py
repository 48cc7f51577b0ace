"""Correcting English: GLEU on JFLEG's dev set, false alarms on what CWEB's annotators left alone.

python -m benchmarks.grammar --corpora DIR --model runs/abilities/best
python -m benchmarks.grammar --corpora DIR --as-it-is       the score of changing nothing (published: 38.21)

JFLEG is tokenised: what is corrected is joined to plain text first and cut again after, by sacremoses.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from sacremoses import MosesDetokenizer, MosesTokenizer

from data_prep.gleu import gleu
from data_prep.loading import read_parquet
from translate import Translator
from translate.grammar import correct
from translate.translator import PRETRAINED


def main() -> None:
    """Correct, count, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--corpora", type=Path, required=True, help="folder with jfleg and cweb")
    parser.add_argument("--model", type=Path, default=PRETRAINED)
    parser.add_argument("--as-it-is", action="store_true", help="change nothing: the baseline")
    parser.add_argument("--limit", type=int, default=None, help="sentences of each set")
    parser.add_argument("--beam", type=int, default=5)
    options = parser.parse_args()
    started = time.time()
    translator = None if options.as_it_is else Translator.load(options.model)
    rows = list(read_parquet([str(options.corpora / "jfleg" / "dev.parquet")]))[: options.limit]
    sources = [row["source"].strip() for row in rows]
    references = [[one.strip() for one in row["references"]] for row in rows]
    done = sources if translator is None else retokenised(translator, sources, options.beam)
    print(f"JFLEG dev, {len(rows)} sentences: GLEU {gleu(sources, done, references):.2f}")
    rows = list(read_parquet([str(options.corpora / "cweb" / "dev.parquet")]))
    clean = [row["source"] for row in rows if all(one == row["source"] for one in row["references"])]
    clean = clean[: options.limit]
    if translator is not None:
        alarms = sum(bool(one.changes) for one in correct(translator, clean, options.beam))
        print(f"CWEB dev, {len(clean)} right sentences: {100 * alarms / len(clean):.1f} % changed")
    print(f"{time.time() - started:.0f} s")


def retokenised(translator: Translator, sentences: list[str], beam: int) -> list[str]:
    """Corrections of tokenised sentences, tokenised again; what was not changed stays to the letter."""
    join, cut = MosesDetokenizer("en"), MosesTokenizer("en")
    plain = [join.detokenize(sentence.split()) for sentence in sentences]
    return [
        " ".join(cut.tokenize(one.text, escape=False)) if one.changes else sentence
        for sentence, one in zip(sentences, correct(translator, plain, beam), strict=True)
    ]


if __name__ == "__main__":
    main()
