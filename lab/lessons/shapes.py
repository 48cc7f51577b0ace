"""N inputs, M outputs: one LSTM layer wired four ways, each learning its toy.

B rows, N inputs, M outputs, H hidden.
"""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import torch
from torch import Tensor, nn

from lab.finding import Check, Finding, Picture, Table, array
from lab.lessons.fitting import fit, random_bits
from lstm_models.layers import LSTMLayer

HIDDEN, ROWS, LENGTH = 32, 32, 5
Net = Callable[
    [Tensor], tuple[Tensor, Tensor]
]  # bits [B, N] -> logits [B, M, classes], what was wanted [B, M]


class Layers(nn.Module):
    """A reading and a writing layer with one softmax; a wiring uses what it needs."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.reading, self.writing = LSTMLayer(2, HIDDEN), LSTMLayer(1, HIDDEN)
        self.output = nn.Linear(HIDDEN, classes)


def one_to_many(net: Layers, bits: Tensor) -> tuple[Tensor, Tensor]:
    """One bit in, a row of LENGTH out: 0 1 0 1 .. or 1 0 1 0 .., beginning with the bit."""
    first = bits[:, :1]
    state = net.reading(_hot(first))[1]
    out = net.writing(torch.zeros(len(bits), LENGTH, 1), state)[0]
    return net.output(out), (first + torch.arange(LENGTH)) % 2


def many_to_one(net: Layers, bits: Tensor) -> tuple[Tensor, Tensor]:
    """A row in, the number of ones out."""
    return net.output(net.reading(_hot(bits))[0][:, -1:]), bits.sum(1, keepdim=True)


def aligned(net: Layers, bits: Tensor) -> tuple[Tensor, Tensor]:
    """A row in, at each step out: whether the number of ones so far is odd."""
    return net.output(net.reading(_hot(bits))[0]), bits.cumsum(1) % 2


def unaligned(net: Layers, bits: Tensor) -> tuple[Tensor, Tensor]:
    """A row in, then the row reversed out (encoder and decoder, as in Sutskever et al. 2014)."""
    state = net.reading(_hot(bits))[1]
    out = net.writing(torch.zeros(len(bits), bits.shape[1], 1), state)[0]
    return net.output(out), bits.flip(1)


WIRINGS: dict[str, tuple[Callable[[Layers, Tensor], tuple[Tensor, Tensor]], str, int]] = {
    "one to many": (one_to_many, "a bit -> 0 1 0 1 .. from it on", 2),
    "many to one": (many_to_one, "a row -> how many ones", LENGTH + 1),
    "many to many, aligned": (aligned, "a row -> odd number of ones so far?", 2),
    "many to many, not aligned": (unaligned, "a row -> the row reversed", 2),
}


def _hot(bits: Tensor) -> Tensor:
    return nn.functional.one_hot(bits, 2).float()


def learn(name: str, updates: int) -> tuple[list[float], float, str]:
    """Trains one wiring: its losses, the share of all 32 rows' outputs that are right, an example."""
    torch.manual_seed(1)
    wiring, _, classes = WIRINGS[name]
    net = Layers(classes)

    def loss_of(update: int) -> Tensor:
        logits, wanted = wiring(net, random_bits(ROWS, LENGTH, update))
        return nn.functional.cross_entropy(logits.flatten(0, 1), wanted.flatten())

    losses = fit(net.parameters(), loss_of, updates, 0.01)
    every = (torch.arange(2**LENGTH)[:, None] >> torch.arange(LENGTH)) & 1
    with torch.no_grad():
        logits, wanted = wiring(net, every)
    said = logits.argmax(-1)
    example = f"{' '.join(map(str, every[13].tolist()))} -> {' '.join(map(str, said[13].tolist()))}"
    return losses, float((said == wanted).float().mean()), example


def run(updates: int = 300) -> Finding:
    """The lesson: all four wirings."""
    learnt = {name: learn(name, updates) for name in WIRINGS}
    rows = [
        {"wiring": name, "toy": WIRINGS[name][1], "right": round(right, 4), "an example": example}
        for name, (_, right, example) in learnt.items()
    ]
    course = array(
        [losses for losses, _, _ in learnt.values()], "loss", wiring=list(learnt), update=range(updates)
    )
    checks = tuple(
        Check(f"{name} learns its toy", f"{right:.1%} right", right > 0.97)
        for name, (_, right, _) in learnt.items()
        if updates >= 300  # with fewer some have not learnt it yet, as the lesson says
    )
    says = tuple(f"{row['wiring']}: {row['toy']}; {row['right']:.0%} right." for row in rows)
    table = Table("What they say", pd.DataFrame(rows))
    return Finding(says, checks, (Picture("Loss in training", course, "line", "update", "wiring"),), (table,))
