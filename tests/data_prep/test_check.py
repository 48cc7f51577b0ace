"""check-data names each bad line, what is wrong with it and the form expected, whatever the file is."""

from collections.abc import Callable
from pathlib import Path

import pytest

from data_prep import lines
from data_prep.check import check_data
from data_prep.own_data import own_file as file_of
from data_prep.own_data import own_rows, two_languages
from tests.data_prep.conftest import write_parquet

Write = Callable[[str, str | bytes], Path]
TURNS = '{"turns": [{"speaker": "user", "text": "Hi."}, {"speaker": "bot", "text": "Hello."}]}'


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.tsv", "Good day.\tGuten Tag.\nYes.\tJa.\n"),
        ("a.txt", "Good day.\tGuten Tag.\r\nYes.\tJa."),
        ("a.tsv", "\ufeffen\tde\nGood day.\tGuten Tag.\n\nYes.\tJa.\n"),
        ("a.tsv", "source\ttarget\nGood day.\tGuten Tag.\nYes.\tJa.\n"),
        ("a.jsonl", '{"en": "Good day.", "de": "Guten Tag."}\n{"de": "Ja.", "en": "Yes.", "id": 4}\n'),
        (
            "a.jsonl",
            '{"translation": {"en": "Good day.", "de": "Guten Tag."}}\n{"en": "Yes.", "de": "Ja."}\n',
        ),
        ("a.json", '{"source": "Good day.", "target": "Guten Tag."}\n{"source": "Yes.", "target": "Ja."}'),
    ],
)
def test_good_pairs_in_every_form(own_file: Write, name: str, content: str) -> None:
    path = own_file(name, content)
    report = check_data(path)
    assert (report.ok, report.kind, report.entries, report.good) == (True, "pairs", 2, 2)
    assert "ready to prepare" in str(report)
    rows = list(own_rows(path, "train", "pairs", ("en", "de")))
    assert rows == [{"en": "Good day.", "de": "Guten Tag."}, {"en": "Yes.", "de": "Ja."}]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.jsonl", TURNS),
        ("a.jsonl", '{"turns": ["Hi.", "Hello."]}'),
        ("a.tsv", "Hi.\tHello.\tBye.\tSee you.\n"),
    ],
)
def test_good_dialogues_in_every_form(own_file: Write, name: str, content: str) -> None:
    path = own_file(name, content)
    report = check_data(path)
    assert (report.ok, report.kind, report.good) == (True, "dialogues", 1)
    turns = next(own_rows(path, "train", "dialogues"))["turns"]
    assert turns[:2] == [{"speaker": "user", "text": "Hi."}, {"speaker": "bot", "text": "Hello."}]


def test_an_faq_is_two_columns(own_file: Write) -> None:
    path = own_file("faq.tsv", "When do you open?\tAt nine.\n")
    assert check_data(path, kind="dialogues").ok
    row = {
        "turns": [{"speaker": "user", "text": "When do you open?"}, {"speaker": "bot", "text": "At nine."}]
    }
    assert list(own_rows(path, "train", "dialogues")) == [row]


def test_parquet(tmp_path: Path, pairs: list[dict[str, str]]) -> None:
    assert check_data(write_parquet(tmp_path / "flat.parquet", pairs[:9])).good == 9
    struct = write_parquet(tmp_path / "struct.parquet", pairs[:9], "translation")
    assert check_data(struct).good == 9
    assert list(own_rows(struct, "train", "pairs", ("en", "de"))) == pairs[:9]
    bad = write_parquet(tmp_path / "bad.parquet", [{"en": "a", "de": "b"}, {"en": "c", "de": None}])
    report = check_data(bad)
    assert [(p.line, p.what) for p in report.problems] == [(2, "'de' is null, not a text")]
    assert "row 2" in str(report)


