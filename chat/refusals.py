"""Replies that say "nobody told me": how they are worded, and how to tell them from an answer. No torch."""

from __future__ import annotations

import re

REFUSAL_STARTS = (  # as the bot is trained
    "You haven't told me",
    "You never told me",
    "Nobody has told me",
    "The text doesn't say",
)
_REFUSAL = re.compile(
    r"\byou(?: have|'ve)? (?:haven't|have not|hadn't|never|didn't|did not)(?: yet)? "
    r"(?:told|tell|said|say|mention|mentioned)\b"
    r"|\b(?:nobody|no one|no-one) (?:has )?(?:ever )?(?:told|mentioned)\b"
    r"|\bI (?:don't|do not) know\b"
    r"|\bI (?:haven't|have not) been told\b"
    r"|\b(?:the text (?:doesn't|does not) say|isn't in the text)\b",
    re.IGNORECASE,
)


def is_refusal(reply: str) -> bool:
    """Whether a reply says that the bot was not told, rather than answering."""
    return bool(_REFUSAL.search(reply.replace("\u2019", "'")))
