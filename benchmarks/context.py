"""What carrying the context state is worth: BLEU on chat turns, and pronouns that need an antecedent.

python -m benchmarks.context --corpora DIR                    the shipped translator, with and without
python -m benchmarks.context --model runs/abilities/best --corpora DIR

BConTrasT's turns stand in the order of their dialogues; the state begins anew after every `--window` turns. A
turn is seen when its source stands in the training split. The pronouns are generated, with nouns and names
that training does not have (data_prep/antecedents.py).
"""

from __future__ import annotations

import argparse
import re
import time
from collections import defaultdict
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from data_prep.antecedents import Case, cases
from data_prep.evaluation import corpus_scores
from data_prep.loading import read_parquet
from translate import Translator
from translate.conversation import translate_in_order
from translate.translator import PRETRAINED


def main() -> None:
    """Translate with and without context, print both tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--corpora", type=Path, help="folder with bcontrast_en_de; without: pronouns only")
    parser.add_argument("--model", type=Path, default=PRETRAINED)
    parser.add_argument("--split", default="test")
    parser.add_argument("--limit", type=int, default=None, help="turns of each direction")
    parser.add_argument("--window", type=int, default=6, help="turns that share a state")
    parser.add_argument("--cases", type=int, default=800, help="pronouns")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    started = time.time()
    translator = Translator.load(options.model)
    if options.corpora:
        turns(translator, options)
    pronouns(translator, options)
    print(f"seed {options.seed}, beam 5, {time.time() - started:.0f} s")


def turns(translator: Translator, options: argparse.Namespace) -> None:
    """BLEU of seen and unseen turns, alone and with what was said before."""
    folder = options.corpora / "bcontrast_en_de"
    rows = [row["translation"] for row in read_parquet([str(folder / f"{options.split}.parquet")])]
    train = [row["translation"] for row in read_parquet([str(folder / "train.parquet")])]
    print(f"{'BLEU':8} {'turns':>6} {'alone':>7} {'carried':>8}")
    for source, target in (("en", "de"), ("de", "en")):
        chosen = rows[: options.limit]
        known = {row[source] for row in train}
        given = [(row[source], source, target) for row in chosen]
        alone = translator.translate([text for text, _, _ in given], source, target)
        carried = translate_in_order(translator, given, options.window)
        for name, seen in (("all", None), ("seen", True), ("unseen", False)):
            places = [i for i, row in enumerate(chosen) if seen is None or (row[source] in known) == seen]
            references = [chosen[i][target] for i in places]
            scores = [
                corpus_scores([done[i].text for i in places], references)[0] for done in (alone, carried)
            ]
            print(f"{source}-{target} {name:6} {len(places):6} {scores[0]:6.1f} {scores[1]:7.1f}", flush=True)


def pronouns(translator: Translator, options: argparse.Namespace) -> None:
    """Share of right pronouns by distance, alone and with what was said before."""
    right: dict[tuple[str, int], list[tuple[bool, bool]]] = defaultdict(list)
    for case in islice(cases("test", options.cases, options.seed), options.cases):
        given = [(text, case.source, case.target) for text, _ in case.pairs]
        carried = translate_in_order(translator, given)[-1].text
        alone = translator.translate([case.pairs[-1][0]], case.source, case.target)[0].text
        right[case.kind, case.distance].append((is_right(alone, case), is_right(carried, case)))
    print(f"{'pronouns':10} {'back':>5} {'cases':>6} {'alone':>8} {'carried':>8}")
    for (kind, distance), found in sorted(right.items()):
        print(f"{kind:10} {distance:5} {len(found):6} {_share(found, 0)} {_share(found, 1)}")
    every = [one for found in right.values() for one in found]
    print(f"{'all':16} {len(every):6} {_share(every, 0)} {_share(every, 1)}")


def is_right(text: str, case: Case) -> bool:
    """Whether the first of the pronouns in question is the wanted one."""
    words = re.findall(r"\w+", text.casefold())
    found = next((word for word in words if word in (case.wanted, *case.others)), None)
    return found == case.wanted


def _share(found: Sequence[tuple[bool, bool]], which: int) -> str:
    return f"{100 * sum(one[which] for one in found) / len(found):6.1f} %"


if __name__ == "__main__":
    main()
