"""Multi30k, English to German and French, tests of 2016 and 2017, beside the published figures.

python -m benchmarks.multi30k --corpora DIR --model runs/multi30k_tuned/best

Two measures: cased sacrebleu (its own tokenisation, 13a), and BLEU as published text-only figures are given:
of texts whose punctuation was normalised, in small letters, cut by Moses' tokenizer (sacremoses).
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sacrebleu.metrics import BLEU
from sacremoses import MosesPunctNormalizer, MosesTokenizer

from data_prep.loading import read_parquet
from translate import Translator

TESTS = ("test_2016_flickr", "test_2017_flickr")
TARGETS = ("de", "fr")
PUBLISHED = {  # (test, target): figures as published, in small letters and cut, or cased
    (TESTS[0], "de"): ("RNN about 38.1, Transformer-tiny 41.02", "OPUS-MT 36.3"),
    (TESTS[0], "fr"): ("Transformer-tiny about 61.8", "OPUS-MT-big 52.4"),
    (TESTS[1], "de"): ("", "OPUS-MT 34.9, OPUS-MT-big 35.5"),
    (TESTS[1], "fr"): ("", "OPUS-MT 49.3, OPUS-MT-big 52.8"),
}


@dataclass(frozen=True)
class Scores:
    """BLEU, 0 to 100, both ways, with sacrebleu's signatures."""

    cased: float
    lowered: float
    signatures: tuple[str, str]


def main() -> None:
    """Translate, score, print the table."""
    options = parse()
    translator, started = Translator.load(options.model), time.time()
    print("| test | direction | cased | published | small letters, Moses tokens | published |")
    print("| --- | --- | --- | --- | --- | --- |")
    signatures: dict[str, None] = {}
    for test in TESTS:
        for target in options.targets:
            pairs = read_pairs(options.corpora, test, target)[: options.limit]
            sources, references = zip(*pairs, strict=True)
            done = translator.translate(list(sources), "en", target, options.beam)
            scores = score([one.text for one in done], references, target)
            lowered, cased = PUBLISHED[test, target]
            row = f"{test} | en-{target} | {scores.cased:.1f} | {cased} | {scores.lowered:.1f} | {lowered}"
            print(f"| {row} |", flush=True)
            signatures |= dict.fromkeys(scores.signatures)
    print(f"\nSignatures: {', then '.join(f'`{one}`' for one in signatures)}.")
    limit = f", the first {options.limit} sentences" if options.limit else ""
    print(f"Beam {options.beam}{limit}, {time.time() - started:.0f} s.")


def read_pairs(corpora: Path, test: str, target: str) -> list[tuple[str, str]]:
    """(English, translation) of every sentence of a test."""
    file = corpora / f"multi30k_en_{target}" / f"{test}.parquet"
    return [(row["translation"]["en"], row["translation"][target]) for row in read_parquet([str(file)])]


def score(translations: Sequence[str], references: Sequence[str], target: str) -> Scores:
    """Both measures. Raises: ValueError where the numbers differ."""
    if len(translations) != len(references):
        raise ValueError(f"{len(translations)} translations of {len(references)} references")
    cased, plain = BLEU(), BLEU(tokenize="none", force=True)
    first = cased.corpus_score(list(translations), [list(references)]).score
    said, wanted = as_published(translations, target), as_published(references, target)
    second = plain.corpus_score(said, [wanted]).score
    return Scores(first, second, (str(cased.get_signature()), str(plain.get_signature())))


def as_published(texts: Sequence[str], language: str) -> list[str]:
    """Texts as the corpus' own preprocessing makes them: punctuation normalised, small letters, tokens."""
    normaliser, tokenizer = MosesPunctNormalizer(language), MosesTokenizer(language)
    return [
        str(tokenizer.tokenize(normaliser.normalize(text).lower(), return_str=True, escape=False))
        for text in texts
    ]


def parse() -> argparse.Namespace:
    """The options; see --help."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--corpora", type=Path, required=True, help="folder with multi30k_en_de, _en_fr")
    parser.add_argument("--model", type=Path, required=True, help="checkpoint folder")
    parser.add_argument("--targets", nargs="+", choices=TARGETS, default=list(TARGETS))
    parser.add_argument("--limit", type=int, default=None, help="the first so many sentences of each test")
    parser.add_argument("--beam", type=int, default=5)
    return parser.parse_args()


if __name__ == "__main__":
    main()
