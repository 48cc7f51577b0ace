"""The bot under glass: where an answer came from, the cell across turns, half-lives, saliency, going back."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lab.finding import Check, Finding, Picture, Table, array
from lab.glass.look import inspect
from lab.glass.models import bot
from lab.glass.pictures import MOST_UNITS, alignment, most_changed, of_gate
from lab.glass.turns import Travelled, cell_timeline, saliency, travel

_TALK = "My name is Ada.\nMy brother Tom lives in Oslo.\nIt is raining today.\nWhat is my name?"


def run(
    talk: str = _TALK,
    layer: str = "encoder 1",
    gate: str = "forget",
    back: int = -1,
    instead: str = "My name is Eve.",
) -> Finding:
    """The lesson. talk: a message a line, the last one is looked at. back: the turn (two a message) to which
    the state is put back, to say `instead` there and go on with the last message; -1: not."""
    model = bot()
    messages = [line.strip() for line in talk.splitlines() if line.strip()]
    before = travel(model, messages[:-1])
    seen = inspect(model, messages[-1], before.states[-1])
    heard = model.hear(messages[-1], before.states[-1])
    answer = seen.attrs["answer"]
    says = [f"You: {messages[-1]} Bot: {answer}"]
    checks = []
    if back >= 0:
        other = travel(model, [instead], before.back_to(back))
        changed = inspect(model, messages[-1], other.states[-1]).attrs["answer"]
        says.append(f"Back at turn {back}, with '{instead}' said there: {changed}")
        again = inspect(model, messages[-1], before.states[-1]).attrs["answer"]
        checks.append(Check("the first conversation is untouched by it", again, again == answer))
    both = {method: saliency(model.engine, heard, answer, method) for method in ("gradient", "occlusion")}
    pictures = [*alignment(seen)[:2], of_gate(seen, layer, gate), *_across(before)]
    turns = [f"{n}: {turn.speaker}: {turn.text}" for n, turn in enumerate(before.turns, 1)]
    rows = pd.DataFrame({"turn": [*turns, f"{len(turns) + 1}: user: {messages[-1]}"],
                         **{name: values.round(4) for name, values in both.items()}})  # fmt: skip
    return Finding(
        tuple(says),
        tuple(checks),
        tuple(pictures),
        (Table("How much each turn matters for the answer", rows),),
    )


def _across(talk: Travelled) -> list[Picture]:
    """Cells behind each turn, units that change most; and their half-lives."""
    if len(talk.turns) < 2:
        return []
    cells, lives = cell_timeline(bot().engine, talk.turns)
    last = cells.isel(layer=-1)
    units = most_changed(last, "turn", MOST_UNITS)
    labels = [f"unit {unit}" for unit in units]
    shown = array(last.values[:, units].T, "cell", unit=labels, turn=last.turn.values)
    half = array(lives[-1][units].clip(0.1, 1e4), "tokens", unit=labels)
    spread = np.sort(lives[-1]).clip(0.1, 1e4)
    return [
        Picture("The carried cell behind each turn", shown, "heat", "turn", "unit", middle=0.0),
        Picture("Half-life of these units", half, "points", "unit", log=True),
        Picture(
            "Half-lives of all units, sorted",
            array(spread, "tokens", unit=np.arange(len(spread))),
            "line",
            "unit",
            log=True,
        ),
    ]
