"""Models of words: training, perplexity, and what may come next while one types.

Published perplexities hold for a corpus's whole vocabulary. With fewer words all others count as one, the
unknown, which is easier to predict: such a figure can be compared with nothing but itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch

from lab.text.corpus import UNKNOWN, Vocabulary, read_lines, words
from lab.text.model import WEIGHTS, LanguageModel, LanguageModelConfig, load_model, save_model
from lab.text.ngrams import MarkovModel, bits_per_letter
from lab.text.training import (
    LanguageTraining,
    bits_per_symbol,
    start_at_frequencies,
    train_language_model,
)
from lstm_models.files import try_folder

FOLDER = WEIGHTS / "words"  # the shipped model
MARK = "<unk>"  # how the corpora write a rare word
ORIGINS = {
    "wikitext-2": "WikiText-2 (Merity et al. 2017), tokenised as published, text of Wikipedia, CC BY-SA 3.0",
    "ptb": "Penn Treebank (Marcus et al. 1993; Mikolov et al. 2010): for research, not to be given away",
}
_TOKEN = re.compile(r"[A-Za-z0-9]+(?:[-'][A-Za-z0-9]+)*|[^\sA-Za-z0-9]")


def train_words(
    corpora: Path,
    folder: Path,
    corpus: str = "wikitext-2",
    largest: int = 0,
    sizes: LanguageModelConfig | None = None,
    training: LanguageTraining | None = None,
    report: Callable[[str], None] = print,
) -> dict[str, float]:
    """Trains and saves; gives perplexity on the validation and the test text.

    largest: words with a number of their own; 0 = all, as published figures have it. sizes: vocab_size is
    replaced. Raises: ValueError before the first update for a corpus that is none of ORIGINS, a text that is
    missing, or a folder that cannot be written.
    """
    if corpus not in ORIGINS:
        raise ValueError(f"corpus={corpus!r}: choose one of {', '.join(ORIGINS)}")
    training = training or LanguageTraining()
    texts = {split: words(read_lines(corpora, corpus, split)) for split in ("train", "valid", "test")}
    try_folder(folder, "--folder")
    known = [word for word in texts["train"] if word != MARK]
    vocabulary = Vocabulary.of(known, largest or len(set(known)) + 1)
    wanted = (sizes or LanguageModelConfig(vocab_size=2)).model_dump()
    config = LanguageModelConfig(**wanted | {"unit": "word", "vocab_size": len(vocabulary)})
    torch.manual_seed(training.seed)
    model = LanguageModel(config)
    ids = vocabulary.encode(texts["train"])
    start_at_frequencies(model, ids)
    train_language_model(model, ids, training, report)
    about: dict[str, object] = {
        "corpus": ORIGINS[corpus],
        "training": training.model_dump(),
        "words_read": training.updates * training.rows * training.cut,
        "words_known": len(vocabulary),
    }
    save_model(folder, model, vocabulary, about)  # whatever becomes of the scoring
    found = {split: perplexity(model, vocabulary, texts[split]) for split in ("valid", "test")}
    rounded = {split: round(value, 2) for split, value in found.items()}
    save_model(folder, model, vocabulary, about | {"perplexity": rounded})
    report(
        f"{folder}: perplexity {found['valid']:.1f} valid, {found['test']:.1f} test, {len(vocabulary)} words"
    )
    return found


def perplexity(model: LanguageModel, vocabulary: Vocabulary, text: Sequence[str]) -> float:
    """Of words, ends of lines among them; unknown words count as one."""
    return float(2 ** bits_per_symbol(model, vocabulary.encode(text), rows=8, cut=100))


def score_words(corpora: Path, folder: Path = FOLDER, corpus: str = "wikitext-2") -> dict[str, float]:
    """Perplexity on a corpus's test text: models that count words in the training text (Kneser & Ney), from
    one word before to three, and the LSTM of `folder`. All of them know the same words.

    Raises: ValueError for a folder without a model of words, or a text that is missing.
    """
    model, vocabulary, _ = load_model(folder, "word")
    train, test = (words(read_lines(corpora, corpus, split)) for split in ("train", "test"))
    ids, scores = vocabulary.encode(train), {}
    for order in range(1, 4):
        if len(vocabulary) ** (order + 1) < 2**63:
            counted = MarkovModel(ids, len(vocabulary), order, kneser_ney=True)
            scores[f"{order + 1}-grams"] = float(2 ** bits_per_letter(counted, vocabulary.encode(test))[-1])
    scores["LSTM"] = perplexity(model, vocabulary, test)
    return scores


def tokens(text: str) -> list[str]:
    """A typed text as words and marks, as the corpora have them."""
    return _TOKEN.findall(text)


def suggestions(
    model: LanguageModel, vocabulary: Vocabulary, text: str, count: int = 5
) -> list[tuple[str, float]]:
    """What may come next, the likeliest first: (word, probability).

    Behind a blank, or a mark, it is the next word; else the word under way, among those that begin so.
    """
    parts = tokens(text)
    begun = parts.pop() if parts and text[-1:].isalnum() else ""
    ids = vocabulary.encode(["<eos>", *parts])
    with torch.inference_mode():
        shares = model(torch.from_numpy(ids)[None])[0][0, -1].softmax(-1).numpy()
    fits = np.array([
        word not in (UNKNOWN, "<eos>") and word.startswith(begun) for word in vocabulary.symbols
    ])  # fmt: skip
    shares = np.where(fits, shares, 0.0)
    if not begun:
        shares = np.where([word[:1].isalnum() for word in vocabulary.symbols], shares, 0.0)
    order = np.argsort(-shares)[:count]
    whole = shares.sum() if begun else 1.0
    return [(vocabulary.symbols[n], float(shares[n] / whole)) for n in order if shares[n] > 0]
