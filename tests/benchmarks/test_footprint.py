"""Made-up packages: what is needed is followed to its end, and every file that stays counts once."""

from importlib.metadata import Distribution, PackageNotFoundError
from pathlib import Path

import pytest

from benchmarks.footprint import REMOVED, base_requirements, needed, size_of, start_rows
from benchmarks.server import Start


class Installed:
    """A folder of packages, made of nothing but files and what they ask for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def add(self, name: str, files: dict[str, int], requires: tuple[str, ...] = ()) -> None:
        """files: their sizes in bytes."""
        info = self.folder / f"{name}-1.0.dist-info"
        info.mkdir()
        asks = "".join(f"Requires-Dist: {text}\n" for text in requires)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n{asks}")
        for path, size in files.items():
            (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / path).write_bytes(b"x" * size)
        (info / "RECORD").write_text("".join(f"{path},,\n" for path in files))

    def find(self, name: str) -> Distribution:
        for one in Distribution.discover(name=name, path=[str(self.folder)]):
            return one
        raise PackageNotFoundError(name)


@pytest.fixture
def installed(tmp_path: Path) -> Installed:
    return Installed(tmp_path)


def test_requirements_are_followed_to_their_end(installed: Installed) -> None:
    elsewhere = 'windows-only; sys_platform == "an unknown one"'
    fast, slow = 'Fast.Part; extra == "fast"', 'slow-part; extra == "slow"'
    installed.add("first", {"first.py": 10}, ("second[fast]>=1", elsewhere))
    installed.add("second", {"second.py": 20}, ("first", fast, slow))
    installed.add("fast_part", {"fast.py": 30})
    installed.add("training", {"training.py": 1000})
    found = needed(["first>=0.5"], installed.find)
    assert set(found) == {"first", "second", "fast-part"}
    assert size_of(found.values()).held == 60


def test_an_extra_that_is_asked_for_later_is_followed_too(installed: Installed) -> None:
    installed.add("one", {}, ("two", "three"))
    installed.add("two", {}, ('four; extra == "more"',))
    installed.add("three", {}, ("two[more]",))
    installed.add("four", {})
    assert "four" in needed(["one"], installed.find)


def test_files_count_once_and_compiled_or_removed_ones_not_at_all(installed: Installed) -> None:
    removed = (REMOVED[0] / "test_it.py").as_posix()
    shared = {"common/shared.py": 5}
    installed.add("a", {"a.py": 7, "__pycache__/a.cpython-311.pyc": 100, removed: 100, **shared})
    installed.add("b", {"common/x/../shared.py": 5, "common/x/b.py": 1})
    (installed.folder / "a-1.0.dist-info" / "RECORD").open("a").write("gone.py,,\n")
    size = size_of([installed.find("a"), installed.find("b")])
    assert size.held == 13 and size.on_disk >= size.held


def test_what_is_missing_is_named_with_what_asks_for_it(installed: Installed) -> None:
    installed.add("first", {}, ("second",))
    with pytest.raises(ValueError, match=r"second, which first asks for, is not installed.*make app"):
        needed(["first"], installed.find)


def test_the_tests_left_out_are_those_that_make_app_removes() -> None:
    recipe = (Path(__file__).parents[2] / "Makefile").read_text()
    names = ",".join(path.parent.as_posix() for path in REMOVED)
    assert f"site-packages/{{{names}}}/tests" in recipe and all(path.name == "tests" for path in REMOVED)


def test_the_project_needs_no_training_packages() -> None:
    names = " ".join(base_requirements())
    assert "onnxruntime" in names and "torch" not in names


def test_the_first_start_stands_apart() -> None:
    rows = list(start_rows([Start(9, 8), Start(4, 3), Start(5, 4), Start(6, 5)]))
    assert [row.ours for row in rows] == [
        "9.0 s, 8.0 s of CPU",
        "5.0 s (4.0 to 6.0), 4.0 s of CPU (3.0 to 5.0)",
    ]
    assert len(list(start_rows([Start(9, 8)]))) == 1 and not list(start_rows([]))
