"""The shipped models, loaded once for all looks inside. They hold no state: all may share them."""

from __future__ import annotations

from functools import cache

from chat.bot import PRETRAINED as CHAT
from chat.bot import Bot
from lstm_models.engine import Engine
from translate.translator import PRETRAINED as TRANSLATE
from translate.translator import Translator


@cache
def translator() -> Translator:
    """The shipped translator, on PyTorch, which the lessons need."""
    return Translator(Engine.load(TRANSLATE, "torch"))


@cache
def bot() -> Bot:
    """The shipped bot, on PyTorch."""
    return Bot(Engine.load(CHAT, "torch"))
