"""What the chat tab's widgets do: each handler takes what the page sends and gives what it should show.

Whose conversation it may be says the cookie alone (sessions.py); a problem is told in the note below the
messages, and what was written stays in its box.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import gradio as gr

from chat.conversations import Conversations, View
from chat.store import NotThere, StoreConflict
from chat.tab import page
from chat.tab.desk import SHOWN, Desk, Here
from chat.tab.sessions import COOKIE, owner_of
from chat.tab.widgets import Widgets
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
            owner = self.owner(request, here)
        except ValueError as error:
            return {self.w.note: page.problem(str(error))}
        try:
            return act(owner)
        except StoreConflict as error:
            return self.newest(owner, here, page.problem(str(error)))
        except NotThere as error:
            return self.whole(owner, Here.new(here.temporary), None, page.problem(str(error)))
        except ValueError as error:
            return {self.w.note: page.problem(str(error))}

    def owner(self, request: gr.Request, here: Here) -> str:
        """Whose page it is. Raises ValueError without a cookie, or where nobody knows what the page shows."""
        owner = owner_of(request.cookies.get(COOKIE))
        if not self.desk.known(here):
            raise ValueError(
                "the app no longer knows what this page shows, so nothing was done: load the page again"
            )
        return owner

    def newest(self, owner: str, here: Here, note: str) -> Shown:
        """The conversation as it is stored now."""
        try:
            return self.whole(owner, here, self.desk.conversations(here).view(owner, here.id), note)
        except NotThere:
            return self.whole(owner, Here.new(here.temporary), None, note)

    # --- which conversation ---

    def load(self, request: gr.Request) -> Shown:
        """A page that was just opened: the newest conversation of this browser."""

        def act(owner: str) -> Shown:
            found = self.desk.kept.store.conversations(owner, limit=1)
            view = self.desk.kept.view(owner, found[0].id) if found else None
            return self.whole(owner, Here.new(), view)

        return self.guarded(request, Here.new(), act)

    def open(self, chosen: Any, here: Here, request: gr.Request) -> Shown:
        """Another conversation of the list."""

        def act(owner: str) -> Shown:
            if not isinstance(chosen, str) or chosen == here.id:
                return {self.w.head: gr.skip()}
            view = self.desk.kept.view(owner, chosen)
            self.desk.leave(owner, here)
            return self.whole(owner, Here.new(), view)

        return self.guarded(request, Here.new(), act)

    def new(self, here: Here, request: gr.Request) -> Shown:
        """An empty page; the conversation begins with its first message."""
        return self._empty(here, Here.new(), request)

    def temporary(self, here: Here, request: gr.Request) -> Shown:
        """An empty page whose conversation is kept nowhere."""
        return self._empty(here, Here.new(temporary=True), request)

    def _empty(self, here: Here, after: Here, request: gr.Request) -> Shown:
        def act(owner: str) -> Shown:
            self.desk.leave(owner, here)
            return self.whole(owner, after, None) | {self.w.box: ""}

        return self.guarded(request, after, act)

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
            if here.id != there.id:
                self.desk.leave(owner, here)
            return self.newest(owner, there, page.hint(note))

        return self.guarded(request, here, act)

    def earlier(self, here: Here, request: gr.Request) -> Shown:
        """More of the older turns."""
        more = replace(here, shown=here.shown + 2 * SHOWN)
        return self.guarded(request, here, lambda owner: self.newest(owner, more, ""))
