"""What the chat tab works with: the kept and the temporary conversations, and whose they are. No widgets."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, replace

from chat.bot import Bot
from chat.conversations import Conversations, View
from chat.store import Store, StoreConflict, open_store

SHOWN = 60  # turns on the page; earlier ones on request
MOST_TEMPORARY = 200  # of all browsers together; the oldest go first


@dataclass(frozen=True)
class Here:
    """What a page shows: which conversation, as of which version, and how many of its newest turns.

    It comes from the page, so it is only believed together with the owner that the cookie names.
    """

    id: str = ""
    version: int = 0
    temporary: bool = False
    shown: int = SHOWN

    def at(self, view: View) -> Here:
        """The same page, showing this conversation."""
        return replace(self, id=view.info.id, version=view.info.version)


class Desk:
    """One for the app. Temporary conversations are in memory only: no file ever holds them."""

    def __init__(self, bot: Bot, store: Store) -> None:
        self.bot = bot
        self.kept, self.temporary = Conversations(bot, store), Conversations(bot, open_store(":memory:"))
        self._stopping: set[str] = set()
        self._notes: OrderedDict[str, tuple[str, Here]] = OrderedDict()
        self._lock = threading.Lock()

    def conversations(self, here: Here) -> Conversations:
        """Where the conversation of a page is kept."""
        return self.temporary if here.temporary else self.kept

    def view(self, owner: str, here: Here) -> View | None:
        """The conversation as the page knows it; None where it shows a new one.

        Raises NotThere, or StoreConflict where it went on in another window.
        """
        if not here.id:
            return None
        view = self.conversations(here).view(owner, here.id)
        if view.info.version != here.version:
            raise StoreConflict(
                "this conversation went on in another window. Nothing was lost: here it is as it stands now; "
                "look at it, then do the same again"
            )
        return view

    def view_or_new(self, owner: str, here: Here) -> View:
        """As `view`, beginning a conversation where there is none."""
        view = self.view(owner, here)
        if view is None:
            view = self.conversations(here).begin(owner)
            if here.temporary:
                self._make_room()
        return view

    def discard_if_empty(self, owner: str, here: Here) -> bool:
        """Takes back a conversation that has neither turns nor documents."""
        conversations = self.conversations(here)
        view = conversations.view(owner, here.id)
        if view.turns or conversations.store.documents(here.id):
            return False
        conversations.delete(view)
        return True

    def leave(self, owner: str, here: Here) -> None:
        """A temporary conversation that is left is deleted."""
        if here.temporary and here.id:
            self.temporary.delete(self.temporary.view(owner, here.id))

    def stop(self, conversation: str) -> None:
        """Asks for the reply being written to end."""
        self._stopping.add(conversation)

    def stopping(self, conversation: str) -> bool:
        """Whether that was asked; asking again says no."""
        asked = conversation in self._stopping
        self._stopping.discard(conversation)
        return asked

    def leave_note(self, owner: str, note: str, here: Here) -> None:
        """What a request beside the page (an upload) did: the page fetches it when it looks next."""
        with self._lock:
            self._notes[owner] = note, here
            while len(self._notes) > MOST_TEMPORARY:
                self._notes.popitem(last=False)

    def take_note(self, owner: str) -> tuple[str, Here] | None:
        """That note, once."""
        with self._lock:
            return self._notes.pop(owner, None)

    def _make_room(self) -> None:
        for info in self.temporary.store.conversations(None, limit=10_000)[MOST_TEMPORARY:]:
            self.temporary.delete(View(info, ()))
