"""The list of ordinary words."""

import gzip
import json
from pathlib import Path

from data_prep.known_words import frequent, write


def test_words_that_stand_twice(tmp_path: Path) -> None:
    pairs = [{"en": "Dragomir runs.", "de": "Dragomir läuft."}, {"en": "She runs!", "de": "Sie läuft!"}]
    words = frequent(pairs)
    assert words == {"de": ["läuft"], "en": ["runs"]}
    first, second = tmp_path / "a", tmp_path / "b"
    write(words, first)
    write(words, second)
    assert first.read_bytes() == second.read_bytes()
    assert json.loads(gzip.decompress(first.read_bytes()))["de"] == " ".join(words["de"])
