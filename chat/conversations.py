"""Conversations that are kept: what the app and the terminal do with the bot and the store.

`view` checks that a conversation belongs to whoever asks (owner None: whoever may read the store's file).
What changes something takes the view that the caller has seen, and raises StoreConflict where somebody else
was quicker; nothing is changed then.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from chat.bot import Bot, varied
from chat.documents import Passage, PassageIndex, passages_of, read_document
from chat.exchange import LONGEST_NAME, MOST_DOCUMENTS, MOST_TURNS, Exported, from_file, to_file
from chat.forgetting import NOTHING_FORGOTTEN, Order, meant_by, order_in
from chat.memories import Memory, memories
from chat.mind import Mind, Minds
from chat.reply import Reply
from chat.revising import Revision, correcting, forgetting
from chat.said import LONGEST_TITLE, UNTITLED, before_turn, heard, title_of, title_without
from chat.segments import Turn
from chat.sources import Span, about_reply
from chat.store import ConversationInfo, Store, StoredTurn
from chat.words import is_question
from lstm_models.search import SearchOptions
from lstm_models.state import ContextState


@dataclass(frozen=True)
class View:
    """A conversation as it stands."""

    info: ConversationInfo
    turns: tuple[StoredTurn, ...]


@dataclass(frozen=True)
class Forgotten:
    """What an order to forget did. gone: the turns asked for; repeated: what went for quoting them."""

    view: View
    gone: tuple[int, ...]
    repeated: tuple[int, ...]


class Conversations:
    """The conversations of one store with one bot."""

    def __init__(self, bot: Bot, store: Store) -> None:
        self.bot, self.store, self.minds = bot, store, Minds(bot, store)
        self._indices: dict[str, tuple[tuple[tuple[int, float], ...], PassageIndex]] = {}

    def begin(self, owner: str, title: str = UNTITLED) -> View:
        """A new conversation."""
        return View(self.store.create(owner, title, self.bot.engine.model_hash), ())

    def view(self, owner: str | None, conversation: str) -> View:
        """Raises NotThere where there is none for this owner."""
        info, turns = self.store.whole(owner, conversation)
        return View(info, tuple(turns))

    def say(
        self,
        view: View,
        message: str,
        options: SearchOptions | None = None,
        stop: Callable[[], bool] | None = None,
        seldom: bool = False,
    ) -> Iterator[Reply | View | Forgotten]:
        """The reply as it grows; last of all the view with message and reply, once they are on the disk.

        An order to forget is obeyed instead: Forgotten is all that comes. seldom: see `Bot.stream`. Raises
        ValueError.
        """
        order = order_in(message)
        if order is not None and (done := self._obeyed(view, order)) is not None:
            yield done
            return
        if len(view.turns) >= MOST_TURNS:
            raise ValueError(
                f"this conversation has {MOST_TURNS:,} turns, as many as it may: begin a new one"
            )
        mind = self.minds.of(view.info, view.turns)
        yield from self._answer(view, mind, message, options, stop, seldom=seldom)

    def _obeyed(self, view: View, order: Order) -> Forgotten | None:
        """What an order to forget did; None where nothing is there that it could mean."""
        if order.kind == "all":
            return self.clear(view) if view.turns or self.store.documents(view.info.id) else None
        meant = meant_by(order, [turn.turn for turn in view.turns])
        if order.kind == "turn":
            meant = [n for n, turn in enumerate(view.turns) if turn.position == order.number - 1]
        return self.forget(view, [view.turns[place].position for place in meant]) if meant else None

    def _answer(
        self,
        view: View,
        mind: Mind,
        message: str,
        options: SearchOptions | None,
        stop: Callable[[], bool] | None,
        instead_of: Collection[int] = (),
        seldom: bool = False,
    ) -> Iterator[Reply | View | Forgotten]:
        """instead_of: positions of stored turns that leave the store when the reply is there, not before."""
        passages = self._passages(view, message)
        order = order_in(message) is not None  # and nothing is there that it could mean
        stopped = False

        def asked_to_stop() -> bool:
            nonlocal stopped
            stopped = stopped or bool(stop and stop())
            return stopped

        texts = [passage.text for passage in passages]
        parts = self.bot.stream(message, mind.state, options, texts, asked_to_stop, seldom)
        for part in self._nothing_forgotten(mind, message) if order else parts:
            if isinstance(part, Reply):
                yield part
                continue
            reply, state = part
            read = heard(mind.next_position, passages, message)
            spans = self._spans(mind, read)
            said = StoredTurn(
                read[-1].position + 1, "bot", reply.text, about_reply(reply, spans, stopped), time.time()
            )
            spans.append(Span(said.position, state.num_segments - 1, 1))
            title = title_of(message) if view.info.title == UNTITLED else None
            info = self.store.write(view.info, add=[*read, said], remove=instead_of, title=title)
            self.minds.keep(info, Mind(state, tuple(spans), mind.snapshot))
            yield View(info, (*view.turns, *read, said))

    def _nothing_forgotten(self, mind: Mind, message: str) -> Iterator[Reply | tuple[Reply, ContextState]]:
        """The answer to an order that means nothing there: the turns decide that, not what the bank holds."""
        said = [Turn("user", message), Turn("bot", NOTHING_FORGOTTEN)]
        yield Reply.of(NOTHING_FORGOTTEN), self.bot.replay(said, mind.state)

    def _spans(self, mind: Mind, new: Iterable[StoredTurn]) -> list[Span]:
        spans = list(mind.spans)
        first = mind.state.num_segments
        for turn in new:
            count = len(self.bot.parts(turn.text))
            spans.append(Span(turn.position, first, count))
            first += count
        return spans

    def _passages(self, view: View, message: str) -> list[Passage]:
        """What the attached documents say about a question, without what was read just before."""
        asked = is_question(message) and order_in(message) is None
        if not asked or not (key := self.store.document_keys(view.info.id)):
            return []
        known = self._indices.get(view.info.id)
        if known is None or known[0] != key:
            documents = self.store.documents(view.info.id)
            key = tuple((document.id, document.created) for document in documents)
            parts = [part for document in documents for part in passages_of(document.name, document.text)]
            known = key, PassageIndex(parts)
            while len(self._indices) >= 8:
                self._indices.pop(next(iter(self._indices)))
            self._indices[view.info.id] = known
        recent = [turn.text for turn in view.turns[-6:]]
        before = " ".join(turn.text for turn in view.turns[-2:] if turn.speaker != "doc")
        return [passage for passage in known[1].search(message, before) if passage.text not in recent]

    def regenerate(
        self, view: View, seed: int, stop: Callable[[], bool] | None = None
    ) -> Iterator[Reply | View | Forgotten]:
        """Another reply to the newest message: sampled, since the likeliest is there already."""
        users = [turn for turn in view.turns if turn.speaker == "user"]
        if not users:
            raise ValueError("there is no message to answer yet: write one")
        yield from self._again(view, users[-1].position, users[-1].text, varied(seed), stop)

    def edit(
        self, view: View, position: int, message: str, stop: Callable[[], bool] | None = None
    ) -> Iterator[Reply | View | Forgotten]:
        """Another message in the place of one of the user's; what came after it goes."""
        if order_in(message) is None:
            yield from self._again(view, position, message, None, stop)
            return
        self.minds.check_model(view.info)
        earlier = before_turn(view.turns, position)
        yield from self.say(self.rewind(view, earlier[-1].position + 1 if earlier else 0), message)

    def _again(
        self,
        view: View,
        position: int,
        message: str,
        options: SearchOptions | None,
        stop: Callable[[], bool] | None,
    ) -> Iterator[Reply | View | Forgotten]:
        self.minds.check_model(view.info)
        earlier = before_turn(view.turns, position)
        mind = self.minds.after(view.info, earlier)
        instead_of = [turn.position for turn in view.turns[len(earlier) :]]
        title = title_without(view.info.title, view.turns, earlier)
        shorter = View(replace(view.info, title=title), tuple(earlier))
        yield from self._answer(shorter, mind, message, options, stop, instead_of)

    def rewind(self, view: View, position: int) -> View:
        """The conversation as it was before a turn; that turn and all after it are deleted."""
        kept = [turn for turn in view.turns if turn.position < position]
        if not (gone := [turn.position for turn in view.turns if turn.position >= position]):
            return view
        title = title_without(view.info.title, view.turns, kept)
        return View(self.store.write(view.info, remove=gone, title=title), tuple(kept))

    def forget(self, view: View, positions: Sequence[int]) -> Forgotten:
        """Removes turns, and what repeats them, from bank, state and store.

        The conversation is read again without them: its state is that of one in which they never stood.
        """
        revision = forgetting(view.turns, positions)
        asked = tuple(sorted(revision.removed & set(positions)))
        return Forgotten(self._revise(view, revision), asked, tuple(sorted(revision.removed - set(asked))))

    def clear(self, view: View) -> Forgotten:
        """Forgets every turn, and removes the attached documents."""
        positions = [turn.position for turn in view.turns]
        done = self.forget(view, positions) if positions else Forgotten(view, (), ())
        info = done.view.info
        for document in self.store.documents(info.id):
            info = self.store.remove_document(info, document.id)
        return replace(done, view=View(info, done.view.turns))

    def correct(self, view: View, position: int, text: str) -> Forgotten:
        """Puts another text in the place of one of the user's turns; what repeated the old one goes."""
        if not self.bot.parts(text):
            text = ""  # nothing that could be read
        revision = correcting(view.turns, position, text)
        return Forgotten(self._revise(view, revision), (position,), tuple(sorted(revision.removed)))

    def _revise(self, view: View, revision: Revision) -> View:
        """Stores a revision."""
        title = title_without(view.info.title, view.turns, revision.kept)
        info = self.store.write(view.info, remove=revision.removed, changed=revision.changed, title=title)
        self.minds.drop(info.id)
        return View(info, revision.kept)

    def memories(self, view: View) -> list[Memory]:
        """What the user stated, most used first."""
        return memories(view.turns, self.minds.of(view.info, view.turns).held())

    def replay(self, view: View) -> View:
        """The conversation read by this model: for one that another model had read."""
        info = self.store.write(view.info, model_hash=self.bot.engine.model_hash)
        after = View(info, view.turns)
        self.minds.of(info, view.turns)
        return after

    def attach(self, view: View, name: str, data: bytes) -> View:
        """Attaches a file. Raises ValueError where it holds no text that can be read."""
        if len(self.store.documents(view.info.id)) >= MOST_DOCUMENTS:
            raise ValueError(f"{MOST_DOCUMENTS} documents are attached, as many as can be: remove one first")
        text = read_document(name, data)
        return View(self.store.add_document(view.info, name[:LONGEST_NAME], text), view.turns)

    def rename(self, view: View, title: str) -> View:
        """Another title."""
        title = " ".join(title.split())[:LONGEST_TITLE]
        if not title:
            raise ValueError("the title is empty: write a word or two")
        return View(self.store.write(view.info, title=title), view.turns)

    def delete(self, view: View) -> None:
        """Deletes the conversation, really."""
        self.store.delete(view.info)
        self.minds.drop(view.info.id)
        self._indices.pop(view.info.id, None)

    def export(self, view: View) -> bytes:
        """The whole conversation as one file (JSON); what another model has read is there as text alone."""
        own = view.turns and view.info.model_hash == self.bot.engine.model_hash
        state = self.minds.of(view.info, view.turns).state if own else None
        documents = [(document.name, document.text) for document in self.store.documents(view.info.id)]
        return to_file(Exported(view.info.title, view.info.model_hash, view.turns, tuple(documents), state))

    def import_file(self, owner: str, data: bytes) -> View:
        """A new conversation from such a file; another model's waits for `replay`. Raises ValueError."""
        file = from_file(data)
        info = self.store.create(owner, file.title[:LONGEST_TITLE] or UNTITLED, file.model_hash)
        info = self.store.write(info, add=file.turns)
        for name, text in file.documents:
            info = self.store.add_document(info, name, text)
        if file.turns and file.state is not None and file.state.model_hash == file.model_hash:
            self.store.keep_snapshot(info, file.turns[-1].position, file.model_hash, file.state.to_bytes())
        return View(info, file.turns)
