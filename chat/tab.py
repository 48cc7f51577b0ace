"""The chat tab of the web app. What the bot says and remembers is bot.py's; here are widgets and limits."""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import gradio as gr

from chat.bot import Bot, Reply
from chat.provenance import provenance
from lstm_models.state import ContextState

CSS = Path(__file__).with_name("tab.css").read_text(encoding="utf-8")
_NOTICE = """<div class="notice" role="alert"><h3>There is no chat model here yet</h3><p>{}</p>
<p>Then start the app again. <code>--chat-model FOLDER</code> names a model elsewhere.</p></div>"""
LONGEST_MESSAGE = 1000  # characters
LONGEST_CONVERSATION = 2000  # messages of both: a bound on what one page can make the server keep
_EXAMPLES = (
    "My name is Ada and I live in Lisbon.",
    "My sister Nora works at the zoo.",
    "What is my name?",
)
_PLACEHOLDER = """### Tell me something, ask me later
I remember what you tell me here, and I show where each word of an answer came from."""


@dataclass(frozen=True)
class Message:
    """One turn as the page shows it. reply: for the bot's turns, where the words came from."""

    role: str  # "user" or "assistant"
    text: str
    reply: Reply | None = None


@dataclass(frozen=True)
class Conversation:
    """What the server keeps for one page: the turns, and the bot's memory of them. A plain value."""

    messages: tuple[Message, ...]
    state: ContextState


def build_tab(bot: Bot | None, missing: str = "") -> None:
    """The tab's content, made inside a gr.Tab. Without a bot: `missing`, which says how to get one."""
    if bot is None:
        gr.HTML(_NOTICE.format(html.escape(missing)), apply_default_css=False)
        return
    # One for each page, kept on the server: nothing that a browser sends can name another's.
    conversation = gr.State(None)
    talk = gr.Chatbot(
        label="Conversation",
        show_label=False,
        elem_id="talk",
        height="min(60vh, 640px)",
        placeholder=_PLACEHOLDER,
        examples=[{"text": text} for text in _EXAMPLES],
        render_markdown=False,  # words are words: no link, picture or markup comes to life
        latex_delimiters=[],
        allow_tags=False,
        buttons=[],
        feedback_options=None,
        group_consecutive_messages=False,
        layout="bubble",
    )
    box = gr.Textbox(
        label="Your message",
        show_label=False,
        placeholder="Write a message …",
        lines=1,
        max_lines=6,
        submit_btn=True,
        elem_id="message",
    )
    with gr.Row(elem_classes="actions"):
        reset = gr.Button("New conversation", elem_id="reset", scale=0, min_width=170, size="md")
        note = gr.HTML(_HINT, elem_id="note", apply_default_css=False)
    _wire(bot, conversation, talk, box, reset, note)


_HINT = '<span class="hint">A reload forgets it all, too.</span>'


def _wire(
    bot: Bot, conversation: gr.State, talk: gr.Chatbot, box: gr.Textbox, reset: gr.Button, note: gr.HTML
) -> None:
    quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
    shown = [talk, box, note, conversation]

    def answer(message: str, held: Conversation | None) -> Iterator[Any]:
        yield from respond(bot, message, held)

    def answer_example(held: Conversation | None, event: gr.SelectData) -> Iterator[Any]:
        yield from respond(bot, event.value["text"], held)

    # "once": while an answer is being written, a second message waits in its box.
    limits: dict[str, Any] = {"trigger_mode": "once", "concurrency_limit": 2, "concurrency_id": "chat"}
    box.submit(answer, [box, conversation], shown, **limits, **quiet)
    talk.example_select(answer_example, [conversation], shown, **limits, **quiet)
    for forget in (reset.click, talk.clear):
        forget(lambda: ([], "", _HINT, None), outputs=shown, **quiet)


def respond(bot: Bot, message: str, held: Conversation | None) -> Iterator[tuple[Any, Any, Any, Any]]:
    """The page while the bot answers: (messages shown, the box, the note, what is kept), ever longer.

    What cannot be answered is said in the note, and the message stays in its box.
    """
    problem = _refusal(message, held)
    if problem is not None:
        yield gr.skip(), gr.skip(), problem, gr.skip()
        return
    message = message.strip()
    held = held or Conversation((), bot.new_state())
    before = (*held.messages, Message("user", message))
    yield _page((*before, Message("assistant", "…"))), "", _HINT, gr.skip()
    try:
        for part in bot.stream(message, held.state):
            if isinstance(part, tuple):
                reply, state = part
                held = replace(held, messages=(*before, Message("assistant", reply.text, reply)), state=state)
                yield _page(held.messages), gr.skip(), _HINT, held
            else:
                yield _page((*before, Message("assistant", part.text or "…"))), *[gr.skip()] * 3
    except ValueError as error:
        yield _page(held.messages), message, _problem(str(error)), gr.skip()


def _refusal(message: str, held: Conversation | None) -> str | None:
    if not isinstance(message, str) or not message.strip():
        return _problem("Write something first.")
    if len(message) > LONGEST_MESSAGE:
        return _problem(
            f"That is {len(message):,} characters; up to {LONGEST_MESSAGE:,} can be read at once."
        )
    if held and len(held.messages) >= LONGEST_CONVERSATION:
        return _problem("This conversation is as long as it may get. Begin a new one.")
    return None


def _problem(message: str) -> str:
    return f'<span class="problem" role="alert">{html.escape(message)}</span>'


def _page(messages: tuple[Message, ...]) -> list[dict[str, Any]]:
    """What gr.Chatbot shows. It renders HTML in texts, so they are escaped; a reply's sources follow it."""
    turns = [("You" if message.role == "user" else "Bot", message.text) for message in messages]
    return [_shown(message, turns[:number]) for number, message in enumerate(messages)]


def _shown(message: Message, earlier: list[tuple[str, str]]) -> dict[str, Any]:
    text = html.escape(message.text, quote=False)
    if message.reply is None:
        return {"role": message.role, "content": text}
    return {"role": message.role, "content": [text, gr.HTML(provenance(message.reply, earlier))]}
