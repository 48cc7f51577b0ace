"""Fitting confidence: the regression, what counts as right, and the error, each against hand calculations."""

from pathlib import Path

import numpy as np
import pytest

from data_prep.calibration import (
    Forecasts,
    Outcomes,
    calibrate,
    common_words,
    fit_weights,
    held_out,
    logistic,
    outcomes_of,
    validation_records,
)
from data_prep.examples import translation_record
from tests.translate.conftest import checkpoint, tokenizer  # noqa: F401 (fixtures)
from translate import Translator
from translate.confidence import WORD_FEATURES


@pytest.mark.parametrize(
    ("ours", "theirs", "right"),
    [
        ("ich bin hier", "Ich bin hier", [1, 1, 1]),
        ("ich bin nicht hier", "hier bin ich nicht", [0, 1, 1, 0]),
        ("a a b", "a b", [1, 0, 1]),
        ("a", "", [0]),
        ("", "a", []),
    ],
)
def test_right_words(ours: str, theirs: str, right: list[int]) -> None:
    assert common_words(ours.split(), theirs.split()).tolist() == right


def test_regression_finds_what_made_the_data() -> None:
    rng = np.random.default_rng(0)
    features = np.column_stack([np.ones(20_000), rng.normal(size=20_000)])
    outcome = rng.random(20_000) < 1 / (1 + np.exp(-(features @ [-0.5, 1.5])))
    assert logistic(features, outcome.astype(float)) == pytest.approx([-0.5, 1.5], abs=0.06)
    assert logistic(np.ones((4, 1)), np.array([0, 0.5, 0.5, 1])) == pytest.approx([0], abs=1e-6)


def test_the_error_by_hand() -> None:
    found = Forecasts(np.array([0.15, 0.15, 0.9, 1.0]), np.array([0, 1, 1, 1]))
    assert np.allclose(found.curve(), [(0.15, 0.5, 2), (0.95, 1.0, 2)])
    assert found.error == pytest.approx((0.35 + 0.05) / 2)


def test_held_out_judges_with_the_other_half() -> None:
    rng = np.random.default_rng(1)
    outcomes = Outcomes()
    for _ in range(400):
        features = np.column_stack([np.ones(8), *rng.normal(size=(len(WORD_FEATURES) - 1, 8))])
        outcomes.features.append(features)
        outcomes.right.append((rng.random(8) < 1 / (1 + np.exp(-2 * features[:, 1]))).astype(float))
    words, sentences = held_out(outcomes)
    assert len(words.outcome) == 3200 and len(sentences.outcome) == 400
    assert words.error < 0.04 and sentences.error < 0.06
    with pytest.raises(ValueError, match="nothing to calibrate on"):
        fit_weights(Outcomes())


def test_a_checkpoint_is_calibrated(checkpoint: Path) -> None:  # noqa: F811
    translator = Translator.load(checkpoint)
    texts = [f"Where is the station {number}?" for number in range(6)]
    pairs = [translation_record(text, "Wo ist der Bahnhof?", ("en", "de"), "own") for text in texts]
    found = outcomes_of(translator, pairs, beam_size=1)
    assert list(found) == ["en-de"]
    made = calibrate(translator, found, "six pairs")
    assert made.model == translator.engine.model_hash and len(made.directions["en-de"].word) == len(
        WORD_FEATURES
    )
    with pytest.raises(ValueError, match="--corpus"):
        validation_records(checkpoint)


def test_only_whole_pairs_are_calibrated_on(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [{"en": None, "de": "Ja."}, {"en": "No.", "de": "Nein."}, {"en": "A.", "de": ""}]
    rows += [{"en": "Yes.", "de": "Ja."}, {"en": "Here.", "de": "Hier."}]
    monkeypatch.setattr("data_prep.calibration.read_config", lambda model: {"card": {}})
    monkeypatch.setattr("data_prep.calibration.load_rows", lambda *_: iter(rows))
    records = validation_records("runs/own", ["tatoeba_en_de"], limit=2)
    assert [record["source"] for record in records] == ["No.", "Yes.", "Nein.", "Ja."]


def test_a_model_of_own_data_asks_for_a_corpus(monkeypatch: pytest.MonkeyPatch) -> None:
    card = {"data": [{"name": "pairs.tsv"}]}
    monkeypatch.setattr("data_prep.calibration.read_config", lambda model: {"card": card})
    with pytest.raises(ValueError, match=r"runs/own names no corpus .*: give --corpus tatoeba_en_de"):
        validation_records("runs/own")
