"""Problems that need a long memory: adding two marked numbers, and copying what was read long before.

B sequences, T steps, H hidden width. Adding: Hochreiter & Schmidhuber 1997, experiment 4, in the form of
Arjovsky et al. (2016); copying: Arjovsky et al. (2016).
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn

from lab.finding import Check, Finding, Picture, Table, array
from lstm_models.cells import KINDS, PeepholeLayer
from lstm_models.layers import LSTMLayer

HIDDEN = 64
SYMBOLS, COPIED = 8, 10
PROBLEMS = ("adding", "copying")
# Solved: a tenth of what always saying the mean costs; nearly every symbol of a copy right.
SOLVED = {"adding": 0.0167, "copying": 0.99}


@dataclass(frozen=True)
class Outcome:
    """One net on one problem. score: mean squared error (adding), share of symbols right (copying)."""

    net: str
    problem: str
    length: int
    score: float
    solved_after: int | None  # updates
    updates: int
    seconds: float
    course: list[float]  # the score every 25 updates


def adding_problem(rows: int, length: int, seed: int) -> tuple[Tensor, Tensor]:
    """Numbers 0..1, two of them marked, one in each half: inputs [B, T, 2], sums [B]. Saying 1 costs
    0.167."""
    random = torch.Generator().manual_seed(seed)
    values = torch.rand(rows, length, generator=random)
    half = length // 2
    first = torch.randint(0, half, (rows,), generator=random)
    second = torch.randint(half, length, (rows,), generator=random)
    marks = torch.zeros(rows, length)
    marks[torch.arange(rows), first] = 1
    marks[torch.arange(rows), second] = 1
    return torch.stack([values, marks], dim=-1), (values * marks).sum(1)


def copying_problem(rows: int, length: int, seed: int) -> tuple[Tensor, Tensor]:
    """Ten symbols, a gap of `length`, a sign to begin: inputs [B, T, 10] one-hot, what to say [B, 10]."""
    random = torch.Generator().manual_seed(seed)
    wanted = torch.randint(0, SYMBOLS, (rows, COPIED), generator=random)
    tokens = torch.full((rows, COPIED + length + COPIED), SYMBOLS)  # blank
    tokens[:, :COPIED] = wanted
    tokens[:, COPIED + length - 1] = SYMBOLS + 1  # "now"
    return nn.functional.one_hot(tokens, SYMBOLS + 2).float(), wanted


def solve(
    net: str, problem: str, length: int, updates: int, seed: int = 1, until_solved: bool = True
) -> Outcome:
    """Trains one net on one problem: batches of 32, Adam at 0.003 (rotations 0.001), clipped at 1.

    LSTMs with a forget gate start with its bias spread for that distance (Tallec & Ollivier 2018).
    """
    if problem not in PROBLEMS or net not in KINDS:
        raise ValueError(
            f"net={net!r}, problem={problem!r}: choose of {', '.join(KINDS)}; {', '.join(PROBLEMS)}"
        )
    torch.manual_seed(seed)
    inputs, outputs = (2, 1) if problem == "adding" else (SYMBOLS + 2, SYMBOLS)
    layer, output = KINDS[net](inputs, HIDDEN), nn.Linear(HIDDEN, outputs)
    _spread_forget_bias(layer, length)
    parameters = [*layer.parameters(), *output.parameters()]
    optimizer = torch.optim.Adam(parameters, 0.001 if net == "orthogonal RNN" else 0.003)
    begun, course, solved_after = time.perf_counter(), [], None
    for update in range(1, updates + 1):
        loss = _loss(layer, output, problem, length, 1000 * seed + update)[0]
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        if update % 25 == 0:
            with torch.no_grad():
                course.append(_loss(layer, output, problem, length, 900_000_000 + update, rows=128)[1])
            if solved_after is None and _is_solved(problem, course[-1]):
                solved_after = update
                if until_solved:
                    break
    seconds = time.perf_counter() - begun
    return Outcome(
        net, problem, length, course[-1] if course else float("nan"), solved_after, update, seconds, course
    )


def _loss(
    layer: nn.Module, output: nn.Linear, problem: str, length: int, seed: int, rows: int = 32
) -> tuple[Tensor, float]:
    """The loss of a fresh batch and the score of it."""
    if problem == "adding":
        x, wanted = adding_problem(rows, length, seed)
        loss = ((output(layer(x)[0][:, -1])[:, 0] - wanted) ** 2).mean()
        return loss, loss.item()
    x, symbols = copying_problem(rows, length, seed)
    logits = output(layer(x)[0][:, -COPIED:])  # [B, 10, 8]
    loss = nn.functional.cross_entropy(logits.flatten(0, 1), symbols.flatten())
    return loss, (logits.argmax(-1) == symbols).float().mean().item()


def _is_solved(problem: str, score: float) -> bool:
    return score < SOLVED["adding"] if problem == "adding" else score > SOLVED["copying"]


def _spread_forget_bias(layer: nn.Module, length: int) -> None:
    spread = torch.empty(HIDDEN).uniform_(1, max(2, length - 1)).log()
    if isinstance(layer, LSTMLayer):
        bias = list(layer.fused.parameters())[2]
    elif isinstance(layer, PeepholeLayer):
        bias = layer.from_input.bias
    else:
        return
    with torch.no_grad():
        bias[:HIDDEN] = -spread
        bias[HIDDEN : 2 * HIDDEN] = spread


def as_table(outcomes: list[Outcome]) -> pd.DataFrame:
    """A row for each net and problem, a column for each length: solved after .. updates, or the score."""
    told = {
        (o.net, o.problem, o.length): f"{o.solved_after} updates" if o.solved_after else f"no ({o.score:.3f})"
        for o in outcomes
    }
    lengths = sorted({o.length for o in outcomes})
    rows = dict.fromkeys((o.net, o.problem) for o in outcomes)
    return pd.DataFrame(
        [
            {"net": n, "problem": p, **{f"{s} steps": told.get((n, p, s), "-") for s in lengths}}
            for n, p in rows
        ]
    )


def run(problem: str = "adding", length: int = 50, net: str = "LSTM", updates: int = 600) -> Finding:
    """The lesson: the chosen net beside Elman's on one problem."""
    outcomes = [solve(name, problem, length, updates) for name in dict.fromkeys((net, "Elman 1990"))]
    checks = []
    if net == "LSTM" and problem == "adding" and length <= 50 and updates >= 600:
        ours = outcomes[0]
        said = f"error {ours.score:.4f} after {ours.updates} updates"
        checks = [Check("the LSTM solves it", said, ours.solved_after is not None)]
    longest = max(len(o.course) for o in outcomes)
    courses = [np.pad(o.course, (0, longest - len(o.course)), constant_values=np.nan) for o in outcomes]
    name = "mean squared error" if problem == "adding" else "share of symbols right"
    course = array(courses, name, net=[o.net for o in outcomes], update=25 * np.arange(1, longest + 1))
    told = tuple(
        f"{o.net}: {'solved after ' + str(o.solved_after) + ' updates' if o.solved_after else 'not solved'}, "
        f"{name} {o.score:.3f} ({o.seconds:.0f} s)."
        for o in outcomes
    )
    return Finding(
        told,
        tuple(checks),
        (Picture(f"{problem.capitalize()} over {length} steps", course, "line", "update", "net"),),
        (Table("Solved after", as_table(outcomes)),),
    )
