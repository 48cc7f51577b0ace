"""What the translation tab says, in the languages of the page."""

from __future__ import annotations

from pathlib import Path

from translate.languages import LANGUAGES
from wording import Wording

TEXTS = Wording("translate", Path(__file__).with_name("texts.yaml"))


def named(code: str) -> str:
    """A language's name in the reader's own."""
    return TEXTS(code) if code in LANGUAGES else code
