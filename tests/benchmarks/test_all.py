"""One table of everything: a part that fails or dies is named with its reason, the others are measured."""

import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from benchmarks.all import PARTS, Part, apart, chosen, heading, main, run
from benchmarks.table import Row

# A program with rows, as the parts are; what it is told says how it ends.
MADE_UP = """
import os
from benchmarks.table import Row

def rows(arguments):
    if "die" in arguments:
        os._exit(3)
    return [Row(*arguments)]
"""


@dataclass(frozen=True)
class MadeUp(Part):
    @property
    def module(self) -> str:
        return "made_up_benchmark"


def test_what_fails_does_not_stop_the_rest(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    seen = []

    def measure(part: Part) -> list[Row]:
        seen.append(part.name)
        if part.name == "b":
            raise ValueError("no peer | here")
        if part.name == "c":
            raise SystemExit(2)
        return [Row(f"figure of {part.name}", "1 ms"), Row("another", "2 ms")]

    to = tmp_path / "new" / "bench.md"
    failed = run([Part(name) for name in "abcd"], to, "# Heading\n", measure)
    assert seen == list("abcd") and [part.name for part in failed] == ["b", "c"]
    lines = to.read_text().splitlines()
    assert lines[0] == "# Heading" and len(lines) == 4 + 2 + 1 + 1 + 2
    assert "| b | not measured: no peer \\| here |" in lines[6] and "`python -m benchmarks.b`" in lines[6]
    assert "SystemExit: 2" in lines[7] and "figure of d" in lines[8]
    told = capsys.readouterr()
    assert told.out == to.read_text() and "part 4 of 4: python -m benchmarks.d" in told.err


def test_the_file_grows_with_the_parts(tmp_path: Path) -> None:
    to, lengths = tmp_path / "bench.md", []

    def measure(part: Part) -> list[Row]:
        lengths.append(len(to.read_text().splitlines()) if to.exists() else 0)
        return [Row(part.name, "1")]

    run([Part("a"), Part("b"), Part("c")], to, "# Heading", measure)
    assert lengths == [0, 4, 5]


def test_a_part_runs_apart_and_may_die(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "made_up_benchmark.py").write_text(MADE_UP)
    monkeypatch.syspath_prepend(str(tmp_path))
    dies, works = MadeUp("x", ("die",)), MadeUp("y", ("what", "3 ms"))
    assert run([dies, works], tmp_path / "bench.md", "#", apart) == [dies]
    written = (tmp_path / "bench.md").read_text()
    assert "| x | not measured: BrokenProcessPool" in written and "| what | 3 ms |" in written
    assert "made_up_benchmark" not in sys.modules, "it ran in another process"


def test_the_command_says_whether_all_was_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def found(part: Part) -> list[Row]:
        if part.name == "load":
            raise RuntimeError("the app ended with 1 instead of starting")
        return [Row(part.name, "1")]

    monkeypatch.setattr("benchmarks.all.apart", found)
    to = tmp_path / "bench.md"
    assert main(["--quick", "--to", str(to), "--only", "roofline"]) == 0
    assert "roofline --rounds 1`" in to.read_text() and "load" not in to.read_text().split("| --- ")[-1]
    assert main(["--to", str(to)]) == 1
    assert "not measured: RuntimeError: the app ended" in to.read_text()


def test_parts_are_chosen_by_name() -> None:
    assert chosen([]) == list(PARTS)
    (part,) = chosen(["training_speed"], quick=True, data=Path("data/own"))
    assert part.command.endswith("--data data/own") and "--rounds 2" in part.command
    assert all("--data" not in one.arguments for one in chosen(["load", "footprint"], data=Path("x")))


def test_the_heading_names_machine_and_versions() -> None:
    text = heading()
    assert "cores" in text and "numpy 2" in text and "Longshort " in text
