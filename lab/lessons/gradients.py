"""Why not a plain RNN: how far back the gradient of an output reaches, and what helps.

B sequences, T steps, H hidden width. The length of the gradient of the last output with respect to the input
k steps before says how strongly a mistake now can teach what was done then (Hochreiter 1991; Bengio et al.
1994; Pascanu et al. 2013).
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import torch
from torch import nn

from lab.finding import Check, Finding, Picture, Table, array
from lab.lessons.long_memory import adding_problem
from lstm_models.cells import KINDS, ElmanLayer, RecurrentLayer
from lstm_models.layers import LSTMLayer

INPUTS, HIDDEN, ROWS = 8, 32, 8
SCALES = (0.8, 0.9, 1.0, 1.1, 1.25)
OPENED = "LSTM, forget gate opened"
Net = RecurrentLayer | LSTMLayer


def nets(seed: int = 1) -> dict[str, Net]:
    """One untrained net of each kind, and an LSTM whose forget gate starts nearly open (bias 5)."""
    torch.manual_seed(seed)
    made: dict[str, Net] = {name: kind(INPUTS, HIDDEN) for name, kind in KINDS.items()}
    opened = LSTMLayer(INPUTS, HIDDEN)
    with torch.no_grad():
        opened.fused.bias_ih_l0[HIDDEN : 2 * HIDDEN] = 5.0  # type: ignore[operator]
    return {**made, OPENED: opened}


def gradient_lengths(net: Net, steps: int, cut: int = 0, seed: int = 2) -> np.ndarray:
    """Length of the gradient of a last output with respect to the input k = 0 .. steps before: [steps + 1].

    Mean over ROWS random sequences and directions of the output. cut > 0: back-propagation is truncated, the
    state is cut off every `cut` steps, counted from the end.
    """
    torch.manual_seed(seed)
    x = torch.randn(ROWS, steps + 1, INPUTS, requires_grad=True)
    direction = nn.functional.normalize(torch.randn(ROWS, HIDDEN), dim=-1)
    first = (steps + 1) % cut if cut else 0
    pieces = [*([x[:, :first]] if first else []), *x[:, first:].split(cut or steps + 1, dim=1)]
    state = net.initial_state(ROWS, x)
    for piece in pieces:
        outputs, state = net(piece, tuple(part.detach() for part in state))
    (gradient,) = torch.autograd.grad((outputs[:, -1] * direction).sum(), x)  # [B, T, I]
    return gradient.norm(dim=-1).mean(0).flip(0).numpy()


def shrink_and_grow(scale: float, steps: int = 50, linear: bool = True) -> np.ndarray:
    """The same for a plain net whose recurrent weights are `scale` times a rotation: [steps + 1]."""
    torch.manual_seed(3)
    return gradient_lengths(ElmanLayer(INPUTS, HIDDEN, scale, linear), steps)


def clipping(clip_norm: float | None, updates: int = 60, length: int = 50) -> np.ndarray:
    """Losses of a plain net with growing weights (1.1 times a rotation) on the adding problem: [updates].

    Plain gradient descent at 0.02. clip_norm: the gradient is made no longer than this (None: it is not).
    """
    torch.manual_seed(4)
    layer, output = ElmanLayer(2, HIDDEN, scale=1.1, linear=True), nn.Linear(HIDDEN, 1)
    parameters, losses = [*layer.parameters(), *output.parameters()], []
    for update in range(updates):
        x, wanted = adding_problem(16, length, seed=update)
        loss = ((output(layer(x)[0][:, -1])[:, 0] - wanted) ** 2).mean()
        gradients = torch.autograd.grad(loss, parameters)
        total = torch.stack([g.norm() for g in gradients]).norm()
        factor = 1.0 if clip_norm is None else min(1.0, clip_norm / (float(total) + 1e-12))
        with torch.no_grad():
            for parameter, gradient in zip(parameters, gradients, strict=True):
                parameter.sub_(gradient, alpha=0.02 * factor)
        losses.append(loss.item())
    return np.array(losses)


def run(steps: int = 200, cut: int = 50) -> Finding:
    """The lesson: all nets over `steps` steps, growing and shrinking, truncation after `cut`, clipping."""
    lengths = {name: gradient_lengths(net, steps) for name, net in nets().items()}
    relative = {name: row / row[0] for name, row in lengths.items()}
    grown = {scale: shrink_and_grow(scale) for scale in SCALES}
    cut_off = gradient_lengths(nets()[OPENED], steps, cut)
    losses = {"clipped to 1": clipping(1.0), "not clipped": clipping(None)}
    pictures = (
        _lines("How far back the gradient reaches, untrained nets", "gradient, now = 1", relative, log=True),
        _lines(
            "Weights below and above 1, over 50 steps, without tanh",
            "gradient, now = 1",
            {str(scale): row / row[0] for scale, row in grown.items()},
            log=True,
        ),
        _lines(
            f"Truncated after {cut} steps: {OPENED}",
            "gradient",
            {"whole": lengths[OPENED], "truncated": cut_off},
        ),
        _lines(
            "Weights of 1.1 in training, with and without clipping",
            "log10 of the loss",
            {
                name: np.log10(_visible(np.nan_to_num(row, nan=1e20, posinf=1e20)))
                for name, row in losses.items()
            },
            axis="update",
        ),
    )
    checks = _checks(relative, grown, cut_off, cut, losses)
    table = Table("Gradient, now = 1", _table(relative, steps))
    return Finding(_says(relative, steps, cut, losses), checks, pictures, (table,))


def _lines(
    title: str, name: str, rows: dict[str, np.ndarray], axis: str = "back", log: bool = False
) -> Picture:
    values = [_visible(row) if log else row for row in rows.values()]
    drawn = array(values, name, **{"what": list(rows), axis: np.arange(len(values[0]))})
    return Picture(title, drawn, "line", axis, "what", log=log)


def _visible(row: np.ndarray) -> np.ndarray:
    return row.clip(1e-20, 1e20)  # the logarithmic scale has no zero


def _table(relative: dict[str, np.ndarray], steps: int) -> pd.DataFrame:
    places = [k for k in (1, 10, 50, 100, 200) if k <= steps]
    return pd.DataFrame(
        [{"net": name, **{f"{k} back": f"{row[k]:.2g}" for k in places}} for name, row in relative.items()]
    )


def _says(
    relative: dict[str, np.ndarray], steps: int, cut: int, losses: dict[str, np.ndarray]
) -> tuple[str, ...]:
    best = max(relative, key=lambda name: relative[name][steps])
    lost = [name for name, row in relative.items() if row[steps] < 1e-6]
    ends = {name: row[-1] for name, row in losses.items()}
    return (
        f"{steps} steps back, of the untrained nets {best} keeps most of the gradient; below one millionth: "
        f"{', '.join(lost) or 'none'}.",
        f"Truncated back-propagation after {cut} steps: what lies further back teaches nothing.",
        f"With growing weights the loss ends at {ends['clipped to 1']:.3g} with clipping, without it at "
        f"{ends['not clipped']:.3g}.",
    )


def _checks(
    relative: dict[str, np.ndarray],
    grown: dict[float, np.ndarray],
    cut_off: np.ndarray,
    cut: int,
    losses: dict[str, np.ndarray],
) -> tuple[Check, ...]:
    shape = {scale: (row[50] / row[0]) ** (1 / 50) for scale, row in grown.items()}
    steps = len(cut_off) - 1
    at = min(50, steps)
    return (
        Check(
            "without tanh the gradient changes by the weights' scale each step, within 5 %",
            ", ".join(f"{scale}: {found:.3f}" for scale, found in shape.items()),
            all(abs(found / scale - 1) < 0.05 for scale, found in shape.items()),
        ),
        Check(
            f"a plain net loses the gradient over {at} steps, an LSTM with an open forget gate keeps it",
            f"Elman {relative['Elman 1990'][at]:.1e}, {OPENED} {relative[OPENED][at]:.1e}",
            bool(relative[OPENED][at] > 10 * relative["Elman 1990"][at]),
        ),
        Check(
            f"nothing comes from before the cut at {cut}",
            f"largest gradient further back {cut_off[cut:].max() if steps >= cut else 0:.1e}",
            steps < cut or not cut_off[cut:].any(),
        ),
        Check(
            "clipping keeps the loss finite and falling where it otherwise explodes",
            f"{losses['clipped to 1'][-1]:.3g} and {losses['not clipped'][-1]:.3g}",
            math.isfinite(losses["clipped to 1"][-1])
            and not losses["not clipped"][-1] < 100 * losses["clipped to 1"][-1],
        ),
    )
