"""What speaks for an answer: whether the place that it was copied from speaks of what is asked.

The network finds the right place less surely than it copies from it. How near the copied words stand to the
words of the question, and whether the names that are asked for stand there, tells right answers from wrong
ones (decision 0041); so does what the network expects of each word before it says one (decision 0048).
Nothing of this makes an answer: it helps to choose among the network's. No torch.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection
from functools import cached_property

import numpy as np

from chat.reply import COPIED
from chat.splitting import sentences
from chat.words import content_words, names, words
from lstm_models.engine import Engine
from lstm_models.search import Hypothesis
from lstm_models.state import ContextState
from lstm_models.tokenizer import Tokenizer

EVIDENCE = (
    "words between what was copied and what is asked",
    "asked names missing there",
    "asked names never told",
    "asked words there",
    "asked words in the sentence",
    "a later correction",
    "least likely token of its own",
    "how much was expected of what was copied",
    "how much more of something else",
    "a no that says what was asked",
    "a yes that says something else",
)
_FAR = 20  # words; so far apart, or not there at all
_LEAST = -8.0
_STEM = 4  # letters that two forms of a word share
_VERDICTS = {"yes", "no"}
_OWNED = re.compile(r"\b(?:do|does|have|has) .{1,60}? (?:have|got) an? (\w+)\W*$", re.IGNORECASE)
_VERDICT = re.compile(r"\s*(yes|no)\b", re.IGNORECASE)
_NEGATED = re.compile(r"(?<!^)\b(?:not|never|cannot|no|nothing)\b|n't\b", re.IGNORECASE)
_CORRECTS = re.compile(
    r"\b(?:actually|instead|turn(?:ed|s) out|after all|changed|wrong|moved|no longer|not any ?more|correction"
    r"|mistake|rather|sorry|meant|now|in the end|it was really)\b",
    re.IGNORECASE,
)


class Evidence:
    """Of one question, the newest segment of a state: what is asked, and what else is remembered."""

    def __init__(self, engine: Engine, seen: ContextState) -> None:
        self.tokenizer: Tokenizer = engine.tokenizer
        self.seen = seen
        *self.earlier, self.newest = np.unique(seen.token_segment).tolist()
        self.texts = {segment: self._text(segment) for segment in (*self.earlier, self.newest)}
        self.asked, self.names = content_words(self.texts[self.newest]), names(self.texts[self.newest])
        self.words = {segment: content_words(self.texts[segment]) for segment in self.earlier}
        # Logits, not shares of all that was told: these would fall the more, the more was told.
        self.expected = np.where(seen.token_segment < self.newest, engine.expected(seen), -np.inf)  # [M]

    def features(self, best: Hypothesis) -> list[float]:
        """In the order of EVIDENCE."""
        copied = best.copy_weights.sum(axis=1)  # [T]
        own = np.asarray(best.token_log_probs)[copied < COPIED]
        source = self._source(best)
        there, told = self.words.get(source, set()), set().union(*self.words.values())
        said = self.said(best)
        return [
            math.log1p(self._distance(source, said)),
            _missing(self.names, there),
            _missing(self.names, told),
            self._share(there),
            self._share(self._sentence(source, said)),
            float(self._corrected(source)),
            float(max(own.min(initial=0.0), _LEAST)),
            *self._expected(best),
            *self._contradiction(best, said),
        ]

    def _expected(self, best: Hypothesis) -> tuple[float, float]:
        """The most that was expected of a token that was copied; how much more of another, 0 or above."""
        copied = best.copy_weights.max(axis=0, initial=0) > COPIED  # [M]
        most = self.expected.max(initial=_LEAST)
        found = max(self.expected[copied].max(initial=_LEAST), _LEAST)
        return float(min(found, -_LEAST)), float(min(most - found, -_LEAST))

    def _contradiction(self, best: Hypothesis, said: set[str]) -> tuple[float, float]:
        """Whether a yes or no does not go with what it says behind it."""
        stems, text = {word[:_STEM] for word in self.asked}, self.tokenizer.decode(best.tokens)
        new = bool({word[:_STEM] for word in said - _VERDICTS} - stems)
        all_asked = bool(stems) and stems <= {word[:_STEM] for word in content_words(text)}
        owned = _OWNED.search(self.texts[self.newest])  # "No, your cat ..." speaks of one that there is
        there = bool(owned and content_words(owned[1]) & content_words(text))
        # "No, you do not eat meat" says what is asked, the other way round
        turned = bool(_NEGATED.search(text)) != bool(_NEGATED.search(self.texts[self.newest]))
        no = "no" in said and not turned and (there or all_asked or not new)
        yes = "yes" in said and (not there if new else turned)
        return float(no), float(yes)

    def said(self, best: Hypothesis) -> set[str]:
        """What an answer says that the question does not: the words that carry meaning, and yes or no."""
        text = self.tokenizer.decode(best.tokens)
        verdict = _VERDICT.match(text)
        return (content_words(text) - self.asked) | ({verdict[1].lower()} if verdict else set())

    def _text(self, segment: int) -> str:
        ids = self.seen.token_ids[self.seen.token_segment == segment]
        return self.tokenizer.decode(ids[1:].tolist())  # behind the speaker's tag

    def _source(self, best: Hypothesis) -> int:
        """The earlier segment that most was copied from; -1 where there is none."""
        if not self.earlier or not len(best.tokens):
            return -1
        earlier = np.where(self.seen.token_segment < self.newest, best.copy_weights, 0)  # [T, M]
        sums = np.bincount(self.seen.token_segment, weights=earlier[earlier.sum(axis=1) > COPIED].sum(axis=0))
        return int(sums.argmax()) if sums.any() else -1

    def _share(self, there: Collection[str]) -> float:
        """How much of what is asked stands there, 0 to 1; a word that stands in few segments counts more."""
        of_all = sum(map(self._rarity, self.asked))
        return sum(self._rarity(word) for word in self.asked if word in there) / of_all if of_all else 0.0

    def _rarity(self, word: str) -> float:
        return math.log((max(1, len(self.earlier)) + 1) / (self._counts[word] + 0.5))

    @cached_property
    def _counts(self) -> Counter[str]:
        return Counter(word for there in self.words.values() for word in there)

    def _sentence(self, source: int, said: set[str]) -> set[str]:
        """The words of the source's sentence with most of what was said; of equals, that with most asked."""
        parts = [content_words(part) for part in sentences(self.texts.get(source, ""))]
        return max(parts, key=lambda part: (len(part & said), self._share(part)), default=set())

    def _distance(self, source: int, said: set[str]) -> int:
        """The fewest words from one that was said to one that is asked, in the source."""
        there = [next(iter(content_words(word)), "") for word in words(self.texts.get(source, ""))]
        asked = [place for place, word in enumerate(there) if word in self.asked]
        copied = [place for place, word in enumerate(there) if word in said]
        return min((abs(one - other) for one in asked for other in copied), default=_FAR)

    def _corrected(self, source: int) -> bool:
        """Whether somebody, but not the bot, said later that something of it is otherwise."""
        about = self.words.get(source, set()) | self.asked
        return any(
            segment > source
            and self.words[segment] & about
            and self._speakers[segment] != self.tokenizer.tag_id("<bot>")
            and _CORRECTS.search(self.texts[segment])
            for segment in self.earlier
        )

    @cached_property
    def _speakers(self) -> dict[int, int]:
        starts = np.unique(self.seen.token_segment, return_index=True)
        return {int(segment): int(self.seen.token_ids[place]) for segment, place in zip(*starts, strict=True)}


def _missing(wanted: set[str], there: set[str]) -> float:
    return len(wanted - there) / len(wanted) if wanted else 0.0
