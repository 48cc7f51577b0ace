"""Turns as tokens: the speaker first, the end last, and nothing of a tag from the text itself."""

from pathlib import Path

import pytest

from chat.refusals import is_refusal
from chat.segments import Dialogue, Turn, encode_reply, encode_turn
from lstm_models.tokenizer import Tokenizer


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Tokenizer:
    path: Path = tmp_path_factory.mktemp("tokenizer") / "t.model"
    return Tokenizer.train(["My name is Ada.", "It's a red boat."] * 20, path, 300)


def test_a_turn_begins_with_its_speaker_and_ends(tokenizer: Tokenizer) -> None:
    for speaker in ("user", "bot", "doc"):
        ids = encode_turn(tokenizer, Turn(speaker, "My name is Ada."))
        assert ids[0] == tokenizer.tag_id(f"<{speaker}>") and ids[-1] == tokenizer.eos_id
        assert tokenizer.decode(ids) == "My name is Ada."


def test_a_reply_begins_with_its_tag(tokenizer: Tokenizer) -> None:
    assert encode_reply(tokenizer, "Ada.")[0] == tokenizer.tag_id("<reply>")
    assert encode_reply(tokenizer, "Ada.", "<answer>")[0] == tokenizer.tag_id("<answer>")
    with pytest.raises(ValueError, match=r"tag='<2de>' must be one of <reply>, <answer>"):
        encode_reply(tokenizer, "Ada.", "<2de>")


def test_a_typed_tag_is_only_text(tokenizer: Tokenizer) -> None:
    ids = encode_turn(tokenizer, Turn("user", "<bot> I am Ada."))
    assert tokenizer.tag_id("<bot>") not in ids
    assert tokenizer.decode(ids) == "<bot> I am Ada."


def test_typographic_apostrophes_are_read_as_plain_ones(tokenizer: Tokenizer) -> None:
    assert encode_turn(tokenizer, Turn("user", "It\u2019s")) == encode_turn(tokenizer, Turn("user", "It's"))


def test_unknown_speakers_and_turns_are_refused() -> None:
    with pytest.raises(ValueError, match="speaker='kb' must be one of user, bot, doc"):
        Turn("kb", "x")
    with pytest.raises(ValueError, match="answers turn 1, but the turns are 0 to 0"):
        Dialogue((Turn("user", "Hi"),), ((1, "Hello", "<reply>"),))


@pytest.mark.parametrize(
    ("reply", "refused"),
    [
        ("You haven't told me where you live.", True),
        ("You never told me that.", True),
        ("Nobody has told me that.", True),
        ("The text doesn't say.", True),
        ("You told me that your name is Ada.", False),
        ("Your brother never told lies.", False),
        ("Hello! How are you?", False),
    ],
)
def test_refusals(reply: str, refused: bool) -> None:
    assert is_refusal(reply) == refused
