"""Which sentence pairs and dialogues are fit to train on, and why the others are not.

Only training data is cleaned: validation and test stay as published, so that scores can be compared.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict, Field

_LETTER = re.compile(r"[^\W\d_]")
_LATIN = re.compile(r"[A-Za-z\u00aa\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u1e00-\u1eff]")


class CleaningConfig(BaseModel):
    """The limits of cleaning; each removes pairs for the reason that its name gives."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    max_characters: int = Field(600, ge=1, description="longest side of a pair, in characters")
    max_length_ratio: float = Field(3.0, gt=1, description="longer side over shorter side, in characters")
    ratio_slack: int = Field(15, ge=0, description="sides this close in length pass whatever their ratio")
    min_script_share: float = Field(0.5, ge=0, le=1, description="share of Latin letters among the letters")
    drop_duplicates: bool = Field(True, description="keep the first of equal pairs, over all corpora")


def wrong_script(text: str, min_share: float) -> bool:
    """Whether less than `min_share` of the letters is Latin; a text without letters passes."""
    letters = len(_LETTER.findall(text))
    return letters > 0 and len(_LATIN.findall(text)) < min_share * letters


def digest(*texts: str) -> bytes:
    """A short key of texts: 2**-64 chance of a clash for a pair, in a tenth of the memory."""
    return hashlib.blake2b("\x00".join(texts).encode("utf-8", "surrogatepass"), digest_size=16).digest()


class Cleaner:
    """Judges pairs one after the other and remembers those it has kept."""

    def __init__(self, config: CleaningConfig) -> None:
        self.config = config
        self._seen: set[bytes] = set()

    def fault(self, source: str, target: str, languages: tuple[str, str]) -> str | None:
        """Why a normalised pair is unfit: empty, too_long, wrong_script, length_ratio, duplicate; or None."""
        config = self.config
        if not source or not target:
            return "empty"
        shorter, longer = sorted((len(source), len(target)))
        if longer > config.max_characters:
            return "too_long"
        if wrong_script(source, config.min_script_share) or wrong_script(target, config.min_script_share):
            return "wrong_script"
        if longer - shorter > config.ratio_slack and longer > config.max_length_ratio * shorter:
            return "length_ratio"
        return "duplicate" if self._is_repeated(*languages, source, target) else None

    def dialogue_fault(self, texts: Sequence[str]) -> str | None:
        """Why a dialogue of normalised turns is unfit: empty, wrong_script, duplicate; or None.

        Length is judged in tokens, later: a passage may be long.
        """
        if not texts or not all(texts):
            return "empty"
        if wrong_script(" ".join(texts), self.config.min_script_share):
            return "wrong_script"
        return "duplicate" if self._is_repeated("dialogue", *texts) else None

    def _is_repeated(self, *texts: str) -> bool:
        if not self.config.drop_duplicates:
            return False
        key = digest(*texts)
        if key in self._seen:
            return True
        self._seen.add(key)
        return False
