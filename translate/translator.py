"""Texts in one language to texts in another: what `from translate import Translator` gives.

A text is cut into sentences (sentences.py); the sentences of all texts of a call are sorted by length and
translated in batches, each from an empty context; then every text is put together as it was laid out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

from lstm_models.engine import Engine
from lstm_models.search import SearchOptions
from translate.alternatives import Choice, check_count, choices, sentence_alternatives
from translate.backward import BackTranslation, compared
from translate.confidence import Calibration
from translate.decode import NO_GLOSSARY, Glossary, SentenceTranslator, protected_only
from translate.detect import Detection, detect
from translate.drafts import SentenceTranslation, Wanted
from translate.languages import DIRECTIONS, LANGUAGES, check_direction, target_tag
from translate.sentences import Piece, is_language, split, split_long
from translate.translation import Plan, Translation, put_together

PRETRAINED = Path(__file__).resolve().parent.parent / "pretrained" / "translate"
# The model was trained on sentences; what is far longer is cut at a comma or between words.
LONGEST_SENTENCE = 100
_BATCH_SENTENCES = 32
# A detection at least so sure is not overruled by what the target allows.
_SURE = 0.8


class NotOffered(ValueError):
    """One of the texts seems to be in a language that is not translated into the target.

    place: which of them. said: what it seems to be, without the remedy, which differs by who is told.
    """

    def __init__(self, place: int, said: str) -> None:
        self.place, self.said = place, said
        super().__init__(
            f"texts[{place}] {said}: translate into English (target='en') first, or name the source if this "
            "is wrong"
        )


class Translator:
    """Translates between English and German, French and Spanish. It holds no state: threads may share it."""

    def __init__(self, engine: Engine, calibration: Calibration | None = None) -> None:
        """`engine`: a translation checkpoint, loaded; see `load`."""
        self.sentences = SentenceTranslator(engine, calibration)

    @property
    def engine(self) -> Engine:
        """What computes; another one of the same weights may take its place."""
        return self.sentences.engine

    @engine.setter
    def engine(self, engine: Engine) -> None:
        self.sentences = SentenceTranslator(engine, self.sentences.calibration)

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
        return cls(engine, Calibration.load(folder, engine.model_hash))

    def translate(
        self,
        texts: Sequence[str],
        source: str = "en",
        target: str = "de",
        beam_size: int = 5,
        length_penalty: float = 0.6,
        glossary: Glossary = NO_GLOSSARY,
        alternatives: int = 0,
        check: Callable[[], None] | None = None,
    ) -> list[Translation]:
        """Translates texts of any length; one Translation for each, in order.

        source: "en", "de", "fr", "es", or "auto" to detect each text's language; target: one of the four.
            One of the two is English.
        beam_size: hypotheses kept in the search; 1 is fastest. length_penalty: see SearchOptions.
        glossary: terms that must be translated as given, and words that must not be translated.
        alternatives: so many other translations of each text, that differ in words; fewer where there are
            fewer. They cost several times the translation.
        check: called now and then, between batches of sentences; what it raises ends the work.
        Numbers, dates, prices, addresses, code, placeholders, tags, emoji and rare names come through as they
        are; what does not is in the `warnings`.
        An empty text, and one without a word of Latin script, come back as they are.
        Raises: ValueError naming the argument, its value and the remedy; NotOffered, before anything is
            translated, for the first text that source="auto" cannot take.
        """
        if isinstance(texts, str):
            raise ValueError("texts is one str: put it into a list, translate([text], ...)")
        texts = list(texts)
        options = SearchOptions(beam_size=beam_size, length_penalty=length_penalty)
        _check_languages(source, target)
        check_count(alternatives)
        if check is not None:
            check()
        plans = [self.plan(text, source, target, glossary, place) for place, text in enumerate(texts)]
        done: dict[str, dict[str, SentenceTranslation]] = {}
        for language in dict.fromkeys(plan.source for plan in plans):
            pieces = (piece for plan in plans if plan.source == language for piece in plan.pieces)
            sentences = list(dict.fromkeys(piece.text for piece in pieces if piece.translate))
            asked = Wanted(language, target, options)
            done[language] = self._translated(sentences, asked, glossary, alternatives, check)
        return [put_together(plan, done[plan.source], alternatives) for plan in plans]

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
        plan = self.plan(text, source, target, glossary)
        return self._grow(plan, options, glossary)

    def settle(self, text: str, target: str) -> str:
        """The language that source="auto" takes `text` for. Raises: ValueError as `translate`."""
        _check_languages("auto", target)
        return _detect_source(text, target, 0)[0]

    def check_calibrated(self, source: str, target: str) -> None:
        """Raises: ValueError where nothing is known of the confidence of a direction, with the remedy."""
        calibration = self.sentences.calibration
        if calibration is None or f"{source}-{target}" not in calibration.directions:
            raise ValueError(
                f"the confidence of {source}-{target} is not calibrated for these weights: "
                "run `longshort calibrate CHECKPOINT` on validation pairs"
            )

    def choices(
        self,
        sentence: str,
        prefix: str,
        source: str = "en",
        target: str = "de",
        count: int = 5,
        avoid: str = "",
        glossary: Glossary = NO_GLOSSARY,
    ) -> list[Choice]:
        """Other ways to go on with the translation of one sentence, the likeliest first.

        prefix: the beginning of the translation, up to where a word begins ("" for the first word); it need
            not be what `translate` gave. avoid: the word that stands there now, which is not offered.
        Raises: as `translate`.
        """
        check_count(count)
        check_direction(source, target)
        pieces = [one.text for one in self.plan(sentence, source, target, glossary).pieces if one.translate]
        if len(pieces) != 1:
            raise ValueError(f"sentence holds {len(pieces)} sentences to translate: give one, as it was cut")
        options = SearchOptions(beam_size=5, length_penalty=0.6)
        (draft,) = self.sentences.drafts(pieces, Wanted(source, target, options), glossary)
        return choices(self.sentences, draft, prefix, count, avoid)

    def check_back(self, translation: Translation, glossary: Glossary = NO_GLOSSARY) -> BackTranslation:
        """The translation translated back, and which words of the original did not come back.

        Agreement says that the meaning probably survived; its lack may be the way back's fault.
        """
        original = translation.original
        if translation.source == translation.target:
            return compared(original, translation.text)
        turned = Glossary({goal: term for term, goal in glossary.terms.items()}, glossary.keep)
        (back,) = self.translate([translation.text], translation.target, translation.source, glossary=turned)
        return compared(original, back.text)

    def _translated(
        self,
        sentences: Sequence[str],
        wanted: Wanted,
        glossary: Glossary,
        alternatives: int,
        check: Callable[[], None] | None,
    ) -> dict[str, SentenceTranslation]:
        """All at once, which is fastest; where there is a `check`, a batch of about the same length each."""
        done: dict[str, SentenceTranslation] = {}
        check, size = (check, _BATCH_SENTENCES) if check else (lambda: None, None)
        waiting = iter(sorted(sentences, key=len))
        while batch := list(islice(waiting, size)):
            check()
            found = self.sentences.translate(batch, wanted, glossary)
            for text, one in found.items() if alternatives else ():
                check()
                others = sentence_alternatives(self.sentences, one, alternatives)
                found[text] = replace(one, alternatives=others)
            done |= found
        return done

    def _grow(self, plan: Plan, options: SearchOptions, glossary: Glossary) -> Iterator[Translation]:
        waiting = iter(dict.fromkeys(piece.text for piece in plan.pieces if piece.translate))
        done: dict[str, SentenceTranslation] = {}
        size = 1  # the first sentence comes alone and quickly; then ever larger batches, which are faster
        while batch := list(islice(waiting, size)):
            done |= self.sentences.translate(batch, Wanted(plan.source, plan.target, options), glossary)
            size = min(2 * size, _BATCH_SENTENCES)
            if not (partial := put_together(plan, done)).complete:
                yield partial
        yield put_together(plan, done)

    def plan(
        self, text: str, source: str, target: str, glossary: Glossary = NO_GLOSSARY, place: int = 0
    ) -> Plan:
        """The text, cut up; place: where it stands among others, for errors. Raises: ValueError."""
        if not isinstance(text, str):
            raise ValueError(f"texts[{place}] is {type(text).__name__}, not str: give every text as a string")
        # Half of a character cannot be written to a file or a terminal, nor be read by the splitter.
        text = text.encode("utf-8", "ignore").decode("utf-8")
        detection = None
        if source == "auto":
            source, detection = _detect_source(text, target, place)
        if source == target:
            return Plan([Piece(text, False)], source, target, detection)
        longest = min(LONGEST_SENTENCE, self.engine.config.max_segment - 1)
        cut = (
            part for piece in split(text, source) for part in split_long(piece, self.sentences.count, longest)
        )
        pieces = [
            Piece(part.text, part.translate and is_language(protected_only(part.text, glossary.keep)))
            for part in cut
        ]
        return Plan(pieces, source, target, detection)


def _check_languages(source: str, target: str) -> None:
    if source != "auto":
        check_direction(source, target)
    elif target not in LANGUAGES:
        target_tag(target)  # raises


def _detect_source(text: str, target: str, place: int) -> tuple[str, Detection]:
    """The language to translate from. Raises: NotOffered if surely one that does not go with `target`."""
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
    doubt = f"(confidence {detection.confidence:.2f})"
    raise NotOffered(place, f"seems to be {name} {doubt}, and {name} to {goal} is not offered")
