"""The next frame: a convolutional LSTM watches shapes that move and says what the next pictures will be.

B films, T pictures, Y height, X width, all in 0..1. The task is that of Shi et al. (2015), with shapes that
are drawn here: a frame alone does not say which way a shape goes, so whoever wants to know must remember.
"""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn

from lab.finding import Check, Finding, Picture, Table, array
from lab.lessons.fitting import fit
from lstm_models.convolutional import ConvLSTMLayer

SIDE, FEATURES, KERNEL = 12, 16, 3
ENOUGH = 150  # updates after which the comparison is checked
SEEN, AHEAD = 5, 4  # pictures that are watched, and that are then said one after the other
ROWS, TESTED = 16, 100  # films of a batch, and of the test
_SHAPES = ("111 111 111", "010 111 010", "101 010 101", "110 110 000")


def films(rows: int, shapes: int, seed: int) -> Tensor:
    """[rows, SEEN + AHEAD, 1, Y, X]: shapes of 3 x 3, each going its own way, thrown back by the walls."""
    rng = np.random.default_rng(seed)
    kinds = np.array([[list(map(int, line)) for line in shape.split()] for shape in _SHAPES], np.float32)
    found = np.zeros((rows, SEEN + AHEAD, SIDE, SIDE), np.float32)
    room = SIDE - 3
    for film in found:
        for _ in range(shapes):
            kind, way = kinds[rng.integers(len(kinds))], rng.choice([-1, 1], 2)
            place = rng.integers(0, room + 1, 2)
            for picture in film:
                y, x = place
                np.maximum(picture[y : y + 3, x : x + 3], kind, out=picture[y : y + 3, x : x + 3])
                way = np.where((place + way < 0) | (place + way > room), -way, way)
                place = place + way
    return torch.from_numpy(found)[:, :, None]


class NextFrame(nn.Module):
    """A convolutional LSTM and a convolution that draws the next picture."""

    def __init__(self) -> None:
        super().__init__()
        self.layer, self.draw = ConvLSTMLayer(1, FEATURES, KERNEL), nn.Conv2d(FEATURES, 1, KERNEL, padding=1)

    def forward(self, film: Tensor) -> Tensor:
        """film [B, T, 1, Y, X] -> logits of the picture after each, the same shape."""
        return self.draw(self.layer(film)[0].flatten(0, 1)).view_as(film)


class OneFrame(nn.Module):
    """As many features and the same reach, but it sees one picture only."""

    def __init__(self) -> None:
        super().__init__()
        wide = 4 * FEATURES
        self.layers = nn.Sequential(
            nn.Conv2d(1, wide, KERNEL, padding=1), nn.ReLU(), nn.Conv2d(wide, 1, KERNEL, padding=1)
        )

    def forward(self, film: Tensor) -> Tensor:
        """As `NextFrame.forward`."""
        return self.layers(film.flatten(0, 1)).view_as(film)


def loss_of(model: nn.Module, shapes: int, update: int) -> Tensor:
    """Cross-entropy of every next picture of fresh films."""
    film = films(ROWS, shapes, update)
    return nn.functional.binary_cross_entropy_with_logits(model(film[:, :-1]), film[:, 1:])


@torch.no_grad()
def go_on(model: nn.Module, seen: Tensor, ahead: int) -> Tensor:
    """seen [B, T, 1, Y, X] -> the next pictures [B, ahead, 1, Y, X], each drawn from those drawn before."""
    film = seen
    for _ in range(ahead):
        film = torch.cat([film, model(film)[:, -1:].sigmoid()], dim=1)
    return film[:, seen.shape[1] :]


def run(updates: int = ENOUGH, shapes: int = 2) -> Finding:
    """The lesson: both nets are trained, then say the pictures that follow five."""
    torch.manual_seed(1)
    nets: dict[str, nn.Module] = {"convolutional LSTM": NextFrame(), "convolution of one picture": OneFrame()}
    courses = [fit(net.parameters(), partial(loss_of, net, shapes), updates, 0.02) for net in nets.values()]
    test = films(TESTED, shapes, 10**6)
    seen, truth = test[:, :SEEN], test[:, SEEN:]
    said = {name: go_on(net, seen, AHEAD) for name, net in nets.items()}
    said["the last picture again"] = seen[:, -1:].expand_as(truth)
    errors = {name: ((film - truth) ** 2).mean((0, 2, 3, 4)).numpy() for name, film in said.items()}
    first = {name: float(error[0]) for name, error in errors.items()}
    memory, single, copy = first.values()
    shown = np.stack([truth[0, :, 0].numpy(), *(film[0, :, 0].numpy() for film in said.values())])
    shown = np.concatenate([np.repeat(seen[0, :, 0].numpy()[None], len(shown), 0), shown], axis=1)
    played = array(shown, "light", what=["the film itself", *said], time=range(1, SEEN + AHEAD + 1),
                   row=range(SIDE), column=range(SIDE))  # fmt: skip
    ahead = array(list(errors.values()), "squared error", by=list(errors), ahead=range(1, AHEAD + 1))
    course = array(courses, "loss", net=list(nets), update=range(updates))
    table = pd.DataFrame([{"by": name, **{f"{n} ahead": round(float(e), 5) for n, e in enumerate(error, 1)}}
                          for name, error in errors.items()])  # fmt: skip
    told = f"{memory:.4f} against {single:.4f} and {copy:.4f}"
    checks = (
        Check("below showing the last picture again", told, memory < copy),
        Check("below a convolution that sees one picture", told, memory < single),
    )
    return Finding(
        (
            f"Squared error of the next picture: {told} (one picture only; the last picture again).",
            f"After picture {SEEN} each net sees only what it drew itself.",
        ),
        checks if updates >= ENOUGH else (),
        (
            Picture(
                "Films: five pictures seen, the others said", played, "frames", "column", "row", down="what"
            ),
            Picture("Error by pictures ahead", ahead, "line", "ahead", "by"),
            Picture("Loss in training", course, "line", "update", "net"),
        ),
        (Table("Squared error by pictures ahead", table),),
    )
