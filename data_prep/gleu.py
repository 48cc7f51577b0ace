"""GLEU, the score of corrected sentences (Napoles et al. 2015 and 2016, arXiv 1605.02592).

As BLEU against the references, but an n-gram of the source that no correction kept counts against the
hypothesis. Where there are several references, one of them is drawn for each sentence, often, and the mean of
the corpus scores is given; texts are tokenised by their blanks, as JFLEG is.
"""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Sequence

ORDER = 4
DRAWS = 500

Grams = list[Counter[tuple[str, ...]]]


def gleu(
    sources: Sequence[str],
    hypotheses: Sequence[str],
    references: Sequence[Sequence[str]],
    draws: int = DRAWS,
    seed: int = 0,
) -> float:
    """The score, 0 to 100; references: one or more of each sentence.

    Raises: ValueError where the numbers of sentences differ, or one has no reference.
    """
    if not len(sources) == len(hypotheses) == len(references) or not all(references):
        raise ValueError(
            f"{len(sources)} sources, {len(hypotheses)} hypotheses, {len(references)} references: "
            "one of each is needed for every sentence, and at least one reference"
        )
    if not sources:
        raise ValueError("there is no sentence to score")
    several = max(map(len, references)) > 1
    rng = random.Random(seed)
    rows = [
        [_statistics(source, hypothesis, one) for one in own]
        for source, hypothesis, own in zip(sources, hypotheses, references, strict=True)
    ]
    scores = [_score([rng.choice(options) for options in rows]) for _ in range(draws if several else 1)]
    return 100 * sum(scores) / len(scores)


def _grams(tokens: Sequence[str]) -> Grams:
    return [
        Counter(tuple(tokens[i : i + size]) for i in range(len(tokens) - size + 1))
        for size in range(1, ORDER + 1)
    ]


def _statistics(source: str, hypothesis: str, reference: str) -> list[int]:
    """[length of hypothesis, of reference, then matches and n-grams of each order]"""
    said, wanted, given = hypothesis.split(), reference.split(), source.split()
    row = [len(said), len(wanted)]
    for ours, theirs, first in zip(_grams(said), _grams(wanted), _grams(given), strict=True):
        dropped = Counter({gram: count for gram, count in first.items() if gram not in theirs})
        penalty = (ours & dropped).total()
        row += [max((ours & theirs).total() - penalty, 0), ours.total()]
    return row


def _score(rows: Sequence[Sequence[int]]) -> float:
    length, wanted, *counts = (sum(column) for column in zip(*rows, strict=True))
    pairs = list(zip(counts[::2], counts[1::2], strict=True))
    if not all(right for right, _ in pairs):
        return 0.0
    precision = sum(math.log(right / count) for right, count in pairs) / ORDER
    return math.exp(min(0.0, 1 - wanted / length) + precision)
