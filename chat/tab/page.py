"""What the page shows of a conversation: messages, lists, and the notes below them, as values for widgets."""

from __future__ import annotations

import html
import time
from collections.abc import Sequence
from typing import Any

import gradio as gr

from chat.bot import Bot
from chat.conversations import Conversations, View
from chat.provenance import provenance
from chat.sources import reply_of, sources_of
from chat.store import ConversationInfo, StoredTurn
from chat.tab.desk import Here
from chat.texts import TEXTS

HINT = '<span class="hint">{}</span>'
MOST_MEMORIES = 200


def visible(view: View) -> list[StoredTurn]:
    """The turns that are messages; passages show among a reply's sources."""
    return [turn for turn in view.turns if turn.speaker != "doc"]


def messages(bot: Bot, view: View, shown: int) -> list[dict[str, Any]]:
    """What gr.Chatbot shows of the newest turns. It renders HTML in texts, so they are escaped."""
    return [_message(bot, turn, view.turns) for turn in visible(view)[-shown:]]


def _message(bot: Bot, turn: StoredTurn, turns: Sequence[StoredTurn]) -> dict[str, Any]:
    if turn.speaker == "user":
        return said("user", turn.text)
    reply = reply_of(turn)
    message = said("assistant", turn.text + (f" {TEXTS('stopped')}" if turn.about.get("stopped") else ""))
    if reply is not None:
        message["content"] = [message["content"], gr.HTML(provenance(reply, sources_of(bot, turn, turns)))]
    return message


def said(role: str, text: str) -> dict[str, Any]:
    """A message of words alone."""
    return {"role": role, "content": html.escape(text, quote=False) or "…"}


def written(content: str) -> str:
    """What somebody wrote into the box of a message that `said` made: there, too, it stands escaped."""
    return content.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def choices(conversations: Sequence[ConversationInfo]) -> list[tuple[str, str]]:
    """The list of conversations: (title and day, id)."""
    return [(f"{info.title}  ·  {_day(info.updated)}", info.id) for info in conversations]


def _day(moment: float) -> str:
    if time.time() - moment < 20 * 3600:
        return time.strftime("%H:%M", time.localtime(moment))
    return time.strftime("%d %b %Y", time.localtime(moment))


def memory_choices(conversations: Conversations, view: View | None) -> list[tuple[str, str]]:
    """What the bot remembers: (turn and text, position)."""
    if view is None:
        return []
    faded = f" {TEXTS('memory.faded')}"
    found = conversations.memories(view)[:MOST_MEMORIES]
    return [
        (f"{memory.position + 1} · {memory.text}{'' if memory.held else faded}", str(memory.position))
        for memory in found
    ]


def head(here: Here, view: View | None, documents: Sequence[Any]) -> str:
    """The line above the messages: title, what kind, how many turns are hidden, and what scripts need."""
    title = html.escape(view.info.title if view else TEXTS("head.new"))
    marks = []
    if here.temporary:
        marks.append(f"<em>{TEXTS('head.temporary')}</em>")
    if documents:
        names = ", ".join(html.escape(document.name) for document in documents)
        marks.append(TEXTS("head.reads", names=names))
    earlier = len(visible(view)) - here.shown if view else 0
    if earlier > 0:
        marks.append(TEXTS("head.earlier", count=earlier))
    data = f'data-id="{here.id}" data-version="{here.version}" data-temporary="{int(here.temporary)}"'
    below = f"<p>{' · '.join(marks)}</p>" if marks else ""
    return f'<div id="here" {data} data-visit="{here.visit}"><h2>{title}</h2>{below}</div>'


def export_link(here: Here) -> str:
    """The link that downloads the conversation; nothing where there is none yet."""
    if not here.id:
        return ""
    address = f"/chat/export/{here.id}?temporary={int(here.temporary)}"
    return f'<a class="file" href="{address}" download>{TEXTS("export")}</a>'


def hint(text: str) -> str:
    """A quiet line below the messages."""
    return HINT.format(html.escape(text))


def problem(text: str) -> str:
    """A line that says what went wrong, read out at once by screen readers."""
    return f'<span class="problem" role="alert">{html.escape(text)}</span>'
