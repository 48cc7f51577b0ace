"""Makes a translator's confidence mean something: fitted on validation sentences, measured on others of them.

A word of a translation counts as right when it is in a longest common subsequence of the translation's and
the reference's words (small letters): a human's translation has it at this place. A sentence's outcome is the
share of its words that are right. One reference is one of many good translations, so both are lower bounds.

W words, F features, N sentences.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import numpy as np

from data_prep.corpora import Corpus, get_corpus, registry
from data_prep.examples import Record, translation_record
from data_prep.loading import load_rows
from lstm_models.calibration import probability
from lstm_models.checkpoint import read_config
from translate import Translator
from translate.alignment import words_of
from translate.confidence import Calibration, Weights, sentence_features, word_features
from translate.drafts import written_words
from translate.translation import Translation

BINS = 10
_STEPS, _RIDGE = 50, 1e-3


@dataclass
class Outcomes:
    """The words of one direction's translations, sentence by sentence, and whether they were right."""

    features: list[np.ndarray] = field(default_factory=list)  # [W, F] of each sentence
    right: list[np.ndarray] = field(default_factory=list)  # [W] of each sentence, 0 or 1

    def half(self, odd: bool) -> Outcomes:
        """Every second sentence."""
        return Outcomes(self.features[odd::2], self.right[odd::2])


@dataclass(frozen=True)
class Forecasts:
    """Confidence and what came of it, [n] each."""

    confidence: np.ndarray
    outcome: np.ndarray

    @property
    def error(self) -> float:
        """Expected calibration error (Naeini et al. 2015): in ten equal bins, weighted by their size."""
        return float(sum(size * abs(sure - right) for sure, right, size in self.curve()) / len(self.outcome))

    def curve(self) -> list[tuple[float, float, int]]:
        """The reliability curve: mean confidence, mean outcome and size of each bin that has any."""
        bins = np.minimum((self.confidence * BINS).astype(int), BINS - 1)
        rows = [bins == number for number in range(BINS) if (bins == number).any()]
        return [
            (float(self.confidence[row].mean()), float(self.outcome[row].mean()), int(row.sum()))
            for row in rows
        ]

    @classmethod
    def joined(cls, parts: Sequence[Forecasts]) -> Forecasts:
        """Of several directions together."""
        return cls(
            np.concatenate([part.confidence for part in parts]),
            np.concatenate([part.outcome for part in parts]),
        )


def validation_records(
    model: str | Path, corpora: Sequence[str] = (), root: Path | None = None, limit: int = 1000
) -> list[Record]:
    """Validation pairs, `limit` of each direction; corpora: names, else those the model was trained on.

    Raises: ValueError where there are none.
    """
    learnt = [entry["name"] for entry in read_config(model)["card"].get("data", [])]
    named = corpora or [name for name in learnt if name in registry()]  # own data is not
    pairs: list[Record] = []
    for corpus in map(get_corpus, named):
        if corpus.schema_ == "translation" and "validation" in corpus.splits:
            pairs += _pairs(corpus, root, limit)
    if not pairs:
        raise ValueError(
            f"{model} names no corpus with validation pairs: give --corpus tatoeba_en_de, as often as needed"
        )
    return pairs


def _pairs(corpus: Corpus, root: Path | None, limit: int) -> list[Record]:
    first, second = corpus.languages
    whole = (row for row in load_rows(corpus, "validation", root) if row[first] and row[second])
    rows = list(islice(whole, limit))
    return [
        translation_record(row[source], row[target], (source, target), corpus.name)
        for source, target in ((first, second), (second, first))
        for row in rows
    ]


def outcomes_of(translator: Translator, records: Iterable[Record], beam_size: int = 5) -> dict[str, Outcomes]:
    """Translates the records and judges every word, by direction ("en-de")."""
    by_direction: dict[tuple[str, str], list[Record]] = defaultdict(list)
    for record in records:
        by_direction[record["source_language"], record["target_language"]].append(record)
    found = {}
    for (source, target), pairs in by_direction.items():
        outcomes = found[f"{source}-{target}"] = Outcomes()
        texts = [pair["source"] for pair in pairs]
        for pair, done in zip(pairs, translator.translate(texts, source, target, beam_size), strict=True):
            _judge(translator, done, pair["target"], outcomes)
    return found


