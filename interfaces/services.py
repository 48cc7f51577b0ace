"""What the interfaces share: the models, who may ask, and how much at once."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

import anyio

from chat.conversations import Conversations
from interfaces.keys import Keys
from interfaces.refusing import Refusal
from translate.translator import Translator

Result = TypeVar("Result")


@dataclass(frozen=True)
class Limits:
    """What a request may cost. The page keeps its own limits of length besides.

    characters, texts: of a request, all its texts together; document: characters of a text to ask about.
    alternatives: of a translation.
    seconds: that a request may take; per_minute: requests of one client (0: any number).
    at_once: requests that are computed together; as many again may wait.
    """

    characters: int = 20_000
    texts: int = 256
    document: int = 200_000
    alternatives: int = 5
    seconds: float = 60.0
    per_minute: int = 1200
    at_once: int = 32

    def check_length(self, characters: int, texts: int = 1, most: int | None = None) -> None:
        """Raises Refusal for a request that is too long; most: characters, instead of `characters`."""
        longest = self.characters if most is None else most
        for size, limit, what in ((texts, self.texts, "texts"), (characters, longest, "characters")):
            if size > limit:
                raise Refusal(
                    400, f"Invalid request: {size:,} {what}, {limit:,} at most: send them in several requests"
                )

    def deadline(self) -> Deadline:
        """Of a request that begins now."""
        return Deadline(time.monotonic() + self.seconds, self.seconds)


@dataclass(frozen=True)
class Deadline:
    """When a request has to be done."""

    end: float  # time.monotonic()
    seconds: float

    @property
    def passed(self) -> bool:
        """Whether it is over."""
        return time.monotonic() > self.end

    def check(self) -> None:
        """Raises Refusal once it has passed."""
        if self.passed:
            raise Refusal(
                503, f"this took longer than {self.seconds:g} s: send less at once, or try again", retry=10
            )


class Workers:
    """Runs what takes time in threads, so many at once. What is too many is refused, not piled up."""

    def __init__(self, at_once: int) -> None:
        self.at_once, self.busy = at_once, 0
        self._limiter: anyio.CapacityLimiter | None = None

    async def run(self, work: Callable[..., Result], *arguments: object) -> Result:
        """The result of work(*arguments). Raises Refusal where too many wait already."""
        if self._limiter is None:  # made inside the event loop that it belongs to
            self._limiter = anyio.CapacityLimiter(self.at_once)
        if self.busy >= 2 * self.at_once:
            raise Refusal(503, "too many requests at once: try again in a moment", retry=2)
        self.busy += 1
        try:
            return await anyio.to_thread.run_sync(partial(work, *arguments), limiter=self._limiter)
        finally:
            self.busy -= 1


@dataclass(frozen=True)
class Services:
    """The models (None: not there), the limits, and the keys that are asked for (None: nobody needs one)."""

    translator: Translator | None = None
    conversations: Conversations | None = None
    limits: Limits = Limits()
    keys: Keys | None = None
    workers: Workers = field(default_factory=lambda: Workers(Limits().at_once))

    @classmethod
    def of(
        cls,
        translator: Translator | None,
        conversations: Conversations | None,
        limits: Limits | None = None,
        keys: Keys | None = None,
    ) -> Services:
        """With workers as many as the limits say."""
        limits = limits or Limits()
        return cls(translator, conversations, limits, keys, Workers(limits.at_once))

    def translating(self) -> Translator:
        """The translator. Raises Refusal where none is loaded."""
        if self.translator is None:
            raise Refusal(404, "this server has no translation model: start it with --translate-model FOLDER")
        return self.translator

    def talking(self) -> Conversations:
        """The conversations of the interfaces. Raises Refusal where no bot is loaded."""
        if self.conversations is None:
            raise Refusal(404, "this server has no chat model: start it with --chat-model FOLDER")
        return self.conversations
