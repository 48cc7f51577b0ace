"""Translations that a preparation asks for, kept in a folder, to go on with and to use again."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import TypeAdapter, ValidationError

from lstm_models.files import try_folder
from lstm_models.tokenizer import normalise

if TYPE_CHECKING:
    from translate import Translator

_BATCH = 512  # sentences translated, and kept, at a time
_LINE = TypeAdapter(tuple[str, str, float])  # a text, its translation and how sure that is


class KeptTranslations:
    """What one translator makes with one width of beam: a file for each direction."""

    def __init__(self, translator: Translator, folder: str, beam_size: int) -> None:
        self._translator, self._folder, self._beam_size = translator, Path(folder), beam_size

    def of(self, texts: Iterable[str], source: str, target: str) -> Iterator[tuple[str, str, float]]:
        """(text, its translation, how sure it is), in order.

        Raises: ValueError if the folder cannot be written to or a file in it is damaged, OSError for a full
        disk.
        """
        try_folder(self._folder, "the folder of kept translations")
        kept = self._file(source, target)
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
                    yield text, *known[text]

    def _translated(self, texts: list[str], source: str, target: str) -> Iterator[tuple[str, float]]:
        for one in self._translator.translate(texts, source, target, beam_size=self._beam_size):
            yield normalise(one.text), 1.0 if one.confidence is None else round(one.confidence, 3)

    def _file(self, source: str, target: str) -> Path:
        model = self._translator.engine.model_hash[:12]
        return self._folder / f"{source}-{target}.{model}.beam{self._beam_size}.jsonl"


def _read(path: Path) -> dict[str, tuple[str, float]]:
    """Text -> translation and confidence; a line that a kill cut short is taken off the file.

    Raises: ValueError with the place of a line that is damaged in another way.
    """
    known: dict[str, tuple[str, float]] = {}
    if not path.exists():
        return known
    whole = 0
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if not line.endswith(b"\n"):
                break
            try:
                text, translation, sure = _LINE.validate_json(line)
            except ValidationError as error:
                found = line.decode(errors="replace")[:40]
                raise ValueError(
                    f"{path}: line {number} is damaged, {found!r}: remove it, and it is translated again"
                ) from error
            known[text] = translation, sure
            whole += len(line)
    with path.open("rb+") as file:
        file.truncate(whole)
    return known
