"""The chat tab of the web app. Read `widgets.py` for what there is; what it does begins in `handlers.py`."""

from __future__ import annotations

import html
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gradio as gr

from chat.bot import Bot
from chat.documents import LARGEST_FILE
from chat.looking import Exchange
from chat.tab.changes import Changes
from chat.tab.desk import Desk
from chat.tab.files import LARGEST_REQUEST, ROUTE, add_routes
from chat.tab.sessions import COOKIE, Sessions
from chat.tab.widgets import SCRIPT, Widgets, build
from chat.texts import TEXTS

Beside = Callable[[gr.State, Callable[..., Exchange], Bot], None]
__all__ = ["COOKIE", "CSS", "HEAD", "LARGEST_REQUEST", "ROUTE", "Desk", "Sessions", "add_routes", "build_tab"]

CSS = Path(__file__).with_name("tab.css").read_text(encoding="utf-8")
HEAD = TEXTS.script("js.large", "js.unsent") + SCRIPT.replace("LARGEST", str(LARGEST_FILE))
_NOTICE = """<div class="notice" role="alert"><h3>[[notice.title]]</h3><p>{}</p>
<p>[[notice.then]]</p></div>"""


def build_tab(
    desk: Desk | None,
    missing: str = "",
    beside: Beside | None = None,
    below_box: Callable[[], None] | None = None,
) -> None:
    """The tab's content, made inside a gr.Tab. Without a desk: `missing`, which says how to get a bot.

    beside: builds what stands below the conversation; it is given what the page shows (a gr.State) and
    `Changes.exchange`, which finds a reply of it, and the bot.
    below_box: builds what stands directly below the box for messages.
    """
    if desk is None:
        gr.HTML(TEXTS.piece(_NOTICE.format(html.escape(missing))), apply_default_css=False)
        return
    do = Changes(desk, build(below_box))
    _wire(do)
    if beside is not None:
        beside(do.w.here, do.exchange, desk.bot)


def _wire(do: Changes) -> None:
    w = do.w
    everything = _outputs(w)
    quiet: dict[str, Any] = {
        "outputs": everything,
        "show_progress": "hidden",
        "api_visibility": "private",
    }
    # "once": while an answer is being written, nothing else of these begins.
    talking: dict[str, Any] = {
        **quiet,
        "trigger_mode": "once",
        "concurrency_limit": 32,
        "concurrency_id": "chat",
    }
    # A message sent while an answer is being written waits in its box, and goes when the answer is there.
    w.box.submit(do.send, [w.box, w.here], **{**talking, "trigger_mode": "always_last"})
    w.talk.example_select(do.example, [w.here], **talking)
    w.talk.retry(do.retry, [w.here], **talking)
    w.talk.edit(do.edit, [w.here], **talking)
    w.stop.click(do.stop, [w.here], concurrency_limit=None, **quiet)
    w.new.click(do.new, [w.here], **quiet)
    w.talk.clear(do.new, [w.here], **quiet)
    w.temporary.click(do.temporary, [w.here], **quiet)
    w.listed.input(do.open, [w.listed, w.here], **quiet)
    w.search.input(do.search, [w.search, w.here], trigger_mode="always_last", **quiet)
    w.refresh.click(do.look_again, [w.here], **quiet)
    w.earlier.click(do.earlier, [w.here], **quiet)
    w.replay.click(do.replay, [w.here], **quiet)
    w.memory.input(do.choose_memory, [w.memory, w.here], **quiet)
    w.correct.click(do.correct, [w.memory, w.wording, w.here], **quiet)
    w.forget.click(do.forget, [w.memory, w.here], **quiet)
    w.rename.click(do.rename, [w.title, w.here], **quiet)
    w.title.submit(do.rename, [w.title, w.here], **quiet)
    w.drop.click(do.drop_document, [w.documents, w.here], **quiet)
    w.delete.click(lambda: gr.update(visible=True), outputs=w.really, api_visibility="private")
    w.really.click(do.delete, [w.here], **quiet)
    blocks = gr.context.Context.root_block
    assert isinstance(blocks, gr.Blocks)  # a tab is made inside a page
    blocks.load(do.load, **quiet)


def _outputs(w: Widgets) -> list[Any]:
    fixed = ("new", "temporary", "search", "rename", "refresh")
    return [widget for name, widget in vars(w).items() if name not in fixed]
