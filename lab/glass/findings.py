"""One exchange looked at: what a panel beside a translation or a reply, and the lessons about them, show.

Each part is computed on its own, so that only what is asked for costs anything.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import xarray as xr

from chat.bot import Bot
from chat.segments import Turn
from lab.finding import Check, Finding, Picture, Table, array
from lab.glass.look import NEEDS_TORCH, inspect, on_torch
from lab.glass.pictures import MOST_UNITS, alignment, most_changed, of_gate, tokens_table
from lab.glass.turns import Travelled, cell_timeline, probability_behind, reread, saliency
from lstm_models.state import ContextState
from translate.translator import Translator

ALIGNED, GATES, ACROSS, FORGOTTEN, SILENCED = (
    "Alignment and copying",
    "Gates and cell",
    "Memory across turns",
    "Forgetting curve",
    "Units switched off",
)
OF_A_SENTENCE, OF_A_REPLY = (ALIGNED, GATES, SILENCED), (ALIGNED, GATES, ACROSS, FORGOTTEN, SILENCED)
NONE = "none"
_LONGEST_LABEL = 40


def units_off(text: str) -> dict[str, list[int]]:
    """ "encoder 1: 3 17; decoder 0: 5" -> {"encoder 1": [3, 17], "decoder 0": [5]}; "none" -> {}.

    Raises: ValueError.
    """
    off: dict[str, list[int]] = {}
    for part in filter(None, (part.strip() for part in text.split(";"))):
        if part == NONE:
            continue
        layer, _, units = part.partition(":")
        numbers = units.replace(",", " ").split()
        if not numbers or not all(number.isdecimal() for number in numbers):
            raise ValueError(f"units {part!r}: write them as in 'encoder 0: 226 215; decoder 1: 5', or none")
        off[layer.strip()] = [int(number) for number in numbers]
    return off


def of_exchange(seen: xr.Dataset, part: str, layer: str, gate: str) -> Finding:
    """Alignment, or a gate of a layer, of one look inside."""
    says = (f"What is not shown: {seen.attrs['missing']}.",) if seen.attrs["missing"] else ()
    if part == GATES:
        return Finding(says, (), (of_gate(seen, layer, gate),))
    return Finding(says, (), tuple(alignment(seen)), (tokens_table(seen),))


def silenced(
    model: Translator | Bot,
    text: str,
    answer: str,
    off: str,
    target: str = "de",
    talk: Travelled | None = None,
) -> Finding:
    """What an answer becomes with units held at 0, in a conversation from its first turn in `talk` on."""
    chosen = units_off(off)
    if not chosen:
        raise ValueError("no unit is switched off: write them as in 'encoder 0: 226 215; decoder 1: 5'")
    engine = on_torch(model.engine)
    if engine is None:
        raise ValueError(NEEDS_TORCH)
    from lab.glass.inside import switched_off

    start = talk.states[-1] if talk else None
    silent: ContextState | None = start
    if talk is not None and talk.turns:
        silent = reread(Bot(switched_off(engine, chosen)), talk.turns, talk.states[0]).states[-1]
    whole = inspect(engine, text, start, target, answer=answer)
    forced = inspect(engine, text, silent, target, chosen, answer)
    changed = inspect(engine, text, silent, target, chosen)
    again = inspect(engine, text, start, target, answer=answer)
    lost = float(whole.log_prob.sum() - forced.log_prob.sum())
    says = (
        f"With all units: {answer}",
        f"With the units off: {changed.attrs['answer']}",
        f"The first one's log-probability falls by {lost:.2f} without them.",
    )
    same = Check(
        "afterwards the model is as before",
        f"{float(again.log_prob.sum()):.4f}, {float(whole.log_prob.sum()):.4f}",
        bool(np.array_equal(again.log_prob, whole.log_prob)),
    )
    return Finding(says, (same,), tuple(alignment(changed)), (tokens_table(changed),))


def across(bot: Bot, talk: Travelled, message: str, answer: str) -> Finding:
    """The carried cell behind each turn, half-lives, and how much each turn matters for an answer."""
    heard = bot.hear(message, talk.states[-1])
    methods, pictures = ["occlusion"], timeline(talk)
    says: tuple[str, ...] = ()
    if (whole := on_torch(bot.engine)) is not None:
        methods.insert(0, "gradient")
        pictures += half_lives(Bot(whole), talk)
    else:
        says = (f"What is not shown: {NEEDS_TORCH}.",)
    engine = whole or bot.engine
    labels = [*turn_labels(talk.turns, talk.states[0].num_segments), f"now: {message}"]
    edges = [*(state.num_segments for state in talk.states), heard.num_segments]
    columns = {
        method: np.add.reduceat(values, edges[:-1]).round(4)
        for method in methods
        for values in [saliency(engine, heard, answer, method)]
    }
    rows = pd.DataFrame({"turn": labels, **columns})
    return Finding(says, (), tuple(pictures), (Table("How much each turn matters for the answer", rows),))


def timeline(talk: Travelled) -> list[Picture]:
    """Cells behind each turn, units that change most."""
    if len(talk.turns) < 2:
        return []
    last = cell_timeline(talk).isel(layer=-1)
    units = most_changed(last, "turn", MOST_UNITS)
    labels = [f"unit {unit}" for unit in units]
    shown = array(last.values[:, units].T, "cell", unit=labels, turn=last.turn.values)
    return [Picture("The carried cell behind each turn", shown, "heat", "turn", "unit", middle=0.0)]


def half_lives(bot: Bot, talk: Travelled) -> list[Picture]:
    """Of the units of that picture, and of all units. The bot's engine is on PyTorch."""
    from lab.glass import across

    if len(talk.turns) < 2:
        return []
    lives = across.half_lives(bot.engine, talk)[-1].clip(0.1, 1e4)
    units = most_changed(cell_timeline(talk).isel(layer=-1), "turn", MOST_UNITS)
    half = array(lives[units], "tokens", unit=[f"unit {unit}" for unit in units])
    spread = array(np.sort(lives), "tokens", unit=np.arange(len(lives)))
    return [
        Picture("Half-life of these units", half, "points", "unit", log=True),
        Picture("Half-lives of all units, sorted", spread, "line", "unit", log=True),
    ]


