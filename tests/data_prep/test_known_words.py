"""The list of ordinary words."""

import json
from pathlib import Path

from data_prep.known_words import frequent, write


def test_words_that_stand_twice(tmp_path: Path) -> None:
    pairs = [{"en": "Dragomir runs.", "de": "Dragomir läuft."}, {"en": "She runs!", "de": "Sie läuft!"}]
    words = frequent(pairs)
    assert words == {"de": ["läuft"], "en": ["runs"]}
    write(words, tmp_path / "words.json")
    held = json.loads((tmp_path / "words.json").read_text(encoding="utf-8"))
    assert held["de"] == "läuft" and "Tatoeba" in held["source"]
