"""Reading and writing conversations. Each call is a transaction; what it wrote is on the disk afterwards.

A writer names the version of the conversation that it has read. If somebody else wrote in between, nothing
is written and StoreConflict is raised: two windows cannot overwrite each other.
"""

from __future__ import annotations

import contextlib
import json
import secrets
import threading
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import (
    BindParameter,
    Connection,
    Engine,
    bindparam,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.pool import StaticPool

from chat.store.errors import NotThere, StoreConflict, explained
from chat.store.log import WriteAheadLog
from chat.store.records import ConversationInfo, DocumentInfo, Noted, StoredTurn
from chat.store.tables import Conversation, Document, Snapshot, TurnRow

MOST_SNAPSHOTS = 4  # of a conversation: at most 2 MB each
# Rows are read as they are, without the objects of a session: a reply takes less than the session would.
_INFO = (
    Conversation.id, Conversation.owner, Conversation.title, Conversation.model_hash,
    Conversation.version, Conversation.created, Conversation.updated,
)  # fmt: skip
_TURN = TurnRow.position, TurnRow.speaker, TurnRow.text, TurnRow.about, TurnRow.created
# What every reply asks is put together once: that takes longer than asking it.
_OF_IT: BindParameter[str] = bindparam("conversation")
_ONE = select(*_INFO).where(Conversation.id == _OF_IT)
_ALL_TURNS = select(*_TURN).where(TurnRow.conversation_id == _OF_IT).order_by(TurnRow.position)
_DOCUMENT_KEYS = select(Document.id, Document.created).where(Document.conversation_id == _OF_IT)
_DOCUMENT_KEYS = _DOCUMENT_KEYS.order_by(Document.id)
_CLAIM = update(Conversation).where(Conversation.id == _OF_IT, Conversation.version == bindparam("read"))
_CLAIM = _CLAIM.values({name: bindparam(name) for name in ("version", "updated", "title", "model_hash")})


class Store:
    """A place for conversations. Safe to use from several threads and processes."""

    def __init__(self, engine: Engine, place: str) -> None:
        self.engine, self.place = engine, place
        # A store in memory is one connection, which threads take in turns.
        alone = isinstance(engine.pool, StaticPool)
        self._lock: Any = threading.RLock() if alone else contextlib.nullcontext()
        # Threads that write stand in line. Left to SQLite, each looks again after a pause whether it may,
        # so that of many some never come to it in time; its own waiting is for other programs.
        self._turn: Any = threading.Lock() if engine.dialect.name == "sqlite" else contextlib.nullcontext()
        self._log = WriteAheadLog(engine, place)
        self._log.catch_up()  # an earlier program may have ended before it could

    def close(self) -> None:
        """Lets go of the database; a store in memory is gone."""
        with self._turn:
            self._log.catch_up()
        self.engine.dispose()

    def conversations(self, owner: str | None, search: str = "", limit: int = 500) -> list[ConversationInfo]:
        """An owner's conversations (None: everybody's), newest first; search: in titles and turns."""
        query = select(*_INFO).order_by(Conversation.updated.desc()).limit(limit)
        if owner is not None:
            query = query.where(Conversation.owner == owner)
        if wanted := search.strip():
            said = exists().where(
                TurnRow.conversation_id == Conversation.id, TurnRow.text.icontains(wanted, autoescape=True)
            )
            query = query.where(or_(Conversation.title.icontains(wanted, autoescape=True), said))
        with self._reading() as connection:
            return [_info(row) for row in connection.execute(query)]

    def info(self, owner: str | None, conversation: str) -> ConversationInfo:
        """One conversation of an owner (None: whoever's). Raises NotThere, also where it is another's."""
        with self._reading() as connection:
            return _found(connection, owner, conversation)

    def whole(self, owner: str | None, conversation: str) -> tuple[ConversationInfo, list[StoredTurn]]:
        """A conversation of an owner with its turns, as they stand at one moment. Raises as `info`."""
        with self._reading() as connection:
            return _found(connection, owner, conversation), _turns(connection, conversation)

    def turns(self, conversation: str) -> list[StoredTurn]:
        """All turns, in order."""
        with self._reading() as connection:
            return _turns(connection, conversation)

    def create(self, owner: str, title: str, model_hash: str) -> ConversationInfo:
        """A new, empty conversation."""
        now = time.time()
        info = ConversationInfo(secrets.token_hex(16), owner, title, model_hash, 1, now, now)
        with self._writing() as connection:
            connection.execute(insert(Conversation), vars(info))
        return info

    def write(
        self,
        info: ConversationInfo,
        add: Sequence[StoredTurn] = (),
        remove: Collection[int] = (),
        changed: Mapping[int, StoredTurn] | None = None,
        title: str | None = None,
        model_hash: str | None = None,
    ) -> ConversationInfo:
        """Adds, removes and changes turns, by position, and raises the version; the new info.

        Snapshots from the first turn removed or changed on are deleted. Raises StoreConflict.
        """
        changed = changed or {}
        after = replace(
            info,
            version=info.version + 1,
            updated=time.time(),
            title=info.title if title is None else title,
            model_hash=model_hash or info.model_hash,
        )
        touched = [*remove, *changed]
        with self._writing(deleting=bool(touched)) as connection:
            self._claim(connection, info, after)
            of_it = TurnRow.conversation_id == info.id
            if touched:
                first = min(touched)
                stale = Snapshot.conversation_id == info.id, Snapshot.position >= first
                connection.execute(delete(Snapshot).where(*stale))
                connection.execute(delete(TurnRow).where(of_it, TurnRow.position.in_(touched)))
            if after.model_hash != info.model_hash:
                connection.execute(delete(Snapshot).where(Snapshot.conversation_id == info.id))
            if rows := [_row(info.id, turn) for turn in (*changed.values(), *add)]:
                connection.execute(insert(TurnRow), rows)
        return after

    def delete(self, info: ConversationInfo) -> None:
        """Really deletes a conversation: its pages are overwritten, and the log that held them is emptied."""
        with self._writing(deleting=True) as connection:
            for table in (TurnRow, Snapshot, Document):
                connection.execute(delete(table).where(table.conversation_id == info.id))
            connection.execute(delete(Conversation).where(Conversation.id == info.id))

    def keep_snapshot(self, info: ConversationInfo, position: int, model_hash: str, state: bytes) -> None:
        """Keeps the state after a turn; of the older ones the most crowded goes when there are too many."""
        with self._writing() as connection:
            version = connection.scalar(select(Conversation.version).where(Conversation.id == info.id))
            if version != info.version:
                return  # it is the state of something that has changed since
            of_it = Snapshot.conversation_id == info.id
            connection.execute(delete(Snapshot).where(of_it, Snapshot.position == position))
            values = {"position": position, "model_hash": model_hash, "state": state}
            connection.execute(insert(Snapshot), {"conversation_id": info.id, **values})
            places = list(connection.scalars(select(Snapshot.position).where(of_it)))
            if leaving := too_many(places):
                connection.execute(delete(Snapshot).where(of_it, Snapshot.position.in_(leaving)))

    def snapshot(self, conversation: str, before: int, model_hash: str) -> tuple[int, bytes] | None:
        """The newest state of this model after a turn with a position below `before`."""
        query = (
            select(Snapshot.position, Snapshot.state)
            .where(
                Snapshot.conversation_id == conversation,
                Snapshot.position < before,
                Snapshot.model_hash == model_hash,
            )
            .order_by(Snapshot.position.desc())
            .limit(1)
        )
        with self._reading() as connection:
            row = connection.execute(query).first()
            return (row.position, row.state) if row else None

    def size_of_snapshots(self, conversation: str) -> int:
        """Bytes that a conversation's states take."""
        query = select(func.coalesce(func.sum(func.length(Snapshot.state)), 0))
        with self._reading() as connection:
            return int(connection.scalar(query.where(Snapshot.conversation_id == conversation)) or 0)

    def add_document(self, info: ConversationInfo, name: str, text: str) -> ConversationInfo:
        """Attaches a text. Raises StoreConflict."""
        after = replace(info, version=info.version + 1, updated=time.time())
        with self._writing() as connection:
            self._claim(connection, info, after)
            values = {"name": name, "text": text, "created": time.time()}
            connection.execute(insert(Document), {"conversation_id": info.id, **values})
        return after

    def remove_document(self, info: ConversationInfo, document: int) -> ConversationInfo:
        """Deletes an attached text, really. Raises StoreConflict."""
        after = replace(info, version=info.version + 1, updated=time.time())
        with self._writing(deleting=True) as connection:
            self._claim(connection, info, after)
            of_it = Document.conversation_id == info.id, Document.id == document
            connection.execute(delete(Document).where(*of_it))
        return after

    def documents(self, conversation: str) -> list[DocumentInfo]:
        """The texts attached to a conversation, in order."""
        columns = Document.id, Document.name, Document.text, Document.created
        query = select(*columns).where(Document.conversation_id == conversation).order_by(Document.id)
        with self._reading() as connection:
            return [DocumentInfo(*row) for row in connection.execute(query)]

    def document_keys(self, conversation: str) -> tuple[tuple[int, float], ...]:
        """What tells the texts attached to a conversation from any before, in order, without reading them.

        A number alone does not: SQLite gives that of a removed text to the next.
        """
        with self._reading() as connection:
            found = connection.execute(_DOCUMENT_KEYS, {"conversation": conversation})
            return tuple((number, created) for number, created in found)

    def _claim(self, connection: Connection, info: ConversationInfo, after: ConversationInfo) -> None:
        """Raises the version, if it is still the one that was read."""
        values = {name: getattr(after, name) for name in ("version", "updated", "title", "model_hash")}
        asked = {"conversation": info.id, "read": info.version, **values}
        if connection.execute(_CLAIM, asked).rowcount == 1:
            return
        raise StoreConflict(
            "this conversation was changed in another window or program. Nothing was lost: look at the "
            "newest turns, and send your message again"
        )

    @contextlib.contextmanager
    def _reading(self) -> Iterator[Connection]:
        with self._lock, explained(self.place), self.engine.connect() as connection:
            yield connection

    @contextlib.contextmanager
    def _writing(self, deleting: bool = False) -> Iterator[Connection]:
        """A transaction that writes; after one that deletes, the log is emptied, too."""
        engine = self.engine.execution_options(writing=True)
        with self._lock, self._turn:
            with explained(self.place), engine.begin() as connection:
                yield connection
            if deleting:
                self._log.empty()
            else:
                self._log.catch_up()


def too_many(positions: Iterable[int], most: int = MOST_SNAPSHOTS) -> list[int]:
    """The positions to let go: the newest stay close together, the older ones ever further apart."""
    kept = sorted(positions)
    gone = []
    while len(kept) > most:
        newest = kept[-1]
        edges = [-1, *kept]  # the empty state before the first turn is always there
        crowded = min(range(len(kept) - 1), key=lambda i: (kept[i + 1] - edges[i]) / (newest - kept[i] + 1))
        gone.append(kept.pop(crowded))
    return gone


def _info(row: Any) -> ConversationInfo:
    return ConversationInfo(*row)


def _found(connection: Connection, owner: str | None, conversation: str) -> ConversationInfo:
    row = connection.execute(_ONE, {"conversation": conversation}).first()
    if row is None or owner not in (None, row.owner):
        raise NotThere("there is no such conversation here (any more): choose another or begin one")
    return _info(row)


def _turns(connection: Connection, conversation: str) -> list[StoredTurn]:
    rows = connection.execute(_ALL_TURNS, {"conversation": conversation})
    return [
        StoredTurn(position, speaker, text, Noted(about), created)
        for position, speaker, text, about, created in rows
    ]


def _row(conversation: str, turn: StoredTurn) -> dict[str, Any]:
    return {
        "conversation_id": conversation,
        "position": turn.position,
        "speaker": turn.speaker,
        "text": turn.text,
        "about": json.dumps(dict(turn.about), ensure_ascii=False),
        "created": turn.created or time.time(),
    }
