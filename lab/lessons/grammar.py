"""Grammar in the state: does a model of letters find the right verb likelier, with other nouns between?

The sentences are made here from word lists; the published sets are scored by `longshort lab score-grammar`.
"""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import torch

from lab.finding import Check, Finding, Picture, Table, array
from lab.glass.pictures import numbered
from lab.text.corpus import Vocabulary
from lab.text.grammar import preferred
from lab.text.letters import FOLDER
from lab.text.model import LanguageModel, bits_of, load_model

_NOUNS = (("album", "albums"), ("game", "games"), ("song", "songs"), ("member", "members"),
          ("player", "players"), ("station", "stations"))  # fmt: skip
_LINKS = ("of the", "near the")
_VERBS = (("is", "are"), ("was", "were"), ("has", "have"))
MOST_BETWEEN = 2


def pairs(between: int) -> tuple[list[str], list[str]]:
    """Beginnings with the right and with the wrong verb; `between` nouns of the other number between."""
    right, wrong = [], []
    for noun, other, number, verb in product(_NOUNS, _NOUNS, (0, 1), _VERBS):
        if noun is other:
            continue
        middle = " ".join(f"{_LINKS[n % 2]} {other[1 - number]}" for n in range(between))
        start = " ".join(f"The {noun[number]} {middle}".split())
        right.append(f"{start} {verb[number]} ")
        wrong.append(f"{start} {verb[1 - number]} ")
    return right, wrong


def costs(model: LanguageModel, vocabulary: Vocabulary, text: str) -> np.ndarray:
    """Bits of each letter [T]"""
    ids = torch.from_numpy(vocabulary.encode("\n" + text))[None]
    with torch.inference_mode():
        return bits_of(model(ids[:, :-1])[0], ids[:, 1:])[0].numpy()


def run(
    first: str = "The game was released in the United States .",
    second: str = "The game were released in the United States .",
) -> Finding:
    """The lesson: two sentences judged letter by letter, and agreement over other nouns."""
    model, vocabulary, _ = load_model(FOLDER, "letter")
    one, two = (costs(model, vocabulary, text) for text in (first, second))
    better = first if one.sum() < two.sum() else second
    rows = []
    for between in range(MOST_BETWEEN + 1):
        right, wrong = pairs(between)
        held = float(preferred(model, vocabulary, right, wrong).mean())
        rows.append(
            {"nouns of the other number between": between, "pairs": len(right), "right": round(held, 4)}
        )
    shares = [float(str(row["right"])) for row in rows]
    by_distance = array(shares, "share right", between=range(MOST_BETWEEN + 1))
    letters = [array(bits, "bits", letter=numbered(text))
               for text, bits in ((first, one), (second, two))]  # fmt: skip
    return Finding(
        (f"Likelier: “{better}”; the first costs {one.sum():.1f} bits, the second {two.sum():.1f}.",
         "The right verb is likelier in " + ", ".join(f"{share:.0%}" for share in shares)
         + " of the pairs, with 0, 1, 2 nouns of the other number between."),
        (Check("right behind the subject it is better than guessing", f"{shares[0]:.1%}", shares[0] > 0.5),),
        (Picture("What each letter of the first sentence costs", letters[0], "bar", "letter"),
         Picture("What each letter of the second sentence costs", letters[1], "bar", "letter"),
         Picture("Right by nouns between", by_distance, "bar", "between")),
        (Table("Subject and verb", pd.DataFrame(rows)),),
    )  # fmt: skip