def forgotten(bot: Bot, talk: Travelled, message: str, answer: str, fact: int = -1) -> Finding:
    """How probable the answer would have been behind each turn, with a fact and without it.

    fact: which turn of `talk` (from 0) is left out of the second line; -1: the one that matters most.
    """
    if not talk.turns:
        raise ValueError("there is no turn before this one: nothing could be forgotten yet")
    if fact < 0:
        heard = bot.hear(message, talk.states[-1])
        matters = saliency(bot.engine, heard, answer, "occlusion")
        edges = [state.num_segments for state in talk.states]
        fact = int(np.argmax(np.add.reduceat(matters, edges)[:-1]))
    if fact >= len(talk.turns):
        raise ValueError(f"fact={fact}: the turns shown are 0 to {len(talk.turns) - 1}")
    labels = turn_labels(talk.turns, talk.states[0].num_segments)
    left_out = reread(bot, talk.turns[fact + 1 :], talk.states[fact]).states
    without = [*talk.states[: fact + 1], *left_out]
    curves = [probability_behind(bot, states, message, answer) for states in (talk.states, without)]
    behind = array(
        curves,
        "probability",
        conversation=["as it was", "without the fact"],
        turns=range(len(talk.states)),
    )
    says = (
        f"The fact: “{labels[fact]}”. Asked behind each turn: {message}",
        f"“{answer}” has probability {curves[0][fact + 1]:.3f} right behind it, {curves[0][-1]:.3f} now, and "
        f"{curves[1][-1]:.3f} now without it.",
    )
    return Finding(says, (), (Picture("The forgetting curve", behind, "line", "turns", "conversation"),))


def turn_labels(turns: Sequence[Turn], before: int = 0) -> list[str]:
    """Turns as labels that differ; before: 0 where the first of them began the conversation."""
    first = "" if before == 0 else "… "
    texts = [f"{first}{number}: {turn.speaker}: {turn.text}" for number, turn in enumerate(turns, 1)]
    return [text if len(text) <= _LONGEST_LABEL else text[: _LONGEST_LABEL - 2] + " …" for text in texts]
