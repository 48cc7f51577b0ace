"""Texts in one language to texts in another: what `from translate import Translator` gives.

A text is cut into sentences (sentences.py); the sentences of all texts of a call are sorted by length and
translated in batches, each from an empty context; then every text is put together as it was laid out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from lstm_models.engine import Engine
from lstm_models.search import SearchOptions
from translate.decode import NO_GLOSSARY, Glossary, SentenceTranslation, SentenceTranslator, protected_only
from translate.detect import Detection, detect
from translate.languages import DIRECTIONS, LANGUAGES, check_direction, target_tag
from translate.sentences import Piece, is_language, split, split_long

PRETRAINED = Path(__file__).resolve().parent.parent / "pretrained" / "translate"
# The model was trained on sentences; what is far longer is cut at a comma or between words.
LONGEST_SENTENCE = 100
_BATCH_SENTENCES = 32
# A detection at least so sure is not overruled by what the target allows.
_SURE = 0.8


@dataclass(frozen=True)
class Translation:
    """One text, translated.

    text: the translation, with the line breaks and blanks of the original.
    score: the mean of the sentences' scores (log-probability normalised by length, 0 is best);
        0 when nothing had to be translated.
    source, target: codes of LANGUAGES. With source="auto" they can be the same: then text is the original.
    sentences: what was translated, in order; repeated sentences repeat.
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

    @property
    def warnings(self) -> tuple[str, ...]:
        """What should have come through as it was and is not in the translation, for people to read."""
        lost = dict.fromkeys(part for sentence in self.sentences for part in sentence.lost)
        return tuple(f"“{part}” is missing in the translation" for part in lost)


@dataclass(frozen=True)
class _Plan:
    """A text, cut up, with its language settled."""

    pieces: list[Piece]
    source: str
    target: str
    detection: Detection | None


