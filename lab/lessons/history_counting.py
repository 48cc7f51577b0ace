"""Two chapters of the history on counting: how many (2001) and how long (2002).

Gers & Schmidhuber 2001: trained on a^n b^n with small n, an LSTM counts, and goes on counting further. Gers &
Schmidhuber 2000 and Gers, Schraudolph & Schmidhuber 2002: a spike n steps after the start, n told at the
start. With peepholes the output gate sees the cell and shuts as soon as the cell has risen past its mark, so
that the output has a peak at n; without them it sees only the output itself. With one cell most seeds learn
it with peepholes and none was seen to without; with four cells peepholes are no longer needed.

B sequences, T steps, H hidden width.
"""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn

from lab.finding import Check, Finding, Picture, array
from lab.lessons.fitting import fit
from lstm_models.cells import ElmanLayer, PeepholeLayer
from lstm_models.layers import Gates, LSTMLayer

A, B, END = range(3)


def counted(n: int) -> Tensor:
    """a^n b^n with an end mark, which is also what stands before it: [2 n + 2]"""
    return torch.tensor([END, *[A] * n, *[B] * n, END])


def longest_right(layer: nn.Module, output: nn.Module, most: int) -> int:
    """The largest N such that for every n up to N each symbol that is settled is said: from the first b on
    all the rest, the end at the right place."""
    for n in range(1, most + 1):
        text = counted(n)
        with torch.no_grad():
            said = output(layer(_one_hot(text[None, :-1]))[0])[0].argmax(-1)
        if not torch.equal(said[n + 1 :], text[n + 2 :]):
            return n - 1
    return most


def _one_hot(symbols: Tensor) -> Tensor:
    return nn.functional.one_hot(symbols, 3).float()


def run_counting(updates: int = 400, trained: int = 10) -> Finding:
    """An LSTM of 4 units and Elman's net of 4 learn to say the next symbol of a^n b^n, n up to 10."""
    rows = [counted(n) for n in range(1, trained + 1)]
    text = nn.utils.rnn.pad_sequence(rows, batch_first=True, padding_value=END)  # [10, 22]
    targets = nn.utils.rnn.pad_sequence([row[1:] for row in rows], batch_first=True, padding_value=-100)
    reached, courses, layers = {}, [], {"LSTM": LSTMLayer, "Elman 1990": ElmanLayer}
    for name, kind in layers.items():
        torch.manual_seed(2)
        layer, output = kind(3, 4), nn.Linear(4, 3)

        def loss_of(update: int, layer: nn.Module = layer, output: nn.Module = output) -> Tensor:
            logits = output(layer(_one_hot(text[:, :-1]))[0])
            return nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=-100)

        courses.append(fit([*layer.parameters(), *output.parameters()], loss_of, updates, 0.03))
        reached[name] = longest_right(layer, output, 5 * trained)
        if name == "LSTM":
            with torch.no_grad():
                cell = layer.gates(_one_hot(counted(2 * trained)[None, :-1])).cell[0]  # [2 n + 1, 4]
    steps = [f"{n} {'ab$'[symbol]}" for n, symbol in enumerate(counted(2 * trained)[:-1].tolist())]
    path = array(cell.T.numpy(), "cell", unit=[f"unit {n}" for n in range(4)], read=steps)
    said = f"LSTM to n = {reached['LSTM']}, Elman's net to n = {reached['Elman 1990']}"
    return Finding(
        (f"Trained on n up to {trained}, every n right: {said} ({5 * trained} were tried).",),
        (
            Check("the LSTM counts further than it was taught", said, reached["LSTM"] > trained),
            Check("and further than Elman's net", said, reached["LSTM"] > reached["Elman 1990"]),
        ),
        (
            Picture(f"The cell while a^{2 * trained} b^{2 * trained} is read", path, "line", "read", "unit"),
            Picture("Loss", array(courses, "loss", net=list(layers), update=range(updates)), "line", "update",
                    "net"),
        ),
    )  # fmt: skip


SHORTEST, LONGEST = 5, 15
TRIES = (1, 2, 3)  # seeds; each kind of net has as many, and stops where it is right
EXACT = 0.9
PLAIN, PEEPHOLES = "plain LSTM", "LSTM with peepholes"


