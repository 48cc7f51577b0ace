"""Records in a file: of changes that are made at once none is lost, and what is damaged is said."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from lstm_models.records import Damaged, Records


@dataclass(frozen=True)
class Mark:
    """A record."""

    number: int


def _mark(record: dict[str, Any]) -> Mark:
    return Mark(int(record["number"]))


def marks(path: Path) -> Records[Mark]:
    return Records(path, "marks", "marks", _mark)


def test_changes_at_once_are_all_kept(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "marks.json"

    def add(number: int) -> None:
        with marks(path).changing() as found:
            found.append(Mark(number))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add, range(16)))
    assert sorted(mark.number for mark in marks(path).all()) == list(range(16))
    assert {one.name: one.stat().st_mode & 0o777 for one in path.parent.iterdir()} == {
        "marks.json": 0o600,
        ".marks.json.lock": 0o600,
    }


def test_a_link_is_changed_where_it_leads(tmp_path: Path) -> None:
    (tmp_path / "link.json").symlink_to(tmp_path / "marks.json")
    for name in ("link.json", "marks.json"):
        with marks(tmp_path / name).changing() as found:
            found.append(Mark(len(found)))
    assert marks(tmp_path / "link.json").all() == [Mark(0), Mark(1)]
    assert not (tmp_path / ".link.json.lock").exists()


def test_a_change_that_fails_changes_nothing(tmp_path: Path) -> None:
    kept = marks(tmp_path / "marks.json")
    with kept.changing() as found:
        found.append(Mark(1))
    with pytest.raises(KeyError), kept.changing() as found:
        found.clear()
        raise KeyError
    assert kept.all() == [Mark(1)]
    kept.path.write_text("{")
    with pytest.raises(Damaged, match=r"marks\.json is no file of marks .*mend it, or move it away"):
        kept.all()


def test_a_folder_that_cannot_be_written_is_named_with_its_option(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    kept = marks(tmp_path / "folder" / "marks.json")
    (tmp_path / "folder").symlink_to(tmp_path / "file")
    with pytest.raises(ValueError, match="--marks .*give a folder"), kept.changing():
        pass
