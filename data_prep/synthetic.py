"""Pairs that a translator makes: English that one corpus has and another has not, in the other's language.

Read backwards they are back-translation, a translation and what a person wrote (Sennrich, Haddow & Birch
2016, arXiv 1511.06709), read forwards self-training (He et al. 2020, arXiv 1909.13788).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from lstm_models.tokenizer import normalise

if TYPE_CHECKING:
    from data_prep.data_config import Synthetic
    from translate import Translator

_BATCH = 512  # sentences translated, and kept, at a time


class SyntheticPairs:
    """Translations by one checkpoint, kept in a folder, so that a preparation that was stopped goes on."""

    def __init__(self, config: Synthetic) -> None:
        """Raises: ValueError if there is no such translator."""
        from translate import Translator

        self._config = config
        self._translator: Translator = Translator.load(config.translator)

    def pairs(self, texts: Iterable[str], source: str, target: str) -> Iterator[tuple[str, str]]:
        """(text, its translation), in order, of those that are sure enough.

        Raises: OSError if the folder cannot be written to.
        """
        kept = self._file(source, target)
        kept.parent.mkdir(parents=True, exist_ok=True)
        known = _read(kept)
        with kept.open("a", encoding="utf-8") as file:
            waiting = iter(texts)
            while batch := list(islice(waiting, _BATCH)):
                missing = [text for text in dict.fromkeys(batch) if text not in known]
                for text, found in zip(missing, self._translated(missing, source, target), strict=True):
                    known[text] = found
                    file.write(json.dumps([text, *found], ensure_ascii=False) + "\n")
                file.flush()
                for text in batch:
                    translation, sure = known[text]
                    if sure >= self._config.confidence:
                        yield text, translation

    def _translated(self, texts: list[str], source: str, target: str) -> Iterator[tuple[str, float]]:
        for one in self._translator.translate(texts, source, target, beam_size=self._config.beam_size):
            yield normalise(one.text), 1.0 if one.confidence is None else round(one.confidence, 3)

    def _file(self, source: str, target: str) -> Path:
        model = self._translator.engine.model_hash[:12]
        return Path(self._config.folder) / f"{source}-{target}.{model}.beam{self._config.beam_size}.jsonl"


def _read(path: Path) -> dict[str, tuple[str, float]]:
    """Text -> translation and confidence; a line that a kill cut short is taken off the file."""
    known: dict[str, tuple[str, float]] = {}
    if not path.exists():
        return known
    whole = 0
    with path.open("rb") as file:
        for line in file:
            if not line.endswith(b"\n"):
                break
            text, translation, sure = json.loads(line)
            known[text] = translation, sure
            whole += len(line)
    with path.open("rb+") as file:
        file.truncate(whole)
    return known
