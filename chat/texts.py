"""What the chat tab says, in the languages of the page."""

from __future__ import annotations

from pathlib import Path

from wording import Wording

TEXTS = Wording("chat", Path(__file__).with_name("texts.yaml"))
