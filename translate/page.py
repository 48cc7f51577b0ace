"""What the translation tab answers: texts and requests of the page in, HTML out. Nothing is raised."""

from __future__ import annotations

import html
import json
import time
from collections.abc import Iterator
from typing import Any

from translate.detect import Detection, detect
from translate.file_tab import read_glossary
from translate.languages import DIRECTIONS, LANGUAGES
from translate.show import choice_list, other_translations, shown, way_back
from translate.texts import TEXTS, named
from translate.translation import Translation
from translate.translator import Translator
from wording import localised

LONGEST_TEXT = 5000  # characters
AUTO = "auto"
ALTERNATIVES, CHOICES = 4, 6
# What is finished sooner than this appears at once: showing its parts would only flicker.
_PATIENCE_SECONDS = 0.4


def counterpart(chosen: str, other: str) -> str:
    """The language on the other side once `chosen` is picked on one: kept if they go together."""
    if AUTO in (chosen, other) or (chosen, other) in DIRECTIONS:
        return other
    return "de" if chosen == "en" else "en"


def swapped(text: str, source: str, target: str) -> tuple[str, str]:
    """The direction the other way round; a source that was to be detected is detected in `text`."""
    if source == AUTO:
        possible = [start for start, goal in DIRECTIONS if goal == target]
        source = detect(text[:LONGEST_TEXT], possible).language or possible[0]
    return target, source


def translate_for_page(
    translator: Translator, text: str, source: str, target: str, terms: str = "", keep: str = ""
) -> Iterator[tuple[str, str, str, str]]:
    """What the page shows while `text` is translated: (translation, status, detected language, its words).

    All but the first are HTML. Nothing is raised: what cannot be done is said in the status.
    """
    if not isinstance(text, str) or len(text) > LONGEST_TEXT:
        long = isinstance(text, str)
        yield (
            "",
            _problem(TEXTS("too_long", count=len(text), most=LONGEST_TEXT) if long else TEXTS("no_text")),
            "",
            "",
        )
        return
    if not text.strip():
        yield "", "", "", ""
        return
    started = time.monotonic()
    try:
        glossary = read_glossary(terms, keep)
        for translation in translator.stream(text, source, target, glossary=glossary):
            taken = time.monotonic() - started
            if translation.complete or taken > _PATIENCE_SECONDS:
                status, found = _status(translation, taken), _found(translation.detection)
                yield translation.text, status, found, shown(translation)
    except ValueError as error:
        yield "", _problem(_for_people(str(error))), "", ""


def _for_people(message: str) -> str:
    """An error of the Python interface in the page's words."""
    for code, words in (("texts[0]", "This text"), (" (target='en')", ""), (" (source='en')", "")):
        message = message.replace(code, words)
    return message


def _status(translation: Translation, seconds: float) -> str:
    if translation.source == translation.target:
        return TEXTS("status.already", language=named(translation.target))
    if not translation.complete:
        return TEXTS("status.working")
    if not translation.sentences:
        return TEXTS("status.nothing")
    count = len(translation.sentences)
    told = "".join(
        f' <span class="doubt" role="status">{html.escape(one)}.</span>' for one in translation.warnings
    )
    sure = translation.confidence
    doubt = ""
    if sure is not None:
        share = TEXTS("status.confidence", percent=round(100 * sure))
        doubt = f' · <span title="{TEXTS("status.confidence.what")}">{share}</span>'
    return f"{TEXTS.counted('status.sentences', count)} · {localised(seconds)} s{doubt}{told}"


def _found(detection: Detection | None) -> str:
    if detection is None or detection.language is None:
        return ""
    if detection.foreign:
        return f'<span class="doubt">{TEXTS("found.foreign")}</span>'
    told = {"language": named(detection.language), "percent": round(100 * detection.confidence)}
    if detection.confidence < 0.7:
        return f'<span class="doubt">{TEXTS("found.doubt", **told)}</span>'
    return TEXTS("found.sure", **told)


def _problem(message: str) -> str:
    return f'<span class="problem" role="alert">{html.escape(message)}</span>'


def remembered(request: str) -> tuple[str, str, str]:
    """(text, source, target) of an entry of the page's history; no text of one that is too long.

    Where its languages are no direction, as those of a text that was in the target language already, the
    text is kept and its language detected anew.
    """
    told = _read(request, "text", "from", "to")
    target = told["to"] if told["to"] in LANGUAGES else "de"
    source = told["from"] if (told["from"], target) in DIRECTIONS else AUTO
    return told["text"] if len(told["text"]) <= LONGEST_TEXT else "", source, target


def choices_for_page(translator: Translator, request: str, terms: str = "", keep: str = "") -> str:
    """Other words for the one that was clicked."""
    told = _read(request, "sentence", "prefix", "word", "from", "to")
    try:
        _check_length(told["sentence"], told["prefix"])
        found = translator.choices(
            told["sentence"], told["prefix"], told["from"], told["to"], CHOICES, told["word"],
            read_glossary(terms, keep),
        )  # fmt: skip
    except ValueError as error:
        return _problem(_for_people(str(error)))
    place = json.loads(request).get("place")
    return choice_list(found, place if isinstance(place, int) else 0)


def others_for_page(translator: Translator, request: str, terms: str = "", keep: str = "") -> str:
    """Other translations of each sentence, other than what is shown."""
    told = _read(request, "text", "translation", "from", "to")
    if not _translated(told):
        return ""
    try:
        _check_length(told["text"], told["translation"])
        glossary = read_glossary(terms, keep)
        (done,) = translator.translate(
            [told["text"]], told["from"], told["to"], glossary=glossary, alternatives=ALTERNATIVES
        )
    except ValueError as error:
        return _problem(_for_people(str(error)))
    return other_translations(done, told["translation"])


def back_for_page(translator: Translator, request: str, terms: str = "", keep: str = "") -> str:
    """What is shown, translated back."""
    told = _read(request, "text", "translation", "from", "to")
    if not _translated(told):
        return ""
    try:
        _check_length(told["text"], told["translation"])
        glossary = read_glossary(terms, keep)
        done = Translation(told["translation"], 0.0, told["from"], told["to"], original=told["text"])
        return way_back(translator.check_back(done, glossary))
    except ValueError as error:
        return _problem(_for_people(str(error)))


def _translated(told: dict[str, str]) -> bool:
    """Whether a translation stands on the page; a text that was in the target language already is none."""
    return bool(told["text"].strip() and told["translation"].strip()) and told["from"] != told["to"]


def _read(request: str, *names: str) -> dict[str, str]:
    """Strings of what the page's script sent; what is missing, or no string, is empty."""
    try:
        told: Any = (
            json.loads(request) if isinstance(request, str) and len(request) < 10 * LONGEST_TEXT else {}
        )
    except ValueError:
        told = {}
    told = told if isinstance(told, dict) else {}
    return {name: told[name] if isinstance(told.get(name), str) else "" for name in names}


def _check_length(*texts: str) -> None:
    if any(len(text) > 2 * LONGEST_TEXT for text in texts):
        raise ValueError(TEXTS("most", most=LONGEST_TEXT))
