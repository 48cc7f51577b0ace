"""Words that are none, and what was meant."""

import pytest

from translate.spelling import correction, mended


@pytest.mark.parametrize(
    ("wrong", "right"),
    [("becuase", "because"), ("knowlege", "knowledge"), ("wounderful", "wonderful"), ("beleive", "believe")],
)
def test_what_was_surely_meant(wrong: str, right: str) -> None:
    assert correction(wrong) == right


@pytest.mark.parametrize(
    "word", ["because", "neighbours", "paralysed", "travelled", "tey", "xyzzyxq", "a" * 40]
)
def test_words_and_riddles_stay(word: str) -> None:
    assert correction(word) is None


def test_sentences_keep_all_else() -> None:
    text = "Becuase  of Okonkwo,\n it was becuase of http://becuase.example and becuase.txt."
    assert mended(text) == "Becuase  of Okonkwo,\n it was because of http://becuase.example and becuase.txt."
