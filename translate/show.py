"""Translations as HTML for the tab: words to click, their doubt, their origin. Everything is escaped."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence

from translate.alignment import Word
from translate.alternatives import Choice
from translate.backward import BackTranslation
from translate.drafts import SentenceTranslation
from translate.texts import TEXTS
from translate.translation import Translation

# Below these confidences a word is marked: chosen so that of the shipped model's words about a quarter is.
DOUBTFUL, VERY_DOUBTFUL = 0.5, 0.3


def shown(translation: Translation) -> str:
    """The whole text, its sentences and words as elements that the page's script knows."""
    parts, last = [], 0
    for sentence, start, place in zip(
        translation.sentences, translation.starts, translation.places, strict=True
    ):
        parts += [html.escape(translation.text[last:start]), _sentence(sentence, place)]
        last = start + len(sentence.text)
    parts.append(html.escape(translation.text[last:]))
    told = f'lang="{translation.target}" data-from="{translation.source}" data-to="{translation.target}"'
    return f'<div class="said" {told} data-done="{int(translation.complete)}">{"".join(parts)}</div>'


def _sentence(sentence: SentenceTranslation, place: int) -> str:
    parts, last = [], 0
    for word in sentence.words:
        parts.append(html.escape(sentence.text[last : word.start]))
        marks = " ".join(f"{place + start}-{place + end}" for start, end in word.sources)
        sure = word.confidence
        kind = "" if sure is None or sure >= DOUBTFUL else " doubt2" if sure < VERY_DOUBTFUL else " doubt1"
        title = "" if sure is None else f' title="{TEXTS("sure", percent=round(100 * sure))}"'
        parts.append(
            f'<span class="w{kind}" role="button" tabindex="-1" data-at="{word.start}" data-marks="{marks}"'
            f"{title}>{html.escape(word.text)}</span>"
        )
        last = word.end
    parts.append(html.escape(sentence.text[last:]))
    source = html.escape(sentence.source, quote=True)
    return f'<span class="s" data-source="{source}" data-place="{place}">{"".join(parts)}</span>'


def choice_list(choices: Sequence[Choice], place: int) -> str:
    """Buttons with other words; each brings its whole sentence."""
    if not choices:
        return f'<p class="hint">{TEXTS("choices.none")}</p>'
    rows = ((f"<b>{html.escape(one.word)}</b> ", one.sentence) for one in choices)
    return f'<ul aria-label="{TEXTS("choices")}">{_buttons(rows, place)}</ul>'


def _buttons(rows: Iterable[tuple[str, SentenceTranslation]], place: int) -> str:
    return "".join(
        f'<li><button type="button" class="choice">{head}<span>{html.escape(one.text)}</span>'
        f"<template>{_sentence(one, place)}</template></button></li>"
        for head, one in rows
    )


def other_translations(translation: Translation, shown: str = "") -> str:
    """The alternatives of every sentence, as buttons.

    shown: what stands on the page. Where a word was changed there, the sentence as it was is offered as well,
    and what stands there now is not.
    """
    lists = []
    for sentence, place in zip(translation.sentences, translation.places, strict=True):
        others = sentence.alternatives
        if shown and sentence.text not in shown:
            others = tuple(one for one in (sentence, *others) if one.text not in shown)
        if others:
            head = f"<p>{html.escape(sentence.text)}</p>" if len(translation.sentences) > 1 else ""
            rows = _buttons((("", one) for one in others), place)
            lists.append(f'<section data-place="{place}">{head}<ul>{rows}</ul></section>')
    if not lists:
        return f'<p class="hint">{TEXTS("others.none")}</p>'
    return f'<h3>{TEXTS("others.title")}</h3><div class="others">{"".join(lists)}</div>'


def way_back(back: BackTranslation) -> str:
    """The original and what came back of it, with the differences marked."""
    told = TEXTS("back.share", percent=round(100 * back.agreement))
    return (
        f'<h3>{TEXTS("back.title")} <span class="hint">{told}</span></h3>'
        f"<p>{_marked(back.text, back.added)}</p>"
        f'<p class="hint">{TEXTS("back.own")} {_marked(back.original, back.missing)}</p>'
    )


def _marked(text: str, words: Sequence[Word]) -> str:
    parts, last = [], 0
    for word in words:
        parts += [html.escape(text[last : word.start]), f"<mark>{html.escape(word.text)}</mark>"]
        last = word.end
    return "".join([*parts, html.escape(text[last:])])
