"""The next letter: what a small LSTM of letters expects after every beginning of a text, and completions.

T letters, V vocabulary.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import torch

from lab.finding import Finding, Picture, Table, array
from lab.glass.pictures import numbered
from lab.text.corpus import Vocabulary
from lab.text.letters import FOLDER, next_letters
from lab.text.model import LanguageModel, load_model

LIKELIEST = 8


def complete(
    model: LanguageModel, vocabulary: Vocabulary, text: str, beam: int = 5, longest: int = 16
) -> list[tuple[str, float]]:
    """How the word under way may go on, the likeliest first: (letters up to a blank, probability).

    A beam search over letters that ends at the first blank or mark.
    """
    with torch.inference_mode():
        logits, state = model(torch.from_numpy(vocabulary.encode(text))[None])
        open_ends = [("", 0.0, logits[0, -1].log_softmax(-1), state)]
        done: list[tuple[str, float]] = []
        for _ in range(longest):
            longer = []
            for letters, score, log_probs, at in open_ends:
                best = log_probs.topk(beam)
                for log_prob, number in zip(best.values.tolist(), best.indices.tolist(), strict=True):
                    letter = vocabulary.symbols[number]
                    if letter.isalnum():
                        longer.append((letters + letter, score + log_prob, number, at))
                    elif letters:
                        done.append((letters, score + log_prob))
            open_ends = []
            for letters, score, number, at in sorted(longer, key=lambda item: -item[1])[:beam]:
                stepped, after = model.step(torch.tensor([number]), at)
                open_ends.append((letters, score, stepped[0].log_softmax(-1), after))
    merged: dict[str, float] = {}
    for letters, score in done:
        merged[letters] = merged.get(letters, 0.0) + float(np.exp(score))
    return sorted(merged.items(), key=lambda item: -item[1])[:beam]


def run(text: str = "My name") -> Finding:
    """The lesson. Raises: ValueError where no model of letters has been trained yet."""
    model, vocabulary, about = load_model(FOLDER, "letter")
    probabilities, read = next_letters(model, vocabulary, text)
    order = np.argsort(-probabilities, axis=1)[:, :LIKELIEST]
    shown = np.unique(order[-40:])
    shown = shown[np.argsort(-probabilities[-40:, shown].sum(0))][:40]
    labels = [_visible(vocabulary.symbols[number]) for number in shown]
    after = numbered([_visible(letter) for letter in read])[-40:]
    heat = array(probabilities[-40:, shown].T, "probability", next=labels, after=after)
    rows = [
        {"after": text[: place + 1][-30:], "expected next": " ".join(
            f"{_visible(vocabulary.symbols[n])} {probabilities[place, n]:.0%}" for n in order[place][:5])}
        for place in range(len(read))
    ]  # fmt: skip
    words = ", ".join(
        f"{text.split(' ')[-1] + more} ({p:.1%})" for more, p in complete(model, vocabulary, text)
    )
    bits = -np.log2([probabilities[t, vocabulary.numbers.get(text[t + 1], 0)] for t in range(len(text) - 1)])
    cost = f"This text costs {bits.mean():.2f} bits a letter" if len(bits) else "One letter was read"
    trained = f"the model has {about.get('validation_bits_per_letter')} on its validation text"
    return Finding(
        (f"{cost}; {trained}.", f"The word may go on as: {words or 'nothing likely'}."),
        (),
        (Picture("The next letter after every letter", heat, "heat", "after", "next"),),
        (Table("Letter by letter", pd.DataFrame(rows)),),
    )


def _visible(letter: str) -> str:
    return {" ": "␣", "\n": "⏎"}.get(letter, letter)
