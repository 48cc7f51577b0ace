"""Sequence-level knowledge distillation (Kim & Rush 2016, arXiv 1606.07947): a student learns from teachers.

The teachers are an ensemble, the student may be as large as each of them, and what people wrote may stay
beside what the teachers make of its sources, as in Freitag, Al-Onaizan & Sankaran (2017, arXiv 1702.01802).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from data_prep.kept import KeptTranslations
from lstm_models.ensemble import joined

if TYPE_CHECKING:
    from data_prep.data_config import Distilled


class DistilledPairs:
    """Translations by the teachers together, kept in a folder, so that what was stopped goes on."""

    def __init__(self, config: Distilled) -> None:
        """Raises: ValueError if a teacher is no translator, or they do not share their tokenizer."""
        from translate import Translator

        try:
            teachers = {folder: Translator.load(folder).engine for folder in config.teachers}
            together = Translator(joined(teachers))
        except ValueError as error:
            raise ValueError(f"data.distilled.teachers: {error}") from error
        self._kept = KeptTranslations(together, config.folder, config.beam_size)

    def pairs(self, texts: Iterable[str], source: str, target: str) -> Iterator[tuple[str, str]]:
        """(text, its translation), in order. Raises: ValueError if the folder cannot be written to."""
        for text, translation, _ in self._kept.of(texts, source, target):
            yield text, translation
