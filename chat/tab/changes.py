"""The chat tab's panels: what is remembered, corrected and forgotten; renaming, replaying, deleting."""

from __future__ import annotations

from typing import Any

import gradio as gr

from chat.conversations import View
from chat.looking import Exchange, exchange
from chat.tab import page
from chat.tab.desk import Here
from chat.tab.handlers import Shown
from chat.tab.talking import Talking, fitting, forgotten_note
from chat.texts import TEXTS


class Changes(Talking):
    """The handlers that change what was said before, and the conversation as a whole."""

    def _existing(self, owner: str, here: Here) -> View:
        view = self.desk.view(owner, here)
        if view is None:
            raise ValueError("there is no conversation yet: write a message first")
        return view

    def exchange(self, here: Here, position: int | None, request: gr.Request) -> Exchange:
        """A reply of the conversation on the page, to be looked at. Raises: ValueError saying why not."""
        view = self._existing(self.owner(request, here), here)
        return exchange(self.desk.conversations(here), view, position)

    def choose_memory(self, chosen: Any, here: Here, request: gr.Request) -> Shown:
        """A memory was chosen: its wording in a box, to be mended."""

        def act(owner: str) -> Shown:
            view = self._existing(owner, here)
            text = next((turn.text for turn in view.turns if str(turn.position) == chosen), None)
            there = gr.update(visible=text is not None)
            wording = gr.update(value=text or "", visible=text is not None)
            return {self.w.wording: wording, self.w.correct: there, self.w.forget: there}

        return self.guarded(request, here, act)

    def correct(self, chosen: Any, text: str, here: Here, request: gr.Request) -> Shown:
        """Puts the wording in the place of what was said."""

        def act(owner: str) -> Shown:
            done = self.desk.conversations(here).correct(
                self._existing(owner, here), _position(chosen), fitting(str(text))
            )
            count = len(done.repeated)
            note = TEXTS("corrected", turn=done.gone[0] + 1)
            note += " " + TEXTS("corrected.repeated", count=count) if count else ""
            return self.whole(owner, here, done.view, page.hint(note))

        return self.guarded(request, here, act)

    def forget(self, chosen: Any, here: Here, request: gr.Request) -> Shown:
        """Forgets the chosen memory."""

        def act(owner: str) -> Shown:
            view = self._existing(owner, here)
            done = self.desk.conversations(here).forget(view, [_position(chosen)])
            return self.whole(owner, here, done.view, forgotten_note(done))

        return self.guarded(request, here, act)

    def rename(self, title: str, here: Here, request: gr.Request) -> Shown:
        """Another title."""

        def act(owner: str) -> Shown:
            view = self.desk.conversations(here).rename(self._existing(owner, here), str(title))
            return self.whole(owner, here, view)

        return self.guarded(request, here, act)

    def replay(self, here: Here, request: gr.Request) -> Shown:
        """Reads the conversation's text with this model."""

        def act(owner: str) -> Shown:
            view = self.desk.conversations(here).replay(self._existing(owner, here))
            return self.whole(owner, here, view, page.hint(TEXTS("replayed")))

        return self.guarded(request, here, act)

    def drop_document(self, chosen: Any, here: Here, request: gr.Request) -> Shown:
        """Removes a document; the passages that were read of it stay turns of the conversation."""

        def act(owner: str) -> Shown:
            conversations, view = self.desk.conversations(here), self._existing(owner, here)
            info = conversations.store.remove_document(view.info, int(chosen or 0))
            note = page.hint(TEXTS("dropped"))
            return self.whole(owner, here, View(info, view.turns), note)

        return self.guarded(request, here, act)

    def delete(self, here: Here, request: gr.Request) -> Shown:
        """Deletes the conversation, really."""

        def act(owner: str) -> Shown:
            conversations = self.desk.conversations(here)
            conversations.delete(conversations.view(owner, here.id))
            self.desk.leave(owner, here)
            return self.whole(owner, Here.new(), None, page.hint(TEXTS("deleted")))

        return self.guarded(request, here, act)


def _position(chosen: Any) -> int:
    if not isinstance(chosen, str) or not chosen.isdigit():
        raise ValueError("choose something from the list first")
    return int(chosen)
