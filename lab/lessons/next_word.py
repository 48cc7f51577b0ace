"""The next word: what a small LSTM of words expects while one types, and how the word under way may end."""

from __future__ import annotations

from typing import cast

import numpy as np
import pandas as pd
import torch

from lab.finding import Finding, Picture, Table, array
from lab.glass.pictures import numbered
from lab.text.corpus import UNKNOWN
from lab.text.model import load_model
from lab.text.words import FOLDER, suggestions, tokens

LIKELIEST = 5
MOST_WORDS = 40  # of the text, in the table
NAMED = {UNKNOWN: "(a rare word)", "<eos>": "(end)"}  # as the table shows them


def run(text: str = "The album was released in the U") -> Finding:
    """The lesson. Raises: ValueError where no model of words is there, or the text has no word."""
    model, vocabulary, about = load_model(FOLDER, "word")
    parts = tokens(text)
    if not parts:
        raise ValueError("the text has no word: write one")
    ids = vocabulary.encode(["<eos>", *parts])
    with torch.inference_mode():
        shares = model(torch.from_numpy(ids)[None])[0][0].softmax(-1).numpy()  # [T + 1, V]
    chances = shares[np.arange(len(parts)), ids[1:]]
    shown = [NAMED.get(symbol, symbol) for symbol in vocabulary.symbols]
    rows = [
        {"word": part if number else f"{part} (unknown)", "probability": round(float(chance), 5),
         "expected instead": ", ".join(shown[n] for n in np.argsort(-before)[:LIKELIEST])}
        for part, number, chance, before in zip(parts, ids[1:], chances, shares, strict=False)
    ]  # fmt: skip
    found = suggestions(model, vocabulary, text)
    words = ", ".join(f"{word} ({share:.0%})" for word, share in found)
    under_way = "The word under way may be" if text[-1:].isalnum() else "Next may come"
    drawn = array([share for _, share in found], "probability", word=[word for word, _ in found])
    bits = -np.log2(np.maximum(chances, 1e-12))
    cost = array(bits, "bits", word=numbered(parts))
    perplexity = cast(dict[str, float], about["perplexity"])
    return Finding(
        (f"{under_way}: {words or 'nothing known'}.",
         f"This text costs {bits.mean():.1f} bits a word. The model's perplexity on text it never read "
         f"is {perplexity['test']}; it knows {about['words_known']} words."),
        (),
        (Picture("What may come", drawn, "bar", "word"), Picture("What each word cost", cost, "bar", "word")),
        (Table("Word by word", pd.DataFrame(rows[-MOST_WORDS:])),),
    )  # fmt: skip
