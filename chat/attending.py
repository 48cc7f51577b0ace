"""What an answer looks at: the memory, or what was just said; and whether something is asked. No torch."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from chat.confidence import asks
from chat.refusals import REFUSAL_STARTS
from chat.telling import is_request
from chat.words import asks_whether
from lstm_models.engine import Engine
from lstm_models.state import ContextState

JUST_SAID = 4  # segments before the newest message


@dataclass(frozen=True)
class Attended:
    """Before an answer to the newest message.

    seen: what it looks at. refusals: the probability of each of REFUSAL_STARTS. message: what was said.
    told: the message, where it only tells something; else "".
    """

    seen: ContextState
    refusals: np.ndarray
    message: str
    told: str = ""

    @property
    def never_told(self) -> float:
        """The probability, 0 to 1, of any refusal."""
        return float(self.refusals.sum())

    @property
    def asked(self) -> bool:
        """Whether the message asks for something that could be known."""
        return asks(self.never_told) or asks_whether(self.message)

    def for_thanks(self) -> Attended:
        """The same for a message that only tells something: what was just said.

        Thanks that look further back name other things that were told.
        """
        segments = len(_newest_parts(self.seen)) + JUST_SAID
        return replace(self, seen=self.seen.latest(segments), told=self.message)


def attend(engine: Engine, heard: ContextState, tag: str, thanks: bool) -> Attended:
    """What an answer beginning with `tag` looks at: the part of the memory that matches the newest segment.

    thanks: whether behind a message that only tells something it is what was just said.
    """
    seen = engine.focus(heard)
    parts = (ids[1:].tolist() for ids in _newest_parts(seen))  # behind the speaker's tag
    message = " ".join(map(engine.tokenizer.decode, parts))
    attended = Attended(seen, engine.beginnings(seen, tag, REFUSAL_STARTS), message)
    return attended.for_thanks() if thanks and not attended.asked and not is_request(message) else attended


def _newest_parts(seen: ContextState) -> list[np.ndarray]:
    """The segments of the newest message, the first one first: those of one speaker in a row."""
    segments = [seen.token_ids[seen.token_segment == number] for number in np.unique(seen.token_segment)]
    speaker = segments[-1][0]
    others = [place for place, ids in enumerate(segments) if ids[0] != speaker]
    return segments[others[-1] + 1 if others else 0 :]
