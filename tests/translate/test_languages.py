"""Languages, directions and the text form of a sentence."""

import pytest

from lstm_models.tokenizer import Tokenizer
from translate.languages import (
    DIRECTIONS,
    LANGUAGES,
    check_direction,
    encode_source,
    encode_target,
    target_tag,
)


def test_the_six_directions_pass() -> None:
    assert len(DIRECTIONS) == 6
    for source, target in DIRECTIONS:
        check_direction(source, target)


@pytest.mark.parametrize(
    ("source", "target", "said"),
    [
        ("en", "it", "target='it' is not offered"),
        ("xx", "de", "source='xx' is not offered"),
        ("en", "en", "two different languages"),
        ("de", "fr", "into English"),
        (None, "de", "source=None"),
        ("EN", "de", "'en' \\(English\\)"),
    ],
)
def test_other_directions_are_refused_with_the_remedy(source: str, target: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        check_direction(source, target)


def test_tags() -> None:
    assert [target_tag(code) for code in LANGUAGES] == ["<2en>", "<2de>", "<2fr>", "<2es>"]
    with pytest.raises(ValueError, match=r"'it'.*Spanish"):
        target_tag("it")


def test_sentences_as_tokens(tokenizer: Tokenizer) -> None:
    ids = encode_source(tokenizer, "Where is the station?")
    assert ids[-1] == tokenizer.eos_id and tokenizer.decode(ids) == "Where is the station?"
    target = encode_target(tokenizer, "Où est la gare ?", "fr")
    assert target[0] == tokenizer.tag_id("<2fr>") and target[-1] == tokenizer.eos_id
    assert tokenizer.decode(target) == "Où est la gare ?"


def test_apostrophes_are_read_alike_and_code_marks_stay(tokenizer: Tokenizer) -> None:
    assert encode_source(tokenizer, "C’est") == encode_source(tokenizer, "C'est")
    assert tokenizer.decode(encode_source(tokenizer, "`code`")) == "`code`"
