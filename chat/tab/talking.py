"""The chat tab's talking: messages, other replies and edited messages, answered while one looks on."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import gradio as gr

from chat.branching import edited
from chat.conversations import Conversations, Forgotten, View
from chat.reply import Reply
from chat.tab import page
from chat.tab.desk import Here
from chat.tab.handlers import Handlers, Shown
from chat.tab.widgets import LONGEST_MESSAGE
from chat.texts import TEXTS


class Talking(Handlers):
    """The handlers that write a reply, and the one that stops it."""

    def send(self, message: Any, here: Here, request: gr.Request) -> Iterator[Shown]:
        """Answers a message, the reply growing; an empty one, such as a second press of Enter, is none."""
        if not isinstance(message, str) or not message.strip():
            yield self._nothing()
            return
        try:
            text = fitting(message).strip()
        except ValueError as error:
            yield {self.w.note: page.problem(str(error))}
            return
        yield from self._answered(
            request, here, text, lambda kept, view, stop: kept.say(view, text, stop=stop)
        )

    def example(self, here: Here, event: gr.SelectData, request: gr.Request) -> Iterator[Shown]:
        """As if the example had been typed."""
        yield from self.send(event.value["text"], here, request)

    def retry(self, here: Here, request: gr.Request) -> Iterator[Shown]:
        """Another reply to the newest message."""
        seed = secrets.randbits(32)
        yield from self._answered(
            request, here, None, lambda kept, view, stop: kept.regenerate(view, seed, stop), -1
        )

    def edit(self, here: Here, event: gr.EditData, request: gr.Request) -> Iterator[Shown]:
        """Another message in the place of an old one, in a branch: the conversation stays as it is."""
        index = event.index if isinstance(event.index, int) else event.index[0]
        text = page.written(str(event.value)).strip()

        def answer(kept: Conversations, view: View, stop: Callable[[], bool]) -> Iterator[Any]:
            turns = page.visible(view)[-here.shown :]
            if not text or not 0 <= index < len(turns):
                raise ValueError("write at least one word, or leave the message as it is")
            yield from edited(kept, view, turns[index].position, fitting(text), stop)

        yield from self._answered(request, here, text, answer, index)

    def _answered(
        self,
        request: gr.Request,
        here: Here,
        message: str | None,
        answer: Callable[..., Iterator[Any]],
        upto: int | None = None,
    ) -> Iterator[Shown]:
        """upto: how many of the messages on the page stay before this one (None: all).

        Once the page has turned to another conversation, nothing of this is shown any more: a kept reply is
        stored where it belongs, a temporary conversation goes.
        """
        w = self.w
        try:
            owner = self.owner(request, here)
            view = self.desk.view_or_new(owner, here)
        except ValueError as error:
            conflict = page.problem(str(error))
            yield self.guarded(request, here, lambda owner: self.newest(owner, here, conflict))
            return
        here = here.at(view)
        base = page.messages(self.desk.bot, view, here.shown)[:upto]
        base = [*base, page.said("user", message)] if message else base
        self.desk.stopping(here)  # an order to stop that came too late for the last reply
        try:
            yield {
                w.here: here,
                w.talk: [*base, page.said("assistant", "…")],
                w.box: "" if message else gr.skip(),
                w.stop: gr.update(interactive=True),
            }
            for part in answer(self.desk.conversations(here), view, lambda: self.desk.stopping(here)):
                if not isinstance(part, Reply):
                    yield self._done(owner, here, part)
                elif self.desk.known(here):
                    yield {w.talk: [*base, page.said("assistant", part.text or "…")]}
        except ValueError as error:
            yield self._failed(owner, here, message, error)
        finally:
            if not self.desk.known(here):
                self.desk.leave(owner, here)

    def _done(self, owner: str, here: Here, part: View | Forgotten) -> Shown:
        """The page with the reply, or after an order to forget."""
        view, note = (part.view, forgotten_note(part)) if isinstance(part, Forgotten) else (part, "")
        there = here.at(view)
        if not self.desk.known(here):
            self.desk.leave(owner, there)
            return self._nothing()
        if there.id != here.id:  # a branch
            self.desk.leave(owner, here)
            there = replace(there, visit=Here.new().visit)
        return self.whole(owner, there, view, note)

    def _nothing(self) -> Shown:
        """Changes nothing. Gradio sends what came last once more when an answer ends: let it be this."""
        return {self.w.note: gr.skip()}

    def _failed(self, owner: str, here: Here, message: str | None, error: ValueError) -> Shown:
        """The page as it was, the reason in the note, the message back in its box."""
        if not self.desk.known(here):
            with contextlib.suppress(ValueError):
                self.desk.discard_if_empty(owner, here)
            return self._nothing()
        try:
            gone = self.desk.discard_if_empty(owner, here)
            shown = (
                self.whole(owner, replace(here, id="", version=0), None, page.problem(str(error)))
                if gone
                else self.newest(owner, here, page.problem(str(error)))
            )
        except ValueError:
            shown = {self.w.note: page.problem(str(error)), self.w.stop: gr.update(interactive=False)}
        return shown | ({self.w.box: message} if message else {})

    def stop(self, here: Here, request: gr.Request) -> Shown:
        """Ends the reply that is being written; what there is of it is kept."""

        def act(owner: str) -> Shown:
            self.desk.conversations(here).view(owner, here.id)
            self.desk.stop(here.id)
            return {self.w.stop: gr.update(interactive=False)}

        return self.guarded(request, here, act)


def forgotten_note(done: Forgotten) -> str:
    """What went, and what went with it."""
    gone = ", ".join(str(position + 1) for position in done.gone[:10])
    note = TEXTS("forgotten.turn", turns=gone) if done.gone else TEXTS("forgotten")
    if done.repeated:
        note += " " + TEXTS.counted("forgotten.repeated", len(done.repeated))
    return page.hint(note)


def fitting(text: str) -> str:
    """The text of a message. Raises ValueError where it is longer than can be read at once."""
    if len(text) > LONGEST_MESSAGE:
        raise ValueError(TEXTS("write.long", count=len(text), most=LONGEST_MESSAGE))
    return text