class Translator:
    """Translates between English and German, French and Spanish. It holds no state: threads may share it."""

    def __init__(self, engine: Engine) -> None:
        """`engine`: a translation checkpoint, loaded; see `load`."""
        self.engine, self.sentences = engine, SentenceTranslator(engine)

    @classmethod
    def load(cls, path: str | Path | None = None) -> Translator:
        """Loads a checkpoint folder, or the shipped weights when `path` is left out.

        Raises: ValueError saying what does not fit and what to do.
        """
        folder = Path(path) if path is not None else PRETRAINED
        if not folder.is_dir():
            raise ValueError(
                f"no translation model at {folder}: give the path of a checkpoint folder, "
                f"or train one with `longshort train recipes/translate.yaml`"
            )
        engine = Engine.load(folder)
        if (task := engine.card.get("task", "translate")) != "translate":
            raise ValueError(f"{folder} is a {task} model: give one that was trained to translate")
        return cls(engine)

    def translate(
        self,
        texts: Sequence[str],
        source: str = "en",
        target: str = "de",
        beam_size: int = 5,
        length_penalty: float = 0.6,
        glossary: Glossary = NO_GLOSSARY,
    ) -> list[Translation]:
        """Translates texts of any length; one Translation for each, in order.

        source: "en", "de", "fr", "es", or "auto" to detect each text's language; target: one of the four.
            One of the two is English.
        beam_size: hypotheses kept in the search; 1 is fastest. length_penalty: see SearchOptions.
        glossary: terms that must be translated as given, and words that must not be translated.
        Numbers, dates, prices, addresses, code, placeholders, tags, emoji and rare names come through as they
        are; what does not is in the `warnings`.
        An empty text, and one without a word of Latin script, come back as they are.
        Raises: ValueError naming the argument, its value and the remedy.
        """
        if isinstance(texts, str):
            raise ValueError("texts is one str: put it into a list, translate([text], ...)")
        texts = list(texts)
        options = SearchOptions(beam_size=beam_size, length_penalty=length_penalty)
        _check_languages(source, target)
        plans = [self._plan(text, source, target, glossary, place) for place, text in enumerate(texts)]
        done: dict[str, dict[str, SentenceTranslation]] = {}
        for language in dict.fromkeys(plan.source for plan in plans):
            pieces = (piece for plan in plans if plan.source == language for piece in plan.pieces)
            wanted = list(dict.fromkeys(piece.text for piece in pieces if piece.translate))
            done[language] = self.sentences.translate(wanted, language, target, options, glossary)
        return [_put_together(plan, done[plan.source]) for plan in plans]

    def stream(
        self,
        text: str,
        source: str = "en",
        target: str = "de",
        beam_size: int = 5,
        length_penalty: float = 0.6,
        glossary: Glossary = NO_GLOSSARY,
    ) -> Iterator[Translation]:
        """Translates one text and yields it as it grows: what is done so far, from its beginning.

        The last Translation is complete and equals what `translate` gives. Raises: as `translate`, at once.
        """
        options = SearchOptions(beam_size=beam_size, length_penalty=length_penalty)
        _check_languages(source, target)
        plan = self._plan(text, source, target, glossary)
        return self._grow(plan, options, glossary)

    def settle(self, text: str, target: str) -> str:
        """The language that source="auto" takes `text` for. Raises: ValueError as `translate`."""
        _check_languages("auto", target)
        return _detect_source(text, target, 0)[0]

    def _grow(self, plan: _Plan, options: SearchOptions, glossary: Glossary) -> Iterator[Translation]:
        waiting = iter(dict.fromkeys(piece.text for piece in plan.pieces if piece.translate))
        done: dict[str, SentenceTranslation] = {}
        size = 1  # the first sentence comes alone and quickly; then ever larger batches, which are faster
        while batch := list(islice(waiting, size)):
            done |= self.sentences.translate(batch, plan.source, plan.target, options, glossary)
            size = min(2 * size, _BATCH_SENTENCES)
            if not (partial := _put_together(plan, done)).complete:
                yield partial
        yield _put_together(plan, done)

    def _plan(self, text: str, source: str, target: str, glossary: Glossary, place: int = 0) -> _Plan:
        if not isinstance(text, str):
            raise ValueError(f"texts[{place}] is {type(text).__name__}, not str: give every text as a string")
        # Half of a character cannot be written to a file or a terminal, nor be read by the splitter.
        text = text.encode("utf-8", "ignore").decode("utf-8")
        detection = None
        if source == "auto":
            source, detection = _detect_source(text, target, place)
        if source == target:
            return _Plan([Piece(text, False)], source, target, detection)
        longest = min(LONGEST_SENTENCE, self.engine.config.max_segment - 1)
        cut = (
            part for piece in split(text, source) for part in split_long(piece, self.sentences.count, longest)
        )
        pieces = [
            Piece(part.text, part.translate and is_language(protected_only(part.text, glossary.keep)))
            for part in cut
        ]
        return _Plan(pieces, source, target, detection)


def _check_languages(source: str, target: str) -> None:
    if source != "auto":
        check_direction(source, target)
    elif target not in LANGUAGES:
        target_tag(target)  # raises


def _detect_source(text: str, target: str, place: int) -> tuple[str, Detection]:
    """The language to translate from. Raises: ValueError if surely one that does not go with `target`."""
    possible = [source for source, goal in DIRECTIONS if goal == target]
    detection = detect(text)
    if (language := detection.language) is None:  # no letters, nothing to translate: any will do
        return possible[0], detection
    if language in (target, *possible):
        return language, detection
    if detection.confidence < _SURE:
        detection = detect(text, (target, *possible))
        return detection.language or possible[0], detection
    name, goal = LANGUAGES[language], LANGUAGES[target]
    raise ValueError(
        f"texts[{place}] seems to be {name} (confidence {detection.confidence:.2f}), and {name} to {goal} "
        f"is not offered: translate into English (target='en') first, or name the source if this is wrong"
    )


def _put_together(plan: _Plan, done: dict[str, SentenceTranslation]) -> Translation:
    """The text from its beginning to the first sentence that is not done."""
    parts: list[str] = []
    sentences: list[SentenceTranslation] = []
    complete = True
    for piece in plan.pieces:
        if not piece.translate:
            parts.append(piece.text)
            continue
        if piece.text not in done:
            complete = False
            break
        sentences.append(done[piece.text])
        parts.append(done[piece.text].text)
    score = sum(sentence.score for sentence in sentences) / len(sentences) if sentences else 0.0
    return Translation(
        "".join(parts), score, plan.source, plan.target, tuple(sentences), plan.detection, complete
    )
