"""The store: what it keeps, who may see it, two writers, and everything that can be wrong with a file."""

import logging
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import exc

from chat.store import ConversationInfo, NotThere, Store, StoreConflict, StoredTurn, StoreError, open_store
from chat.store.errors import explained
from chat.store.store import MOST_SNAPSHOTS, too_many

ROOT = Path(__file__).parent.parent.parent
SECRET = "xyzzy-4417"


@pytest.fixture(params=["file", ":memory:", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    places = {"file": tmp_path / "new" / "c.sqlite3", ":memory:": ":memory:"}
    opened = open_store(places.get(request.param) or request.getfixturevalue("postgres"))
    yield opened
    opened.close()


def said(*texts: str) -> list[StoredTurn]:
    return [StoredTurn(n, ("user", "bot")[n % 2], text, {"n": n}) for n, text in enumerate(texts)]


def filled(store: Store, owner: str = "me", *texts: str) -> ConversationInfo:
    return store.write(store.create(owner, "Title", "model"), add=said(*(texts or ("Hi.", "Hello."))))


def test_turns_come_back_as_they_were(store: Store) -> None:
    info = filled(store, "me", "My name is Zoë. 🙂", "Hello, Zoë.")
    assert [(t.position, t.speaker, t.text, t.about) for t in store.turns(info.id)] == [
        (0, "user", "My name is Zoë. 🙂", {"n": 0}),
        (1, "bot", "Hello, Zoë.", {"n": 1}),
    ]
    assert store.info("me", info.id) == info and info.version == 2


def test_what_was_noted_is_read_only_when_somebody_looks(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    info = filled(store, "me", "Hi.", "Hello.")
    read: list[str] = []
    monkeypatch.setattr("chat.store.records.json.loads", lambda text: read.append(text) or {"n": 7})
    _, turns = store.whole("me", info.id)
    assert [turn.text for turn in turns] == ["Hi.", "Hello."] and not read
    assert turns[1].about["n"] == turns[1].about["n"] == 7 and len(read) == 1


def test_a_conversation_comes_whole_or_not_at_all(store: Store) -> None:
    info = filled(store)
    assert store.whole("me", info.id) == (info, store.turns(info.id))
    with pytest.raises(NotThere, match="no such conversation"):
        store.whole("you", info.id)


def test_many_threads_write_and_none_is_turned_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # What SQLite does about two writers is to look again after a while: here it does not wait at all.
    monkeypatch.setattr("chat.store.database.PATIENCE", 0.0)
    store, writing = open_store(tmp_path / "c.sqlite3"), threading.Barrier(8)
    faults: list[Exception] = []

    def write(owner: str) -> None:
        writing.wait()
        try:
            for _ in range(10):
                filled(store, owner)
        except StoreError as error:
            faults.append(error)

    threads = [threading.Thread(target=write, args=(f"owner {n}",)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults and len(store.conversations(None)) == 80
    store.close()


def test_nobody_sees_another_owners(store: Store) -> None:
    mine, other = filled(store, "me"), filled(store, "you")
    assert [one.id for one in store.conversations("me")] == [mine.id]
    assert {one.id for one in store.conversations(None)} == {mine.id, other.id}
    with pytest.raises(NotThere, match="no such conversation"):
        store.info("me", other.id)


def test_search_in_titles_and_turns(store: Store) -> None:
    one, two = filled(store, "me", "I own a 100% wool hat.", "Nice_hat."), filled(store)
    two = store.write(two, title="Trip to Oslo")
    assert [c.id for c in store.conversations("me", "oslo")] == [two.id]
    assert [c.id for c in store.conversations("me", "100% WOOL")] == [one.id]
    assert store.conversations("me", "1000 wool") == [] == store.conversations("you", "wool")


@pytest.mark.parametrize("search", ["Élodie", "élodie", "ÉLODIE", "évian", "ÜBER", "москва"])
def test_search_knows_the_case_of_every_letter(store: Store, search: str) -> None:
    info = filled(store, "me", "My friend Élodie lives in Évian.", "Über Москва.")
    filled(store, "me", "My friend Elodie lives in Evian.", "Uber Moskva.")
    assert [one.id for one in store.conversations("me", search)] == [info.id]
    titled = store.write(filled(store), title=search)
    assert titled.id in {one.id for one in store.conversations("me", search.swapcase())}


def test_of_two_writers_the_second_is_told(store: Store) -> None:
    info = filled(store)
    store.write(info, add=[StoredTurn(2, "user", "First.")])
    for change in (lambda: store.write(info, add=[StoredTurn(2, "user", "Second.")]),
                   lambda: store.write(info, title="x"),
                   lambda: store.add_document(info, "a.txt", "x")):  # fmt: skip
        with pytest.raises(StoreConflict, match=r"another window.*Nothing was lost"):
            change()
    assert [turn.text for turn in store.turns(info.id)] == ["Hi.", "Hello.", "First."]
    assert store.documents(info.id) == []


def test_a_write_is_whole_or_not_at_all(store: Store) -> None:
    info = filled(store)
    with pytest.raises(StoreError):
        store.write(info, add=[StoredTurn(2, "user", "A."), StoredTurn(2, "user", "The same place.")])
    assert store.info("me", info.id).version == info.version and len(store.turns(info.id)) == 2


def test_snapshots_are_few_and_of_one_model(store: Store) -> None:
    info = filled(store)
    for position in range(0, 200, 10):
        store.keep_snapshot(info, position, "model", bytes(10))
    assert store.size_of_snapshots(info.id) == 10 * MOST_SNAPSHOTS
    assert store.snapshot(info.id, 1000, "model") == (190, bytes(10))
    assert store.snapshot(info.id, 1000, "other") is None
    store.keep_snapshot(replace(info, version=1), 500, "model", b"late")
    assert store.snapshot(info.id, 1000, "model") == (190, bytes(10))
    info = store.write(info, remove=[1])  # the states had read that turn
    assert store.snapshot(info.id, 1000, "model") is None


def test_old_snapshots_lie_further_apart() -> None:
    kept: list[int] = []
    for position in range(1, 1001):
        kept.append(position)
        kept = sorted(set(kept) - set(too_many(kept)))
    assert len(kept) == MOST_SNAPSHOTS and kept[-1] == 1000 and kept[0] < 900 < kept[-2]


def test_what_is_deleted_is_gone_from_the_files(tmp_path: Path) -> None:
    store = open_store(tmp_path / "c.sqlite3")
    info, other = filled(store, "me", f"My code is {SECRET}."), filled(store)
    store.keep_snapshot(info, 0, "model", SECRET.encode() * 2000)
    info = store.add_document(info, "a.txt", SECRET * 3000)
    assert in_files(tmp_path)
    store.delete(info)
    assert not in_files(tmp_path)
    assert store.conversations(None) == [other] and store.turns(info.id) == []


def in_files(folder: Path) -> bool:
    return any(SECRET.encode() in path.read_bytes() for path in folder.iterdir())


@pytest.fixture
def backup(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """Another program, which reads the store (see `reads`) and so keeps its log from being emptied."""
    connection = sqlite3.connect(tmp_path / "c.sqlite3", isolation_level=None)
    yield connection
    connection.close()


def reads(backup: sqlite3.Connection) -> None:
    backup.execute("BEGIN")
    backup.execute("SELECT count(*) FROM turns").fetchone()


def test_a_log_that_somebody_reads_is_emptied_with_a_later_change(
    tmp_path: Path,
    backup: sqlite3.Connection,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr("chat.store.log.PATIENCE", 0.01)
    store = open_store(tmp_path / "c.sqlite3")
    info = filled(store, "me", f"My code is {SECRET}.", "I see.")
    reads(backup)
    info = store.write(info, remove=[0, 1])
    info = store.write(info, title="Codes")
    assert [record.levelno for record in caplog.records] == [logging.WARNING] and in_files(tmp_path)
    assert "stays in the files" in caplog.text and "another program is using its log" in caplog.text
    with store.engine.connect() as connection:  # other waiting goes on as before
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() == 5000
    backup.execute("COMMIT")
    store.write(info, title="Nothing")
    assert not in_files(tmp_path) and len(caplog.records) == 1
    store.close()


@pytest.mark.parametrize("when", ["closed", "opened"])
def test_a_log_is_emptied_when_the_store_is(
    tmp_path: Path, backup: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    monkeypatch.setattr("chat.store.log.PATIENCE", 0.01)
    store = open_store(tmp_path / "c.sqlite3")
    info = filled(store, "me", f"My code is {SECRET}.")
    reads(backup)
    store.delete(info)
    if when == "opened":
        store.close()
    assert in_files(tmp_path)
    backup.execute("COMMIT")
    again = open_store(tmp_path / "c.sqlite3") if when == "opened" else store
    if when == "closed":
        store.close()
    assert not in_files(tmp_path)
    again.close()


def test_a_log_that_a_full_disk_keeps_is_no_fault_of_the_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    store = open_store(tmp_path / "c.sqlite3")
    info = filled(store, "me", f"My code is {SECRET}.", "I see.")
    waits: list[float] = []

    def full(_: object, patience: float) -> bool:
        waits.append(patience)
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as patch:
        patch.setattr("chat.store.log._truncated", full)
        info = store.write(info, remove=[0, 1])
        info = store.write(info, title="Codes")
    assert store.turns(info.id) == [] and waits[0] > waits[1] == 0  # a message does not wait for the log
    assert "the disk is full: free some space" in caplog.text and len(caplog.records) == 1
    store.write(info, title="Nothing")
    assert not in_files(tmp_path)
    store.close()


@pytest.mark.parametrize("name", ["c.sqlite3", "p%20x.sqlite3", "q?x.sqlite3", "h#x.sqlite3"])
def test_the_file_is_the_one_named_and_the_users_own(tmp_path: Path, name: str) -> None:
    store = open_store(tmp_path / "sub" / name)
    filled(store)
    found = list((tmp_path / "sub").iterdir())
    assert {path.name for path in found} == {name, f"{name}-wal", f"{name}-shm"}
    if os.name == "posix":
        assert not any(path.stat().st_mode & 0o077 for path in found)
    store.close()


def test_a_tilde_before_nobodys_name_is_a_letter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    open_store("~nobody-of-that-name/c.sqlite3").close()
    assert (tmp_path / "~nobody-of-that-name" / "c.sqlite3").exists()


def test_a_killed_writer_loses_nothing_that_it_was_told_is_kept(tmp_path: Path) -> None:
    code = (
        "import os, sys; from chat.store import *; s = open_store(sys.argv[1])\n"
        "i = s.create('me', 't', 'm')\n"
        "for n in range(50): i = s.write(i, add=[StoredTurn(n, 'user', f'turn {n}')])\n"
        "print(i.id, flush=True); os.kill(os.getpid(), 9)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "c.sqlite3")], cwd=ROOT, capture_output=True, text=True
    )
    assert len(open_store(tmp_path / "c.sqlite3").turns(done.stdout.strip())) == 50, done.stderr


def test_a_store_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "c.sqlite3"
    open_store(path).close()
    with sqlite3.connect(path) as raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreError, match=r"newer version .*schema 9999.*up to 0001.*update the program"):
        open_store(path)
    assert sqlite3.connect(path).execute("SELECT version_num FROM alembic_version").fetchone() == ("9999",)


def test_a_locked_store_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = open_store(tmp_path / "c.sqlite3")
    info = filled(store)
    other = sqlite3.connect(tmp_path / "c.sqlite3", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with store.engine.connect() as connection:  # the pool's one connection, made impatient
        connection.exec_driver_sql("PRAGMA busy_timeout=50")
    with pytest.raises(StoreError, match=r"another program is writing.*try again.*Nothing was changed"):
        store.write(info, title="x")
    assert store.info("me", info.id) == info  # reading goes on
    other.execute("ROLLBACK")
    assert store.write(info, title="x").title == "x"


def test_a_full_disk_says_so(tmp_path: Path) -> None:
    store = open_store(tmp_path / "c.sqlite3")
    info = filled(store)
    with store.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count=20")
    with pytest.raises(StoreError, match=r"the disk is full: free some space.*Nothing was changed"):
        store.write(info, add=[StoredTurn(2, "user", "x" * 1_000_000)])
    assert len(store.turns(info.id)) == 2


def test_a_disk_that_fails_may_be_full() -> None:
    fault = exc.OperationalError("COMMIT", {}, sqlite3.OperationalError("disk I/O error"))
    with pytest.raises(StoreError, match=r"may be full: free some space.*Nothing"), explained("c.sqlite3"):
        raise fault


def test_a_read_only_store_can_be_read(tmp_path: Path) -> None:
    store = open_store(tmp_path / "c.sqlite3")
    info = filled(store)
    store.close()
    store = open_store(f"sqlite:///file:{tmp_path / 'c.sqlite3'}?mode=ro&uri=true")
    assert len(store.turns(info.id)) == 2
    with pytest.raises(StoreError, match="it is read-only"):
        store.write(info, title="x")


@pytest.mark.parametrize("content", [b"not a database at all, but some text" * 100, None])
def test_another_file_is_refused_and_kept(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "c.sqlite3"
    if content is None:
        path.mkdir()
    else:
        path.write_bytes(content)
    with pytest.raises(StoreError, match="no conversation store|is a folder"):
        open_store(path)
    assert content is None or path.read_bytes() == content


@pytest.mark.parametrize("place", ["nonsense://x", "postgresql://u:secret@127.0.0.1:1/none"])
def test_a_database_that_does_not_answer_is_named_without_its_password(place: str) -> None:
    with pytest.raises(StoreError) as error:
        open_store(place)
    assert "secret" not in str(error.value)


def test_the_migrations_make_the_tables_that_the_code_uses(tmp_path: Path) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from chat.store.tables import Base

    store = open_store(tmp_path / "c.sqlite3")
    with store.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
    copy = shutil.copy(tmp_path / "c.sqlite3", tmp_path / "copy.sqlite3")
    assert open_store(copy).conversations(None) == []  # opening again changes nothing
