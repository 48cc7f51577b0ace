"""The bot: a message and a context state in, a reply and the next state out. It holds no conversation.

T tokens of a reply, M tokens in the memory bank.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from chat.refusals import REFUSAL_STARTS
from chat.segments import Turn, encode_turn
from lstm_models.engine import Engine
from lstm_models.search import Hypothesis, SearchOptions
from lstm_models.state import ContextState
from lstm_models.tokenizer import Tokenizer

MAX_CHARACTERS = 20_000  # refused before it is cut into tokens: no segment can hold so much
MAX_REPLY = 96  # tokens, however short the question
PRETRAINED = Path(__file__).resolve().parent.parent / "pretrained" / "chat"
TAG = "<reply>"
DEFAULT = SearchOptions(max_length=MAX_REPLY)


@dataclass(frozen=True)
class CopiedToken:
    """One token of a reply and where it came from."""

    text: str  # as it stands in the reply, the blank before it included
    share: float  # 0 made by the model .. 1 copied from what was said
    segment: (
        int | None
    )  # the turn that most of the share came from: 0 the first message, 1 the first reply, ...


@dataclass(frozen=True)
class Reply:
    """What the bot says.

    score: log-probability, normalised by length (0 is best). copied: each token with its source.
    never_told: the probability, 0 to 1, that the bot would say that it was not told what is asked.
    """

    text: str
    score: float
    copied: tuple[CopiedToken, ...]
    never_told: float


class Bot:
    """A chatbot on one checkpoint; many conversations can use it at once."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @classmethod
    def load(cls, path: str | Path | None = None) -> Bot:
        """The shipped bot, or that in the folder `path`. Raises ValueError if there is none there."""
        folder = Path(path) if path is not None else PRETRAINED
        engine = Engine.load(folder)
        if engine.card.get("task", "chat") != "chat":
            raise ValueError(
                f"{folder} holds a model for {engine.card['task']!r}, not for chat: give a chat checkpoint"
            )
        return cls(engine)

    def new_state(self) -> ContextState:
        """The empty memory that a conversation begins with."""
        return self.engine.new_state()

    def reply(
        self, message: str, state: ContextState, options: SearchOptions | None = None
    ) -> tuple[Reply, ContextState]:
        """The reply to a message, and the state in which both have been read.

        Raises ValueError for an empty or overlong message, or a state of another model.
        """
        heard = self.hear(message, state)
        best = self.engine.generate([heard], [TAG], options or DEFAULT)[0][0]
        return self._finished(best, heard, self._never_told(heard))

    def stream(
        self, message: str, state: ContextState, options: SearchOptions | None = None
    ) -> Iterator[Reply | tuple[Reply, ContextState]]:
        """The reply as it grows, a token more each time; last of all the whole reply with the next state."""
        heard = self.hear(message, state)
        never_told = self._never_told(heard)
        best = None
        for best in self.engine.stream(heard, TAG, options or DEFAULT):
            if not best.finished:
                yield self._reply(best, heard, never_told)
        assert best is not None  # a message is never empty, so there is always an answer
        yield self._finished(best, heard, never_told)

    def hear(self, message: str, state: ContextState, speaker: str = "user") -> ContextState:
        """The state in which a message (or a passage: speaker "doc") has been read, without a reply to it."""
        if not isinstance(message, str):
            raise ValueError(f"a message of type {type(message).__name__}: give a str")
        longest = self.engine.config.max_segment
        advice = (
            f"the bot reads up to {longest} tokens (about {longest * 3} letters) at once: send it in parts"
        )
        if len(message) > MAX_CHARACTERS:
            raise ValueError(f"the message has {len(message):,} characters; {advice}")
        ids = encode_turn(self.engine.tokenizer, Turn(speaker, message))
        if len(ids) <= 2:  # the speaker's tag and the end
            raise ValueError("the message is empty: write at least one word")
        if len(ids) > longest:
            raise ValueError(f"the message has {len(message):,} characters, {len(ids):,} tokens; {advice}")
        return self.engine.read([state], [ids])[0]

    def _never_told(self, heard: ContextState) -> float:
        return float(self.engine.beginnings(heard, TAG, REFUSAL_STARTS).sum())

    def _finished(
        self, best: Hypothesis, heard: ContextState, never_told: float
    ) -> tuple[Reply, ContextState]:
        reply = self._reply(best, heard, never_told)
        used = heard.with_usage(best.copy_weights) if len(best.tokens) else heard
        return reply, self.engine.read([used], [self._own_words(reply.text)])[0]

    def _own_words(self, text: str) -> list[int]:
        """The reply as the bot reads it back, so that it remembers what it said."""
        ids = encode_turn(self.engine.tokenizer, Turn("bot", text))
        return (
            [*ids[: self.engine.config.max_segment - 1], ids[-1]]
            if len(ids) > self.engine.config.max_segment
            else ids
        )

    def _reply(self, best: Hypothesis, heard: ContextState, never_told: float) -> Reply:
        copied = copied_tokens(self.engine.tokenizer, best, heard.token_segment)
        return Reply(self.engine.tokenizer.decode(best.tokens).strip(), best.score, copied, never_told)


def copied_tokens(
    tokenizer: Tokenizer, hypothesis: Hypothesis, token_segment: np.ndarray
) -> tuple[CopiedToken, ...]:
    """Each token of a hypothesis with its source; token_segment [M] of the state that was attended to."""
    shown, copied = "", []
    for place in range(len(hypothesis.tokens)):
        longer = tokenizer.decode(hypothesis.tokens[: place + 1])
        weights = hypothesis.copy_weights[place]  # [M]
        share = float(weights.sum())
        by_segment = np.bincount(token_segment, weights=weights) if len(token_segment) else np.zeros(1)
        segment = int(by_segment.argmax()) if share > 0 else None
        copied.append(CopiedToken(longer[len(shown) :], min(1.0, share), segment))
        shown = longer
    return tuple(copied)
