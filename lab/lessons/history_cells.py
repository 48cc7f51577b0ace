"""Two chapters of the history on the LSTM's cell: it holds (1997), and it learns to forget (2000).

Hochreiter & Schmidhuber 1997, experiment 2: the first symbol of a sequence decides the last one, and a
hundred others lie between. They are drawn anew for each sequence, as in the paper's second form of the
experiment, so that nothing but the first symbol helps. The paper asks for every next symbol, here only the
last one is asked for. Gers et al. 2000: on a stream without resets a cell that cannot forget grows without
bound, one with a forget gate does not.

B sequences, T steps, H hidden width.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from lab.finding import Check, Finding, Picture, array
from lab.lessons.fitting import fit
from lstm_models.cells import ElmanLayer, LSTM1997Layer, RecurrentLayer
from lstm_models.layers import LSTMLayer

LAG, BETWEEN, CELLS, CUT = 100, 8, 8, 20
SHUT = -3.0  # the input gates' first bias: what comes between must not pile up in a cell that cannot forget
SMALL = 0.9  # Elman's first recurrent weights times a rotation: an exact one would be of later years
LSTM, TRUNCATED, ELMAN = "LSTM 1997", f"LSTM 1997, cut every {CUT} steps", "Elman 1990"


def long_lag(rows: int, seed: int) -> tuple[Tensor, Tensor]:
    """One of two symbols, then LAG drawn from BETWEEN others: one-hot [B, T, I]; which came first [B]."""
    random = torch.Generator().manual_seed(seed)
    first = torch.randint(0, 2, (rows,), generator=random)
    between = torch.randint(2, 2 + BETWEEN, (rows, LAG), generator=random)
    return nn.functional.one_hot(torch.cat([first[:, None], between], 1), 2 + BETWEEN).float(), first


def read(layer: RecurrentLayer, x: Tensor, cut: int = 0) -> Tensor:
    """The last output [B, H]; cut > 0: no gradient goes back beyond the last `cut` steps."""
    begin = x.shape[1] % cut if cut else 0
    pieces = [*([x[:, :begin]] if begin else []), *x[:, begin:].split(cut or x.shape[1], dim=1)]
    state = layer.initial_state(x.shape[0], x)
    for piece in pieces:
        outputs, state = layer(piece, tuple(part.detach() for part in state))
    return outputs[:, -1]


def learn_long_lag(layer: RecurrentLayer, cut: int, updates: int) -> tuple[list[float], float]:
    """Batches of 16: every loss, and the share of 400 fresh sequences whose last symbol is said right."""
    output = nn.Linear(CELLS, 2)

    def loss_of(update: int) -> Tensor:
        x, first = long_lag(16, update)
        return nn.functional.cross_entropy(output(read(layer, x, cut)), first)

    losses = fit([*layer.parameters(), *output.parameters()], loss_of, updates, 0.01)
    x, first = long_lag(400, 1_000_000)
    with torch.no_grad():
        return losses, float((output(read(layer, x)).argmax(-1) == first).float().mean())


def lstm_1997() -> LSTM1997Layer:
    """With input gates that start nearly shut, the paper's remedy for a cell that drifts."""
    layer = LSTM1997Layer(2 + BETWEEN, CELLS)
    with torch.no_grad():
        layer.from_input.bias[:CELLS] = SHUT
    return layer


def apart(layer: RecurrentLayer) -> np.ndarray:
    """How far the first symbol sets apart what is carried, mean of 32 sequences, against what it does at
    once: [T]. Carried is the cell, or the hidden state where there is none."""
    x = long_lag(32, 2_000_000)[0]
    sides = []
    for symbol in (0, 1):
        x[:, 0] = nn.functional.one_hot(torch.tensor(symbol), x.shape[-1])
        with torch.no_grad():
            inside = layer.gates(x)
        sides.append(getattr(inside, "cell", inside[-1]))
    distance = (sides[0] - sides[1]).norm(dim=-1).mean(0)  # [T]
    return (distance / distance[0]).numpy()


def run_1997(updates: int = 300) -> Finding:
    """The LSTM of 1997, the same with back-propagation cut short, and Elman's net, over 100 steps."""
    cuts, courses, right, kept = {LSTM: 0, TRUNCATED: CUT, ELMAN: 0}, [], {}, {}
    for name, cut in cuts.items():
        torch.manual_seed(1)
        layer = ElmanLayer(2 + BETWEEN, CELLS, SMALL) if name == ELMAN else lstm_1997()
        course, right[name] = learn_long_lag(layer, cut, updates)
        courses.append(course)
        kept[name] = apart(layer)
    said = ", ".join(f"{name} {share:.0%}" for name, share in right.items())
    held, lost = kept[LSTM][-1], kept[ELMAN][-1]
    del kept[TRUNCATED]
    return Finding(
        (
            f"The last symbol is said right, {LAG} steps after what decides it (guessing: 50 %): {said}.",
            f"At the end the first symbol's trace in the LSTM's cell is {held:.1f} times as large as at "
            f"first, in Elman's hidden state {lost:.1e} times.",
        ),
        (
            Check("the LSTM of 1997 bridges the lag", f"{right[LSTM]:.1%} right", right[LSTM] > 0.98),
            Check("Elman's net does not", f"{right[ELMAN]:.1%} right", right[ELMAN] < 0.7),
            Check(
                "nor does an LSTM that learns from the last steps only",
                f"{right[TRUNCATED]:.1%} right",
                right[TRUNCATED] < 0.7,
            ),
            Check(
                "the cell keeps the trace of the first symbol, a plain hidden state loses it",
                f"{held:.2f} and {lost:.1e}",
                bool(held > 0.5 and lost < 0.01),
            ),
        ),
        (
            Picture(
                f"Loss of the last symbol, {LAG} steps on (guessing: 0.69)",
                array(courses, "loss", net=list(cuts), update=range(updates)),
                "line",
                "update",
                "net",
            ),
            Picture(
                "The trace of the first symbol",
                array(np.maximum(list(kept.values()), 1e-9), "times its first size", net=list(kept),
                      step=range(LAG + 1)),
                "line",
                "step",
                "net",
                log=True,
            ),
        ),
    )  # fmt: skip


def run_forget_gate(steps: int = 400) -> Finding:
    """Mean size of the cell on a stream without resets, weights as they start, inputs that push one way."""
    torch.manual_seed(1)
    x = 0.5 + torch.randn(16, steps, 8)
    sizes = {}
    for name, layer in (
        ("1997, no forget gate", LSTM1997Layer(8, 16)),
        ("2000, forget gate", LSTMLayer(8, 16)),
    ):
        with torch.no_grad():
            sizes[name] = layer.gates(x).cell.abs().mean((0, 2)).numpy()  # type: ignore[union-attr]
    old, new = sizes.values()
    return Finding(
        (
            f"After {steps} steps the cell that cannot forget has the size {old[-1]:.1f}, "
            f"the other {new[-1]:.1f}.",
        ),
        (
            Check(
                "without a forget gate the cell grows on and on",
                f"{old[steps // 2]:.1f} -> {old[-1]:.1f}",
                bool(old[-1] > 1.3 * old[steps // 2]),
            ),
            Check(
                "with one it stays",
                f"{new[steps // 2]:.2f} -> {new[-1]:.2f}",
                bool(new[-1] < 1.3 * new[steps // 2]),
            ),
        ),
        (
            Picture(
                "Size of the cell on a stream that never ends",
                array(list(sizes.values()), "mean |cell|", net=list(sizes), step=range(1, steps + 1)),
                "line",
                "step",
                "net",
            ),
        ),
    )
