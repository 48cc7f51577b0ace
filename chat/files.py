"""Reading a file that somebody named, no larger than it may be. No torch."""

from __future__ import annotations

from pathlib import Path


def read_file(path: Path, largest: int) -> bytes:
    """The file's bytes. Raises ValueError where it is too large, OSError where it cannot be read."""
    size = path.stat().st_size
    if size > largest:
        raise ValueError(
            f"{path.name} has {size / 2**20:.0f} MB: up to {largest >> 20} MB can be read; take a part of it"
        )
    return path.read_bytes()
