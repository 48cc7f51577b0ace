"""The history in small experiments, each checked against what its paper reports.

Hopfield 1982: a spoilt pattern is rebuilt, unless too many are stored. Jordan 1986: a constant plan brings
forth a sequence. Elman 1990: of a stream of bits in which every third is the exclusive or of the two before,
only every third can be predicted, and the net learns just that. Hochreiter & Schmidhuber 1997 and Gers et al.
2000: on a stream without resets a cell that cannot forget grows without bound, one with a forget gate does
not. Gers & Schmidhuber 2001: trained on a^n b^n with small n, an LSTM counts, and goes on counting further.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn

from lab.finding import Check, Finding, Picture, array
from lab.lessons.fitting import fit, random_bits
from lstm_models.cells import ElmanLayer, JordanLayer, LSTM1997Layer
from lstm_models.hopfield import HopfieldNetwork
from lstm_models.layers import LSTMLayer

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


CHAPTERS: dict[str, Callable[[], Finding]] = {
    "Hopfield 1982": run_hopfield,
    "Jordan 1986": run_jordan,
    "Elman 1990": run_elman,
    "the forget gate 2000": run_forget_gate,
    "counting 2001": run_counting,
}


def run(chapter: str = "Hopfield 1982") -> Finding:
    """The lesson: one chapter. Raises: ValueError naming the chapters."""
    if chapter not in CHAPTERS:
        raise ValueError(f"chapter={chapter!r}: choose one of {', '.join(CHAPTERS)}")
    return CHAPTERS[chapter]()
