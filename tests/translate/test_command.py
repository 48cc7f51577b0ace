"""The command: one line out for each line in, whatever stands in it, and its columns; what it refuses."""

import io
import sys
from pathlib import Path

import pytest

from interfaces import commands
from translate import Translator
from translate.command import Columns, lines_of, translate_file, translate_lines
from translate.decode import NO_GLOSSARY

GERMAN, ENGLISH = "Wo ist der nächste Bahnhof?", "Where is the nearest station?"


def lines(translator: Translator, tmp_path: Path, columns: Columns) -> list[str]:
    output = tmp_path / "out.txt"
    texts = ["Where is it?", "", "12:30\t!"]
    translate_lines(translator, texts, 2, output, "en", "de", 5, NO_GLOSSARY, columns)
    return output.read_text(encoding="utf-8").splitlines()


def test_columns(translator: Translator, tmp_path: Path) -> None:
    assert lines(translator, tmp_path, Columns()) == ["WHERE IS IT?", "", "12:30\t!"]
    assert lines(translator, tmp_path, Columns(back=True)) == [
        "WHERE IS IT?\tWHERE IS IT?",
        "\t",
        "12:30 !\t12:30 !",
    ]


def test_confidence_needs_a_calibration(translator: Translator, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="longshort calibrate"):
        lines(translator, tmp_path, Columns(confidence=True))
    with pytest.raises(ValueError, match=r"--alternatives is for lines.*a\.md"):
        Columns(alternatives=2).refuse(Path("a.md"))


def test_no_confidence_where_nothing_was_translated(
    translator: Translator, capsys: pytest.CaptureFixture[str]
) -> None:
    columns = Columns(confidence=True)
    translate_lines(translator, [ENGLISH, "12"], 2, None, "auto", "en", 5, NO_GLOSSARY, columns)
    assert capsys.readouterr().out == f"{ENGLISH}\t\n12\t\n"


def test_a_line_in_another_language_is_named_after_those_before_it(
    translator: Translator, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    texts = [ENGLISH, ENGLISH, "It is.", GERMAN, ENGLISH]
    with pytest.raises(ValueError, match=r"^a\.txt, line 4 seems to be German.*--target en.*--source"):
        translate_lines(translator, texts, 2, None, "auto", "fr", 5, NO_GLOSSARY, name="a.txt, line")
    assert capsys.readouterr().out == f"{ENGLISH.upper()}\n{ENGLISH.upper()}\nIT IS.\n"
    document = tmp_path / "a.md"
    document.write_text(GERMAN, encoding="utf-8")
    with pytest.raises(ValueError, match=r"a\.md seems to be German.*--target en"):
        translate_file(translator, document, None, "auto", "fr", 5, NO_GLOSSARY)


def test_files_are_utf_8_or_utf_16_with_its_mark(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        file.write_bytes("très\r\n\rfatigué".encode(encoding))
        assert list(lines_of(file)) == ["très", "", "fatigué"]
    for encoding in ("latin-1", "utf-16-le"):
        file.write_bytes(f"{ENGLISH}\ntrès fatigué.\n".encode(encoding))
        with pytest.raises(ValueError, match=r"a\.txt (is not UTF-8.*iconv|holds bytes that are no text)"):
            next(lines_of(file))


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16-le"])
def test_a_pipe_is_refused_at_the_line_that_is_no_text(
    translator: Translator, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], encoding: str
) -> None:
    piped = f"{ENGLISH}\nIt is.\n".encode() + "Très bien.\n".encode(encoding)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(piped), encoding="utf-8"))
    with pytest.raises(ValueError, match=r"standard input, line 3 is not UTF-8.*iconv"):
        translate_lines(translator, lines_of(None), 64, None, "en", "de", 5, NO_GLOSSARY)
    assert capsys.readouterr().out == f"{ENGLISH.upper()}\nIT IS.\n"


def test_a_closed_standard_input_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    monkeypatch.setattr(Translator, "load", lambda model: None)
    with pytest.raises(ValueError, match=r"standard input is closed.*--file"):
        commands.translate(target="de")


def test_a_sentence_of_the_command_line_is_named(
    translator: Translator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Translator, "load", lambda model: translator)
    with pytest.raises(ValueError, match=r"^sentence 2 seems to be German"):
        commands.translate([ENGLISH, GERMAN], target="fr")
