"""What the laboratory's tab and panels say around the lessons, in the languages of the page."""

from __future__ import annotations

from pathlib import Path

from wording import Wording

TEXTS = Wording("lab", Path(__file__).with_name("texts.yaml"))
