"""What is noted beside a reply about where it came from."""

from chat.reply import CopiedToken, Reply
from chat.sources import Span, about_reply


def test_ages_are_turns_whatever_their_parts() -> None:
    spans = [Span(0, 0, 3), Span(1, 3, 1), Span(2, 4, 2)]
    tokens = tuple(CopiedToken("word", 1.0, segment, 2) for segment in (1, 3, 5))
    copied = about_reply(Reply("word", 0.0, tokens, 0.0), spans)["copied"]
    assert [(turn, part, age) for _, _, turn, part, _, age in copied] == [(0, 1, 2), (1, 0, 1), (2, 1, 0)]
