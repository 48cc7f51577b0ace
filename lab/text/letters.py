"""The shipped model of letters: how it is trained, and how it is scored beside the Markov models."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from lab.text.corpus import LARGEST_LETTER_VOCABULARY, Vocabulary, letters, read_lines
from lab.text.model import WEIGHTS, LanguageModel, LanguageModelConfig, load_model, save_model
from lab.text.ngrams import HIGHEST_ORDER, MarkovModel, bits_per_letter
from lab.text.training import (
    LanguageTraining,
    bits_per_symbol,
    start_at_frequencies,
    train_language_model,
)
from lstm_models.files import try_folder

CORPUS = "wikitext-2"
FOLDER = WEIGHTS / "letters"
BUCKETS = 2**15  # rows of the table of runs of letters: 3 MB as shipped
RAREST = 20  # times a letter must stand in the training text to get a number of its own


def train_letters(
    corpora: Path,
    folder: Path,
    hidden_size: int = 320,
    together: int = 4,
    training: LanguageTraining | None = None,
    report: Callable[[str], None] = print,
) -> float:
    """Trains on wikitext-2's training text and saves; gives bits a letter on its validation text.

    Raises: ValueError before the first update for a text that is missing, or a folder that cannot be written.
    """
    training = training or LanguageTraining()
    text, unseen = (letters(read_lines(corpora, CORPUS, split)) for split in ("train", "valid"))
    try_folder(folder, "--folder")
    vocabulary = Vocabulary.of(text, LARGEST_LETTER_VOCABULARY, RAREST)
    torch.manual_seed(training.seed)
    sizes = {"embed_dim": 48, "hidden_size": hidden_size, "together": together}
    table = BUCKETS if together > 1 else 0
    model = LanguageModel(LanguageModelConfig(vocab_size=len(vocabulary), buckets=table, **sizes))
    ids = vocabulary.encode(text)
    start_at_frequencies(model, ids)
    train_language_model(model, ids, training, report)
    about: dict[str, object] = {
        "corpus": "WikiText-2 (Merity et al. 2017), tokenised as published, text of Wikipedia, CC BY-SA 3.0",
        "training": training.model_dump(),
        "letters_read": training.updates * training.rows * training.cut,
    }
    save_model(folder, model, vocabulary, about)  # whatever becomes of the scoring
    valid = bits_per_symbol(model, vocabulary.encode(unseen))
    save_model(folder, model, vocabulary, about | {"validation_bits_per_letter": round(valid, 4)})
    report(f"{folder}: {valid:.3f} bits a letter on the validation text")
    return valid


def score_letters(corpora: Path, folder: Path = FOLDER) -> dict[str, float]:
    """Bits a letter on wikitext-2's test text: Markov models of order 0 to 6, and the LSTM of `folder`.

    All of them know the same letters and learnt from the same training text.
    Raises: ValueError for a folder without a model of letters, or a text that is missing.
    """
    model, vocabulary, _ = load_model(folder, "letter")
    train = vocabulary.encode(letters(read_lines(corpora, CORPUS, "train")))
    test = vocabulary.encode(letters(read_lines(corpora, CORPUS, "test")))
    markov = MarkovModel(train, len(vocabulary), HIGHEST_ORDER)
    scores = {f"order {k}": float(bits) for k, bits in enumerate(bits_per_letter(markov, test))}
    scores["LSTM"] = bits_per_symbol(model, test)
    return scores


def next_letters(model: LanguageModel, vocabulary: Vocabulary, text: str) -> tuple[np.ndarray, list[str]]:
    """The distribution over the next letter at every place of a text [T, V], and the text's letters."""
    ids = torch.from_numpy(vocabulary.encode(text))[None]
    with torch.inference_mode():
        logits, _ = model(ids)
    return logits[0].softmax(-1).numpy(), vocabulary.decode(ids[0])
