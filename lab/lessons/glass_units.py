"""Which units know it: the encoder units that tell two groups of sentences apart, and life without them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lab.finding import Check, Finding, Picture, Table, array
from lab.glass.look import inspect
from lab.glass.models import translator
from lab.glass.pictures import numbered
from lab.glass.units import cells_after, search_units
from lab.lessons.martin import OWN, groups
from translate.translator import Translator

TRANSLATED = 2  # sentences of each group
TRACED = {"cell": "cell", "input": "input gate", "forget": "forget gate"}  # its cell first
MEANT = 0.01  # the false discovery rate at which a unit counts as one that knows


def run(
    question: str = "he or she",
    first: str = "one sentence a line, at least 4",
    second: str = "one sentence a line, at least 4",
    silence: int = 5,
) -> Finding:
    """The lesson. question: groups made from word lists, or "own sentences": then `first` and `second`.

    silence: how many of the best units are switched off to see a translation change.
    """
    own = question == OWN
    one, two = ([line for line in text.splitlines() if line.strip()] for text in (first, second))
    one, two = (one, two) if own else groups(question)
    model = translator()
    table = search_units(model.engine, one, two)
    known = int((table.p_corrected < MEANT).sum())
    best = table.iloc[0]
    place = (str(best.layer), int(best.unit))
    off: dict[str, list[int]] = {}
    for row in table.head(silence).itertuples():
        off.setdefault(str(row.layer), []).append(int(row.unit))
    says: tuple[str, ...] = (
        f"{known} of {len(table)} units differ between the groups (false discovery rate {MEANT}).",
        f"The clearest is unit {place[1]} of {place[0]}: {best['first']:.2f} against {best['second']:.2f}, "
        f"separation {best.separation:.2f}.",
    )
    rows = []
    for sentence in (*one[:TRANSLATED], *two[:TRANSLATED]):
        whole, without = (inspect(model, sentence, off=units).attrs["answer"] for units in ({}, off))
        rows.append({"sentence": sentence, "with all units": whole, f"without {silence} units": without})
    mixed = np.random.default_rng(1).permutation([*one, *two]).tolist()
    shuffled = search_units(model.engine, mixed[: len(one)], mixed[len(one) :])
    noise = int((shuffled.p_corrected < MEANT).sum())
    check = Check(
        "the same sentences in mixed groups give (almost) no such unit",
        f"{noise} of {len(shuffled)}",
        noise <= 0.02 * len(shuffled),
    )
    count = min(20, len(one), len(two))
    cells = [cells_after(model.engine, group[:count])[place[0]][:, place[1]] for group in (one, two)]
    drawn = array(cells, "cell", group=["first", "second"], sentence=np.arange(1, count + 1))
    title = f"Unit {place[1]} of {place[0]} behind each sentence"
    course, changed = overwritten(model, min(one, key=len), min(two, key=len), *place)
    says += (f"Read one behind the other, a sentence of each group changes it most at “{changed}”.",)
    silenced = "; ".join(f"{layer}: {' '.join(map(str, units))}" for layer, units in off.items())
    tables = (
        Table("The clearest units", table.head(15).round(4)),
        Table(f"Translated without the units {silenced}", pd.DataFrame(rows)),
    )
    pictures = (Picture(title, drawn, "points", "sentence", "group"), course)
    return Finding(says, (check,), pictures, tables)


def overwritten(model: Translator, first: str, second: str, layer: str, unit: int) -> tuple[Picture, str]:
    """A unit's cell and gates while two sentences are read one behind the other; where the cell changes most.

    The first sentence writes what the unit holds, the second one writes over it.
    """
    seen = inspect(model, f"{first} {second}", answer="")
    values = seen.encoder.sel(encoder_layer=layer, unit=unit, gate=list(TRACED)).values  # [gate, source]
    tokens = numbered(seen.source_token.values)
    shown = array(values, "value", what=list(TRACED.values()), token=tokens)
    # The second half of a layer that reads both ways begins at the sentence's end.
    backwards = layer.startswith("encoder 0") and unit >= seen.sizes["unit"] // 2
    steps = np.abs(np.diff(values[0]))  # between neighbours, whichever of them is read first
    place = int(steps.argmax()) + (0 if backwards else 1)
    title = f"Unit {unit} of {layer}, token by token{' (it reads backwards)' if backwards else ''}"
    return Picture(title, shown, "line", "token", "what"), tokens[place]
