"""Cutting a text: nothing is lost, sentences are whole, and what is no language stays."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from translate.languages import LANGUAGES
from translate.sentences import LONGEST_WORD, Piece, is_language, split, split_long


def spoken(text: str, language: str) -> list[str]:
    return [piece.text for piece in split(text, language) if piece.translate]


def words(text: str) -> int:
    return len(text.split())


@pytest.mark.parametrize(
    ("language", "text", "sentences"),
    [
        ("en", "Dr. Smith paid $3.50 at 5 p.m. yesterday. He left.", 2),
        ("en", "See https://a.example/b.c?d=e. Version 3.2.1 is out! Why?", 3),
        ("en", 'He said: "Stop. Now." Then J. R. Jones went home.', 2),
        ("de", "Das ist der 2. Versuch. Am 3. Oktober kam Dr. Müller z. B. mit Prof. Schmidt.", 2),
        ("fr", "M. Dupont est là. Il a dit : « Bonjour ! » Puis il est parti.", 3),
        ("es", "¿Cómo estás? ¡Hola! El Sr. García llegó a las 5 p. m.", 3),
    ],
)
def test_sentences_are_found(language: str, text: str, sentences: int) -> None:
    assert len(spoken(text, language)) == sentences


def test_layout_stays() -> None:
    text = "# Title\r\n\r\n  - First item. Second.\n1. One\n> quoted\n\n\tEnd. \n"
    assert "".join(piece.text for piece in split(text, "en")) == text
    assert spoken(text, "en") == ["Title", "First item.", "Second.", "One", "quoted", "End."]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   \n\t",
        "12:30",
        "😀 🎉",
        "...",
        "https://a.example/b",
        "ada@example.org",
        "日本語です。",
        "\x00",
    ],
)
def test_what_is_no_language_stays(text: str) -> None:
    assert not is_language(text)
    assert spoken(text, "en") == []


@settings(max_examples=150, deadline=None)
@given(
    st.text(
        st.characters(exclude_categories=["Cs"]) | st.sampled_from(list(".!?\n -a\"'«»()1")), max_size=120
    ),
    st.sampled_from(list(LANGUAGES)),
)
def test_the_pieces_are_the_text(text: str, language: str) -> None:
    pieces = split(text, language)
    assert "".join(piece.text for piece in pieces) == text
    parts = [part for piece in pieces for part in split_long(piece, words, 3)]
    assert "".join(part.text for part in parts) == text
    assert all(part.text == part.text.strip() != "" for part in parts if part.translate)
    assert all(words(part.text) <= 3 for part in parts if part.translate)


def test_a_long_sentence_is_cut_at_a_comma() -> None:
    sentence = Piece("one two three four five, six seven eight nine", True)
    assert [part.text for part in split_long(sentence, words, 7) if part.translate] == [
        "one two three four five,",
        "six seven eight nine",
    ]


def test_no_word_is_so_long() -> None:
    monster = "a" * (LONGEST_WORD + 1)
    parts = list(split_long(Piece(f"Look at {monster} now", True), words, 50))
    assert [(part.text.strip(), part.translate) for part in parts if part.text.strip()] == [
        ("Look at", True),
        (monster, False),
        ("now", True),
    ]


@pytest.mark.parametrize("unit", ["a", " ", "\n", "a ", "A. ", "1.", "a@", '("«', "\x00", "Dr. Who went. "])
def test_a_megabyte_of_anything_takes_linear_time(unit: str) -> None:
    # A quarter of a megabyte, so that the suite stays quick; a quadratic step would take minutes.
    text = unit * (250_000 // len(unit))
    started = time.monotonic()
    parts = [part for piece in split(text, "en") for part in split_long(piece, words, 100)]
    assert "".join(part.text for part in parts) == text
    assert time.monotonic() - started < 20
