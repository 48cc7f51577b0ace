"""Writing files so that a crash, a kill or a full disk never leaves half of one behind.

A file is written under a temporary name in the same folder, flushed to the disk, and only then renamed
over the old one; renaming is atomic on every system the project runs on.
"""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FULL_DISK = {errno.ENOSPC, errno.EDQUOT}


@contextmanager
def explain_full_disk(path: Path) -> Iterator[None]:
    """Turns the system's "No space left" into a message that says what was kept and what to do.

    Raises: OSError with the same errno, so that callers can still tell a full disk from other faults.
    """
    try:
        yield
    except OSError as error:
        if error.errno not in FULL_DISK:
            raise
        message = (
            f"the disk is full while writing {path}: nothing that existed was changed. "
            f"Free some space there or choose another output folder, then run the same command again"
        )
        raise OSError(error.errno, message) from error


def write_atomic(path: str | Path, data: bytes) -> None:
    """Writes `data` to `path`, or leaves what stood there as it was.

    Raises: OSError (a full disk is explained; see `explain_full_disk`).
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with explain_full_disk(path):
            with open(temporary, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def sha256_bytes(data: bytes) -> str:
    """SHA-256 of `data` in lower-case hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def sha256_file(path: str | Path) -> str:
    """SHA-256 of a file in lower-case hexadecimal, read in blocks."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
