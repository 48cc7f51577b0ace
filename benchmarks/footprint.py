"""How long the app takes to start, and how much its base install takes on the disk.

    python -m benchmarks.footprint                # 6 starts, under a minute on two quiet cores
    python -m benchmarks.footprint --starts 0     # the size alone

A start ends when the page has been sent. The first one stands apart: files may have to come from the disk,
and modules to be compiled. The size is that of all files of the packages that using Longshort needs and of
what those need in turn. Packages for training beside them do not count, nor do compiled modules, nor the
tests that `make app` removes.
"""

from __future__ import annotations

import argparse
import sys
import tomllib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from benchmarks.server import Start, started
from benchmarks.table import Row, head, line, spread

PROJECT = Path(__file__).resolve().parent.parent / "pyproject.toml"
REMOVED = (Path("pandas/tests"), Path("xarray/tests"))  # by `make app` (see the Makefile)
COMPILED = ".pyc"
BLOCK = 512  # bytes, of st_blocks


@dataclass(frozen=True)
class Size:
    """Bytes of the files, and bytes that they take on the disk."""

    held: int
    on_disk: int


def base_requirements(project: Path = PROJECT) -> list[str]:
    """What the project itself needs, without its extras."""
    return list(tomllib.loads(project.read_text(encoding="utf-8"))["project"]["dependencies"])


def needed(
    requirements: Iterable[str], find: Callable[[str], Distribution] = distribution
) -> dict[str, Distribution]:
    """The packages that are asked for and, in turn, what they ask for on this machine, by name.

    Raises: ValueError for one that is not installed.
    """
    waiting = [(Requirement(text), "pyproject.toml") for text in requirements]
    found: dict[str, Distribution] = {}
    seen: set[tuple[str, str]] = set()
    while waiting:
        wanted, by = waiting.pop()
        name = canonicalize_name(wanted.name)
        try:
            one = found[name] = found.get(name) or find(name)
        except PackageNotFoundError as error:
            raise ValueError(
                f"{wanted.name}, which {by} asks for, is not installed: `make app` sets everything up"
            ) from error
        for extra in {"", *wanted.extras}:
            if (name, extra) not in seen:
                seen.add((name, extra))
                waiting += [(other, name) for other in _asked_for(one, extra)]
    return found


def _asked_for(one: Distribution, extra: str) -> Iterator[Requirement]:
    for text in one.requires or []:
        other = Requirement(text)
        if other.marker is None or other.marker.evaluate({"extra": extra}):
            yield other


def size_of(packages: Iterable[Distribution]) -> Size:
    """Of their files, each counted once, even where two packages name it."""
    paths = {
        Path(str(one.locate_file(file))).resolve()
        for one in packages
        for file in one.files or []
        if file.suffix != COMPILED and not any(Path(file).is_relative_to(gone) for gone in REMOVED)
    }
    states = [path.stat() for path in paths if path.is_file()]
    return Size(sum(one.st_size for one in states), sum(BLOCK * one.st_blocks for one in states))


def start_rows(starts: Sequence[Start]) -> Iterator[Row]:
    """The first start, and the median of the others."""
    for name, some in (("first start", starts[:1]), (f"start, {len(starts) - 1} times", starts[1:])):
        if some:
            taken = spread([one.seconds for one in some], "s")
            cpu = spread([one.cpu for one in some], "s of CPU")
            yield Row(f"the app until its page is there, {name}", f"{taken}, {cpu}", wanted="at most 4 s")


def rows(arguments: Sequence[str]) -> list[Row]:
    """The table's rows: starts and size."""
    options = parse(arguments)
    packages = needed(base_requirements())
    size = size_of(packages.values())
    held = f"{size.held / 1e6:.0f} MB, {size.on_disk / 1e6:.0f} on the disk"
    installed = Row(f"base install, {len(packages)} packages", held, wanted="at most 400 MB")
    return [*start_rows([started() for _ in range(options.starts)]), installed]


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """The options; see --help."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--starts", type=int, default=6, help="of the app; default %(default)s")
    return parser.parse_args(arguments)


def main() -> None:
    """Prints a table."""
    print(head())
    for row in rows(sys.argv[1:]):
        print(line(row))


if __name__ == "__main__":
    main()
