"""Calibrated confidence: where it is kept, and what is said without it."""

import json
from pathlib import Path

import pytest

from translate import Translator
from translate.confidence import SENTENCE_FEATURES, WORD_FEATURES, Calibration, Weights, probability

WEIGHTS = Weights((0.5, *[0.1] * (len(WORD_FEATURES) - 1)), (0.0, *[0.3] * (len(SENTENCE_FEATURES) - 1)))


@pytest.fixture()
def folder(checkpoint: Path, tmp_path: Path) -> Path:
    import shutil

    return Path(shutil.copytree(checkpoint, tmp_path / "model"))


def test_confidence_of_words_and_sentences(folder: Path) -> None:
    plain = Translator.load(folder)
    (one,) = plain.translate(["Where is the station?"])
    assert one.confidence is None and one.sentences[0].words[0].confidence is None
    Calibration(plain.engine.model_hash, {"en-de": WEIGHTS}, "by hand").save(folder)
    translator = Translator.load(folder)
    (one,) = translator.translate(["Where is the station? I would like to buy a ticket."])
    for sentence in one.sentences:
        assert sentence.confidence is not None and 0 < sentence.confidence < 1
        assert all(word.confidence is None or 0 < word.confidence < 1 for word in sentence.words)
    assert one.confidence is not None
    low, high = sorted(sentence.confidence or 0 for sentence in one.sentences)
    assert low <= one.confidence <= high
    assert translator.translate(["Où est la gare ?"], "fr", "en")[0].confidence is None
    with pytest.raises(ValueError, match=r"fr-en is not calibrated.*longshort calibrate"):
        translator.check_calibrated("fr", "en")


def test_a_calibration_of_other_weights_does_not_count(folder: Path) -> None:
    Calibration("other", {"en-de": WEIGHTS}).save(folder)
    assert Translator.load(folder).translate(["Where is it?"])[0].confidence is None


@pytest.mark.parametrize(
    "change",
    [
        {"format": "x"},
        {"directions": []},
        {"directions": {"en-de": {"word": [1], "sentence": [1]}}},
        {"directions": {"en-de": {"word": [float("nan")] * len(WORD_FEATURES), "sentence": [0] * 3}}},
        {"model": None, "fitted": None, "directions": {"en-de": 3}},
    ],
)
def test_damage_is_named(folder: Path, change: dict) -> None:
    path = Calibration("hash", {"en-de": WEIGHTS}).save(folder)
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    with pytest.raises(ValueError, match=r"damaged.*longshort calibrate"):
        Translator.load(folder)


def test_probability_by_hand() -> None:
    assert probability([1.0, 2.0], [0.0, 0.0]) == 0.5
    assert probability([1.0, 2.0], [-1.0, 0.5]) == 0.5
    assert probability([1.0], [1.0986122886681098]) == pytest.approx(0.75)
