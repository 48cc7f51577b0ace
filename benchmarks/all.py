"""Every speed, cost and size that has a peer or a limit, in one table; what cannot be measured says why.

    python -m benchmarks.all                           # what `make bench` does, 10 minutes on two quiet cores
    python -m benchmarks.all --quick                   # a short run, to see that all parts work
    python -m benchmarks.all --only training_speed footprint
    python -m benchmarks.all --data data/translate     # training on batches of prepared data, not random ones

Each part runs in a process of its own, so that none finds what another left in memory, and one that fails or
dies leaves the others alone. The file is written anew after each part. Exit code 1 where a part failed.
"""

from __future__ import annotations

import argparse
import importlib
import multiprocessing
import os
import platform
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from benchmarks.table import Row, head, line

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("onnxruntime", "ctranslate2", "numpy", "torch", "joeynmt")


@dataclass(frozen=True)
class Part:
    """A program of benchmarks/ whose `rows` take its command line. quick: arguments of a short run."""

    name: str
    arguments: tuple[str, ...] = ()
    quick: tuple[str, ...] = ()

    @property
    def module(self) -> str:
        """Of the program."""
        return f"benchmarks.{self.name}"

    @property
    def command(self) -> str:
        """What measures the same rows, in the program's own form."""
        return " ".join(("python -m", self.module, *self.arguments))


PARTS = (
    Part("footprint", (), ("--starts", "2")),
    Part("engine_speed", (), ("--rounds", "1")),
    Part("roofline", (), ("--rounds", "1")),
    Part("chat_cost", (), ("--rounds", "3", "--turns", "10", "100")),
    Part("training_speed", (), ("--rounds", "2", "--rows", "16")),
    Part("load", ("--rounds", "3", "--seconds", "20"), ("--clients", "8", "--seconds", "4")),
)
Measure = Callable[[Part], list[Row]]


def rows_of(part: Part) -> list[Row]:
    """The rows of a part, measured in this process."""
    return list(importlib.import_module(part.module).rows(part.arguments))


def apart(part: Part) -> list[Row]:
    """The same in a process of its own. Raises what it raised, or BrokenProcessPool where it died."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as process:
        return process.submit(rows_of, part).result()


def run(parts: Sequence[Part], to: Path, heading: str, measure: Measure) -> list[Part]:
    """Measures all parts, prints the table as it grows and writes it to a file; returns those that failed."""
    written, failed = [heading, head()], []
    to.parent.mkdir(parents=True, exist_ok=True)
    print(heading, head(), sep="\n", flush=True)
    for number, part in enumerate(parts, 1):
        _tell(f"part {number} of {len(parts)}: {part.command}")
        began = time.monotonic()
        try:
            found = measure(part)
        except (Exception, SystemExit) as error:  # a wrong command line ends in SystemExit
            failed.append(part)
            found = [Row(part.name, f"not measured: {_reason(error)}")]
        _tell(f"    {time.monotonic() - began:.0f} s")
        lines = [line(row, part.command) for row in found]
        for text in lines:
            print(text, flush=True)
        written += lines
        to.write_text("\n".join(written) + "\n", encoding="utf-8")
    return failed


def _tell(text: str) -> None:
    """Beside the table, which may be piped."""
    print(text, file=sys.stderr, flush=True)


def _reason(error: BaseException) -> str:
    return f"{error}" if isinstance(error, ValueError) else f"{type(error).__name__}: {error}"


def heading() -> str:
    """The machine, how busy it is, and the versions: what the figures below hold for."""
    versions = {"Python": platform.python_version(), **{name: _version(name) for name in PACKAGES}}
    versions["Longshort"] = _commit()
    listed = ", ".join(f"{name} {found}" for name, found in versions.items())
    busy = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"
    return (
        f"# Benchmarks, {date.today()}\n\n"
        f"Machine: {_processor()}, {os.cpu_count()} cores, {_memory()} of memory, {platform.system()}; "
        f"load average {busy} at the start.\n\nVersions: {listed}.\n"
    )


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def _commit() -> str:
    """Of the sources, and whether they differ from it."""
    command = ["git", "describe", "--always", "--dirty", "--exclude", "*"]
    try:
        told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    except OSError:  # no git on this machine
        return _version("longshort")
    return told.stdout.strip() or _version("longshort")


def _processor() -> str:
    return _said_in("/proc/cpuinfo", r"model name\s*:\s*(.+)") or platform.processor() or platform.machine()


def _memory() -> str:
    kilobytes = _said_in("/proc/meminfo", r"MemTotal:\s*(\d+)")
    return f"{int(kilobytes) / 2**20:.0f} GiB" if kilobytes else "unknown size"


def _said_in(file: str, pattern: str) -> str:
    """What the first group of a pattern finds in a file; nothing where there is no such file or text."""
    try:
        found = re.search(pattern, Path(file).read_text())
    except OSError:
        return ""
    return found[1].strip() if found else ""


def chosen(only: Iterable[str], quick: bool = False, data: Path | None = None) -> list[Part]:
    """The parts of these names, all without any. quick: short runs. data: what training takes batches of."""
    parts = [part for part in PARTS if part.name in set(only)] or list(PARTS)
    if quick:
        parts = [replace(part, arguments=part.quick) for part in parts]
    if data is not None:
        parts = [
            replace(part, arguments=(*part.arguments, "--data", str(data)))
            if part.name == "training_speed"
            else part
            for part in parts
        ]
    return parts


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures and writes the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--to", type=Path, default=ROOT / "runs" / "bench.md", help="the file to write")
    parser.add_argument("--quick", action="store_true", help="short runs, whose figures mean little")
    parser.add_argument("--only", nargs="+", default=[], choices=[part.name for part in PARTS])
    parser.add_argument("--data", type=Path, help="a prepared folder for the batches of training")
    options = parser.parse_args(arguments)
    failed = run(chosen(options.only, options.quick, options.data), options.to, heading(), apart)
    _tell(f"The table is in {options.to}.")
    if failed:
        _tell(f"Not measured, the table says why: {', '.join(part.name for part in failed)}")
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
