"""What the chat tab's widgets do: each handler takes what the page sends and gives what it should show.

Whose conversation it may be says the cookie alone (sessions.py); a problem is told in the note below the
messages, and what was written stays in its box.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import gradio as gr

from chat.conversations import Conversations, Forgotten, View
from chat.reply import Reply
from chat.store import NotThere, StoreConflict
from chat.tab import page
from chat.tab.desk import SHOWN, Desk, Here
from chat.tab.sessions import COOKIE, owner_of
from chat.tab.widgets import LONGEST_MESSAGE, Widgets
from chat.texts import TEXTS

Shown = dict[Any, Any]


class Handlers:
    """The handlers of one page's widgets."""

    def __init__(self, desk: Desk, widgets: Widgets) -> None:
        self.desk, self.w = desk, widgets

    # --- what the page shows ---

    def whole(self, owner: str, here: Here, view: View | None, note: str = "") -> Shown:
        """The whole page, showing a conversation (None: a new one)."""
        w, conversations = self.w, self.desk.conversations(here)
        here = here.at(view) if view else replace(here, id="", version=0)
        documents = conversations.store.documents(here.id) if here.id else []
        shown: Shown = {
            w.here: here,
            w.head: page.head(here, view, documents),
            w.talk: page.messages(self.desk.bot, view, here.shown) if view else [],
            w.note: note or page.hint(TEXTS("hint.temporary" if here.temporary else "hint")),
            w.stop: gr.update(interactive=False),
            w.earlier: gr.update(visible=bool(view and len(page.visible(view)) > here.shown)),
            w.title: "",
            w.export: page.export_link(here),
            w.documents: gr.update(
                choices=[(document.name, document.id) for document in documents],
                value=documents[-1].id if documents else None,
                visible=bool(documents),
            ),
            w.drop: gr.update(visible=bool(documents)),
            w.really: gr.update(visible=False),
            w.delete: gr.update(interactive=bool(here.id)),
        }
        return shown | self.lists(owner, here) | self.remembered(conversations, view)

    def lists(self, owner: str, here: Here, search: str = "") -> Shown:
        """The list of conversations, the one on the page chosen."""
        found = page.choices(self.desk.kept.store.conversations(owner, search, limit=100))
        chosen = here.id if any(here.id == one for _, one in found) else None
        return {self.w.listed: gr.update(choices=found, value=chosen)}

    def remembered(self, conversations: Conversations, view: View | None) -> Shown:
        """The panel of memories; for a conversation of another model, the offer to replay it."""
        w = self.w
        try:
            choices, foreign = page.memory_choices(conversations, view), ""
        except ValueError as error:
            choices, foreign = [], str(error)
        hidden = gr.update(visible=False)
        shown: Shown = {
            w.memory: gr.update(choices=choices, value=None),
            w.wording: hidden,
            w.correct: hidden,
            w.forget: hidden,
            w.replay: gr.update(visible=bool(foreign)),
        }
        return shown | ({w.note: page.problem(foreign)} if foreign else {})

    def guarded(self, request: gr.Request, here: Here, act: Callable[[str], Shown]) -> Shown:
        """What `act` shows, or the reason why it could not; after a conflict, the newest state as well."""
        try:
            owner = owner_of(request.cookies.get(COOKIE))
        except ValueError as error:
            return {self.w.note: page.problem(str(error))}
        try:
            return act(owner)
        except StoreConflict as error:
            return self.newest(owner, here, page.problem(str(error)))
        except NotThere as error:
            return self.whole(owner, Here(), None, page.problem(str(error)))
        except ValueError as error:
            return {self.w.note: page.problem(str(error))}

    def newest(self, owner: str, here: Here, note: str) -> Shown:
        """The conversation as it is stored now."""
        try:
            return self.whole(owner, here, self.desk.conversations(here).view(owner, here.id), note)
        except NotThere:
            return self.whole(owner, Here(), None, note)

    # --- talking ---

    def send(self, message: Any, here: Here, request: gr.Request) -> Iterator[Shown]:
        """Answers a message, the reply growing; an empty one, such as a second press of Enter, is none."""
        if not isinstance(message, str) or not message.strip():
            yield {self.w.note: gr.skip()}
        elif len(message) > LONGEST_MESSAGE:
            yield {self.w.note: page.problem(TEXTS("write.long", count=len(message), most=LONGEST_MESSAGE))}
        else:
            text = message.strip()
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
            request, here, None, lambda kept, view, stop: kept.regenerate(view, seed, stop)
        )

    def edit(self, here: Here, event: gr.EditData, request: gr.Request) -> Iterator[Shown]:
        """Another message in the place of an old one, in a branch: the conversation stays as it is."""
        index = event.index if isinstance(event.index, int) else event.index[0]
        text = str(event.value).strip()
        try:
            owner = owner_of(request.cookies.get(COOKIE))
            view = self.desk.view(owner, here)
            if view is None or not text:
                raise ValueError("write at least one word, or leave the message as it is")
            turn = page.visible(view)[-here.shown :][index]
            branch = self.desk.conversations(here).branch(view, turn.position - 1)
        except (ValueError, IndexError) as error:
            problem = page.problem(str(error))
            yield self.guarded(request, here, lambda owner: self.newest(owner, here, problem))
            return
        yield from self._answered(
            request, here.at(branch), text, lambda kept, view, stop: kept.say(view, text, stop=stop)
        )

    def _answered(
        self, request: gr.Request, here: Here, message: str | None, answer: Callable[..., Iterator[Any]]
    ) -> Iterator[Shown]:
        w = self.w
        try:
            owner = owner_of(request.cookies.get(COOKIE))
            view = self.desk.view_or_new(owner, here)
        except ValueError as error:
            conflict = page.problem(str(error))
            yield self.guarded(request, here, lambda owner: self.newest(owner, here, conflict))
            return
        here = here.at(view)
        base = page.messages(self.desk.bot, view, here.shown)
        base = [*base, page.said("user", message)] if message else base[:-1]
        self.desk.stopping(here.id)  # an order to stop that came too late for the last reply
        yield {
            w.here: here,
            w.talk: [*base, page.said("assistant", "…")],
            w.box: "" if message else gr.skip(),
            w.stop: gr.update(interactive=True),
        }
        kept = self.desk.conversations(here)
        try:
            for part in answer(kept, view, lambda: self.desk.stopping(here.id)):
                if isinstance(part, Reply):
                    yield {w.talk: [*base, page.said("assistant", part.text or "…")]}
                elif isinstance(part, Forgotten):
                    yield self.whole(owner, here, part.view, forgotten_note(part))
                else:
                    yield self.whole(owner, here, part)
        except ValueError as error:
            yield self._failed(owner, here, message, error)

    def _failed(self, owner: str, here: Here, message: str | None, error: ValueError) -> Shown:
        """The page as it was, the reason in the note, the message back in its box."""
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

    # --- which conversation ---

    def load(self, request: gr.Request) -> Shown:
        """A page that was just opened: the newest conversation of this browser."""

        def act(owner: str) -> Shown:
            found = self.desk.kept.store.conversations(owner, limit=1)
            view = self.desk.kept.view(owner, found[0].id) if found else None
            return self.whole(owner, Here(), view)

        return self.guarded(request, Here(), act)

    def open(self, chosen: Any, here: Here, request: gr.Request) -> Shown:
        """Another conversation of the list."""

        def act(owner: str) -> Shown:
            if not isinstance(chosen, str) or chosen == here.id:
                return {self.w.head: gr.skip()}
            view = self.desk.kept.view(owner, chosen)
            self.desk.leave(owner, here)
            return self.whole(owner, Here(), view)

        return self.guarded(request, here, act)

    def new(self, here: Here, request: gr.Request) -> Shown:
        """An empty page; the conversation begins with its first message."""
        return self._empty(here, Here(), request)

    def temporary(self, here: Here, request: gr.Request) -> Shown:
        """An empty page whose conversation is kept nowhere."""
        return self._empty(here, Here(temporary=True), request)

    def _empty(self, here: Here, after: Here, request: gr.Request) -> Shown:
        def act(owner: str) -> Shown:
            self.desk.leave(owner, here)
            return self.whole(owner, after, None) | {self.w.box: ""}

        return self.guarded(request, here, act)

    def search(self, text: str, here: Here, request: gr.Request) -> Shown:
        """The conversations whose title or turns hold a text."""
        return self.guarded(request, here, lambda owner: self.lists(owner, here, str(text)[:200]))

    def look_again(self, here: Here, request: gr.Request) -> Shown:
        """After a file was sent beside the page: what came of it."""

        def act(owner: str) -> Shown:
            found = self.desk.take_note(owner)
            if found is None:
                return self.newest(owner, here, "") if here.id else self.whole(owner, here, None)
            note, there = found
            return self.newest(owner, there, page.hint(note))

        return self.guarded(request, here, act)

    def earlier(self, here: Here, request: gr.Request) -> Shown:
        """More of the older turns."""
        more = replace(here, shown=here.shown + 2 * SHOWN)
        return self.guarded(request, here, lambda owner: self.newest(owner, more, ""))


def forgotten_note(done: Forgotten) -> str:
    """What went, and what went with it."""
    gone = ", ".join(str(position + 1) for position in done.gone[:10])
    note = TEXTS("forgotten.turn", turns=gone) if done.gone else TEXTS("forgotten")
    if done.repeated:
        note += " " + TEXTS.counted("forgotten.repeated", len(done.repeated))
    return page.hint(note)
