"""Where conversations are kept: turns, snapshots of the bot's state, and documents. No torch.

`open_store` opens one (a SQLite file by default); `Store` does the reading and writing, each change a
transaction of its own that is on the disk when the call returns.
"""

from chat.store.database import default_place, open_store
from chat.store.errors import NotThere, StoreConflict, StoreError
from chat.store.records import ConversationInfo, DocumentInfo, StoredTurn
from chat.store.store import Store

__all__ = [
    "ConversationInfo",
    "DocumentInfo",
    "NotThere",
    "Store",
    "StoreConflict",
    "StoreError",
    "StoredTurn",
    "default_place",
    "open_store",
]
