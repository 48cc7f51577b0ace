"""The part of the translation tab that takes files: drop one, watch it, take the translation away."""

from __future__ import annotations

import html
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr

from translate.decode import Glossary
from translate.documents import FORMATS, document_steps
from translate.texts import TEXTS
from translate.translator import Translator

_MOST_WARNINGS = 5


def build_files(translator: Translator, source: Any, target: Any, words: list[Any]) -> None:
    """The widgets. source, target: the tab's choices of language; words: its glossary's two boxes."""
    t = TEXTS.label
    with gr.Accordion(t("file.title"), open=False, elem_id="files"):
        file = gr.File(
            label=t("file.drop") + " " + " ".join(FORMATS),
            file_types=list(FORMATS),
            file_count="single",
            height=120,
            elem_id="file",
        )
        with gr.Row(elem_classes="actions"):
            go = gr.Button(t("file.go"), variant="primary", scale=0, min_width=160, elem_id="file-go")
            stop = gr.Button(t("file.stop"), scale=0, min_width=90, elem_id="file-stop")
            status = gr.HTML("", elem_id="file-status", apply_default_css=False)
        result = gr.File(label=t("file.result"), interactive=False, visible=False, elem_id="file-result")

    def run(path: str | None, start: str, goal: str, terms: str, keep: str) -> Iterator[tuple[str, Any]]:
        yield from translate_upload(translator, path, start, goal, terms, keep)

    private: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
    event = go.click(run, [file, source, target, *words], [status, result], concurrency_limit=1, **private)
    stop.click(
        lambda: (TEXTS("file.cancelled"), gr.skip()), None, [status, result], cancels=[event], **private
    )


def translate_upload(
    translator: Translator, path: str | None, source: str, target: str, terms: str = "", keep: str = ""
) -> Iterator[tuple[str, Any]]:
    """(status as HTML, the result's widget) while a file is translated; nothing is raised."""
    hidden = gr.update(visible=False, value=None)
    if not path:
        yield TEXTS("file.none"), hidden
        return
    file = Path(path)
    try:
        glossary = read_glossary(terms, keep)
        steps = document_steps(translator, file.read_bytes(), file.name, source, target, glossary=glossary)
        while True:
            try:
                done, count = next(steps)
            except StopIteration as end:
                translated = end.value
                break
            yield TEXTS("file.progress", done=done, count=count), hidden
    except (ValueError, OSError) as error:
        message = str(error).replace("texts[0]", "This file")
        yield f'<span class="problem" role="alert">{html.escape(message)}</span>', hidden
        return
    shown = "".join(f" {html.escape(warning)}." for warning in translated.warnings[:_MOST_WARNINGS])
    more = len(translated.warnings) - _MOST_WARNINGS
    shown += " " + TEXTS("file.more", count=more) if more > 0 else ""
    said = TEXTS.counted("file.done", translated.units)
    if shown:
        said += f' <span class="doubt">{shown}</span>'
    with tempfile.TemporaryDirectory(prefix="longshort-") as folder:  # the page takes a copy
        output = Path(folder) / f"{file.stem}.{target}{file.suffix}"
        output.write_bytes(translated.data)
        yield said, gr.update(visible=True, value=str(output))


def read_glossary(terms: str | None, keep: str | None) -> Glossary:
    """What is typed: a line "word = translation" for each term, words to keep by line or comma.

    A box that nobody has touched gives None.

    Raises: ValueError naming the line.
    """
    pairs = {}
    for line in (terms or "").splitlines():
        if not line.strip():
            continue
        term, sign, wanted = line.partition("=")
        if not sign or not term.strip() or not wanted.strip():
            raise ValueError(f"Glossary: {line.strip()!r} should be like: house = Gebäude")
        pairs[term.strip()] = wanted.strip()
    kept = (keep or "").replace("\n", ",").split(",")
    return Glossary(pairs, tuple(word.strip() for word in kept if word.strip()))
