"""The tab that says what the app is made of: models, data, licences, scores, weaknesses, versions, places.

All of it is read from the cards of the checkpoints that are loaded; nothing is said twice by hand.
"""

from __future__ import annotations

import html
import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import gradio as gr

from front.texts import TEXTS

Card = Mapping[str, Any]
PACKAGES = ("longshort", "gradio", "onnxruntime", "torch", "numpy", "sentencepiece", "SQLAlchemy")


def build_about(cards: Sequence[tuple[Card, str]], store: str, hours: int) -> None:
    """The tab's content, made inside a gr.Tab.

    cards: of each model that is loaded, with the SHA-256 of its weights. store: where conversations are kept,
    "" where none are. hours: for which uploaded files may stay.
    """
    shown = gr.HTML(elem_id="about-page", apply_default_css=False)
    blocks = gr.context.Context.root_block
    assert isinstance(blocks, gr.Blocks)  # a tab is made inside a page
    blocks.load(
        lambda: about_page(cards, store, hours),
        outputs=shown,
        show_progress="hidden",
        api_visibility="private",
    )


def about_page(cards: Sequence[tuple[Card, str]], store: str, hours: int) -> str:
    """The whole tab as HTML, in the reader's language. Everything of the cards is escaped."""
    note = TEXTS("english")
    models = "".join(_model(card, weights) for card, weights in cards) or f"<p>{TEXTS('models.none')}</p>"
    return (
        f"<h2>{TEXTS('models')}</h2>{f'<p class=hint>{note}</p>' if note else ''}{models}"
        f"<h2>{TEXTS('kept')}</h2>{_kept(store, hours)}"
        f"<h2>{TEXTS('versions')}</h2><p>{_versions()}</p><p>{TEXTS('code')}</p>"
    )


def _model(card: Card, weights: str) -> str:
    limits = "".join(f"<li>{_text(one)}</li>" for one in card.get("limits", ()))
    scores = [(one.get("dataset"), one.get("metric"), one.get("value")) for one in card.get("scores", ())]
    data = [(one.get("name"), one.get("licence"), one.get("attribution")) for one in card.get("data", ())]
    parts = [
        f"<p>{_text(card.get('description'))}</p>",
        f"<h4>{TEXTS('limits')}</h4>"
        + (f"<ul>{limits}</ul>" if limits else f"<p>{TEXTS('limits.none')}</p>"),
        _table("scores", ("scores.data", "scores.metric", "scores.value"), scores),
        _table("data", ("data.name", "data.licence", "data.attribution"), data),
    ]
    if card.get("training"):
        told = f"<p>{_text(card['training'])}</p><p><code>{_text(card.get('recipe'))}</code></p>"
        parts.append(f"<details><summary>{TEXTS('training')}</summary>{told}</details>")
    if weights:
        parts.append(f"<p class='hint'>{TEXTS('weights')}: <code>{_text(weights[:16])}</code></p>")
    return f"<section><h3>{_text(card.get('name') or card.get('task'))}</h3>{''.join(parts)}</section>"


def _table(title: str, heads: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """A table that one can open, and that scrolls by itself where it is too wide."""
    if not rows:
        return ""
    head = "".join(f'<th scope="col">{TEXTS(key)}</th>' for key in heads)
    body = "".join(f"<tr>{''.join(f'<td>{_cell(cell)}</td>' for cell in row)}</tr>" for row in rows)
    inside = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    opened = " open" if title == "scores" else ""
    return (
        f"<details{opened}><summary>{TEXTS(title)}</summary>"
        f'<div class="wide" tabindex="0" role="region" aria-label="{TEXTS(title)}">{inside}</div></details>'
    )


def _cell(value: Any) -> str:
    """Names of corpora may be broken at their underscores: whole ones take a phone's width."""
    return _text(value).replace("_", "_<wbr>")


def _kept(store: str, hours: int) -> str:
    places: dict[str, dict[str, object]] = {"history": {}, "files": {"hours": hours}, "cookies": {}}
    if store:
        shown = f"<code>{html.escape(store)}</code>"
        places = {"conversations": {"place": shown}, "temporary": {}, **places}
    rows = "".join(
        f"<dt>{TEXTS(f'kept.{name}')}</dt><dd>{TEXTS(f'kept.{name}.where', **values)}</dd>"
        for name, values in places.items()
    )
    return f"<dl>{rows}</dl>"


def _versions() -> str:
    found = [f"Python {platform.python_version()}"]
    for name in PACKAGES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            continue
    return " · ".join(map(html.escape, found))


def _text(value: Any) -> str:
    return "" if value is None else html.escape(str(value))
