"""How sure a translation is: probabilities from the search's own, calibrated on validation sentences.

"Right" means: a human's translation of the sentence has this word at this place (see
`data_prep/calibration.py`, which fits the numbers). A good synonym that the human did not choose counts as
wrong, so the figures are rather too low than too high. Logistic regression (Platt 1999) on a few features of
the search, one set of weights for each direction, stored beside the checkpoint. No torch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np

from lstm_models.calibration import StoredCalibration, probability, weights_of
from lstm_models.tokenizer import Tokenizer
from translate.drafts import Draft, TranslatedWord, written_words

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
class Calibration(StoredCalibration):
    """The weights of every direction, such as "en-de". fitted: on what, for people to read."""

    directions: dict[str, Weights]
    fitted: str = ""

    @classmethod
    def parse(cls, content: Mapping[str, Any]) -> Self:
        """See `StoredCalibration.parse`."""
        sizes = {"word": len(WORD_FEATURES), "sentence": len(SENTENCE_FEATURES)}
        directions = {
            name: Weights(**{part: weights_of(given[part], size) for part, size in sizes.items()})
            for name, given in content["directions"].items()
        }
        return cls(str(content["model"]), directions, str(content["fitted"]))


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
