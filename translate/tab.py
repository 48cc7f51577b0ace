"""The translation tab of the web app. The logic is translator.py's; here are widgets, messages and limits."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr

from translate.documents.base import LARGEST
from translate.file_tab import build_files
from translate.grammar_tab import build_grammar
from translate.languages import LANGUAGES
from translate.page import (
    AUTO,
    LONGEST_TEXT,
    back_for_page,
    choices_for_page,
    counterpart,
    others_for_page,
    remembered,
    swapped,
    translate_for_page,
)
from translate.talk_tab import build_talk
from translate.texts import TEXTS
from translate.translator import Translator

Beside = Callable[[Translator, Sequence[Any]], None]
CSS = Path(__file__).with_name("tab.css").read_text(encoding="utf-8")
_JS = ("js.copied", "js.copy", "js.forbidden", "js.empty", "js.nothing", "js.swap")
_SCRIPT = Path(__file__).with_name("tab.js").read_text(encoding="utf-8")
HEAD = f"{TEXTS.script(*_JS)}<script>{_SCRIPT}</script>"
_CHOICE: dict[str, Any] = {"show_label": False, "container": False, "min_width": 90, "filterable": False}
_NOTICE = """<div class="notice" role="alert"><h3>[[notice.title]]</h3><p>{}</p>
<p>[[notice.then]]</p></div>"""
# Where files arrive, and how large a request with one may be (bytes).
UPLOADS = {"/gradio_api/upload": LARGEST + 2**20}
_LANGUAGES = [(TEXTS.label(code), code) for code in LANGUAGES]
_SAMPLES = (
    ("Where is the nearest station?", "en", "de"),
    ("I would like to learn how to cook.", "en", "fr"),
    ("Das Wetter ist heute sehr schön.", "de", "en"),
    ("¿A qué hora empieza la película?", "es", "en"),
)
_HISTORY = """<details id="history"><summary>[[history]]</summary>
<div class="actions"><label><input type="checkbox" id="history-keep" checked> [[history.keep]]</label>
<button type="button" id="history-clear">[[history.clear]]</button></div><ul id="history-list"></ul></details>
<p class="keys hint"><span>[[keys.go]]</span><span>[[keys.swap]]</span><span>[[keys.copy]]</span>
<span>[[keys.clear]]</span><span>[[keys.word]]</span></p>"""
_NO_CHARACTERS = f'<span class="count">0 / {LONGEST_TEXT}</span>'
# An event may still carry the text from before the last key press, so it is read from the box itself.
_TYPED_JS = """(text, ...others) => [document.querySelector("#text textarea")?.value ?? text, ...others]"""
_COPY_JS = """(given) => {
  const text = window.longshort.translated() || given;
  if (!text) return;
  const button = document.querySelector("#copy");
  const say = (key) => { button.textContent = window.wording[key]; };
  navigator.clipboard.writeText(text).then(() => say("js.copied"), () => say("js.forbidden"));
  setTimeout(say, 2000, "js.copy");
}"""
# The page's script knows which word was clicked, and what stands there now.
_ASKED_JS = "(_, ...words) => [window.longshort.asked(), ...words]"
_PAIR_JS = "(_, ...words) => [window.longshort.pair(), ...words]"
_SHOWN_JS = """(text, start, goal, translation, ...words) =>
  [text, start, goal, window.longshort.translated() || translation, ...words]"""
_COUNT_JS = f"""(text) => {{
  const count = [...(text || "")].length;
  const over = count > {LONGEST_TEXT} ? " over" : "";
  const [shown, most] = [count, {LONGEST_TEXT}].map((one) => one.toLocaleString(window.wordingIn));
  return `<span class="count${{over}}">${{shown}} / ${{most}}</span>`;
}}"""


def build_tab(translator: Translator | None, missing: str = "", beside: Beside | None = None) -> None:
    """The tab's content, made inside a gr.Tab. Without a translator: `missing`, which says how to get one.

    beside: builds what stands below; it is given the translator and the widgets text, source, target, terms
    and keep.
    """
    if translator is None:
        gr.HTML(TEXTS.piece(_NOTICE.format(html.escape(missing))), apply_default_css=False)
        return
    t = TEXTS.label
    with gr.Row(elem_classes="languages", equal_height=False):
        source = gr.Dropdown(
            [(t("auto"), AUTO), *_LANGUAGES], value=AUTO, label=t("from"), **_CHOICE, elem_id="source"
        )
        swap = gr.Button("⇄", elem_id="swap", min_width=44, scale=0, size="md")
        target = gr.Dropdown(_LANGUAGES, value="de", label=t("to"), **_CHOICE, elem_id="target")
    with gr.Row(elem_classes="panes", equal_height=True):
        with gr.Column(min_width=280):
            text = _source_box()
            with gr.Row(elem_classes="below"):
                found = gr.HTML("", elem_id="found", apply_default_css=False)
                count = gr.HTML(_NO_CHARACTERS, elem_id="count", apply_default_css=False)
        with gr.Column(min_width=280, elem_id="answer"):
            output, said, choices = _target_boxes()
            with gr.Row(elem_classes="below"):
                status = gr.HTML("", elem_id="status", apply_default_css=False)
                others = gr.Button(t("others"), elem_id="others", size="sm", scale=0, min_width=60)
                back = gr.Button(t("back"), elem_id="back", size="sm", scale=0, min_width=60)
                copy = gr.Button(t("copy"), elem_id="copy", size="sm", scale=0, min_width=60)
                copy.click(None, output, js=_COPY_JS, api_visibility="private")
    more = gr.HTML("", elem_id="more", apply_default_css=False)
    asked = gr.Textbox(visible="hidden", label="asked")
    ask, recall = (gr.Button(visible="hidden", elem_id=name) for name in ("ask", "recall"))
    with gr.Row(elem_classes="actions"):
        go = gr.Button(t("go"), variant="primary", elem_id="go", scale=0, min_width=140)
        clear = gr.Button(t("clear"), elem_id="clear", scale=0, min_width=90)
        live = gr.Checkbox(True, label=t("live"), elem_id="live", container=False)
    with gr.Accordion(t("words"), open=False, elem_id="words"), gr.Row():
        terms = gr.Textbox(
            label=t("terms"), placeholder="house = Gebäude", lines=3, min_width=240, elem_id="terms"
        )
        keep = gr.Textbox(
            label=t("keep"), placeholder="Longshort, Ada", lines=3, min_width=240, elem_id="keep"
        )
    build_files(translator, source, target, [terms, keep])
    build_talk(translator)
    build_grammar(translator)
    if beside is not None:
        beside(translator, [text, source, target, terms, keep])
    gr.HTML(TEXTS.piece(_HISTORY), apply_default_css=False)
    shown = [output, status, found, said, more]
    _wire(translator, text, source, target, swap, go, clear, live, count, recall, asked, shown, [terms, keep])
    wire_help(translator, asked, [terms, keep], (ask, choices), (others, more), (back, more))


def _source_box() -> gr.Textbox:
    return gr.Textbox(
        label=TEXTS.label("source.label"),
        show_label=False,
        placeholder=TEXTS.label("source.empty"),
        lines=8,
        max_lines=18,
        autofocus=True,
        elem_id="text",
    )


def _target_boxes() -> tuple[gr.Textbox, gr.HTML, gr.HTML]:
    """The translation as text, to copy and swap; as words to click; the choices for one of them."""
    output = gr.Textbox(label=TEXTS.label("output"), visible="hidden", interactive=True, elem_id="output")
    said = gr.HTML(
        "", elem_id="shown", apply_default_css=False, js_on_load="", elem_classes="block", min_height=180
    )
    return output, said, gr.HTML("", elem_id="choices", apply_default_css=False, js_on_load="")


def _wire(translator: Translator, *widgets: Any) -> None:
    """Events. Each one that changes a language also translates: a second event could see the old language."""
    text, source, target, swap, go, clear, live, count, recall, asked, shown, words = widgets
    quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
    limits: dict[str, Any] = {"concurrency_limit": 32, "concurrency_id": "translate", **quiet}
    # While one translation runs, of all later key presses only the last one counts.
    last: dict[str, Any] = {"trigger_mode": "always_last", **limits}
    # The text that an event below put into the box and translated: its change is not to be translated again.
    handled = gr.State("")
    page = [text, source, target]
    languages = [source, target, *shown]
    changed = [text, handled, *languages]

    def run(message: str, start: str, goal: str, *words: str) -> Iterator[tuple[Any, ...]]:
        for part in translate_for_page(translator, message, start, goal, *words):
            yield *part, ""

    def run_typed(
        message: str, start: str, goal: str, wanted: bool, done: str, *words: str
    ) -> Iterator[tuple[Any, ...]]:
        if message and (message == done or not wanted):
            yield (gr.skip(),) * (len(shown) + 1)
            return
        for part in run(message, start, goal, *words):
            yield *part, ""

    def run_with(message: str, start: str, goal: str, *words: str) -> Iterator[tuple[Any, ...]]:
        changes: tuple[Any, ...] = (message, message, start, goal)
        for part in run(message, start, goal, *words):
            yield *changes, *part
            changes = (gr.skip(),) * 4

    def change_source(message: str, start: str, goal: str, *words: str) -> Iterator[tuple[Any, ...]]:
        for part in run(message, start, goal := counterpart(start, goal), *words):
            yield start, goal, *part

    def change_target(message: str, start: str, goal: str, *words: str) -> Iterator[tuple[Any, ...]]:
        for part in run(message, start := counterpart(goal, start), goal, *words):
            yield start, goal, *part

    def change_over(
        message: str, start: str, goal: str, translation: str, *words: str
    ) -> Iterator[tuple[Any, ...]]:
        yield from run_with(translation or message, *swapped(message, start, goal), *words)

    def run_again(request: str, *words: str) -> Iterator[tuple[Any, ...]]:
        message, start, goal = remembered(request)
        yield from run_with(message, start, goal, *words)

    text.change(None, text, count, js=_COUNT_JS, **quiet)
    # Gradio's own `input` event is silent when a text is pasted.
    text.change(run_typed, [*page, live, handled, *words], [*shown, handled], js=_TYPED_JS, **last)
    for event in (go.click, text.submit):
        event(run, [*page, *words], shown, **last)
    source.input(change_source, [*page, *words], languages, js=_TYPED_JS, **limits)
    target.input(change_target, [*page, *words], languages, js=_TYPED_JS, **limits)
    swap.click(change_over, [*page, shown[0], *words], changed, js=_SHOWN_JS, **limits)
    recall.click(run_again, [asked, *words], changed, js=_ASKED_JS, **limits)
    clear.click(lambda: ("",) * (1 + len(shown)), outputs=[text, *shown], **quiet)
    _samples(run_with, changed, limits)


def _samples(
    run: Callable[..., Iterator[tuple[Any, ...]]], changed: list[Any], limits: dict[str, Any]
) -> None:
    """Sentences to begin with."""
    with gr.Row(elem_classes="samples"):
        gr.HTML(TEXTS.piece('<span class="hint">[[try]]</span>'), apply_default_css=False, min_width=30)
        for sample in _SAMPLES:
            button = gr.Button(sample[0], size="sm", scale=0, min_width=60)
            button.click(partial(run, *sample), outputs=changed, **limits)


def wire_help(translator: Translator, asked: Any, words: list[Any], *buttons: tuple[Any, Any]) -> None:
    """Events of what helps with a translation: (button, what shows its answer) for choices, others, back."""
    answers = (choices_for_page, others_for_page, back_for_page)
    for (button, place), answer, script in zip(
        buttons, answers, (_ASKED_JS, _PAIR_JS, _PAIR_JS), strict=True
    ):
        button.click(
            partial(answer, translator),
            [asked, *words],
            place,
            js=script,
            trigger_mode="always_last",
            concurrency_limit=8,
            concurrency_id="help",
            show_progress="hidden",
            api_visibility="private",
        )
