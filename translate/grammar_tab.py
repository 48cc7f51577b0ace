"""Correcting English in the tab, with the changes marked; there only when the checkpoint has learnt it."""

from __future__ import annotations

import html

import gradio as gr

from translate.grammar import Correction, can_correct, correct
from translate.texts import TEXTS
from translate.translator import Translator

LONGEST_TEXT = 5000  # characters


def build_grammar(translator: Translator) -> None:
    """The widgets and their event, if there is something to offer."""
    if not can_correct(translator):
        return
    with gr.Accordion(TEXTS.label("fix.title"), open=False, elem_id="grammar"):
        text = gr.Textbox(label=TEXTS.label("fix.text"), lines=4, max_lines=12, elem_id="grammar-text")
        go = gr.Button(TEXTS.label("fix.go"), variant="primary", scale=0, min_width=140, elem_id="grammar-go")
        page = gr.HTML("", elem_id="grammar-result", apply_default_css=False)
    for event in (go.click, text.submit):
        event(
            lambda message: correct_for_page(translator, message),
            text,
            page,
            concurrency_limit=8,
            concurrency_id="help",
            show_progress="hidden",
            api_visibility="private",
        )


def correct_for_page(translator: Translator, text: str) -> str:
    """The corrected text as HTML; nothing is raised."""
    if not isinstance(text, str) or len(text) > LONGEST_TEXT:
        return f'<p class="problem" role="alert">{TEXTS("fix.most", most=LONGEST_TEXT)}</p>'
    if not text.strip():
        return ""
    try:
        return marked(correct(translator, [text])[0])
    except ValueError as error:
        return f'<p class="problem" role="alert">{html.escape(str(error))}</p>'


def marked(correction: Correction) -> str:
    """The text with what was struck out and what was put in, and a list of the changes with their reasons."""
    if not correction.changes:
        return f'<p class="hint">{TEXTS("fix.nothing")}</p>'
    parts, rows, last = [], [], 0
    for change in correction.changes:
        parts.append(html.escape(correction.original[last : change.start]))
        parts += [f"<del>{html.escape(change.before)}</del>"] if change.before else []
        parts += [f"<ins>{html.escape(change.after)}</ins>"] if change.after else []
        last = change.end
        told = f" ({html.escape(TEXTS(f'reason.{change.reason}'))})" if change.reason else ""
        before, after = (html.escape(one.strip()) or "–" for one in (change.before, change.after))
        rows.append(f"<li>{before} → {after}{told}</li>")
    parts.append(html.escape(correction.original[last:]))
    return f'<p class="fixed">{"".join(parts)}</p><ul class="hint">{"".join(rows)}</ul>'
