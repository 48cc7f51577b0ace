"""Bidirectional or not: the same tagger one way, one way with a delay, and both ways.

B rows, T steps. The tag of a bit is whether it equals the bit behind it, so it cannot be known without
looking ahead (Schuster & Paliwal 1997; a delay instead of a second direction: Graves & Schmidhuber 2005).
"""

from __future__ import annotations

import time

import pandas as pd
import torch
from torch import Tensor, nn

from lab.finding import Check, Finding, Picture, Table, array
from lab.lessons.fitting import fit, random_bits
from lstm_models.layers import BidirectionalLayer, LSTMLayer

WIDTH, STEPS, ROWS = 16, 20, 32


def tags(bits: Tensor) -> Tensor:
    """bits [B, T] -> [B, T - 1], 1 where the next bit is the same."""
    return (bits[:, :-1] == bits[:, 1:]).long()


class Tagger(nn.Module):
    """An LSTM layer, one way or both ways, and a softmax. delay: steps that it may wait before it answers."""

    def __init__(self, both: bool, delay: int = 0) -> None:
        super().__init__()
        self.delay = delay
        self.layer = BidirectionalLayer(2, WIDTH) if both else LSTMLayer(2, WIDTH)
        self.output = nn.Linear(WIDTH, 2)

    def forward(self, bits: Tensor) -> Tensor:
        """bits [B, T] -> logits [B, T - 1, 2]; with a delay the answer to step t is read at t + delay."""
        x = nn.functional.one_hot(bits, 2).float()
        if isinstance(self.layer, BidirectionalLayer):
            out = self.layer(x, torch.full((len(x),), x.shape[1]))
        else:
            out = self.layer(x)[0]
        last = bits.shape[1] - 1 + self.delay
        return self.output(out[:, self.delay : last])


def accuracy(model: Tagger, seed: int = 99) -> float:
    """The share of tags that are right on rows that were not trained on."""
    bits = random_bits(200, STEPS, seed)
    with torch.no_grad():
        return float((model(bits).argmax(-1) == tags(bits)[:, : STEPS - 1]).float().mean())


def run(updates: int = 150) -> Finding:
    """The lesson: three taggers, what they get right, what one waits for them."""
    rows, courses, shares = [], [], []
    for name, both, delay in (
        ("one way", False, 0),
        ("one way, one step late", False, 1),
        ("both ways", True, 0),
    ):
        torch.manual_seed(1)
        model = Tagger(both, delay)

        def loss_of(update: int, model: Tagger = model) -> Tensor:
            bits = random_bits(ROWS, STEPS, update)
            return nn.functional.cross_entropy(model(bits).flatten(0, 1), tags(bits).flatten())

        courses.append(fit(model.parameters(), loss_of, updates, 0.02))
        begun = time.perf_counter()
        right = accuracy(model)
        shares.append(right)
        milliseconds = 1000 * (time.perf_counter() - begun)
        waits = STEPS - 1 if both else delay
        rows.append(
            {
                "tagger": name,
                "right": round(right, 4),
                "steps to wait for the first tag": waits,
                "ms for 200 rows": round(milliseconds, 1),
            }
        )
    online, late, both_ways = shares
    names = [str(row["tagger"]) for row in rows]
    course = array(courses, "loss", tagger=names, update=range(updates))
    return Finding(
        (
            f"One way {online:.0%} right, one step late {late:.0%}, both ways {both_ways:.0%}.",
            "The tagger that reads both ways must wait for the end of the row; one step is enough here.",
        ),
        (
            Check("without looking ahead it can only guess", f"{online:.3f}", abs(online - 0.5) < 0.06),
            Check(
                "both ways, or one step late, it is right",
                f"{both_ways:.3f}, {late:.3f}",
                min(late, both_ways) > 0.97,
            ),
        ),
        (Picture("Loss in training", course, "line", "update", "tagger"),),
        (Table("Accuracy and waiting", pd.DataFrame(rows)),),
    )
