"""The translation tab of the web app. The logic is translator.py's; here are widgets, messages and limits."""

from __future__ import annotations

import html
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr

from translate.detect import Detection, detect
from translate.documents.base import LARGEST
from translate.file_tab import build_files, read_glossary
from translate.languages import DIRECTIONS, LANGUAGES
from translate.translator import Translation, Translator

Beside = Callable[[Translator, Sequence[Any]], None]
CSS = Path(__file__).with_name("tab.css").read_text(encoding="utf-8")
_CHOICE: dict[str, Any] = {"show_label": False, "container": False, "min_width": 90, "filterable": False}
_NOTICE = """<div class="notice" role="alert"><h3>There is no translation model here yet</h3><p>{}</p>
<p>Then start the app again. <code>--translate-model FOLDER</code> names a model elsewhere.</p></div>"""
LONGEST_TEXT = 5000  # characters
# Where files arrive, and how large a request with one may be (bytes).
UPLOADS = {"/gradio_api/upload": LARGEST + 2**20}
AUTO = "auto"
_LANGUAGES = [(name, code) for code, name in LANGUAGES.items()]
_SAMPLES = (
    ("Where is the nearest station?", "en", "de"),
    ("I would like to learn how to cook.", "en", "fr"),
    ("Das Wetter ist heute sehr schön.", "de", "en"),
    ("¿A qué hora empieza la película?", "es", "en"),
)
# What is finished sooner than this appears at once: showing its parts would only flicker.
_PATIENCE_SECONDS = 0.4
_NO_CHARACTERS = f'<span class="count">0 / {LONGEST_TEXT:,}</span>'
# An event may still carry the text from before the last key press, so it is read from the box itself.
_TYPED_JS = """(text, ...others) => [document.querySelector("#text textarea")?.value ?? text, ...others]"""
_COPY_JS = """(text) => {
  if (!text) return;
  const button = document.querySelector("#copy");
  const say = (words) => { button.textContent = words; };
  navigator.clipboard.writeText(text).then(() => say("Copied"), () => say("Not allowed"));
  setTimeout(say, 2000, "Copy");
}"""
_COUNT_JS = f"""(text) => {{
  const count = [...(text || "")].length;
  const over = count > {LONGEST_TEXT} ? " over" : "";
  return `<span class="count${{over}}">${{count.toLocaleString("en")}} / {LONGEST_TEXT:,}</span>`;
}}"""


def build_tab(translator: Translator | None, missing: str = "", beside: Beside | None = None) -> None:
    """The tab's content, made inside a gr.Tab. Without a translator: `missing`, which says how to get one.

    beside: builds what stands below; it is given the translator and the widgets text, source, target, terms
    and keep.
    """
    if translator is None:
        gr.HTML(_NOTICE.format(html.escape(missing)), apply_default_css=False)
        return
    with gr.Row(elem_classes="languages", equal_height=False):
        source = gr.Dropdown(
            [("Detect", AUTO), *_LANGUAGES], value=AUTO, label="From", **_CHOICE, elem_id="source"
        )
        swap = gr.Button("⇄", elem_id="swap", min_width=44, scale=0, size="md")
        target = gr.Dropdown(_LANGUAGES, value="de", label="To", **_CHOICE, elem_id="target")
    with gr.Row(elem_classes="panes", equal_height=True):
        with gr.Column(min_width=280):
            text = _source_box()
            with gr.Row(elem_classes="below"):
                found = gr.HTML("", elem_id="found", apply_default_css=False)
                count = gr.HTML(_NO_CHARACTERS, elem_id="count", apply_default_css=False)
        with gr.Column(min_width=280):
            output = _target_box()
            with gr.Row(elem_classes="below"):
                status = gr.HTML("", elem_id="status", apply_default_css=False)
                copy = gr.Button("Copy", elem_id="copy", size="sm", scale=0, min_width=60)
                copy.click(None, output, js=_COPY_JS, api_visibility="private")
    with gr.Row(elem_classes="actions"):
        go = gr.Button("Translate", variant="primary", elem_id="go", scale=0, min_width=140)
        clear = gr.Button("Clear", elem_id="clear", scale=0, min_width=90)
        live = gr.Checkbox(True, label="Translate while I type", elem_id="live", container=False)
    with gr.Accordion("Words", open=False, elem_id="words"), gr.Row():
        terms = gr.Textbox(label="Always translate", placeholder="house = Gebäude", lines=3, elem_id="terms")
        keep = gr.Textbox(label="Never translate", placeholder="Longshort, Ada", lines=3, elem_id="keep")
    build_files(translator, source, target, [terms, keep])
    if beside is not None:
        beside(translator, [text, source, target, terms, keep])
    _wire(translator, text, source, target, swap, go, clear, live, output, status, found, count, terms, keep)


