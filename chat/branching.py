"""A branch: a conversation that begins as another one did, and goes on in its own way."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from chat.conversations import Conversations, Forgotten, View
from chat.reply import Reply
from chat.said import before_turn, branch_of, title_without


def branch(conversations: Conversations, view: View, position: int) -> View:
    """A new conversation with all that was said and read before a message of the user, and the documents."""
    store, kept = conversations.store, before_turn(view.turns, position)
    title = title_without(branch_of(view.info.title), view.turns, kept)
    info = store.write(store.create(view.info.owner, title, view.info.model_hash), add=kept)
    for document in store.documents(view.info.id):
        info = store.add_document(info, document.name, document.text)
    return View(info, tuple(kept))


def edited(
    conversations: Conversations,
    view: View,
    position: int,
    message: str,
    stop: Callable[[], bool] | None = None,
) -> Iterator[Reply | View | Forgotten]:
    """Another message in the place of one of the user's, in a branch: the conversation stays as it is.

    Raises ValueError. There is a branch only where the message was answered.
    """
    conversations.minds.check_model(view.info)
    made, is_stored = branch(conversations, view, position), False
    try:
        for part in conversations.say(made, message, stop=stop):
            is_stored = not isinstance(part, Reply)
            yield part
    finally:
        if not is_stored:
            conversations.delete(made)
