"""Two people, two languages: each writes in their own and reads the other's. What was said is carried on.

The conversation is in the page alone (the turns that it shows): every turn is translated after the last few,
read again, so that the server keeps nothing of it.
"""

from __future__ import annotations

import html
import json
from typing import Any

import gradio as gr

from translate.conversation import Carried, carries_context, say
from translate.languages import DIRECTIONS
from translate.texts import TEXTS
from translate.translator import Translator

_PAIRS = [
    (TEXTS.piece(f"[[{one}]] [[talk.and]] [[{other}]]"), f"{one}-{other}") for one, other in DIRECTIONS[::2]
]
LONGEST_TURN, REMEMBERED, MOST_TURNS = 1000, 6, 200
_START = "[]"
_EMPTY = '<ol class="turns" aria-live="polite"></ol><p class="hint">[[talk.hint]]</p>'


def build_talk(translator: Translator) -> None:
    """The widgets and their events, made inside the tab."""
    with gr.Accordion(TEXTS.label("talk.title"), open=False, elem_id="talk-two"):
        pair = gr.Dropdown(
            _PAIRS, value="en-de", label=TEXTS.label("talk.languages"), filterable=False, elem_id="talk-pair"
        )
        page = gr.HTML(TEXTS.piece(_EMPTY), elem_id="talk-turns", apply_default_css=False)
        said = gr.Textbox(_START, visible="hidden", label="turns")
        with gr.Row():
            boxes = [
                gr.Textbox(
                    label=TEXTS.label(code),
                    placeholder="…",
                    max_lines=4,
                    min_width=240,
                    submit_btn=True,  # a phone's keyboard may have no Enter
                    elem_id=f"talk-{side}",
                )
                for side, code in enumerate(("en", "de"))
            ]
        clear = gr.Button(TEXTS.label("talk.new"), size="sm", scale=0, elem_id="talk-clear")
    quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}

    def turn(side: int, text: str, told: str, languages: str) -> tuple[str, str, str]:
        return take_turn(translator, side, text, told, languages)

    for side, box in enumerate(boxes):
        box.submit(
            lambda text, told, languages, side=side: turn(side, text, told, languages),
            [box, said, pair],
            [box, said, page],
            concurrency_limit=8,
            concurrency_id="help",
            trigger_mode="once",
            **quiet,
        )
    clear.click(lambda: (_START, talk_html([])), outputs=[said, page], **quiet)
    pair.input(
        lambda languages: [
            _START,
            talk_html([]),
            *(gr.update(label=TEXTS.label(code)) for code in languages.split("-")),
        ],
        pair,
        [said, page, *boxes],
        **quiet,
    )


def take_turn(
    translator: Translator, side: int, text: str, told: str, languages: str
) -> tuple[str, str, str]:
    """(what stays in the box, the turns as JSON, the turns as HTML) after one of the two has written."""
    turns = read_turns(told)
    pair = tuple(languages.split("-")) if isinstance(languages, str) else ()
    if not isinstance(text, str) or not text.strip():
        return "", json.dumps(turns), talk_html(turns)
    if pair not in DIRECTIONS or len(text) > LONGEST_TURN or len(turns) >= MOST_TURNS:
        said = (
            TEXTS("talk.full", count=len(turns))
            if len(turns) >= MOST_TURNS
            else TEXTS("talk.long", most=LONGEST_TURN, count=len(text))
            if pair in DIRECTIONS
            else TEXTS("talk.choose")
        )
        return text, json.dumps(turns), talk_html(turns, said)
    carried = _replayed(translator, turns, pair) if carries_context(translator) else Carried()
    try:
        translation, _ = say(translator, text, *_way(pair, side), carried)
    except ValueError as error:
        return text, json.dumps(turns), talk_html(turns, str(error))
    turns.append({"side": side, "text": text.strip(), "translation": translation.text})
    return "", json.dumps(turns, ensure_ascii=False), talk_html(turns, "", pair)


def _way(pair: tuple[str, ...], side: int) -> tuple[str, str]:
    return (pair[0], pair[1]) if side == 0 else (pair[1], pair[0])


def _replayed(translator: Translator, turns: list[dict[str, Any]], pair: tuple[str, ...]) -> Carried:
    """The state after the last few turns: reading is quick, so nothing has to be kept."""
    carried = Carried()
    for turn in turns[-REMEMBERED:]:
        plan = translator.plan(turn["text"], *_way(pair, turn["side"]))
        for piece in plan.pieces:
            if piece.translate:
                state = translator.sentences.read(piece.text, carried.state)
                carried = Carried(state, carried.sentences + 1)
    return carried


def read_turns(told: str) -> list[dict[str, Any]]:
    """The turns that the page sent back; what is no turn is left out."""
    try:
        fits_in = isinstance(told, str) and len(told) < 4 * MOST_TURNS * LONGEST_TURN
        found = json.loads(told) if fits_in else []
    except ValueError:
        found = []
    if not isinstance(found, list):
        return []
    fits = (
        isinstance(one, dict)
        and one.get("side") in (0, 1)
        and all(isinstance(one.get(name), str) and len(one[name]) <= 4 * LONGEST_TURN for name in _TEXTS)
        for one in found
    )
    return [one for one, fit in zip(found, fits, strict=True) if fit][:MOST_TURNS]


_TEXTS = ("text", "translation")


def talk_html(turns: list[dict[str, Any]], problem: str = "", pair: tuple[str, ...] = ("", "")) -> str:
    """The turns, one's on the left and the other's on the right, each with its translation."""
    rows = []
    for turn in turns:
        own, other = _way(pair, turn["side"])
        rows.append(
            f'<li class="side{turn["side"]}"><p lang="{own}">{html.escape(turn["text"])}</p>'
            f'<p lang="{other}" class="other">{html.escape(turn["translation"])}</p></li>'
        )
    told = f'<p class="problem" role="alert">{html.escape(problem)}</p>' if problem else ""
    empty = "" if rows or problem else f'<p class="hint">{TEXTS("talk.hint")}</p>'
    return f'<ol class="turns" aria-live="polite">{"".join(rows)}</ol>{told}{empty}'
