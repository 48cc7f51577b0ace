"""Pairs that a translator makes: English that one corpus has and another has not, in the other's language.

Read backwards they are back-translation, a translation and what a person wrote (Sennrich, Haddow & Birch
2016, arXiv 1511.06709), read forwards self-training (He et al. 2020, arXiv 1909.13788).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from data_prep.kept import KeptTranslations

if TYPE_CHECKING:
    from data_prep.data_config import Synthetic


class SyntheticPairs:
    """Translations by one checkpoint, kept in a folder, so that a preparation that was stopped goes on."""

    def __init__(self, config: Synthetic) -> None:
        """Raises: ValueError if there is no such translator."""
        from translate import Translator

        self._sure_enough = config.confidence
        self._kept = KeptTranslations(Translator.load(config.translator), config.folder, config.beam_size)

    def pairs(self, texts: Iterable[str], source: str, target: str) -> Iterator[tuple[str, str]]:
        """(text, its translation), in order, of those that are sure enough.

        Raises: ValueError if the folder cannot be written to.
        """
        for text, translation, sure in self._kept.of(texts, source, target):
            if sure >= self._sure_enough:
                yield text, translation
