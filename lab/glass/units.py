"""Which units know something: two groups of sentences, and the units whose cells tell them apart.

G sentences of a group, U units. The statistic is Welch's t on the cell at the end of each sentence; over all
units of all layers the false discovery rate is controlled (Benjamini & Hochberg 1995), because among a
thousand
units some differ by chance. `separation` is the share of pairs, one sentence of each group, that the unit
orders alike (the area under the ROC curve, 0.5 = none, 1 = all).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import torch

from lab.glass.inside import carried
from lab.glass.look import as_segment
from lstm_models.engine import Engine
from lstm_models.inspect import read_inside

FEWEST = 4  # sentences of a group


def cells_after(engine: Engine, sentences: Sequence[str]) -> dict[str, np.ndarray]:
    """The cell of every encoder unit where each sentence has been read: layer -> [G, U].

    Of units that read backwards it is the cell at the sentence's first token, where they have read it all.
    """
    rows: dict[str, list[np.ndarray]] = {}
    half = engine.config.hidden_size // 2
    for sentence in sentences:
        ids, _ = as_segment(engine, sentence, "de")
        with torch.inference_mode():
            inside = read_inside(engine.model, torch.tensor(ids), carried(engine.new_state())).inside
        for name, gates in inside.items():
            cell = gates.cell.float().numpy()
            both_ways = name.startswith("encoder 0")
            last = np.concatenate([cell[-1, :half], cell[0, half:]]) if both_ways else cell[-1]
            rows.setdefault(name, []).append(last)
    return {name: np.stack(row) for name, row in rows.items()}


def search_units(engine: Engine, first: Sequence[str], second: Sequence[str]) -> pd.DataFrame:
    """Every encoder unit, the one that separates best first: layer, unit, the means of its cell in both
    groups, t, p corrected for the number of units, separation.

    Raises: ValueError where a group has fewer than FEWEST sentences.
    """
    from scipy import stats

    for group in (first, second):
        if len(group) < FEWEST:
            raise ValueError(f"a group of {len(group)} sentences: give at least {FEWEST} in each, better 20")
    tables = []
    one, two = cells_after(engine, first), cells_after(engine, second)
    for layer in one:
        a, b = one[layer], two[layer]
        t, p = stats.ttest_ind(a, b, axis=0, equal_var=False)
        above = (a[:, None] > b[None]).mean((0, 1)) + 0.5 * (a[:, None] == b[None]).mean((0, 1))
        separation = np.maximum(above, 1 - above)
        columns = {
            "layer": layer,
            "unit": np.arange(a.shape[1]),
            "first": a.mean(0),
            "second": b.mean(0),
            "t": np.nan_to_num(t),
            "p": np.nan_to_num(p, nan=1.0),
            "separation": separation,
        }
        tables.append(pd.DataFrame(columns))
    table = pd.concat(tables, ignore_index=True)
    table["p_corrected"] = stats.false_discovery_control(table["p"])
    order = table["t"].abs().sort_values(ascending=False, kind="stable").index
    return table.loc[order].drop(columns="p").reset_index(drop=True)
