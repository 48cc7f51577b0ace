"""Thanks for something told may repeat it, but as it was told: the bot reads its own words back. No torch."""

from __future__ import annotations

from collections.abc import Sequence

from chat.reply import COPIED, CopiedToken
from chat.telling import things_told
from chat.words import content_words, words

_THANKS_TEXT = """
noted note remember understood updated changed change corrected correction nice meet pleased great glad sorry
name called keep mind record good sure alright right fine
"""
_THANKS = frozenset(_THANKS_TEXT.split())
_FIRST_PERSON = frozenset(("i", "me", "my", "mine", "myself", "we", "us", "our", "ours"))


def repeats_rightly(reply: Sequence[CopiedToken], message: str) -> bool:
    """Whether a reply that copies words says nothing but what one part of the message says, in its order.

    True of one that copies none: it claims nothing. False where it copies "I" or "my", and so would speak of
    itself.
    """
    copied = [token.text.strip().lower() for token in reply if token.share >= COPIED]
    if not any(any(map(str.isalnum, word)) for word in copied):
        return True
    if not _FIRST_PERSON.isdisjoint(copied):
        return False
    said = [word for word in _meaning("".join(token.text for token in reply)) if word not in _THANKS]
    return any(_stand_in_order(said, _meaning(part)) for part in things_told(message))


def _stand_in_order(said: list[str], told: list[str]) -> bool:
    left = iter(told)
    return all(word in left for word in said)  # each behind the one before


def _meaning(text: str) -> list[str]:
    """The words that carry meaning, in order."""
    return [base for word in words(text) for base in content_words(word)]
