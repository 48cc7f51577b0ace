"""Files that only pass through: what is uploaded to be translated, and the translation until it is fetched.

They lie in a folder of this process alone. Old ones go while the app runs, and the folder when it ends. What
a process left that was killed goes when the next one starts: a lock in each folder says whether its process
lives.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from filelock import FileLock, Timeout

HOURS = 2  # for which a file may stay
_EVERY = 10 * 60  # seconds
# What gr.Blocks takes: seconds between two looks, and the age from which a file goes.
DELETE = (_EVERY, HOURS * 3600 - _EVERY)


_BEGINNING, _UNFINISHED, _LOCK = "longshort-", "new-longshort-", "in-use.lock"
_held: list[FileLock] = []  # until the process ends, however it ends


def own_folder() -> Path:
    """Makes the folder, for this user alone, and tells Gradio. To be called before a page is built."""
    remove_left_behind()
    made = Path(tempfile.mkdtemp(prefix=_UNFINISHED))
    lock = FileLock(made / _LOCK)
    lock.acquire()
    # The lock goes with the folder: under its own name nobody ever meets it unlocked while it is used.
    folder = made.rename(made.with_name(made.name.replace(_UNFINISHED, _BEGINNING, 1)))
    _held.append(lock)
    os.environ["GRADIO_TEMP_DIR"] = str(folder)
    return folder


def remove_left_behind() -> None:
    """Removes the folders of processes that were killed; those of living ones stay."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_BEGINNING}*"):
        path = folder / _LOCK
        try:
            # Locking would make the file: a folder without one, or somebody else's, is none of ours.
            if folder.is_symlink() or not path.is_file() or folder.stat().st_uid != os.getuid():
                continue
            with FileLock(path, timeout=0):
                shutil.rmtree(folder, ignore_errors=True)
        except (Timeout, OSError):
            continue


def remove_at_end(server: FastAPI, folder: Path) -> None:
    """Has the folder removed when the application ends."""
    before = server.router.lifespan_context

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[Any]:
        try:
            async with before(app) as state:
                yield state
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    server.router.lifespan_context = lifespan
