"""Files and folders are replaced as a whole or not at all."""

import errno
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lstm_models import files


def _full_disk(*_: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def _names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_writes_and_replaces(tmp_path: Path) -> None:
    path = tmp_path / "made" / "on the way" / "a.txt"
    files.write_text(path, "grün\n")
    files.write_text(path, "rot\n")
    assert path.read_bytes() == b"rot\n"
    assert _names(path.parent) == {"a.txt"}
    assert files.sha256_file(path) == files.sha256_bytes(b"rot\n")


def test_json_is_readable_and_ordered(tmp_path: Path) -> None:
    files.write_json(tmp_path / "a.json", {"b": "é", "a": [1]})
    assert (tmp_path / "a.json").read_text("utf-8") == '{\n  "b": "é",\n  "a": [\n    1\n  ]\n}\n'


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_full_disk_keeps_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str) -> None:
    path = tmp_path / "a.txt"
    files.write_text(path, "old")
    monkeypatch.setattr(files.os, call, _full_disk)
    with pytest.raises(
        OSError, match=r"a\.txt: the disk is full.*Nothing that existed was changed.*free"
    ) as raised:
        files.write_text(path, "new")
    assert raised.value.errno == errno.ENOSPC
    assert path.read_text() == "old"
    assert _names(tmp_path) == {"a.txt"}


def test_a_really_full_device() -> None:
    if not Path("/dev/full").exists():
        pytest.skip("only Linux has a device that is always full")
    with pytest.raises(OSError, match="full") as raised, open("/dev/full", "wb", buffering=0) as file:
        try:
            file.write(b"x")
        except OSError as error:
            raise files._explained(error, Path("/dev/full")) from error
    assert raised.value.errno == errno.ENOSPC


def test_a_link_keeps_pointing_at_the_file(tmp_path: Path) -> None:
    files.write_text(tmp_path / "real.txt", "old")
    (tmp_path / "link.txt").symlink_to(tmp_path / "real.txt")
    files.write_text(tmp_path / "link.txt", "new")
    assert (tmp_path / "link.txt").is_symlink()
    assert (tmp_path / "real.txt").read_text() == "new"


def test_leftovers_of_killed_processes_go_when_they_are_old(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as killed:
        pass
    names = (f".a[1].{killed.pid}-ff.tmp", f".a[1].{killed.pid}-fe.tmp", f".b.{killed.pid}-ff.tmp")
    old, fresh, other = (tmp_path / name for name in names)
    for left in (old, fresh, other):
        left.write_text("half")
    os.utime(old, times=(time.time() - 2 * files.STALE_SECONDS,) * 2)
    os.utime(other, times=(time.time() - 2 * files.STALE_SECONDS,) * 2)
    files.write_text(tmp_path / "a[1]", "whole")
    assert _names(tmp_path) == {"a[1]", fresh.name, other.name}


def test_what_a_living_process_writes_stays_however_long_it_takes(tmp_path: Path) -> None:
    with files.replace_folder(tmp_path / "data") as first:
        os.utime(first, times=(time.time() - 2 * files.STALE_SECONDS,) * 2)
        _fill(tmp_path / "data", "second")
        (first / "first.txt").write_text("first")
    assert _names(tmp_path) == {"data"} and _names(tmp_path / "data") == {"first.txt"}


def test_a_place_that_cannot_be_written_is_told_before(tmp_path: Path) -> None:
    files.try_folder(tmp_path / "made" / "now", "--output")
    assert _names(tmp_path / "made" / "now") == set()
    (tmp_path / "file").write_text("a file")
    for place in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(ValueError, match=r"--output .*/file.*: .*; give a folder that files can be"):
            files.try_folder(place, "--output")


def test_a_file_where_a_folder_is_needed(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("a file")
    with pytest.raises(OSError, match=r"cannot write .*choose another place"):
        files.write_text(tmp_path / "a" / "b.txt", "x")
    with pytest.raises(OSError, match="File exists") as raised:
        files.write_text(tmp_path / "a" / "b.txt", "x")
    assert "free some space" not in str(raised.value)


def _fill(folder: Path, text: str) -> None:
    with files.replace_folder(folder) as new:
        (new / "sub").mkdir()
        (new / "sub" / f"{text}.txt").write_text(text)


@pytest.mark.parametrize("exchange", [True, False])
def test_a_folder_is_replaced_as_a_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, exchange: bool
) -> None:
    if not exchange:
        monkeypatch.setattr(files, "_exchange", lambda *_: False)
    _fill(tmp_path / "run", "old")
    _fill(tmp_path / "run", "new")
    assert _names(tmp_path) == {"run"}
    assert _names(tmp_path / "run" / "sub") == {"new.txt"}


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError(errno.ENOSPC, "No space left"), ValueError])
def test_a_folder_that_fails_leaves_the_old_one(tmp_path: Path, error: type[BaseException]) -> None:
    _fill(tmp_path / "run", "old")
    with pytest.raises(BaseException) as raised, files.replace_folder(tmp_path / "run") as new:
        (new / "half.txt").write_text("half")
        raise error
    assert isinstance(raised.value, error if isinstance(error, type) else OSError)
    assert _names(tmp_path) == {"run"}
    assert _names(tmp_path / "run" / "sub") == {"old.txt"}


def test_an_error_of_another_place_keeps_its_name(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as raised, files.replace_folder(tmp_path / "run"):
        (tmp_path / "none.txt").read_bytes()
    assert raised.value.filename == str(tmp_path / "none.txt") and not _names(tmp_path)
    with (
        pytest.raises(OSError, match=r"cannot write .*/run: No such file.*choose another place"),
        files.replace_folder(tmp_path / "run") as new,
    ):
        (new / "none" / "a.txt").write_text("a")


def test_a_rename_that_fails_puts_the_old_folder_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _fill(tmp_path / "run", "old")
    monkeypatch.setattr(files, "_exchange", lambda *_: False)
    real, calls = os.rename, []

    def second_fails(source: Path, target: Path) -> None:
        calls.append(source)
        _full_disk() if len(calls) == 2 else real(source, target)

    monkeypatch.setattr(files.os, "rename", second_fails)
    with pytest.raises(OSError, match="the disk is full"):
        _fill(tmp_path / "run", "new")
    assert _names(tmp_path / "run" / "sub") == {"old.txt"}


def test_a_killed_process_leaves_the_old_file(tmp_path: Path) -> None:
    files.write_text(tmp_path / "a.txt", "old")
    program = (
        "import os, signal, sys; from lstm_models import files\n"
        "files.os.fsync = lambda _: os.kill(os.getpid(), signal.SIGKILL)\n"
        "files.write_text(sys.argv[1], 'new')"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, tmp_path / "a.txt"], cwd=Path(files.__file__).parents[1]
    )
    assert done.returncode < 0
    assert (tmp_path / "a.txt").read_text() == "old"
    files.write_text(tmp_path / "a.txt", "newer")
    assert (tmp_path / "a.txt").read_text() == "newer"
