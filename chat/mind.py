"""The bot's state of a stored conversation: in memory while it goes on, else from a snapshot and the text.

What is read again is rounded as it was the first time (`Bot`), so a state comes out the same, to the bit,
whether the program was restarted in between or not.
"""

from __future__ import annotations

import contextlib
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from chat.bot import Bot
from chat.sources import Span, used_segments
from chat.store import ConversationInfo, Store, StoredTurn, StoreError
from lstm_models.state import ContextState

SNAPSHOT_EVERY = 16  # turns: so many at most are read again after a restart
KEPT_IN_MEMORY = 24 * 2**20  # bytes of states; one takes from some kB at first to 8 MB


@dataclass(frozen=True)
class Mind:
    """What the bot has read of a conversation. snapshot: the turn of the newest one stored, or -1."""

    state: ContextState
    spans: tuple[Span, ...] = ()
    snapshot: int = -1

    @property
    def next_position(self) -> int:
        """The position of the next turn."""
        return self.spans[-1].position + 1 if self.spans else 0

    def held(self) -> set[int]:
        """Positions of the turns that the memory bank still holds."""
        segments = set(self.state.token_segment.tolist())
        return {
            span.position for span in self.spans if segments & set(range(span.first, span.first + span.count))
        }


class Minds:
    """The states of the conversations of one store."""

    def __init__(self, bot: Bot, store: Store) -> None:
        self.bot, self.store = bot, store
        self._kept: OrderedDict[str, tuple[int, Mind]] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    def of(self, info: ConversationInfo, turns: Sequence[StoredTurn]) -> Mind:
        """The state after all turns. Raises ValueError where it was made by another model."""
        with self._lock:
            version, mind = self._kept.get(info.id, (0, None))
        if mind is not None and version == info.version:
            return mind
        self.check_model(info)
        mind = self.after(info, turns)
        self.keep(info, mind)
        return mind

    def check_model(self, info: ConversationInfo) -> None:
        """Raises ValueError, with the remedy, where another model has read the conversation."""
        if info.model_hash != self.bot.engine.model_hash:
            raise ValueError(
                f"this conversation was read by another model ({info.model_hash[:12] or 'unknown'}, this is "
                f"{self.bot.engine.model_hash[:12] or 'unnamed'}), whose memory this one cannot use. "
                "Its text is all here: replay it with this model, or start the program with that one"
            )

    def after(self, info: ConversationInfo, turns: Sequence[StoredTurn]) -> Mind:
        """The state after the given first turns of a conversation."""
        mind = Mind(self.bot.new_state())
        end = turns[-1].position + 1 if turns else 0
        stored = self.store.snapshot(info.id, end, self.bot.engine.model_hash)
        if stored is not None:
            with contextlib.suppress(ValueError):  # a damaged one: everything is read again
                mind = self._at_snapshot(stored, turns)
        return self.read(mind, [turn for turn in turns if turn.position >= mind.next_position])

    def read(self, mind: Mind, turns: Sequence[StoredTurn]) -> Mind:
        """The state after some more turns have been read, as they stand."""
        state, spans = mind.state, list(mind.spans)
        for turn in turns:
            first = state.num_segments
            if turn.speaker == "bot":
                state = self.bot.say(turn.text, state, used_segments(turn.about, spans))
            else:
                state = self.bot.hear(turn.text, state, turn.speaker)
            spans.append(Span(turn.position, first, state.num_segments - first))
        return Mind(state, tuple(spans), mind.snapshot)

    def _at_snapshot(self, stored: tuple[int, bytes], turns: Sequence[StoredTurn]) -> Mind:
        position, data = stored
        state = ContextState.from_bytes(data)
        self.bot.engine.check_states([state])
        spans, first = [], 0
        for turn in turns:
            if turn.position <= position:
                count = 1 if turn.speaker == "bot" else len(self.bot.parts(turn.text))
                spans.append(Span(turn.position, first, count))
                first += count
        if first != state.num_segments:
            raise ValueError("the snapshot is of other turns: it cannot be used")
        return Mind(state, tuple(spans), position)

    def keep(self, info: ConversationInfo, mind: Mind) -> None:
        """Keeps a state in memory for the next message, and now and then in the store.

        A store that cannot be written loses nothing by that: the turns are there.
        """
        if mind.spans and mind.next_position - 1 - mind.snapshot >= SNAPSHOT_EVERY:
            position = mind.next_position - 1
            with contextlib.suppress(StoreError):
                data = mind.state.to_bytes()
                self.store.keep_snapshot(info, position, self.bot.engine.model_hash, data)
                mind = Mind(mind.state, mind.spans, position)
        with self._lock:
            self._let_go(info.id)
            self._kept[info.id] = info.version, mind
            self._size += mind.state.size
            while self._size > KEPT_IN_MEMORY and len(self._kept) > 1:  # those not used for longest
                self._let_go(next(iter(self._kept)))

    def drop(self, conversation: str) -> None:
        """Lets go of a state in memory."""
        with self._lock:
            self._let_go(conversation)

    def _let_go(self, conversation: str) -> None:
        _, mind = self._kept.pop(conversation, (0, None))
        if mind is not None:
            self._size -= mind.state.size
