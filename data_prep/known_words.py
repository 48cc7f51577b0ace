"""Makes the list of words that a capitalised word is looked up in before it is taken for a name.

python -m data_prep.known_words --corpora DIR

Every word that stands at least twice in the training sentences of Tatoeba and BConTrasT, by language, in
small letters, to translate/known_words.json.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from data_prep.loading import read_parquet
from translate.known import FILE, WORD

CORPORA = ("tatoeba_en_de", "tatoeba_en_fr", "tatoeba_en_es", "bcontrast_en_de")
SOURCE = "Words of the sentences of the Tatoeba project (CC BY 2.0 FR) and of BConTrasT (CC BY-SA 4.0)"
_OFTEN = 2  # a word seen once may be a name that somebody once used


def main() -> None:
    """Counts and writes."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--corpora", type=Path, required=True, help="folder with these corpora")
    folder = parser.parse_args().corpora
    files = [str(folder / name / "train.parquet") for name in CORPORA]
    words = frequent(row["translation"] for file in files for row in read_parquet([file]))
    write(words, FILE)
    print(f"{FILE}: {', '.join(f'{code} {len(own):,}' for code, own in words.items())}")


def frequent(pairs: Iterable[Mapping[str, str]]) -> dict[str, list[str]]:
    """By language the words seen often enough, in order."""
    counts: dict[str, Counter[str]] = {}
    for pair in pairs:
        for language, text in pair.items():
            counts.setdefault(language, Counter()).update(map(str.casefold, WORD.findall(text)))
    return {
        language: sorted(word for word, count in own.items() if count >= _OFTEN)
        for language, own in sorted(counts.items())
    }


def write(words: Mapping[str, list[str]], file: Path) -> None:
    """One line for each language."""
    held = {"source": SOURCE, **{language: " ".join(own) for language, own in words.items()}}
    file.write_text(json.dumps(held, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
