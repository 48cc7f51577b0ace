"""The laboratory's tab of the web app: choose a lesson, change something, run it, read and look.

Importing this file costs next to nothing: a lesson's program, torch and the plotting library come with the
first run.
"""

from __future__ import annotations

import html
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr
from fastapi import FastAPI

from lab import downloads, suggestions
from lab.catalogue import Control, Lesson, lesson, lessons
from lab.texts import TEXTS

if TYPE_CHECKING:
    import pandas as pd

    from lab.finding import Finding

CSS = Path(__file__).with_name("tab.css").read_text(encoding="utf-8")
MOST_PICTURES = 8  # that a finding shows on the page
_took: dict[str, float] = {}  # by lesson: seconds of its last run here, whoever asked for it
QUIET: dict[str, Any] = {"api_visibility": "private"}
# One lesson at a time computes; the translator and the bot keep their own places.
LIMITS: dict[str, Any] = {"concurrency_limit": 1, "concurrency_id": "lab", **QUIET}


def add_routes(server: FastAPI) -> None:
    """What the laboratory's parts of the page ask for: pictures as files, suggestions."""
    downloads.add_routes(server)
    suggestions.add_routes(server)


def build_tab() -> None:
    """The tab's content, made inside a gr.Tab."""
    titles = [(f"{number}. {entry.title}", name) for number, (name, entry) in enumerate(lessons().items(), 1)]
    gr.HTML(TEXTS.piece('<p class="hint">[[english]]</p>'), apply_default_css=False)
    chosen = gr.Dropdown(
        titles, value=titles[0][1], label=TEXTS.label("lesson"), elem_id="lesson", filterable=False
    )

    @gr.render(inputs=chosen)
    def show(name: str) -> None:
        _lesson(lesson(name))


def _lesson(entry: Lesson) -> None:
    gr.HTML(_texts(entry), elem_id="lesson-text", apply_default_css=False)
    missing = entry.missing()
    if missing:
        gr.HTML(f'<div class="notice" role="alert">{html.escape(missing)}</div>', apply_default_css=False)
        return
    with gr.Row(elem_classes="lab-controls", equal_height=True):
        widgets = [_widget(control) for control in entry.controls]
    with gr.Row(elem_classes="actions"):
        go = gr.Button(TEXTS("run"), variant="primary", elem_id="run-lesson", scale=0, min_width=120)
        wait = gr.HTML(_wait(entry), elem_id="lesson-wait", apply_default_css=False)
    shown = outputs("lesson")

    def run(*values: Any) -> list[Any]:
        given = {control.name: value for control, value in zip(entry.controls, values, strict=True)}
        begun = time.perf_counter()
        try:
            found = page(entry.run(**given))
        except ValueError as error:
            return [gr.skip(), *problem(str(error))]
        _took[entry.name] = time.perf_counter() - begun
        return [_wait(entry), *found]

    # On one of the places: on each of them it would be said ten times, some over each other.
    go.click(run, widgets, [wait, *shown], show_progress_on=shown[0], **LIMITS)


def _wait(entry: Lesson) -> str:
    """How long a lesson takes: as long as the last time here, else what was measured elsewhere."""
    if entry.name in _took:
        took = _took[entry.name]
        said = TEXTS("took", seconds=round(took) if took >= 10 else took)
    else:
        said = TEXTS("wait", seconds=entry.seconds) if entry.seconds > 2 else ""
    return f'<span class="hint">{said}</span>'


def outputs(name: str) -> list[Any]:
    """Places on the page for one finding: words, plots, tables."""
    words = gr.HTML("", elem_id=f"{name}-words", apply_default_css=False)
    plots = [
        gr.Plot(visible=False, show_label=False, elem_id=f"{name}-picture-{n}", elem_classes="lab-plot")
        for n in range(MOST_PICTURES)
    ]
    return [words, *plots, gr.HTML("", elem_id=f"{name}-tables", apply_default_css=False)]


def page(finding: Finding) -> list[Any]:
    """What `outputs` show of a finding."""
    from lab.charts import draw

    drawn = [draw(picture, on_page=True) for picture in finding.pictures[:MOST_PICTURES]]
    charts = [gr.update(value=chart, visible=True) for chart in drawn]
    empty = [gr.update(value=None, visible=False)] * (MOST_PICTURES - len(charts))
    return [_words(finding), *charts, *empty, _tables(finding)]


def problem(message: str) -> list[Any]:
    """What `outputs` show where something cannot be done."""
    said = f'<p class="problem" role="alert">{html.escape(message)}</p>'
    return [said, *[gr.update(value=None, visible=False)] * MOST_PICTURES, ""]


def _texts(entry: Lesson) -> str:
    parts = (("look", entry.look), ("change", entry.change), ("see", entry.see))
    rows = "".join(f"<dt>{TEXTS(name)}</dt><dd>{html.escape(text)}</dd>" for name, text in parts)
    return f'<div class="lesson"><p>{html.escape(entry.about)}</p><dl>{rows}</dl></div>'


def _widget(control: Control) -> Any:
    # What is rendered later counts as read-only unless it says otherwise.
    common: dict[str, Any] = {
        "label": control.label,
        "elem_id": f"lab-{control.name}",
        "min_width": 200,
        "interactive": True,
    }
    if control.kind == "choice":
        return gr.Dropdown(list(control.choices), value=control.default, filterable=False, **common)
    if control.kind == "tick":
        return gr.Checkbox(control.default, **common)
    if control.kind == "text":
        return gr.Textbox(control.default, lines=2, max_lines=6, **common | {"scale": 2, "min_width": 320})
    return gr.Slider(control.low, control.high, control.default, step=control.step, **common)


def _words(finding: Finding) -> str:
    said = "".join(f"<p>{html.escape(sentence)}</p>" for sentence in finding.says)
    checks = "".join(
        f'<li class="{"holds" if check.holds else "fails"}">{html.escape(check.what)} '
        f'<span class="hint">{html.escape(check.measured)}</span></li>'
        for check in finding.checks
    )
    return f'<div class="found">{said}<ul class="checks">{checks}</ul>{downloads.link(finding)}</div>'


def _tables(finding: Finding) -> str:
    return "".join(
        f'<details class="lab-table" open><summary>{html.escape(table.title)}</summary>'
        f"{_rows(table.rows)}</details>"
        for table in finding.tables
    )


def _rows(rows: pd.DataFrame) -> str:
    """A table whose words begin at the left and whose numbers end at the right, as pandas has none."""
    marks = ["" if kind.kind in "iuf" else ' class="words"' for kind in rows.dtypes]
    head = "".join(f"<th{mark}>{html.escape(str(name))}</th>" for mark, name in zip(marks, rows, strict=True))
    body = "".join(
        f"<tr>{''.join(f'<td{mark}>{_cell(one)}</td>' for mark, one in zip(marks, row, strict=True))}</tr>"
        for row in rows.itertuples(index=False, name=None)
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _cell(value: Any) -> str:
    """Numbers with four digits: more do not fit on a phone. Files have them all."""
    return f"{value + 0:.4g}" if isinstance(value, float) else html.escape(str(value))  # + 0: there is no -0
