"""A text's translation, put together from those of its sentences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from translate.detect import Detection
from translate.drafts import SentenceTranslation
from translate.sentences import Piece


@dataclass(frozen=True)
class Translation:
    """One text, translated.

    text: the translation, with the line breaks and blanks of the original.
    score: the mean of the sentences' scores (log-probability normalised by length, 0 is best);
        0 when nothing had to be translated.
    source, target: codes of LANGUAGES. With source="auto" they can be the same: then text is the original.
    sentences: what was translated, in order; repeated sentences repeat. starts: where each begins in text.
    places: where each begins in the original.
    alternatives: other translations of the whole text, as many as were asked for; in the first, every
        sentence that has one is its first alternative, and so on.
    original: the text that was translated.
    detection: what was detected with source="auto".
    complete: False while `stream` has sentences to come.
    """

    text: str
    score: float
    source: str
    target: str
    sentences: tuple[SentenceTranslation, ...] = ()
    detection: Detection | None = None
    complete: bool = True
    starts: tuple[int, ...] = ()
    places: tuple[int, ...] = ()
    alternatives: tuple[str, ...] = ()
    original: str = ""

    @property
    def confidence(self) -> float | None:
        """The share of the words that is expected in a human's translation, 0 to 1, by sentence length.

        None where nothing was translated, or the checkpoint is not calibrated.
        """
        known = [(s.confidence, len(s.words)) for s in self.sentences if s.confidence is not None and s.words]
        return sum(one * size for one, size in known) / sum(size for _, size in known) if known else None

    @property
    def warnings(self) -> tuple[str, ...]:
        """What should have come through as it was and is not in the translation, for people to read."""
        lost = dict.fromkeys(part for sentence in self.sentences for part in sentence.lost)
        return tuple(f"“{part}” is missing in the translation" for part in lost)


@dataclass(frozen=True)
class Plan:
    """A text, cut up, with its language settled."""

    pieces: list[Piece]
    source: str
    target: str
    detection: Detection | None


def put_together(plan: Plan, done: dict[str, SentenceTranslation], alternatives: int = 0) -> Translation:
    """The text from its beginning to the first sentence that is not done."""
    found: list[str | SentenceTranslation] = []
    starts, places, place, length = [], [], 0, 0
    for piece in plan.pieces:
        if piece.translate and piece.text not in done:
            break
        part = done[piece.text] if piece.translate else piece.text
        if isinstance(part, SentenceTranslation):
            starts.append(length)
            places.append(place)
        found.append(part)
        length += len(part.text if isinstance(part, SentenceTranslation) else part)
        place += len(piece.text)
    sentences = tuple(part for part in found if isinstance(part, SentenceTranslation))
    most = min(alternatives, max((len(one.alternatives) for one in sentences), default=0))
    return Translation(
        _joined(found, 0),
        sum(one.score for one in sentences) / len(sentences) if sentences else 0.0,
        plan.source,
        plan.target,
        sentences,
        plan.detection,
        len(found) == len(plan.pieces),
        tuple(starts),
        tuple(places),
        tuple(_joined(found, number) for number in range(1, most + 1)),
        "".join(piece.text for piece in plan.pieces),
    )


def _joined(parts: Sequence[str | SentenceTranslation], number: int) -> str:
    """The text with the `number`th alternative of every sentence, or its last one; 0: the best."""
    return "".join(
        part if isinstance(part, str) else [part, *part.alternatives][: number + 1][-1].text for part in parts
    )
