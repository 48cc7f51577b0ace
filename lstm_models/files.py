"""Writing files so that a full disk or a killed process leaves what existed intact.

Everything is written beside its destination, flushed to the disk, and only then renamed over it.
"""

import contextlib
import ctypes
import errno
import glob
import hashlib
import json
import os
import re
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

STALE_SECONDS = 3600  # a temporary this old was left by a process that was killed, if that lives no more
_OWNER = re.compile(r"\.(\d+)-[0-9a-f]+\.tmp$")  # the process that a temporary's name tells
FULL_DISK = {errno.ENOSPC, errno.EDQUOT}
AT_FDCWD, RENAME_EXCHANGE = -100, 2  # from Linux' <fcntl.h> and <linux/fs.h>


def write_atomic(path: str | Path, data: bytes) -> None:
    """Replaces the file at `path` by `data`, atomically.

    OSError, with the remedy in its message, leaves the file as it was.
    """
    path = Path(os.path.realpath(path))  # a link keeps pointing at the file that is replaced
    temporary = _temporary(path)
    try:
        _prepare(path)
        with open(temporary, "xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError as error:
        raise _explained(error, path) from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()
    _sync_folder(path.parent)


def try_folder(folder: str | Path, option: str) -> None:
    """Makes a folder and tries to write into it: what takes long asks before whether its result can be kept.

    Raises: ValueError with the option that gave the folder, or another name of it.
    """
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise ValueError(
            f"{option} {folder}: {error.strerror or error}; give a folder that files can be written into"
        ) from error


def write_text(path: str | Path, text: str) -> None:
    """As `write_atomic`, in UTF-8."""
    write_atomic(path, text.encode("utf-8"))


def write_json(path: str | Path, value: Any) -> None:
    """As `write_atomic`, for people to read: indented, keys in the order given."""
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def sha256_bytes(data: bytes) -> str:
    """The checksum of `data` as 64 hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def sha256_file(path: str | Path) -> str:
    """The checksum of a file as 64 hexadecimal digits."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextlib.contextmanager
def replace_folder(folder: str | Path) -> Iterator[Path]:
    """Yields an empty folder to fill; on leaving without an error it takes the place of `folder` as a whole.

    Whatever `folder` held is gone afterwards, so the caller checks first that it may go. An OSError of
    writing it has the remedy in its message; one that names another place stays as it is.
    """
    folder = Path(os.path.realpath(folder))
    temporary = _temporary(folder)
    try:
        _prepare(folder)
        temporary.mkdir()
        yield temporary
        for file in [*temporary.rglob("*"), temporary]:
            _sync_folder(file) if file.is_dir() else _sync_file(file)
        _swap_in(temporary, folder)
    except OSError as error:
        if not _is_of(error, folder, temporary):
            raise
        raise _explained(error, folder) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    _sync_folder(folder.parent)


def _swap_in(new: Path, folder: Path) -> None:
    """Afterwards `new` stands at `folder`; what stood there, if anything, stands at `new`."""
    if not folder.exists():
        os.rename(new, folder)
    elif not _exchange(new, folder):
        # Without an exchange there is an instant with no folder in place; the old one is never lost.
        old = folder.with_name(new.name + ".old")
        os.rename(folder, old)
        try:
            os.rename(new, folder)
        except OSError:
            os.rename(old, folder)
            raise
        os.rename(old, new)


def _exchange(first: Path, second: Path) -> bool:
    """Swaps two names in one step where the system can (Linux); False where it cannot."""
    renameat2 = getattr(ctypes.CDLL(None), "renameat2", None) if os.name == "posix" else None
    if renameat2 is None:
        return False
    names = os.fsencode(first), os.fsencode(second)
    return renameat2(AT_FDCWD, names[0], AT_FDCWD, names[1], RENAME_EXCHANGE) == 0


def _temporary(path: Path) -> Path:
    """A free name beside `path`: on the same disk, so that renaming is one step."""
    return path.with_name(f".{path.name}.{os.getpid()}-{secrets.token_hex(4)}.tmp")


def _prepare(path: Path) -> None:
    """Makes the parent folder of `path` and clears what killed processes left there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    for left in path.parent.glob(f".{glob.escape(path.name)}.*.tmp"):
        owner = _OWNER.search(left.name)
        with contextlib.suppress(OSError):
            old = time.time() - left.stat().st_mtime > STALE_SECONDS
            if old and owner and not _lives(int(owner[1])):
                shutil.rmtree(left) if left.is_dir() else left.unlink()


def _lives(process: int) -> bool:
    """Whether a process of this machine still runs; on Windows, where asking would end it, False."""
    if os.name != "posix":
        return False
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:  # it is another user's
        pass
    return True


def _sync_file(path: Path) -> None:
    with open(path, "rb") as file:
        os.fsync(file.fileno())


def _sync_folder(path: Path) -> None:
    """Makes a rename in the folder survive a power cut, where folders can be synced at all."""
    with contextlib.suppress(OSError):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _is_of(error: OSError, folder: Path, temporary: Path) -> bool:
    """Whether an error is of writing a folder: it names that, the way there, or nothing (a full disk)."""
    if error.filename is None or isinstance(error.filename, int):
        return True
    named = Path(os.path.realpath(os.fsdecode(error.filename)))
    return named.is_relative_to(temporary) or folder.is_relative_to(named)


def _explained(error: OSError, path: Path) -> OSError:
    """The same fault, with what was kept and what to do."""
    full = error.errno in FULL_DISK
    why = "the disk is full" if full else (error.strerror or str(error))
    remedy = f"{'free some space there or ' * full}choose another place, then run the same again"
    return OSError(error.errno, f"cannot write {path}: {why}. Nothing that existed was changed; {remedy}")
