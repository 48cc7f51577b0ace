"""Ordinary words, and names that are in no list."""

import pytest

from translate.known import known


@pytest.mark.parametrize(
    ("word", "language"),
    [("House", "en"), ("Haus", "de"), ("Maison", "fr"), ("Casa", "es"), ("Apfelkuchen", "de"),
     ("Arbeitszimmer", "de"), ("Hauses", "de"), ("Xyzungen", "de"), ("Donnez-moi", "fr"),
     ("Tom", "en"), ("Casa", "it")],
)  # fmt: skip
def test_ordinary_words(word: str, language: str) -> None:
    assert known(word, language)


@pytest.mark.parametrize("language", ["en", "de", "fr", "es"])
@pytest.mark.parametrize("word", ["Dragomir", "Zbigniew", "Okonkwo", "O'Rourke"])
def test_names(word: str, language: str) -> None:
    assert not known(word, language)
