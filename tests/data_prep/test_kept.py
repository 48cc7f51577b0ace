"""Translations that are kept: what lies in the folder is used, and what cannot be is named."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from data_prep.kept import KeptTranslations

NAME = "en-de.abc.beam5.jsonl"
WHOLE = '["Yes.", "Ja.", 0.5]\n'


def said(folder: Path, *texts: str) -> list[tuple[str, str, float]]:
    """What is kept of the texts, and what a translator that only shouts makes of the others."""

    def translate(texts: list[str], *_: Any, **__: Any) -> list[SimpleNamespace]:
        return [SimpleNamespace(text=text.upper(), confidence=None) for text in texts]

    translator: Any = SimpleNamespace(engine=SimpleNamespace(model_hash="abc"), translate=translate)
    return list(KeptTranslations(translator, str(folder), 5).of(texts, "en", "de"))


def test_what_is_kept_is_not_translated_again(tmp_path: Path) -> None:
    (tmp_path / NAME).write_text(WHOLE + '["No.", "Ne')  # as a kill leaves it
    for _ in range(2):
        assert said(tmp_path, "Yes.", "No.") == [("Yes.", "Ja.", 0.5), ("No.", "NO.", 1.0)]
    assert (tmp_path / NAME).read_text() == WHOLE + '["No.", "NO.", 1.0]\n'


@pytest.mark.parametrize(
    "line", ['["A\x01.", "B.", 1]', "5", '["A.", "B."]', '[["A."], "B.", 1]', '["A.", 1, 1]']
)
def test_a_damaged_line_is_named_with_its_file(tmp_path: Path, line: str) -> None:
    (tmp_path / NAME).write_text(f"{WHOLE}{line}\n{WHOLE}")
    with pytest.raises(ValueError, match=r"beam5\.jsonl: line 2 is damaged, .*remove it") as raised:
        said(tmp_path, "Yes.")
    assert str(raised.value).isprintable()


def test_a_file_in_the_place_of_the_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "afile").touch()
    with pytest.raises(ValueError, match=r"kept translations .*/afile: File exists; give a folder"):
        said(tmp_path / "afile", "Yes.")
