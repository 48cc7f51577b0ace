"""The shipped models, loaded once on PyTorch for all looks inside. They hold no state: all may share them."""

from __future__ import annotations

from functools import cache

from chat.bot import PRETRAINED as CHAT
from chat.bot import Bot
from lab.glass.look import load
from translate.translator import PRETRAINED as TRANSLATE
from translate.translator import Translator


@cache
def translator() -> Translator:
    """The shipped translator."""
    return Translator(load(TRANSLATE))


@cache
def bot() -> Bot:
    """The shipped bot."""
    return Bot(load(CHAT))