def _source_box() -> gr.Textbox:
    return gr.Textbox(
        label="Text to translate",
        show_label=False,
        placeholder="Type or paste a text …",
        lines=8,
        max_lines=18,
        autofocus=True,
        elem_id="text",
    )


def _target_box() -> gr.Textbox:
    return gr.Textbox(
        label="Translation",
        show_label=False,
        placeholder="The translation appears here.",
        lines=8,
        max_lines=18,
        interactive=False,
        elem_id="output",
    )


def _wire(translator: Translator, *widgets: Any) -> None:
    """Events. Each one that changes a language also translates: a second event could see the old language."""
    text, source, target, swap, go, clear, live, output, status, found, count, *words = widgets
    quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
    limits: dict[str, Any] = {"concurrency_limit": 32, "concurrency_id": "translate", **quiet}
    # While one translation runs, of all later key presses only the last one counts.
    last: dict[str, Any] = {"trigger_mode": "always_last", **limits}
    # The text that an event below put into the box and translated: its change is not to be translated again.
    handled = gr.State("")
    page, shown = [text, source, target], [output, status, found]
    languages = [source, target, *shown]
    changed = [text, handled, *languages]

    def run(message: str, start: str, goal: str, *words: str) -> Iterator[tuple[Any, ...]]:
        yield from translate_for_page(translator, message, start, goal, *words)

    def run_typed(
        message: str, start: str, goal: str, wanted: bool, done: str, *words: str
    ) -> Iterator[tuple[Any, ...]]:
        if message and (message == done or not wanted):
            yield (gr.skip(),) * 4
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

    text.change(None, text, count, js=_COUNT_JS, **quiet)
    # Gradio's own `input` event is silent when a text is pasted.
    text.change(run_typed, [*page, live, handled, *words], [*shown, handled], js=_TYPED_JS, **last)
    for event in (go.click, text.submit):
        event(run, [*page, *words], shown, **last)
    source.input(change_source, [*page, *words], languages, js=_TYPED_JS, **limits)
    target.input(change_target, [*page, *words], languages, js=_TYPED_JS, **limits)
    swap.click(change_over, [*page, output, *words], changed, **limits)
    clear.click(lambda: ("", "", "", ""), outputs=[text, *shown], **quiet)
    with gr.Row(elem_classes="samples"):
        gr.HTML('<span class="hint">Try</span>', apply_default_css=False, min_width=30)
        for sample in _SAMPLES:
            button = gr.Button(sample[0], size="sm", scale=0, min_width=60)
            button.click(partial(run_with, *sample), outputs=changed, **limits)


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
) -> Iterator[tuple[str, str, str]]:
    """What the page shows while `text` is translated: (translation, status, detected language), as HTML.

    The last two are HTML. Nothing is raised: what cannot be done is said in the status.
    """
    if not isinstance(text, str) or len(text) > LONGEST_TEXT:
        count = f"{len(text):,} characters" if isinstance(text, str) else "This is no text"
        yield "", _problem(f"{count}; here, up to {LONGEST_TEXT:,} can be translated. {_LONGER}"), ""
        return
    if not text.strip():
        yield "", "", ""
        return
    started = time.monotonic()
    try:
        glossary = read_glossary(terms, keep)
        for translation in translator.stream(text, source, target, glossary=glossary):
            taken = time.monotonic() - started
            if translation.complete or taken > _PATIENCE_SECONDS:
                yield translation.text, _status(translation, taken), _found(translation.detection)
    except ValueError as error:
        yield "", _problem(_for_people(str(error))), ""


_LONGER = "For files of any length there is the command: longshort translate --file FILE"


def _for_people(message: str) -> str:
    """An error of the Python interface in the page's words."""
    for code, words in (("texts[0]", "This text"), (" (target='en')", ""), (" (source='en')", "")):
        message = message.replace(code, words)
    return message


def _status(translation: Translation, seconds: float) -> str:
    if translation.source == translation.target:
        return f"The text is already {LANGUAGES[translation.target]}."
    if not translation.complete:
        return "Translating …"
    if not translation.sentences:
        return "There was nothing to translate."
    count = len(translation.sentences)
    told = "".join(
        f' <span class="doubt" role="status">{html.escape(one)}.</span>' for one in translation.warnings
    )
    return f"{count} sentence{'s' if count > 1 else ''} · {seconds:.1f} s{told}"


def _found(detection: Detection | None) -> str:
    if detection is None or detection.language is None:
        return ""
    if detection.foreign:
        return '<span class="doubt">This seems to be none of the four languages.</span>'
    name = LANGUAGES[detection.language]
    sure = f"{100 * detection.confidence:.0f} %"
    if detection.confidence < 0.7:
        return f'<span class="doubt">Perhaps {name}, {sure}. Choose the language if this is wrong.</span>'
    return f"Detected: {name}, {sure}"


def _problem(message: str) -> str:
    return f'<span class="problem" role="alert">{html.escape(message)}</span>'
