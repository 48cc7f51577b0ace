"""Turns, dialogues and how they become tokens, in training and in serving alike. No torch.

A turn is read as `<user> ids </s>` (or `<bot>`, `<doc>`); a reply is written as `<reply> ids </s>`. The
bot's own replies are read back as `<bot>` turns, so that it remembers what it said.
"""

from __future__ import annotations

from dataclasses import dataclass

from lstm_models.tokenizer import Tokenizer

SPEAKERS = ("user", "bot", "doc")
REPLY_TAGS = ("<reply>", "<answer>")

# Phones and word processors type these; everything that is read gets the plain apostrophe.
_PLAIN = str.maketrans({"\u2018": "'", "\u2019": "'", "\u02bc": "'", "\u00b4": "'", "`": "'"})


@dataclass(frozen=True)
class Turn:
    """One message: what the user wrote, what the bot replied, or a passage that was handed over."""

    speaker: str
    text: str

    def __post_init__(self) -> None:
        if self.speaker not in SPEAKERS:
            raise ValueError(f"speaker={self.speaker!r} must be one of {', '.join(SPEAKERS)}")


@dataclass(frozen=True)
class Dialogue:
    """Turns in order and the replies to learn: (index of the turn answered, reply, tag) each.

    A reply sees the turns up to and including the one that it answers. evidence: for each reply the turn
    that told the answer, or what encoded.py says of others; wanted: the words that answer, as they were told,
    or ""; steps: the turns that lead to the evidence, in the order in which they are needed. All three are
    empty where nothing is known of any.
    """

    turns: tuple[Turn, ...]
    targets: tuple[tuple[int, str, str], ...] = ()
    evidence: tuple[int, ...] = ()
    wanted: tuple[str, ...] = ()
    steps: tuple[tuple[int, ...], ...] = ()

    def __post_init__(self) -> None:
        for index, _, tag in self.targets:
            if not 0 <= index < len(self.turns):
                last = len(self.turns) - 1
                raise ValueError(f"a target answers turn {index}, but the turns are 0 to {last}")
            check_tag(tag)


def check_tag(tag: str) -> None:
    """Raises: ValueError if `tag` is not one that a reply can begin with."""
    if tag not in REPLY_TAGS:
        raise ValueError(f"tag={tag!r} must be one of {', '.join(REPLY_TAGS)}")


def plain(text: str) -> str:
    """The text with typographic apostrophes made plain, as it is encoded."""
    return text.translate(_PLAIN)


def encode_turn(tokenizer: Tokenizer, turn: Turn) -> list[int]:
    """Ids of a turn: the speaker's tag first, </s> last."""
    return [tokenizer.tag_id(f"<{turn.speaker}>"), *tokenizer.encode(plain(turn.text)), tokenizer.eos_id]


def encode_reply(tokenizer: Tokenizer, text: str, tag: str = "<reply>") -> list[int]:
    """Ids of a reply: its tag first, </s> last. Raises: ValueError for a tag that no reply begins with."""
    check_tag(tag)
    return [tokenizer.tag_id(tag), *tokenizer.encode(plain(text)), tokenizer.eos_id]
