"""Memory that nobody uses any more goes back to the system, so that a server's size stays as it is.

Left alone, the C library keeps what was freed: of every thread apart, and the more the larger it was. Only
glibc (Linux) is told anything; elsewhere nothing happens.
"""

from __future__ import annotations

import ctypes
import platform
import threading
from typing import Any

EVERY = 5.0  # seconds
# mallopt's names for what it is told, and the values.
_SETTINGS = {
    -8: 2,  # M_ARENA_MAX: heaps that threads share; by default every thread would get one of its own
    -3: 2**18,  # M_MMAP_THRESHOLD, bytes: what is larger goes back at once (default: rises to 32 MB)
    -1: 4 * 2**20,  # M_TRIM_THRESHOLD, bytes free at a heap's end that go back
}


def spare() -> bool:
    """Has little kept of what is freed from now on. To be called before threads are made.

    Returns whether the C library was told.
    """
    library = _glibc()
    return library is not None and all(library.mallopt(name, value) for name, value in _SETTINGS.items())


def give_back() -> bool:
    """Gives back what is free now, wherever it lies; returns whether the C library could be asked to.

    It takes some milliseconds, in which other threads go on.
    """
    library = _glibc()
    if library is not None:
        library.malloc_trim(0)
    return library is not None


def keep_giving_back(every: float = EVERY) -> None:
    """Gives back now and again every so many seconds, in a thread that ends with the program."""
    if give_back():
        threading.Thread(target=_keep_giving_back, args=(every,), name="memory", daemon=True).start()


def _keep_giving_back(every: float) -> None:
    pause = threading.Event()
    while not pause.wait(every):
        give_back()


def _glibc() -> Any:
    return ctypes.CDLL("libc.so.6") if platform.libc_ver()[0] == "glibc" else None
