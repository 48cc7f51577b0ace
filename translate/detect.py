"""Which of the offered languages a text is in, and how sure that is.

py3langid (naive Bayes over byte n-grams, Lui and Baldwin 2012) scores 139 languages; docs/decisions/0011 has
what was measured against its rivals. It needs more than a word or two, so a short text is also looked
up in a list of everyday words.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock
from typing import Any

from translate.languages import LANGUAGES

# A few sentences are plenty, and a longer text costs time for nothing.
_READ_CHARACTERS = 2000
# On 12,000 Tatoeba sentences a foreign language this probable was a false alarm once (0.01 %).
_FOREIGN_PROBABILITY = 0.7
_FOREIGN_LETTERS = 16
_SHORT_WORDS = 2

# Everyday words that stand alone and belong to one of the four languages only: what people type first.
_EVERYDAY = {
    "en": "hello hi hey thanks thank you please yes good morning evening night goodbye bye sorry welcome the "
    "what who where when why how are is this that my your friend house water book dog cat love world work "
    "today tomorrow yesterday street money school car",
    "de": "hallo danke bitte ja nein guten gute morgen abend nacht tschüss auf wiedersehen entschuldigung "
    "ich willkommen was wer wo wann warum wie ist das der mein dein freund haus wasser buch hund katze liebe "
    "welt arbeit heute gestern straße geld schule wetter schön",
    "fr": "bonjour salut merci oui non bonsoir nuit au revoir désolé pardon bienvenue je vous qui où quand "
    "pourquoi comment est le les mon ton ami maison eau livre chien chat amour monde travail aujourd'hui "
    "demain hier rue argent école voiture s'il plaît",
    "es": "hola gracias sí buenos buenas días tardes noches adiós perdón bienvenido yo quién dónde cuándo "
    "porqué cómo está el mi amigo amiga casa agua libro perro gato amor mundo trabajo hoy mañana ayer calle "
    "dinero escuela coche favor luego",
}
_EVERYDAY_WORDS = {code: frozenset(words.split()) for code, words in _EVERYDAY.items()}


@dataclass(frozen=True)
class Detection:
    """What a text's language seems to be.

    language: a code of LANGUAGES, or None when there is nothing to go by (no letters).
    confidence: 0 to 1, that it is this one of the languages asked for.
    foreign: the code of a language that is not on offer, when the text seems to be in that.
    """

    language: str | None
    confidence: float
    foreign: str | None = None

    @property
    def doubt(self) -> float:
        """0 to 1: how much speaks against `language`."""
        return 1.0 - self.confidence


_LOADING = Lock()


@lru_cache(maxsize=1)
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


def _ranked(text: str) -> dict[str, float]:
    with _LOADING:  # one thread unpacks the model (half a second), the others wait for it
        identifier = _identifier()
    return dict(identifier.rank(text))


def _everyday_votes(words: list[str], languages: Collection[str]) -> dict[str, float]:
    return {code: float(sum(word in _EVERYDAY_WORDS[code] for word in words)) for code in languages}


def detect(text: str, languages: Collection[str] = tuple(LANGUAGES)) -> Detection:
    """The most probable of `languages` (codes of LANGUAGES) for `text`.

    Raises: ValueError if text is not a str or a language is not offered.
    """
    if not isinstance(text, str):
        raise ValueError(f"text is {type(text).__name__}, not str: give the text to detect as a string")
    unknown = [code for code in languages if code not in LANGUAGES]
    if unknown or not languages:
        raise ValueError(f"languages={list(languages)!r}: give some of {list(LANGUAGES)}")
    text = text[:_READ_CHARACTERS]
    letters = sum(map(str.isalpha, text))
    if not letters:
        return Detection(None, 0.0)
    ranked = _ranked(text)
    top = next(iter(ranked))
    foreign = top not in LANGUAGES and ranked[top] >= _FOREIGN_PROBABILITY and letters >= _FOREIGN_LETTERS
    weights = {code: ranked[code] for code in languages}
    words = re.findall(r"[^\W\d_]+(?:'[^\W\d_]+)?", text.lower().replace("\u2019", "'"))
    if len(words) <= _SHORT_WORDS:
        votes = _everyday_votes(words, languages)
        # A known word multiplies the odds by twenty: enough to settle what the n-grams leave open.
        weights = {code: weight * 20.0 ** votes[code] for code, weight in weights.items()}
    best = max(weights, key=weights.__getitem__)
    total = sum(weights.values())
    return Detection(best, weights[best] / total if total else 0.0, top if foreign else None)