@pytest.mark.parametrize(
    ("name", "line", "what"),
    [
        ("a.tsv", "no tab here", "has no tab, so only one column"),
        ("a.tsv", "a\tb\tc", "has 3 columns where two are expected"),
        ("a.tsv", b"caf\xe9\tKaffee", "is not UTF-8 (byte 0xe9 at position 4): save the file as UTF-8"),
        ("a.tsv", "a\x00b\tc", "has a NUL byte: take it out"),
        ("a.jsonl", "{'en': 'a'}", "is not JSON at character 2: Expecting property name"),
        ("a.jsonl", '{"en": "a", "fr', "is not JSON at character 13"),
        ("a.jsonl", '"text"', "is a text, not an object of two texts"),
        ("a.jsonl", "[1, 2]", "is a list, not an object of two texts"),
        ("a.jsonl", '{"en": "a"}', "has the names 'en', not two languages"),
        (
            "a.jsonl",
            '{"english": "a", "german": "b"}',
            "has the names 'english', 'german', not two languages",
        ),
        ("a.jsonl", '{"en": "a", "de": 3}', "'de' is a number, not a text"),
        ("a.jsonl", "[" * 100_000, "is not JSON"),
        ("a.jsonl", '{"en": ' + "9" * 5000 + "}", "is not JSON that can be read"),
    ],
)
def test_bad_pairs(own_file: Write, name: str, line: str | bytes, what: str) -> None:
    good = "Yes.\tJa.\n" if name == "a.tsv" else '{"en": "Yes.", "de": "Ja."}\n'
    raw = line if isinstance(line, bytes) else line.encode()
    path = own_file(name, good.encode() * 2 + raw + b"\n" + good.encode())
    report = check_data(path, kind="pairs")
    assert not report.ok
    assert [(p.line, p.severity) for p in report.problems if p.severity == "error"] == [(3, "error")]
    problem = next(p for p in report.problems if p.severity == "error")
    assert problem.what.startswith(what)
    assert f"error: line 3 {what}" in str(report)
    assert f"expected form: {report.expected}" in str(report)
    with pytest.raises(ValueError, match=r"line 3: .*Expected: .*check-data"):
        list(own_rows(path, "train", "pairs"))


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ('{"turn": []}', 'has no "turns", a list of two turns or more'),
        ('{"turns": ["Hi."]}', 'has no "turns", a list of two turns or more'),
        ('{"turns": [{"speaker": "user", "text": "a"}, {"speaker": "bot"}]}', 'turn 2 has no "text"'),
        (
            '{"turns": [{"speaker": "me", "text": "a"}, "b"]}',
            "turn 1 has the speaker 'me', not user, bot, doc",
        ),
        ('{"turns": ["Hi.", " "]}', "turn 2 is empty"),
        (
            '{"turns": [{"speaker": "bot", "text": "a"}, {"speaker": "user", "text": "b"}]}',
            "has no turn of the bot to learn from",
        ),
    ],
)
def test_bad_dialogues(own_file: Write, line: str, what: str) -> None:
    report = check_data(own_file("a.jsonl", f"{TURNS}\n{line}\n"))
    assert [(p.line, p.what) for p in report.problems] == [(2, what)]
    assert not report.ok


def test_lines_that_cleaning_drops_are_warnings(own_file: Write) -> None:
    report = check_data(own_file("a.tsv", "Yes.\tJa.\nYes.\tJa.\n \tNein.\nλόγος\tWort\nGood.\t" + "x" * 601))
    assert [(p.line, p.severity, p.what) for p in report.problems] == [
        (2, "warning", "stands in the file before"),
        (3, "warning", "one side is empty"),
        (4, "warning", "one side is not in Latin letters, as the languages on offer are"),
        (5, "warning", "one side is longer than 600 characters"),
    ]
    assert report.ok
    assert "left out of training" in str(report)


def test_dialogues_that_cleaning_drops_are_warnings(own_file: Write) -> None:
    lines = "Hi.\tHello.\nHi.\tHello.\nHi.\t\u200b\nПривет\tЗдравствуй\n"
    report = check_data(own_file("a.tsv", lines), kind="dialogues")
    assert [(p.line, p.severity, p.what) for p in report.problems] == [
        (2, "warning", "stands in the file before"),
        (3, "warning", "a turn is empty"),
        (4, "warning", "is not in Latin letters, as the languages on offer are"),
    ]
    assert report.ok
    none_good = check_data(own_file("b.tsv", "Привет\tЗдравствуй\n"), kind="dialogues")
    assert not none_good.ok and "not ready: nothing would be left to train on" in str(none_good)


@pytest.mark.parametrize("given", ["ja-ko", "en-en", "english-german", "de-fr", "en", "en-de-fr"])
def test_languages_that_are_not_on_offer(given: str) -> None:
    with pytest.raises(ValueError, match=rf"--languages {given}: .*the directions are en-de, de-en"):
        two_languages(given)


