"""What the frame of the page says, in its languages."""

from __future__ import annotations

from pathlib import Path

from wording import Wording

TEXTS = Wording("front", Path(__file__).with_name("texts.yaml"))
