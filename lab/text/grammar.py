"""Grammar by probability: of two sentences, or forms of a verb, the right one should be likelier.

BLiMP (Warstadt et al. 2020): pairs of sentences by paradigm. Subject and verb with attractors between (Linzen
et al. 2016), and in sentences without sense (Gulordava et al. 2018).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from lab.text.corpus import Vocabulary
from lab.text.model import LanguageModel, bits_of
from lab.text.words import tokens

ROWS = 32  # sentences computed together
BLIMP = ("regular_plural_subject_verb_agreement_1", "distractor_agreement_relational_noun", "other_paradigms")


def log_probs_of(model: LanguageModel, vocabulary: Vocabulary, texts: Sequence[str]) -> np.ndarray:
    """Log2-probability of each text [texts], from the beginning of a line on."""
    if model.config.unit == "word":
        ids = [vocabulary.encode(["<eos>", *tokens(text)]) for text in texts]
    else:
        ids = [vocabulary.encode("\n" + text) for text in texts]
    found, order = np.zeros(len(ids)), np.argsort([len(row) for row in ids])
    for at in range(0, len(ids), ROWS):
        some = order[at : at + ROWS]
        lengths = torch.tensor([len(ids[n]) for n in some])
        padded = torch.zeros(len(some), int(lengths.max()), dtype=torch.long)
        for row, n in enumerate(some):
            padded[row, : len(ids[n])] = torch.from_numpy(ids[n])
        with torch.inference_mode():
            bits = bits_of(model(padded[:, :-1])[0], padded[:, 1:])
        read = torch.arange(bits.shape[1]) < lengths[:, None] - 1
        found[some] = -(bits * read).sum(1).numpy()
    return found


def preferred(
    model: LanguageModel, vocabulary: Vocabulary, right: Sequence[str], wrong: Sequence[str]
) -> np.ndarray:
    """Whether each right text is likelier than the wrong one [pairs]: 1 or 0; 0.5 where they are equal, as
    texts are that differ only in words that the model does not know."""
    both = log_probs_of(model, vocabulary, [*right, *wrong])
    one, other = both[: len(right)], both[len(right) :]
    return np.where(np.isclose(one, other, rtol=0, atol=1e-6), 0.5, one > other)


def score_grammar(model: LanguageModel, vocabulary: Vocabulary, corpora: Path, most: int = 0) -> pd.DataFrame:
    """A row for each test that is in the folder: name, pairs, share right, and the published LSTM's.

    most: pairs of each paradigm or number of attractors, evenly from the file; 0 = all.
    Raises: ValueError where none of the tests is there.
    """
    rows: list[dict[str, object]] = []

    def add(name: str, right: pd.Series, wrong: pd.Series, published: float | None) -> None:
        places = np.linspace(0, len(right) - 1, min(most or len(right), len(right))).astype(int)
        pairs = right.iloc[places].tolist(), wrong.iloc[places].tolist()
        held = preferred(model, vocabulary, *pairs).mean()
        rows.append(
            {"test": name, "pairs": len(places), "right": round(float(held), 4), "published": published}
        )

    folder = corpora / "blimp"
    if (folder / "reference_accuracy.parquet").is_file():
        reference = pd.read_parquet(folder / "reference_accuracy.parquet").set_index("UID")["lstm"]
        frames = [pd.read_parquet(folder / f"{name}.parquet") for name in BLIMP]
        for uid, frame in pd.concat(frames).groupby("UID"):
            published = float(reference[uid]) if uid in reference else None
            add(f"BLiMP {uid}", frame.sentence_good, frame.sentence_bad, published)
        mine = pd.DataFrame(rows)
        rows.append({"test": "BLiMP, all paradigms", "pairs": int(mine.pairs.sum()),
                     "right": round(float(mine.right.mean()), 4),
                     "published": round(float(mine.published.astype(float).mean()), 4)})  # fmt: skip
    path = corpora / "linzen-agreement" / "test_filtered.parquet"
    if path.is_file():
        for attractors, frame in pd.read_parquet(path).groupby("n_attractors"):
            before = [
                " ".join(sentence.split()[:place])
                for sentence, place in zip(frame.sentence, frame.target_index, strict=True)
            ]
            add(f"Linzen, {attractors} attractors", *_forms(frame, before), None)
    path = corpora / "colorless-green" / "english.parquet"
    if path.is_file():
        for kind, frame in pd.read_parquet(path).groupby("kind"):
            published = float((frame.lstm_logprob_correct > frame.lstm_logprob_wrong).mean())
            add(f"colorless green, {kind}", *_forms(frame, frame.prefix), round(published, 4))
    if not rows:
        raise ValueError(f"no test in {corpora}: give --corpora a folder with blimp, linzen-agreement or "
                         "colorless-green in it")  # fmt: skip
    return pd.DataFrame(rows)


def _forms(frame: pd.DataFrame, before: Sequence[str]) -> tuple[pd.Series, pd.Series]:
    """The beginning of each sentence with the right and with the wrong form, which a blank ends."""
    right, wrong = (
        pd.Series([f"{start} {form} " for start, form in zip(before, frame[name], strict=True)])
        for name in ("correct", "wrong")
    )
    return right, wrong
