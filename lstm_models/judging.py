"""How likely given answers are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from lstm_models.state import ContextState

if TYPE_CHECKING:
    from lstm_models.engine import Engine


def score(
    engine: Engine,
    states: Sequence[ContextState],
    tags: Sequence[str],
    targets: Sequence[Sequence[int]],
    least: float,
) -> list[np.ndarray]:
    """See `Engine.score`.

    A state that stands there several times is made ready once, and answers to it that begin alike share the
    steps of what they have in common.
    """
    places: dict[int, int] = {}
    owner = [places.setdefault(id(state), len(places)) for state in states]
    decoding = engine.begin([states[owner.index(place)] for place in range(len(places))])
    found = [np.zeros(len(target)) for target in targets]
    former: list[int] = owner  # the row of the step before that each answer goes on from
    tokens = [engine.tokenizer.tag_id(tag) for tag in tags]  # with which it does
    for place in range(max(map(len, targets))):
        live = [n for n, one in enumerate(found) if place < len(one) and one.sum() >= least]
        if not live:
            break
        rows: dict[tuple[int, int], int] = {}
        row = {n: rows.setdefault((former[n], tokens[n]), len(rows)) for n in live}
        decoding = decoding.select(np.array([parent for parent, _ in rows]))
        output, decoding = engine.step(np.array([token for _, token in rows]), decoding)
        for n in live:
            former[n], tokens[n] = row[n], targets[n][place]
            found[n][place] = output.log_probs[row[n], tokens[n]]
    return found
