"""Users that chat and translate over the interfaces, what they ask, and what they got."""

from __future__ import annotations

import random
import time
from collections import Counter
from dataclasses import dataclass, field
from itertools import count

from benchmarks.server import Caller

NAMES = ("Ada", "Bruno", "Clara", "David", "Elena", "Felix", "Greta", "Hugo", "Irene", "Jonas")
TOWNS = ("Oslo", "Lisbon", "Vienna", "Dublin", "Turin", "Geneva", "Prague", "Bergen")
THINGS = ("the red umbrella", "my old bicycle", "the blue suitcase", "our spare key", "the long ladder")
SAID = (
    "My sister {name} lives in {town}.",
    "I left {thing} at the station.",
    "Where does {name} live?",
    "How are you today?",
    "{name} would like to visit {town} next summer.",
    "Do you remember where I left {thing}?",
)
SENTENCES = (
    "{name} went to {town} yesterday because the train was late.",
    "Have you seen {thing} anywhere?",
    "We should meet in {town} before the shops close.",
    "{name} said that it was going to rain, so we stayed at home.",
    "I would like a room with a view, please.",
    "The children were playing in the garden when {name} called.",
)
TARGETS = ("de", "fr", "es")
TURNS = 40  # of a conversation, then the client begins another one and deletes it


@dataclass
class Tally:
    """Seconds of each answer by kind, and what was refused."""

    chat: list[float] = field(default_factory=list)
    translation: list[float] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    cpu: float = 0.0  # seconds of the server's process

    @property
    def cost(self) -> float:
        """Milliseconds of the server's CPU time for an answer: other work beside it hardly changes that."""
        return 1e3 * self.cpu / max(1, len(self.chat) + len(self.translation))

    @property
    def rate(self) -> float:
        """Answers a second."""
        return (len(self.chat) + len(self.translation)) / self.seconds


class User:
    """One client. does: the kinds of what it asks for, in turns."""

    def __init__(self, address: str, number: int, does: tuple[str, ...]) -> None:
        self.rng, self.does = random.Random(number), does
        self.caller = Caller(address, f"benchmark-{number}")
        self.conversation, self.turns = "", 0

    def run(self, until: float, tally: Tally) -> None:
        """Asks until then (time.monotonic())."""
        for n in count():
            if time.monotonic() >= until:
                break
            kind = self.does[n % len(self.does)]
            if kind == "chat":
                self._begin()
            path, body = self._message() if kind == "chat" else self._sentence()
            start = time.perf_counter()
            status, answer, retry = self.caller.ask("POST", path, body)
            if status == 200:
                getattr(tally, kind).append(time.perf_counter() - start)
            else:
                tally.refused[f"{status} {answer}"[:120]] += 1
                time.sleep(min(retry or 1.0, 5.0))
        self.caller.close()

    def _begin(self) -> None:
        """A new conversation, where there is none or it has become long."""
        if self.conversation and self.turns < TURNS:
            self.turns += 1
            return
        if self.conversation:
            self.caller.ask("DELETE", f"/v1/conversations/{self.conversation}")
        status, answer, _ = self.caller.ask("POST", "/v1/conversations", {})
        if status != 200:
            raise RuntimeError(f"no conversation could be begun: {status} {answer}")
        self.conversation, self.turns = answer["id"], 1

    def _filled(self, texts: tuple[str, ...]) -> str:
        pick = self.rng.choice
        return pick(texts).format(name=pick(NAMES), town=pick(TOWNS), thing=pick(THINGS))

    def _message(self) -> tuple[str, dict[str, object]]:
        message = {"role": "user", "content": self._filled(SAID)}
        asked: dict[str, object] = {
            "model": "longshort-chat",
            "conversation": self.conversation,
            "messages": [message],
        }
        return "/v1/chat/completions", asked

    def _sentence(self) -> tuple[str, dict[str, object]]:
        target = self.rng.choice(TARGETS)
        return "/translate", {"q": self._filled(SENTENCES), "source": "en", "target": target}
