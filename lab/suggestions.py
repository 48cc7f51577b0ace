"""Suggestions while one types: how the word under way may end, or the next one, by the model of letters.

Switched off until somebody asks for it. Nothing that is typed is kept. Torch comes with the first suggestion;
without it there is no switch.
"""

from __future__ import annotations

import importlib.util
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import gradio as gr
from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict, Field

from lab.texts import TEXTS

ROUTE = "/lab/suggestions"
READ = 80  # of the newest letters
LEAST = 0.05  # probability from which on a word is suggested
MOST = 3  # words
SCRIPT = f"<script>{Path(__file__).with_name('suggestions.js').read_text(encoding='utf-8')}</script>"
_PLACE = """<div id="suggestions"><label><input type="checkbox" id="suggest"> [[suggest]]</label>
<span id="suggested" role="group" aria-label="[[suggestions]]"></span></div>"""


class Typed(BaseModel):
    """What has been typed so far; its end is enough."""

    model_config = ConfigDict(extra="forbid")

    text: Annotated[str, Field(max_length=4 * READ)]


class Suggested(BaseModel):
    """Whole words, the likeliest first, and how many of their letters are typed already."""

    words: list[str]
    typed: int


def below_box() -> None:
    """The switch and the place for suggestions, made below a message box; nothing where torch is missing."""
    if importlib.util.find_spec("torch"):
        gr.HTML(TEXTS.piece(_PLACE), apply_default_css=False)


def suggest(text: str) -> Suggested:
    """Up to MOST words that are likely at the end of a text; none behind a mark or nothing."""
    end = text[-READ:]
    if not end.strip() or not (end[-1].isalnum() or end[-1] == " "):
        return Suggested(words=[], typed=0)
    from lab.lessons.next_letter import complete

    begun = "" if end[-1] == " " else end.split()[-1]
    model, vocabulary = _model()
    found = complete(model, vocabulary, "\n" + end)
    words = [begun + rest for rest, probability in found if probability >= LEAST]
    return Suggested(words=words[:MOST], typed=len(begun))


def add_routes(server: FastAPI) -> None:
    """POST /lab/suggestions: a text, as JSON, to suggestions."""

    @server.post(ROUTE, include_in_schema=False)
    def suggestions(typed: Typed) -> Suggested:
        return suggest(typed.text)


@cache
def _model() -> Any:
    from lab.text.letters import FOLDER
    from lab.text.model import load_model

    return load_model(FOLDER, "letter")[:2]
