"""How sure a translation is: probabilities from the search's own, calibrated on validation sentences.

"Right" means: a human's translation of the sentence has this word at this place (see
`data_prep/calibration.py`, which fits the numbers). A good synonym that the human did not choose counts as
wrong, so the figures are rather too low than too high. Logistic regression (Platt 1999) on a few features of
the search, one set of weights for each direction, stored beside the checkpoint. No torch.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from lstm_models.checkpoint import CALIBRATION
from lstm_models.files import write_text
from lstm_models.tokenizer import Tokenizer
from translate.drafts import Draft, TranslatedWord, written_words

FORMAT = "longshort-calibration"
# A token less likely than this is no less likely to be right than one that is as likely as this.
_LEAST = -8.0
WORD_FEATURES = (
    "one",
    "least likely token",
    "its probability",
    "all tokens",
    "number of tokens",
    "tokens beside",
    "sentence",
)
SENTENCE_FEATURES = ("one", "mean of the words", "number of words")


@dataclass(frozen=True)
class Weights:
    """Logistic regression of one direction. word, sentence: in the order of the features."""

    word: tuple[float, ...]
    sentence: tuple[float, ...]


@dataclass(frozen=True)
class Calibration:
    """The weights of every direction, such as "en-de". model: sha256 of the weights it was fitted for."""

    model: str
    directions: dict[str, Weights]
    fitted: str = ""

    def save(self, folder: str | Path) -> Path:
        """Writes calibration.json into a checkpoint folder."""
        path = Path(folder) / CALIBRATION
        write_text(path, json.dumps({"format": FORMAT, **asdict(self)}, indent=2) + "\n")
        return path

    @classmethod
    def load(cls, folder: str | Path, model: str) -> Calibration | None:
        """What stands in a checkpoint folder; None where there is nothing, or it is of other weights.

        Raises: ValueError for a damaged file, with the remedy.
        """
        path = Path(folder) / CALIBRATION
        if not path.is_file():
            return None
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
            if found.pop("format") != FORMAT:
                raise ValueError("another format")
            read = cls(found["model"], _weights(found["directions"]), str(found["fitted"]))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            remedy = f"run `longshort calibrate {folder}`, or delete the file"
            raise ValueError(f"{path} is damaged ({error}): {remedy}") from error
        return read if read.model == model else None


def _weights(directions: dict[str, Any]) -> dict[str, Weights]:
    found = {}
    for name, given in directions.items():
        weights = Weights(*(tuple(map(float, given[part])) for part in ("word", "sentence")))
        if (len(weights.word), len(weights.sentence)) != (len(WORD_FEATURES), len(SENTENCE_FEATURES)):
            raise ValueError(f"{name} has another number of weights")
        if not np.isfinite([*weights.word, *weights.sentence]).all():
            raise ValueError(f"{name} has weights that are not numbers")
        found[name] = weights
    return found


def word_features(draft: Draft, tokens: Sequence[int]) -> list[float]:
    """The features of a word that has these places in the hypothesis (WORD_FEATURES)."""
    log_probs = np.maximum(draft.hypothesis.token_log_probs, _LEAST)
    own = log_probs[list(tokens)]
    beside = log_probs[max(0, tokens[0] - 1) : tokens[-1] + 2]
    return [
        1.0,
        float(own.min()),
        float(np.exp(own.min())),
        float(max(own.sum(), 2 * _LEAST)),
        float(np.log(len(own))),
        float(beside.mean()),
        float(log_probs.mean()),
    ]


def sentence_features(words: Sequence[float]) -> list[float]:
    """The features of a sentence whose words have these confidences (SENTENCE_FEATURES)."""
    mean = float(np.clip(np.mean(words), 1e-3, 1 - 1e-3))
    return [1.0, float(np.log(mean / (1 - mean))), float(np.log(len(words)))]


def probability(features: Sequence[float], weights: Sequence[float]) -> float:
    """The logistic function of their product."""
    return float(1 / (1 + np.exp(-np.dot(features, weights))))


def rated(
    tokenizer: Tokenizer, draft: Draft, calibration: Calibration | None
) -> tuple[tuple[TranslatedWord, ...], float | None]:
    """A draft's words with their confidence, and the sentence's; None where nothing is known of it."""
    written = written_words(tokenizer, draft)
    direction = f"{draft.wanted.source}-{draft.wanted.target}"
    weights = calibration.directions.get(direction) if calibration else None
    if weights is None:
        return tuple(word for word, _ in written), None
    words = tuple(
        replace(word, confidence=probability(word_features(draft, tokens), weights.word)) if tokens else word
        for word, tokens in written
    )
    known = [word.confidence for word in words if word.confidence is not None]
    sentence = probability(sentence_features(known), weights.sentence) if known else None
    return words, sentence
