"""The translation tab of the web app. The logic is translator.py's; here are widgets, messages and limits."""

from __future__ import annotations

import html
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import gradio as gr

from translate.detect import Detection, detect
from translate.languages import DIRECTIONS, LANGUAGES
from translate.translator import Translation, Translator

CSS = Path(__file__).with_name("tab.css").read_text(encoding="utf-8")
_CHOICE: dict[str, Any] = {"show_label": False, "container": False, "min_width": 90, "filterable": False}
_NOTICE = """<div class="notice" role="alert"><h3>There is no translation model here yet</h3><p>{}</p>
<p>Then start the app again. <code>--translate-model FOLDER</code> names a model elsewhere.</p></div>"""
LONGEST_TEXT = 5000  # characters
AUTO = "auto"
_SOURCES = [("Detect", AUTO), *((name, code) for code, name in LANGUAGES.items())]
_SAMPLES = (
    ("Where is the nearest station?", "en", "de"),
    ("I would like to learn how to cook.", "en", "fr"),
    ("Das Wetter ist heute sehr schön.", "de", "en"),
    ("¿A qué hora empieza la película?", "es", "en"),
)
# What is finished sooner than this appears at once: showing its parts would only flicker.
_PATIENCE_SECONDS = 0.4
_NO_CHARACTERS = f'<span class="count">0 / {LONGEST_TEXT:,}</span>'
# An input event may still carry the text from before the key press, so it is read from the box itself.
_TYPED_JS = """(text, source, target, live) =>
  [document.querySelector("#text textarea")?.value ?? text, source, target, live]"""
_COUNT_JS = f"""(text) => {{
  const count = [...(text || "")].length;
  const over = count > {LONGEST_TEXT} ? " over" : "";
  return `<span class="count${{over}}">${{count.toLocaleString("en")}} / {LONGEST_TEXT:,}</span>`;
}}"""


def build_tab(translator: Translator | None, missing: str = "") -> None:
    """The tab's content, made inside a gr.Tab. Without a translator: `missing`, which says how to get one."""
    if translator is None:
        gr.HTML(_NOTICE.format(html.escape(missing)), apply_default_css=False)
        return
    with gr.Row(elem_classes="languages", equal_height=False):
        source = gr.Dropdown(_SOURCES, value=AUTO, label="From", **_CHOICE, elem_id="source")
        swap = gr.Button("⇄", elem_id="swap", min_width=44, scale=0, size="md")
        target = gr.Dropdown(_targets(AUTO), value="de", label="To", **_CHOICE, elem_id="target")
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
    with gr.Row(elem_classes="actions"):
        go = gr.Button("Translate", variant="primary", elem_id="go", scale=0, min_width=140)
        clear = gr.Button("Clear", elem_id="clear", scale=0, min_width=90)
        live = gr.Checkbox(True, label="Translate while I type", elem_id="live", container=False)
    _wire(translator, text, source, target, swap, go, clear, live, output, status, found, count)


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
        buttons=["copy"],
        elem_id="output",
    )


def _wire(translator: Translator, *widgets: Any) -> None:
    """Events. Each one that changes a language also translates: a second event could see the old language."""
    text, source, target, swap, go, clear, live, output, status, found, count = widgets
    quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
    limits: dict[str, Any] = {"concurrency_limit": 2, "concurrency_id": "translate", **quiet}
    # While one translation runs, of all later key presses only the last one counts.
    last: dict[str, Any] = {"trigger_mode": "always_last", **limits}
    page, shown = [text, source, target], [output, status, found]

    def run(message: str, start: str, goal: str) -> Iterator[tuple[Any, ...]]:
        yield from translate_for_page(translator, message, start, goal)

    def run_live(message: str, start: str, goal: str, wanted: bool) -> Iterator[tuple[Any, ...]]:
        if wanted or not message:
            yield from run(message, start, goal)
        else:
            yield gr.skip(), gr.skip(), gr.skip()

    def run_with(
        changes: tuple[Any, Any, Any], message: str, start: str, goal: str
    ) -> Iterator[tuple[Any, ...]]:
        for part in run(message, start, goal):
            yield *changes, *part
            changes = (gr.skip(), gr.skip(), gr.skip())

    def change_source(message: str, start: str, goal: str) -> Iterator[tuple[Any, ...]]:
        goals = [code for _, code in _targets(start)]
        goal = goal if goal in goals else goals[0]
        yield from run_with((gr.skip(), gr.skip(), _target_update(start, goal)), message, start, goal)

    def change_over(message: str, start: str, goal: str, translation: str) -> Iterator[tuple[Any, ...]]:
        start, goal = swapped(message, start, goal)
        message = translation or message
        yield from run_with((message, start, _target_update(start, goal)), message, start, goal)

    def run_sample(number: int) -> Callable[[], Iterator[tuple[Any, ...]]]:
        message, start, goal = _SAMPLES[number]
        return lambda: run_with((message, start, _target_update(start, goal)), message, start, goal)

    text.change(None, text, count, js=_COUNT_JS, **quiet)
    text.input(run_live, [*page, live], shown, js=_TYPED_JS, **last)
    target.input(run_live, [*page, live], shown, **last)
    for event in (go.click, text.submit):
        event(run, page, shown, **last)
    # A choice fires twice; the second event still holds the old target, which by then is no choice any more.
    source.input(change_source, page, [*page, *shown], trigger_mode="once", **limits)
    swap.click(change_over, [*page, output], [*page, *shown], **limits)
    clear.click(lambda: ("", "", "", ""), outputs=[text, *shown], **quiet)
    with gr.Row(elem_classes="samples"):
        gr.HTML('<span class="hint">Try</span>', apply_default_css=False, min_width=30)
        for number, (sample, _, _) in enumerate(_SAMPLES):
            button = gr.Button(sample, size="sm", scale=0, min_width=60)
            button.click(run_sample(number), outputs=[*page, *shown], **limits)


def _targets(source: str) -> list[tuple[str, str]]:
    """Choices of the target for a source: what the model was trained for."""
    codes = LANGUAGES if source == AUTO else [goal for start, goal in DIRECTIONS if start == source]
    return [(LANGUAGES[code], code) for code in codes]


def _target_update(source: str, target: str) -> Any:
    return gr.update(choices=_targets(source), value=target)


def swapped(text: str, source: str, target: str) -> tuple[str, str]:
    """The direction the other way round; a source that was to be detected is detected in `text`."""
    if source == AUTO:
        possible = [start for start, goal in DIRECTIONS if goal == target]
        source = detect(text[:LONGEST_TEXT], possible).language or possible[0]
    return target, source


def translate_for_page(
    translator: Translator, text: str, source: str, target: str
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
        for translation in translator.stream(text, source, target):
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
    return f"{count} sentence{'s' if count > 1 else ''} · {seconds:.1f} s"


def _found(detection: Detection | None) -> str:
    if detection is None or detection.language is None:
        return ""
    if detection.foreign:
        return '<span class="doubt">This seems to be none of the four languages.</span>'
    name = LANGUAGES[detection.language]
    sure = f"{100 * detection.confidence:.0f} % sure"
    if detection.confidence < 0.7:
        return f'<span class="doubt">Perhaps {name}, {sure}. Choose the language if this is wrong.</span>'
    return f"Detected: {name}, {sure}"


def _problem(message: str) -> str:
    return f'<span class="problem" role="alert">{html.escape(message)}</span>'