def _judge(translator: Translator, translation: Translation, reference: str, outcomes: Outcomes) -> None:
    written = [
        (word.text, sentence.draft, tokens)
        for sentence in translation.sentences
        if sentence.draft
        for word, tokens in written_words(translator.engine.tokenizer, sentence.draft)
    ]
    right = common_words([text for text, _, _ in written], [word.text for word in words_of(reference)])
    known = [number for number, (_, _, tokens) in enumerate(written) if tokens]
    if known:
        rows = [word_features(draft, tokens) for _, draft, tokens in (written[number] for number in known)]
        outcomes.features.append(np.array(rows))
        outcomes.right.append(right[known])


def common_words(ours: Sequence[str], theirs: Sequence[str]) -> np.ndarray:
    """[len(ours)] 1 where a word is in a longest common subsequence of both, the first such one."""
    ours, theirs = [word.casefold() for word in ours], [word.casefold() for word in theirs]
    longest = np.zeros((len(ours) + 1, len(theirs) + 1), int)  # of what comes from here on
    for i in range(len(ours) - 1, -1, -1):
        for j in range(len(theirs) - 1, -1, -1):
            same = longest[i + 1, j + 1] + 1 if ours[i] == theirs[j] else 0
            longest[i, j] = max(same, longest[i + 1, j], longest[i, j + 1])
    found, i, j = np.zeros(len(ours)), 0, 0
    while i < len(ours) and j < len(theirs):
        if ours[i] == theirs[j]:
            found[i], i, j = 1.0, i + 1, j + 1
        elif longest[i + 1, j] >= longest[i, j + 1]:
            i += 1
        else:
            j += 1
    return found


def logistic(features: np.ndarray, outcome: np.ndarray) -> tuple[float, ...]:
    """Logistic regression by Newton's method: features [n, F], outcome [n] from 0 to 1 -> [F]."""
    found = np.zeros(features.shape[1])
    ridge = _RIDGE * np.eye(len(found))
    for _ in range(_STEPS):
        expected = 1 / (1 + np.exp(-np.clip(features @ found, -30, 30)))
        slope = features.T @ (outcome - expected) - _RIDGE * found
        bend = (features * (expected * (1 - expected))[:, None]).T @ features + ridge
        step = np.linalg.solve(bend, slope)
        found = found + step
        if np.abs(step).max() < 1e-8:
            break
    return tuple(float(one) for one in found)


def fit_weights(outcomes: Outcomes) -> Weights:
    """The weights of one direction. Raises: ValueError where there is nothing to fit on."""
    if not outcomes.features:
        raise ValueError("no word was translated: there is nothing to calibrate on")
    word = logistic(np.concatenate(outcomes.features), np.concatenate(outcomes.right))
    sentences = np.array([sentence_features(_probabilities(rows, word)) for rows in outcomes.features])
    shares = np.array([right.mean() for right in outcomes.right])
    return Weights(word, logistic(sentences, shares))


def _probabilities(rows: np.ndarray, weights: Sequence[float]) -> list[float]:
    return [probability(row, weights) for row in rows]


def forecasts(outcomes: Outcomes, weights: Weights) -> tuple[Forecasts, Forecasts]:
    """(words, sentences): what the weights say of these outcomes."""
    by_sentence = [_probabilities(rows, weights.word) for rows in outcomes.features]
    sentences = np.array([probability(sentence_features(one), weights.sentence) for one in by_sentence])
    shares = np.array([right.mean() for right in outcomes.right])
    return (
        Forecasts(np.concatenate(by_sentence), np.concatenate(outcomes.right)),
        Forecasts(sentences, shares),
    )


def held_out(outcomes: Outcomes) -> tuple[Forecasts, Forecasts]:
    """(words, sentences) of every sentence, by weights that were fitted on the other half."""
    halves = [forecasts(outcomes.half(odd), fit_weights(outcomes.half(not odd))) for odd in (False, True)]
    words, sentences = zip(*halves, strict=True)
    return Forecasts.joined(words), Forecasts.joined(sentences)


def calibrate(translator: Translator, found: dict[str, Outcomes], fitted: str) -> Calibration:
    """The calibration of all directions, fitted on everything. fitted: on what, for people to read."""
    weights = {direction: fit_weights(outcomes) for direction, outcomes in found.items()}
    return Calibration(translator.engine.model_hash, weights, fitted)
