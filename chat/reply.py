"""A reply with where each of its words came from, as the search tells it. No torch.

T tokens of a reply, M tokens in the memory bank.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lstm_models.search import Hypothesis
from lstm_models.state import ContextState
from lstm_models.tokenizer import Tokenizer

COPIED = 0.5  # below this share a token came from the model's own vocabulary
_UNUSED = 0.01  # tokens
_UNFINISHED = "\ufffd"  # what stands for the first bytes of a character, until the last one is there


@dataclass(frozen=True)
class CopiedToken:
    """One token of a reply and where it came from."""

    text: str  # as it stands in the reply, the blank before it included
    share: float  # 0 made by the model .. 1 copied from what was said
    segment: int | None  # what most of the share came from: 0 the first segment read, 1 the second, ...
    position: int | None = None  # the token of that segment which weighed most; 0 is the speaker's tag


@dataclass(frozen=True)
class Reply:
    """What the bot says.

    score: log-probability, normalised by length (0 is best). copied: each token with its source.
    never_told: the probability, 0 to 1, that the bot would say that it was not told what is asked.
    null_weight: the most attention that a token of the reply had on the null slot ("nobody told me").
    used: (segment, weight) of the segments that were copied from, as their usage was raised by this reply.
    confidence: how likely it is right, 0 to 1, where it answers out of the memory and that is calibrated.
    """

    text: str
    score: float
    copied: tuple[CopiedToken, ...]
    never_told: float
    null_weight: float = 0.0
    used: tuple[tuple[int, float], ...] = ()
    confidence: float | None = None

    @classmethod
    def of(cls, text: str) -> Reply:
        """What the bot says of something that it did: no answer of the network."""
        return cls(text, 0.0, (CopiedToken(text, 0.0, None),), 0.0)


def used_segments(best: Hypothesis, seen: ContextState) -> tuple[tuple[int, float], ...]:
    """How much was copied from each segment, in tokens; what is too little to matter is left out."""
    if not len(best.tokens) or not seen.num_tokens:
        return ()
    sums = np.bincount(seen.token_segment, weights=best.copy_weights.sum(0)).astype(np.float32)
    return tuple((int(segment), float(sums[segment])) for segment in np.flatnonzero(sums > _UNUSED))


def copied_tokens(
    tokenizer: Tokenizer,
    hypothesis: Hypothesis,
    token_segment: np.ndarray,
    known: tuple[CopiedToken, ...] = (),
) -> tuple[CopiedToken, ...]:
    """Each token of a hypothesis with its source; token_segment [M] of the state that was attended to.

    known: what this gave for the hypothesis when it was shorter. Of a character's bytes the last has it.
    """
    shown, copied = "".join(token.text for token in known), list(known)
    for place in range(len(known), len(hypothesis.tokens)):
        longer = tokenizer.decode(hypothesis.tokens[: place + 1])
        if place + 1 < len(hypothesis.tokens) or not hypothesis.finished:  # it may go on
            longer = longer.rstrip(_UNFINISHED)
        weights = hypothesis.copy_weights[place]  # [M]
        share = float(weights.sum())
        segment = position = None
        if share > 0:
            segment = int(np.bincount(token_segment, weights=weights).argmax())
            inside = np.flatnonzero(token_segment == segment)
            position = int(weights[inside].argmax())
        copied.append(CopiedToken(longer[len(shown) :], min(1.0, share), segment, position))
        shown = longer
    return tuple(copied)
