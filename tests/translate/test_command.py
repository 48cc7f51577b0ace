"""Columns of the command: one line out for each line in, whatever stands in it."""

from pathlib import Path

import pytest

from translate import Translator
from translate.command import Columns, translate_lines
from translate.decode import NO_GLOSSARY


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