@pytest.mark.parametrize("name", ["train.json", "train.TSV", "Train.tsv", "train.txt"])
def test_a_split_in_a_folder_whatever_its_ending(own_file: Write, tmp_path: Path, name: str) -> None:
    path = own_file(name, "Yes.\tJa.\n")
    assert file_of(tmp_path, "train") == path


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ([], r"has no train\.tsv, train\.jsonl or train\.parquet: it is empty"),
        (["train.csv"], r"has no train\.tsv.*: it has train\.csv"),
        (["train.tsv", "train.txt"], r"has train\.tsv and train\.txt: leave one of them there"),
    ],
)
def test_a_folder_without_its_split(own_file: Write, tmp_path: Path, names: list[str], message: str) -> None:
    for name in names:
        own_file(name, "Yes.\tJa.\n")
    with pytest.raises(ValueError, match=message):
        file_of(tmp_path, "train")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.tsv", b"", "is empty: there is nothing to read"),
        ("a.tsv", b" \n\n\t\n", "is empty"),
        ("a.jsonl", b"", "is empty"),
        ("a.parquet", b"", "is empty"),
        ("a.tsv", b"PAR1\x15\x04", r"is a parquet file \(name it \.parquet\)"),
        ("a.tsv", b"PK\x03\x04....", "office document"),
        ("a.jsonl", b"\x1f\x8b\x08", "gzip archive"),
        ("a.tsv", "Yes.\tJa.\n".encode("utf-16"), "is in UTF-16: save it as UTF-8"),
        ("a.tsv", "Yes.\tJa.\n".encode("utf-16-le"), "is binary"),
        ("a.tsv", b"Yes.\tJa.\rNo.\tNein.\r", r"line ends of CR alone: save it with"),
        ("a.tsv", bytes(range(256)) * 8 + b"\x00" * 999, "is binary"),
        ("a.parquet", b"PAR1 half of a file", "is cut short"),
        ("a.csv", b"a,b", r"the ending '\.csv' is unknown.*\.tsv"),
    ],
)
def test_files_that_are_no_data(own_file: Write, name: str, content: bytes, message: str) -> None:
    with pytest.raises(ValueError, match=rf"{name[0]}\.\w+:? .*{message}"):
        check_data(own_file(name, content))


def test_one_line_with_a_lone_carriage_return_is_a_line(own_file: Write) -> None:
    assert check_data(own_file("a.tsv", "Yes.\tJa.\r")).good == 1


def test_which_two_of_many_languages(tmp_path: Path) -> None:
    rows = [{"en": "Yes.", "de": "Ja.", "fr": "Oui."}]
    file = write_parquet(tmp_path / "three.parquet", rows)
    with pytest.raises(ValueError, match=r"three\.parquet holds en, de, fr: say which two by --languages"):
        check_data(file)
    assert check_data(file, languages=("en", "fr")).ok
    assert list(own_rows(file, "train", "pairs", ("fr", "en"))) == [{"fr": "Oui.", "en": "Yes."}]


def test_other_languages_than_those_asked_for(own_file: Write) -> None:
    report = check_data(own_file("a.jsonl", '{"en": "Yes.", "fr": "Oui."}\n'), languages=("en", "de"))
    assert [(p.severity, p.what) for p in report.problems] == [("error", "holds en and fr, not en and de")]


def test_a_folder_or_nothing(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no file at"):
        check_data(tmp_path / "gone.tsv")
    (tmp_path / "folder.tsv").mkdir()
    with pytest.raises(ValueError, match="is a folder: give a file"):
        check_data(tmp_path / "folder.tsv")


def test_a_file_cut_off_in_its_last_line(own_file: Write) -> None:
    report = check_data(own_file("a.jsonl", '{"en": "Yes.", "de": "Ja."}\n{"en": "Go'))
    assert [p.line for p in report.problems] == [2]
    assert report.problems[0].what.endswith("(the file ends in this line: was it cut off?)")


def test_a_line_too_long_to_hold_is_skipped(own_file: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "MAX_LINE", 100)
    path = own_file("a.tsv", "Yes.\tJa.\n" + "a" * 1000 + "\tb\nNo.\tNein.\n" + "c" * 250)
    report = check_data(path)
    assert [(p.line, p.what) for p in report.problems] == [
        (2, "is 1,003 bytes long, 100 at most"),
        (4, "is 250 bytes long, 100 at most"),
    ]
    assert report.good == 2


def test_many_problems_are_counted_and_some_listed(own_file: Write) -> None:
    report = check_data(own_file("a.tsv", "bad\n" * 500 + "Yes.\tJa.\n"))
    assert (report.errors, len(report.problems), report.good) == (500, 50, 1)
    assert "and 450 more (500 errors and 0 warnings in all)" in str(report)


def test_a_recipe_of_other_languages_is_refused(own_file: Write) -> None:
    path = own_file("a.jsonl", '{"en": "Yes.", "fr": "Oui."}\n')
    with pytest.raises(ValueError, match=r"line 1: .*en and fr, not en and de as asked for"):
        list(own_rows(path, "train", "pairs", ("en", "de")))
