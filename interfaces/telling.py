"""A conversation that a client sends along, read anew for one answer: nothing of it is kept.

Also kept ones, as programs find them, and questions beside them, which leave them as they were.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from chat.bot import Bot
from chat.conversations import Conversations, View
from chat.documents import Passage, passages_of
from chat.forgetting import FORGOTTEN, NOTHING_FORGOTTEN, meant_by, order_in, with_quotes
from chat.mind import Mind, Minds
from chat.reply import Reply
from chat.said import heard
from chat.segments import Turn
from chat.sources import Source, Span, about_reply, sources_of
from chat.store import StoreConflict, StoredTurn
from lstm_models.search import SearchOptions

GIVEN = "given text"  # the name of what was handed over in a message


@dataclass(frozen=True)
class Told:
    """A whole reply, and the sentences that its words came from, the weightiest first."""

    text: str
    never_told: float
    sources: tuple[Source, ...] = ()
    confidence: float | None = None

    def about(self) -> dict[str, Any]:
        """What clients are told beside the reply."""
        return about(self.never_told, self.sources, self.confidence)


def about(never_told: float, sources: Sequence[Source], confidence: float | None) -> dict[str, Any]:
    """never_told: the probability that the bot would say so; sources: where the reply's words come from;
    confidence: how likely it is right, where it answers out of the memory."""
    found = [
        {
            "sentence": source.sentence,
            "speaker": source.speaker,
            "turn": source.position + 1,
            **({"document": source.document} if source.document else {}),
        }
        for source in sources
    ]
    sure = {} if confidence is None else {"confidence": round(confidence, 4)}
    return {"never_told": round(never_told, 4), **sure, "sources": found}


def handed_over(text: str) -> list[Turn]:
    """A text as the passages that the bot reads."""
    return [Turn("doc", passage.text) for passage in passages_of(GIVEN, text)]


def without_forgotten(turns: Sequence[Turn]) -> list[Turn]:
    """The turns as they stand once every order to forget among them has been obeyed."""
    kept: list[Turn] = []
    for turn in turns:
        order = order_in(turn.text) if turn.speaker == "user" else None
        if order is not None and (gone := meant_by(order, kept)):
            out = with_quotes(kept, gone)
            kept = [one for place, one in enumerate(kept) if place not in out]
        else:
            kept.append(turn)
    return kept


def read_anew(conversations: Conversations, turns: Sequence[Turn]) -> tuple[Mind, list[StoredTurn]]:
    """What the bot has in mind once it has read these turns, and the turns as they are numbered."""
    stored = [StoredTurn(place, turn.speaker, turn.text) for place, turn in enumerate(turns)]
    bot = conversations.bot
    return Minds(bot, conversations.store).read(Mind(bot.new_state()), stored), stored


def kept_here(conversations: Conversations, owner: str, conversation: str) -> View:
    """A kept conversation; one that another model has read is replayed, as no program could ask for that.

    Raises NotThere.
    """
    view = conversations.view(owner, conversation)
    if view.info.model_hash == conversations.bot.engine.model_hash:
        return view
    try:
        return conversations.replay(view)
    except StoreConflict:  # another request was quicker, and has replayed it
        return conversations.view(owner, conversation)


def telling(
    bot: Bot,
    mind: Mind,
    turns: Sequence[StoredTurn],
    message: str,
    options: SearchOptions | None = None,
    passages: Sequence[Passage] = (),
    stop: Callable[[], bool] | None = None,
    seldom: bool = False,
) -> Iterator[Reply | Told]:
    """The reply as it grows (seldom: see `Bot.stream`), last of all the whole one with its sources.

    An order to forget is answered as `without_forgotten` will obey it. Raises ValueError.
    """
    if (order := order_in(message)) is not None:
        gone = meant_by(order, [turn.turn for turn in turns])
        yield Told(FORGOTTEN if gone else NOTHING_FORGOTTEN, 0.0)
        return
    read = heard(mind.next_position, passages, message)
    spans = [*mind.spans]
    first = mind.state.num_segments
    for turn in read:
        count = len(bot.parts(turn.text))
        spans.append(Span(turn.position, first, count))
        first += count
    texts = [passage.text for passage in passages]
    for part in bot.stream(message, mind.state, options, texts, stop, seldom):
        if isinstance(part, Reply):
            yield part
            continue
        reply, _ = part
        said = StoredTurn(read[-1].position + 1, "bot", reply.text, about_reply(reply, spans))
        sources = tuple(sources_of(bot, said, [*turns, *read]))
        yield Told(reply.text, reply.never_told, sources, reply.confidence)


def told(*arguments: Any, **options: Any) -> Told:
    """As `telling`, the whole reply at once."""
    found = deque(telling(*arguments, **{**options, "seldom": True}), maxlen=1).pop()
    assert isinstance(found, Told)  # the last part always is
    return found
