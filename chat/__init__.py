"""A chatbot that remembers what it was told: segments, the bot and its tab."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chat.bot import Bot
    from chat.reply import CopiedToken, Reply

__all__ = ["Bot", "CopiedToken", "Reply"]


def __getattr__(name: str) -> Any:
    # Asked for by name only: whoever needs the segments alone (preparing data) does not pay for torch.
    if name not in __all__:
        raise AttributeError(f"chat has no {name!r}: it offers {', '.join(__all__)}")
    from chat import bot

    return getattr(bot, name)
