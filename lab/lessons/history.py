"""The history in small experiments, each checked against what its paper reports.

Hopfield 1982: a spoilt pattern is rebuilt, unless too many are stored. Jordan 1986: a constant plan brings
forth a sequence. Elman 1990: of a stream of bits in which every third is the exclusive or of the two before,
only every third can be predicted, and the net learns just that. The chapters on the LSTM itself stand in
`history_cells` (1997 and 2000: holding, and forgetting) and `history_counting` (2001 and 2002: counting, and
timing).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn

from lab.finding import Check, Finding, Picture, array
from lab.lessons.fitting import fit, random_bits
from lab.lessons.history_cells import run_1997, run_forget_gate
from lab.lessons.history_counting import run_counting, run_peepholes
from lstm_models.cells import ElmanLayer, JordanLayer
from lstm_models.hopfield import HopfieldNetwork

UNITS, SPOILT = 100, 0.2


def hopfield(patterns: int, seed: int = 1) -> tuple[float, np.ndarray]:
    """Share of units right after settling from patterns with 20 % turned round (mean), and one path [T,
    N]."""
    rng = np.random.default_rng(seed)
    stored = rng.choice([-1, 1], (patterns, UNITS))
    net, right, path = HopfieldNetwork(stored), [], np.zeros((0, UNITS))
    for pattern in stored[:10]:
        turned = pattern * np.where(rng.random(UNITS) < SPOILT, -1, 1)
        path = net.forward(turned)
        right.append(float((path[-1] == pattern).mean()))
    return float(np.mean(right)), path


def run_hopfield() -> Finding:
    """5 stored patterns are rebuilt; with far more than 0.14 N they are not (Hopfield found about 0.15 N)."""
    counts = [1, 5, 10, 15, 20, 30, 50]
    shares = [hopfield(count)[0] for count in counts]
    path = hopfield(5)[1]
    steps = np.linspace(0, len(path) - 1, 6).astype(int)
    frames = (path[steps].reshape(1, 6, 10, 10) + 1) / 2
    shown = array(frames, "unit", what=["settling"], time=steps.tolist(), row=range(10), column=range(10))
    return Finding(
        (
            f"Of patterns with a fifth turned round, {shares[1]:.0%} of the units are right again with 5 "
            f"stored, {shares[-1]:.0%} with 50.",
        ),
        (
            Check("5 patterns in 100 units are rebuilt", f"{shares[1]:.3f}", shares[1] > 0.99),
            Check("50 are not", f"{shares[-1]:.3f}", shares[-1] < 0.9),
        ),
        (
            Picture("A pattern settles", shown, "frames", "column", "row", down="what"),
            Picture(
                "Units right again, by patterns stored",
                array(shares, "share", patterns=counts),
                "line",
                "patterns",
            ),
        ),
    )


def run_jordan(updates: int = 200) -> Finding:
    """Two plans, two sequences of six symbols: the constant plan and its own output are all that it sees."""
    sequences = torch.tensor([[0, 1, 2, 2, 1, 0], [2, 0, 2, 1, 1, 1]])
    torch.manual_seed(1)
    layer, output = JordanLayer(2, 16), nn.Linear(16, 3)
    plans = torch.eye(2)[:, None].expand(2, 6, 2)

    def loss_of(update: int) -> Tensor:
        return nn.functional.cross_entropy(output(layer(plans)[0]).flatten(0, 1), sequences.flatten())

    losses = fit([*layer.parameters(), *output.parameters()], loss_of, updates, 0.01)
    said = output(layer(plans)[0]).argmax(-1)
    right = float((said == sequences).float().mean())
    return Finding(
        (f"Plan A brings forth {said[0].tolist()}, plan B {said[1].tolist()}.",),
        (Check("each plan brings forth its sequence", f"{right:.0%} of the symbols", right == 1),),
        (Picture("Jordan: loss", array(losses, "loss", update=range(updates)), "line", "update"),),
    )


def exclusive_or(rows: int, thirds: int, seed: int) -> Tensor:
    """Streams [rows, 3 * thirds]: two random bits, then their exclusive or."""
    pairs = random_bits(rows, 2 * thirds, seed).unflatten(1, (thirds, 2))
    return torch.cat([pairs, pairs.sum(-1, keepdim=True) % 2], dim=-1).flatten(1)


def run_elman(updates: int = 400) -> Finding:
    """Squared error of predicting the next bit, by its place in the group of three."""
    torch.manual_seed(1)
    layer, output = ElmanLayer(1, 16), nn.Linear(16, 1)

    def predictions(bits: Tensor) -> Tensor:
        return output(layer(bits[:, :-1, None].float() * 2 - 1)[0])[..., 0].sigmoid()

    def loss_of(update: int) -> Tensor:
        bits = exclusive_or(32, 8, update)
        return ((predictions(bits) - bits[:, 1:]) ** 2).mean()

    losses = fit([*layer.parameters(), *output.parameters()], loss_of, updates, 0.01)
    with torch.no_grad():
        bits = exclusive_or(400, 8, 10_000)
        errors = ((predictions(bits) - bits[:, 1:]) ** 2).mean(0)  # [T - 1]
    third, others = errors[1::3].mean().item(), torch.cat([errors[0::3], errors[2::3]]).mean().item()
    return Finding(
        (f"Error at every third bit {third:.3f}, at the random ones {others:.3f} (guessing: 0.25).",),
        (
            Check(
                "only every third bit is predicted",
                f"{third:.3f} and {others:.3f}",
                third < 0.05 < 0.2 < others,
            ),
        ),
        (
            Picture(
                "Error by place in the stream",
                array(errors.numpy(), "squared error", place=range(2, len(errors) + 2)),
                "line",
                "place",
            ),
            Picture("Elman: loss", array(losses, "loss", update=range(updates)), "line", "update"),
        ),
    )


CHAPTERS: dict[str, Callable[[], Finding]] = {
    "Hopfield 1982": run_hopfield,
    "Jordan 1986": run_jordan,
    "Elman 1990": run_elman,
    "Hochreiter & Schmidhuber 1997": run_1997,
    "the forget gate 2000": run_forget_gate,
    "counting 2001": run_counting,
    "peepholes 2002": run_peepholes,
}


def run(chapter: str = "Hopfield 1982") -> Finding:
    """The lesson: one chapter. Raises: ValueError naming the chapters."""
    if chapter not in CHAPTERS:
        raise ValueError(f"chapter={chapter!r}: choose one of {', '.join(CHAPTERS)}")
    return CHAPTERS[chapter]()
