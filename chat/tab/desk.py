"""What the chat tab works with: the kept and the temporary conversations, and whose they are. No widgets."""

from __future__ import annotations

import contextlib
import secrets
import threading
from collections import OrderedDict
from dataclasses import dataclass, replace

from chat.bot import Bot
from chat.conversations import Conversations, View
from chat.store import NotThere, Store, StoreConflict, open_store

SHOWN = 60  # turns on the page; earlier ones on request
MOST_TEMPORARY = 200  # of all browsers together; the oldest go first
MOST_LEFT = 10_000  # visits that are over, remembered


@dataclass(frozen=True)
class Here:
    """What a page shows: which conversation, as of which version, and how many of its newest turns.

    It comes from the page, so it is only believed together with the owner that the cookie names. visit: drawn
    anew whenever the page turns to another conversation; "" where nobody knows what the page shows, as after
    the app was started again.
    """

    id: str = ""
    version: int = 0
    temporary: bool = False
    shown: int = SHOWN
    visit: str = ""

    @classmethod
    def new(cls, temporary: bool = False) -> Here:
        """A page that turns to another conversation: an empty one as yet."""
        return cls(temporary=temporary, visit=secrets.token_urlsafe(8))

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
        self._left: OrderedDict[str, None] = OrderedDict()
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
        """The page turns to another conversation; a temporary one is deleted with that."""
        with self._lock:
            self._left[here.visit] = None
            while len(self._left) > MOST_LEFT:
                self._left.popitem(last=False)
        if here.temporary and here.id:
            with contextlib.suppress(NotThere):  # it made room for others already
                self.temporary.delete(self.temporary.view(owner, here.id))

    def known(self, here: Here) -> bool:
        """Whether that is what the page shows: not once it has turned to another conversation."""
        return bool(here.visit) and here.visit not in self._left

    def stop(self, conversation: str) -> None:
        """Asks for the reply being written to end."""
        self._stopping.add(conversation)

    def stopping(self, here: Here) -> bool:
        """Whether that was asked (asking again says no), or a temporary conversation was left."""
        asked = here.id in self._stopping
        self._stopping.discard(here.id)
        return asked or (here.temporary and not self.known(here))

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
