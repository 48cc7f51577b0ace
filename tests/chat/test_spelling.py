"""Copied words that came out misspelt are given as they were told, and others are left alone."""

import pytest

from chat.reply import CopiedToken
from chat.spelling import as_told

TOLD = {
    0: "The wifi password is tulip-44-moss, and Tom's room is A113.",
    1: "Ms. Przybylska speaks to the Germans (dana@zexcz.com) on 0171 5550.",
    2: "We had 12 30 times.",
    3: "Igor and Izzy are mine, I'm told.",
}


def reply(*tokens: tuple[str, float, int | None]) -> tuple[CopiedToken, ...]:
    return tuple(CopiedToken(text, share, segment, 4) for text, share, segment in tokens)


def spelt(*tokens: tuple[str, float, int | None]) -> str:
    return "".join(token.text for token in as_told(reply(*tokens), TOLD.__getitem__))


@pytest.mark.parametrize(
    ("pieces", "segment", "right"),
    [
        ([" tu", "lip", "-", "44", "44", "-", "moss", "."], 0, " tulip-44-moss."),
        ([" tu", "lip", "-", "moss", "."], 0, " tulip-44-moss."),
        ([" A", "1", "1", "1", "3", "!"], 0, " A113!"),
        ([" Prz", "yb", "yb", "lska", "'", "s"], 1, " Przybylska's"),
        ([" dana", "@", "zex", "czz", ".", "com"], 1, " dana@zexcz.com"),
        ([" 55", "50", "."], 1, " 0171 5550."),
    ],
)
def test_a_copied_word_is_spelt_as_it_was_told(pieces: list[str], segment: int, right: str) -> None:
    assert spelt((" It", 0.1, None), *((piece, 0.9, segment) for piece in pieces)) == " It" + right


@pytest.mark.parametrize(
    "tokens",
    [
        [(" tu", 0.9, 0), ("lip-44-moss", 0.9, 0), (".", 0.1, None)],  # right already
        [(" Tom", 0.9, 0), ("'s", 0.2, None)],
        [(" German", 0.9, 1)],  # another form
        [(" pass", 0.9, 0), ("words", 0.9, 0)],  # a word like others
        [(" tulip", 0.9, 0), ("-44", 0.3, 0), ("-mos", 0.9, 0)],  # not copied as a whole
        [(" tulip", 0.9, 0), ("-44-mos", 0.9, 1)],  # from two places
        [(" B9", 0.9, 0)],  # like nothing there
        [(" 0171", 0.9, 1), (" 5550", 0.9, 1)],
        [(" 12", 0.9, 2)],  # two numbers
        [(" \u2026", 0.9, 0), (" 'S", 0.9, 0)],
        [],
    ],
)
def test_what_is_no_misspelt_copy_stays(tokens: list[tuple[str, float, int | None]]) -> None:
    assert as_told(reply(*tokens), TOLD.__getitem__) == reply(*tokens)


def test_a_name_that_begins_with_i_is_not_the_user() -> None:
    assert spelt((" You", 0.1, None), ("gor", 0.9, 3), (" is", 0.1, None)) == " Igor is"
    assert spelt(("You", 0.1, None), ("zz", 0.9, 3), ("zy", 0.9, 3), (".", 0.2, None)) == "Izzy."
    for kept in (("You", 0.1, None), ("th", 0.9, 3)), (("You", 0.1, None), ("gor", 0.2, 3)):
        assert spelt(*kept) == "".join(text for text, _, _ in kept)


def test_its_source_stays_with_it() -> None:
    (_, word) = as_told(reply((" is", 0.1, None), (" A11", 0.8, 0), ("33", 0.7, 0)), TOLD.__getitem__)
    assert word == CopiedToken(" A113", 0.8, 0, 4)


@pytest.mark.parametrize(
    ("pieces", "right"),
    [
        ([" a", " red", " scarf", "."], " A red scarf."),
        ([" every", " morning", "."], " Every morning."),
        (["by", " tr", "ain"], "By train"),
        (["till", " Easter", "."], "Till Easter."),
        ([" be", "cause", " of", " it"], " Because of it"),
        ([" neniajora", "."], " neniajora."),  # may be a password
        ([" an", "t", " soup"], " ant soup"),
        ([" a"], " a"),  # an answer to "which letter?"
    ],
)
def test_a_reply_begins_with_a_capital_where_that_is_safe(pieces: list[str], right: str) -> None:
    assert spelt(*((piece, 0.9, 2) for piece in pieces)) == right
