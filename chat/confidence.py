"""How sure the bot is of a reply out of its memory, and when it would rather say that nobody told it.

The network answers or refuses by its likeliest words, and is wrong too often where nothing fits well. Whether
an answer is right can be told from the search and from the place that it was copied from: calibrated by
logistic regression on generated conversations that were never trained on (`data_prep/reply_confidence.py`),
and stored beside the checkpoint.

T tokens of a reply, M tokens in the memory. No torch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from chat.evidence import EVIDENCE, Evidence
from lstm_models.calibration import StoredCalibration, probability, weights_of
from lstm_models.search import Hypothesis
from lstm_models.state import ContextState

REFUSE = 0.35  # an answer that is less likely right than this is not given
DOUBT = 0.5  # below this the page and the interfaces say that the bot is not sure
CLAIM = 0.5  # tokens copied from earlier turns that make a reply one about what was told
# A refusal less likely than this cannot be meant: nothing was asked. Of 246 replies to messages that tell,
# 99 in 100 had 0.0009 at the most; of answers to questions that were kept back, 98 in 100 had 0.005 or more.
ASKED = 0.002
MEANT = 0.3  # a refusal at least this likely is meant; behind small talk it was 0.26 at most (decision 0046)
_LEAST = -8.0  # a token less likely than this is no less likely to be right
FEATURES = (
    "one",
    "square root of the probability of a refusal",
    "mean of the tokens",
    "least likely token",
    "all tokens",
    "mean of the copied tokens",
    "least likely copied token",
    "most attention on the null slot",
    "mean attention on the null slot",
    "tokens copied from earlier turns",
    "number of tokens",
    *EVIDENCE,
)


@dataclass(frozen=True)
class ReplyCalibration(StoredCalibration):
    """weights: in the order of FEATURES. fitted: on what, for people to read."""

    weights: tuple[float, ...]
    fitted: str = ""

    @classmethod
    def parse(cls, content: Mapping[str, Any]) -> Self:
        """See `StoredCalibration.parse`."""
        weights = weights_of(content["weights"], len(FEATURES))
        return cls(str(content["model"]), weights, str(content["fitted"]))

    def confidence(
        self, best: Hypothesis, seen: ContextState, never_told: float, evidence: Evidence
    ) -> float | None:
        """How likely the reply to a question is right, 0 to 1; None where it takes nothing from what was
        said earlier."""
        if not claims(best, seen):
            return None
        copied = copied_earlier(best, seen)
        return probability(features(best, copied, never_told, evidence), self.weights)


def asks(never_told: float) -> bool:
    """Whether a message asks for something that could be known, by how likely it would be refused."""
    return never_told >= ASKED


def claims(best: Hypothesis, seen: ContextState) -> bool:
    """Whether an answer says something of what was told: it copies from there."""
    return bool(copied_earlier(best, seen).sum() >= CLAIM)


def copied_earlier(best: Hypothesis, seen: ContextState) -> np.ndarray:
    """The share of each token [T] that was copied from segments before the newest."""
    earlier = seen.token_segment < seen.num_segments - 1  # [M]
    return np.asarray(best.copy_weights[:, earlier].sum(axis=1))


def features(best: Hypothesis, copied: np.ndarray, never_told: float, evidence: Evidence) -> list[float]:
    """What tells right answers from wrong ones (FEATURES); copied [T], see `copied_earlier`."""
    log_probs = np.maximum(best.token_log_probs, _LEAST)
    own = log_probs[copied > CLAIM] if (copied > CLAIM).any() else np.array([_LEAST])
    return [
        1.0,
        float(np.sqrt(never_told)),
        float(log_probs.mean()),
        float(log_probs.min()),
        float(max(best.log_prob, 4 * _LEAST)),
        float(own.mean()),
        float(own.min()),
        float(best.null_weights.max()),
        float(best.null_weights.mean()),
        float(np.log1p(copied.sum())),
        len(log_probs) / 10,
        *evidence.features(best),
    ]
