"""Files that only pass through: what is uploaded to be translated, and the translation until it is fetched.

They lie in a folder of this process alone. Old ones go while the app runs, and the folder when it ends.
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

HOURS = 2  # for which a file may stay
_EVERY = 10 * 60  # seconds
# What gr.Blocks takes: seconds between two looks, and the age from which a file goes.
DELETE = (_EVERY, HOURS * 3600 - _EVERY)


def own_folder() -> Path:
    """Makes the folder, for this user alone, and tells Gradio. To be called before a page is built."""
    folder = Path(tempfile.mkdtemp(prefix="longshort-"))
    os.environ["GRADIO_TEMP_DIR"] = str(folder)
    return folder


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