def timing() -> tuple[Tensor, Tensor]:
    """One sequence for each n: a start and n (as 0 .. 1) at step 0, then silence [B, T, 2]; n [B]."""
    n = torch.arange(SHORTEST, LONGEST + 1)
    x = torch.zeros(len(n), LONGEST + 5, 2)
    x[:, 0, 0] = 1
    x[:, 0, 1] = (n - SHORTEST) / (LONGEST - SHORTEST)
    return x, n


def one_cell(name: str, seed: int) -> LSTMLayer | PeepholeLayer:
    """A net of one cell. Both kinds start with small recurrent weights and the forget gate nearly open (bias
    3), so that a count is kept from the first."""
    torch.manual_seed(seed)
    layer = PeepholeLayer(2, 1) if name == PEEPHOLES else LSTMLayer(2, 1)
    if isinstance(layer, PeepholeLayer):
        recurrent, bias = layer.from_hidden.weight, layer.from_input.bias
    else:
        _, recurrent, bias, _ = layer.fused.parameters()
    with torch.no_grad():
        recurrent.mul_(0.1)
        bias[1] = 3.0  # input, forget, candidate, output: one of each
    return layer


def learn_timing(name: str, seed: int, updates: int) -> tuple[LSTMLayer | PeepholeLayer, list[float], Tensor]:
    """The layer, every loss, and the step at which it puts the spike for each n [B]."""
    layer, output = one_cell(name, seed), nn.Linear(1, 1)
    x, n = timing()

    def loss_of(update: int) -> Tensor:
        return nn.functional.cross_entropy(output(layer(x)[0])[..., 0], n)  # at which of T steps?

    parameters, settle = [*layer.parameters(), *output.parameters()], updates // 4
    losses = fit(parameters, loss_of, updates - settle, 0.05) + fit(parameters, loss_of, settle, 0.01)
    with torch.no_grad():
        return layer, losses, output(layer(x)[0])[..., 0].argmax(-1)


def run_peepholes(updates: int = 400) -> Finding:
    """One cell with peepholes and one without put a spike n steps ahead, up to three tries each."""
    x, n = timing()
    exact: dict[str, list[float]] = {PEEPHOLES: [], PLAIN: []}
    courses, steps = [], [n.tolist()]
    for name, shares in exact.items():
        tries = []
        for seed in TRIES:
            tries.append(learn_timing(name, seed, updates))
            shares.append(float((tries[-1][2] == n).float().mean()))
            if shares[-1] > EXACT:
                break
        layer, course, said = tries[shares.index(max(shares))]
        courses.append(course)
        steps.append(said.tolist())
        if name == PEEPHOLES:
            with torch.no_grad():
                inside = cast(Gates, layer.gates(x[[0, 5, 10]]))  # n = 5, 10, 15
    shown = torch.stack([inside.cell.tanh(), inside.output, inside.hidden])[..., 0]  # [3, 3, T]
    best, plain = max(exact[PEEPHOLES]), max(exact[PLAIN])
    every = {name: ", ".join(f"{share:.0%}" for share in shares) for name, shares in exact.items()}
    return Finding(
        (
            f"One cell, told n of {SHORTEST} to {LONGEST}: the spike comes at exactly the right step for "
            f"{every[PEEPHOLES]} of the n with peepholes, for {every[PLAIN]} without (one figure a try).",
        ),
        (
            Check("with peepholes one cell learns to the step when to fire", f"{best:.0%}", best > 0.8),
            Check("without them it does not", f"{plain:.0%}", plain < 0.4),
        ),
        (
            Picture(
                "Step of the spike, by n",
                array(steps, "step of the spike", net=["right", *exact], n=n.tolist()),
                "line",
                "n",
                "net",
            ),
            Picture(
                "With peepholes: what happens around n",
                array(shown.numpy(), "value", what=["cell, squashed", "output gate", "output"],
                      told=[f"n = {int(value)}" for value in n[[0, 5, 10]]], step=range(x.shape[1])),
                "line",
                "step",
                "told",
                down="what",
            ),
            Picture("Loss of the best try", array(courses, "loss", net=list(exact), update=range(updates)),
                    "line", "update", "net"),
        ),
    )  # fmt: skip
