"""What the translation tab says; the widgets themselves are driven in tests/app."""

import json
from pathlib import Path

import pytest

from tests.translate.conftest import ShoutingEngine
from translate.detect import Detection
from translate.file_tab import translate_upload
from translate.page import (
    LONGEST_TEXT,
    back_for_page,
    counterpart,
    others_for_page,
    remembered,
    swapped,
    translate_for_page,
)
from translate.translator import Translator


def last(
    translator: Translator, text: object, source: str = "auto", target: str = "de", *words: str
) -> tuple[str, str, str, str]:
    return list(translate_for_page(translator, text, source, target, *words))[-1]  # type: ignore[arg-type]


def test_a_translation_with_what_was_detected(translator: Translator) -> None:
    text, status, found, _ = last(translator, "Where is the station? I am here.")
    assert text == "WHERE IS THE STATION? I AM HERE."
    assert status.startswith("2 sentences · ")
    assert found.startswith("Detected: English, ")
    assert last(translator, "Good morning.", "en")[2] == ""


@pytest.mark.parametrize("text", ["", " \n"])
def test_nothing_to_do(translator: Translator, text: str) -> None:
    assert last(translator, text) == ("", "", "", "")


@pytest.mark.parametrize(
    ("text", "source", "target", "said"),
    [
        ("a" * (LONGEST_TEXT + 1), "en", "de", "5,001 characters"),
        (None, "en", "de", "no text"),
        (["a"], "en", "de", "no text"),
        ("a", "xx", "de", "xx"),
        ("a", "en", None, "None"),
        ("a", "de", "fr", "Translate into English first"),
        ("a", "en", "en", "two different languages"),
        ("Wo ist der nächste Bahnhof?", "auto", "fr", "This text seems to be German"),
        ("a", "<b>", "de", "&lt;b&gt;"),
    ],
)
def test_what_cannot_be_done_is_said(
    translator: Translator, text: object, source: str, target: str, said: str
) -> None:
    translation, status, *_ = last(translator, text, source, target)
    assert translation == "" and said in status and 'role="alert"' in status


def test_the_text_is_already_in_the_target(translator: Translator) -> None:
    text, status, found, _ = last(translator, "Wo ist der nächste Bahnhof?")
    assert text == "Wo ist der nächste Bahnhof?" and "already in German" in status and "German" in found
    assert last(translator, "12:30")[:2] == ("12:30", "There was nothing to translate.")


def test_doubt_is_shown(translator: Translator) -> None:
    assert "Perhaps" in last(translator, "ok, xy")[2] and "doubt" in last(translator, "ok, xy")[2]
    assert (
        "none of the four" in last(translator, "Ciao, come stai oggi? Ho comprato del pane.", target="en")[2]
    )


def test_parts_are_shown_only_when_it_takes_long(
    translator: Translator, engine: ShoutingEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "One is here. Two is here. Three is here. Four is here."
    assert len(list(translate_for_page(translator, text, "en", "de"))) == 1
    monkeypatch.setattr("translate.page._PATIENCE_SECONDS", -1.0)
    parts = list(translate_for_page(translator, text, "en", "de"))
    assert len(parts) > 1 and parts[0][1] == "Translating …" and parts[-1][0] == text.upper()


def test_swapping() -> None:
    assert swapped("", "en", "de") == ("de", "en")
    assert swapped("Good morning, how are you?", "auto", "de") == ("de", "en")
    assert swapped("¿Dónde está la estación?", "auto", "en") == ("en", "es")
    assert swapped("", "auto", "fr") == ("fr", "en")


@pytest.mark.parametrize(
    ("start", "goal", "then"),
    [
        ("en", "de", ("en", "de")),
        ("de", "de", ("auto", "de")),
        ("en", "en", ("auto", "en")),
        ("de", "fr", ("auto", "fr")),
        ("it", "en", ("auto", "en")),
        ("en", "it", ("en", "de")),
        (None, None, ("auto", "de")),
    ],
)
def test_an_entry_of_the_history_keeps_its_text(start: object, goal: object, then: tuple[str, str]) -> None:
    assert remembered(json.dumps({"text": "Guten Tag.", "from": start, "to": goal})) == ("Guten Tag.", *then)


def test_an_entry_that_is_longer_than_a_text_may_be_is_none() -> None:
    entry = {"text": "x" * (LONGEST_TEXT + 1), "from": "en", "to": "de"}
    assert remembered(json.dumps(entry))[0] == ""


@pytest.mark.parametrize(
    "entry",
    [
        {"text": "", "translation": ""},
        {"text": "Hello.", "translation": ""},
        {"text": "", "translation": "Hallo.", "from": "en", "to": "de"},
        {"text": "Hallo.", "translation": "Hallo.", "from": "de", "to": "de"},
    ],
)
def test_where_nothing_is_translated_there_are_no_others_and_no_way_back(
    translator: Translator, entry: dict[str, str]
) -> None:
    assert (
        others_for_page(translator, json.dumps(entry)) == "" == back_for_page(translator, json.dumps(entry))
    )


def test_doubt_and_confidence_add_up() -> None:
    assert Detection("en", 0.75).doubt == 0.25


@pytest.mark.parametrize(
    ("chosen", "other", "then"),
    [
        ("de", "fr", "en"),
        ("de", "de", "en"),
        ("en", "en", "de"),
        ("en", "fr", "fr"),
        ("fr", "en", "en"),
        ("auto", "fr", "fr"),
        ("fr", "auto", "auto"),
    ],
)
def test_the_other_side_follows(chosen: str, other: str, then: str) -> None:
    assert counterpart(chosen, other) == then


def test_a_warning_and_a_glossary(translator: Translator) -> None:
    found = last(translator, "Where is the house?", "en", "de", "house = Pforte", "Ada")
    assert "“Pforte” is missing" in found[1]
    assert "house = Gebäude" in last(translator, "Where?", "en", "de", "house")[1]


def test_a_file_is_translated(translator: Translator, tmp_path: Path) -> None:
    file = tmp_path / "letter.md"
    file.write_text("# Where is it?\n", encoding="utf-8")
    steps = translate_upload(translator, str(file), "en", "de")
    assert next(steps)[0] == "1 of 1 parts …"
    said, widget = next(steps)
    made = Path(widget["value"])
    assert said == "1 part translated." and made.name == "letter.de.md"
    assert made.read_text(encoding="utf-8") == "# WHERE IS IT?\n"
    assert list(steps) == [] and not made.parent.exists(), "the page has its own copy by then"
    (tmp_path / "a.docx").write_bytes(b"no")
    assert "no whole Word" in list(translate_upload(translator, str(tmp_path / "a.docx"), "en", "de"))[-1][0]
    assert list(translate_upload(translator, None, "en", "de"))[-1][0] == "Choose a file first."
