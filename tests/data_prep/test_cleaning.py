"""Each reason to leave a pair out, and what is close to it and stays."""

import pytest

from data_prep.cleaning import Cleaner, CleaningConfig, wrong_script
from data_prep.leaks import LeakCheck, in_zone
from lstm_models.tokenizer import normalise

EN_DE = ("en", "de")


@pytest.mark.parametrize(
    ("source", "target", "fault"),
    [
        ("Good morning.", "Guten Morgen.", None),
        ("", "Guten Morgen.", "empty"),
        ("Good morning.", "", "empty"),
        ("a" * 601, "b" * 500, "too_long"),
        ("a" * 600, "b" * 500, None),
        ("Γειά σου", "Hallo du", "wrong_script"),
        ("Hallo du", "Привет", "wrong_script"),
        ("Ödön's naïve café œuvre, straße", "Łódź, Đà Nẵng, ÿ", None),
        ("The word λόγος means word.", "Das Wort λόγος heißt Wort.", None),
        ("1 + 1 = 2", "1 + 1 = 2", None),
        ("😀", "😀", None),
        ("Go.", "Gehen Sie bitte.", None),  # short sides may differ
        ("Yes, sir.", "Das ist eine sehr viel zu lange Antwort.", "length_ratio"),
    ],
)
def test_faults(source: str, target: str, fault: str | None) -> None:
    assert Cleaner(CleaningConfig()).fault(source, target, EN_DE) == fault


def test_duplicates_are_pairs_of_the_same_languages() -> None:
    cleaner = Cleaner(CleaningConfig())
    assert cleaner.fault("Hotel", "Hotel", EN_DE) is None
    assert cleaner.fault("Hotel", "Hotel", EN_DE) == "duplicate"
    assert cleaner.fault("Hotel", "Hotel", ("en", "fr")) is None
    assert cleaner.fault("Hotel", "Gasthof", EN_DE) is None
    lenient = Cleaner(CleaningConfig(drop_duplicates=False))
    assert [lenient.fault("Hotel", "Hotel", EN_DE) for _ in range(2)] == [None, None]


def test_dialogues() -> None:
    cleaner = Cleaner(CleaningConfig())
    assert cleaner.dialogue_fault(["Hi.", "Hello."]) is None
    assert cleaner.dialogue_fault(["Hi.", "Hello."]) == "duplicate"
    assert cleaner.dialogue_fault(["Hi.", ""]) == "empty"
    assert cleaner.dialogue_fault([]) == "empty"
    assert cleaner.dialogue_fault(["こんにちは", "お元気ですか"]) == "wrong_script"


def test_the_share_of_script_is_of_letters() -> None:
    assert not wrong_script("12345 !?", 1.0)
    assert not wrong_script("ab γδ", 0.5)
    assert wrong_script("ab γδ", 0.51)


def test_leaks_on_either_side_however_written() -> None:
    check = LeakCheck()
    check.hold([("The sea is near.", "en"), ("Das Meer ist nah.", "de")])
    check.hold([("?!", "en")])
    leaks = {
        "the SEA, is near": True,
        "The sea is nearer.": False,
        "": False,
        "?!": True,
        "!?": False,
    }
    assert {text: check.leaks([(text, "en"), ("Neu.", "de")]) for text in leaks} == leaks
    assert check.leaks([("New.", "en"), ("das Meer ist nah", "de")])
    assert not check.leaks([("Das Meer ist nah.", "en"), ("Neu.", "de")])  # another language's sentence
    assert len(check) == 3


def test_a_leak_is_no_less_one_for_signs_that_nobody_sees() -> None:
    check = LeakCheck()
    published = "Die Donau\u00addampf\u00adschifffahrt ruht.", "Ein Leer\u200bzeichen ohne Breite."
    check.hold((text, "de") for text in published)
    for text in published:
        assert check.leaks([(normalise(text), "de")]) and check.leaks([(text, "de")])
    assert in_zone(published[0], 0.5) == in_zone(normalise(published[0]), 0.5)


def test_zones_are_stable_and_of_the_share_asked_for() -> None:
    texts = [f"sentence {i}" for i in range(4000)]
    held = [text for text in texts if in_zone(text, 0.1)]
    assert 300 < len(held) < 500
    assert set(held) <= {text for text in texts if in_zone(text, 0.2)}
    assert not any(in_zone(text, 0.0) for text in texts)
    assert in_zone("Sentence 1!", 0.5) == in_zone("sentence 1", 0.5)  # the same words stay together
