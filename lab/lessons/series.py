"""Series: forecasts of the load and oil temperature of a transformer (ETTh1), with intervals.

N windows, C = 7 series, L hours that are read, F hours that are forecast, D = L / 24 days, H hidden.

The published protocol (Zhou et al. 2021; Zeng et al. 2023): hours 0 to 8,639 train, the next 2,880 validate,
the next 2,880 test; each series z-scored by the training hours; every window of the test hours counts, all
seven series alike.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn

from lab.data import table
from lab.finding import Check, Finding, Picture, Table, array
from lstm_models.layers import LSTMLayer

COLUMNS = ["HUFL", "HULL", "MUFL", "MULL", "LUFL", "LULL", "OT"]
TRAIN, VALID, TEST = 8640, 11520, 14400
READ, DAY, HIDDEN, ROWS = 336, 24, 32, 256
SURE = 0.9  # of the forecasts' intervals
# Mean squared errors: repeating the last day, in this protocol; DLinear's (Zeng et al. 2023, table 2).
REPEATED, DLINEAR = {24: 0.424, 96: 0.512}, {96: 0.375}


def standardised(values: np.ndarray) -> np.ndarray:
    """values [T, C] z-scored by the training hours, float32."""
    return ((values - values[:TRAIN].mean(0)) / values[:TRAIN].std(0)).astype(np.float32)


def windows(values: np.ndarray, start: int, end: int, ahead: int) -> tuple[np.ndarray, np.ndarray]:
    """What is read [N, C, L] and what follows [N, C, F], the latter inside start .. end."""
    cut = np.lib.stride_tricks.sliding_window_view(values[start - READ : end], READ + ahead, axis=0)
    return cut[..., :READ], cut[..., READ:]


class Forecaster(nn.Module):
    """Each series on its own: a day is one input of an LSTM, and its last output corrects a linear forecast.

    What is read is taken relative to its last value, which is put back behind (NLinear, Zeng et al. 2023);
    the linear part is solved, not trained (ridge regression), so the LSTM learns only what it leaves.
    """

    def __init__(self, ahead: int) -> None:
        super().__init__()
        self.line = nn.Linear(READ, ahead)
        self.layer, self.output = LSTMLayer(DAY, HIDDEN), nn.Linear(HIDDEN, ahead)
        nn.init.zeros_(self.output.weight)
        nn.init.zeros_(self.output.bias)
        self.line.requires_grad_(False)

    def forward(self, read: Tensor) -> Tensor:
        """read [N, L] -> forecast [N, F]"""
        last = read[:, -1:]
        x = read - last
        days = x.unflatten(1, (READ // DAY, DAY))  # [N, D, 24]
        return last + self.line(x) + self.output(self.layer(days)[0][:, -1])

    @torch.no_grad()
    def solve(self, read: np.ndarray, follows: np.ndarray, ridge: float) -> None:
        """The linear part's weights, by ridge regression on windows [N, C, L] and [N, C, F]."""
        size = read.shape[-1] + 1
        square, cross = np.zeros((size, size)), np.zeros((size, follows.shape[-1]))
        for one, after in zip(_parts(read), _parts(follows), strict=True):
            last = one[:, -1:]
            x = np.concatenate([one - last, np.ones_like(last)], axis=1)
            square += x.T @ x
            cross += x.T @ (after - last)
        square[np.diag_indices(size - 1)] += ridge
        found = torch.from_numpy(np.linalg.solve(square, cross)).float()
        self.line.weight.copy_(found[:-1].T)
        self.line.bias.copy_(found[-1])


def _parts(values: np.ndarray, rows: int = 1024) -> Iterator[np.ndarray]:
    """[N, C, X] -> some windows' series at a time, [R, X]"""
    for at in range(0, len(values), rows):
        part = values[at : at + rows]
        yield part.reshape(-1, part.shape[-1])


def train(
    model: Forecaster, read: np.ndarray, follows: np.ndarray, valid: tuple[np.ndarray, ...], updates: int
) -> list[float]:
    """Adam with a falling rate; keeps the weights that were best on the validation windows; their errors."""
    rng, errors = np.random.default_rng(1), [error(model, *valid)]
    best = {name: weight.clone() for name, weight in model.state_dict().items()}
    parameters = [weight for weight in model.parameters() if weight.requires_grad]
    optimizer = torch.optim.Adam(parameters, 2e-3)
    for update in range(updates):
        optimizer.param_groups[0]["lr"] = 2e-3 * (1 - update / updates)
        rows, series = rng.integers(len(read), size=ROWS), rng.integers(read.shape[1], size=ROWS)
        x, y = (torch.from_numpy(part[rows, series]) for part in (read, follows))
        loss = nn.functional.mse_loss(model(x), y)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        if (update + 1) % max(1, updates // 5) == 0:
            errors.append(error(model, *valid))
            if errors[-1] <= min(errors):
                best = {name: weight.clone() for name, weight in model.state_dict().items()}
    model.load_state_dict(best)
    return errors


@torch.inference_mode()
def forecast(model: Forecaster, read: np.ndarray) -> np.ndarray:
    """[N, C, L] -> [N, C, F]"""
    said = [model(torch.from_numpy(part)).numpy() for part in _parts(read)]
    return np.concatenate(said).reshape(*read.shape[:2], -1)


def error(model: Forecaster, read: np.ndarray, follows: np.ndarray) -> float:
    """Mean squared error of all forecasts."""
    return float(((forecast(model, read) - follows) ** 2).mean())


def repeated(read: np.ndarray, ahead: int) -> np.ndarray:
    """The last day again and again, the yardstick: [N, C, F]"""
    return np.tile(read[..., -DAY:], -(-ahead // DAY))[..., :ahead]


def run(ahead: str = "96", updates: int = 300) -> Finding:
    """The lesson. ahead: hours, "24" or "96". Raises: ValueError without the corpus."""
    hours = int(ahead)
    values = standardised(table("etth1", "etth1", COLUMNS).to_numpy(np.float64))
    read, follows = windows(values, READ, TRAIN, hours)
    valid, test = windows(values, TRAIN, VALID, hours), windows(values, VALID, TEST, hours)
    torch.manual_seed(1)
    model = Forecaster(hours)
    model.solve(read, follows, ridge=len(read) * 0.05)
    linear = error(model, *test)
    course = train(model, read, follows, valid, updates)
    said, naive = forecast(model, test[0]), repeated(test[0], hours)
    squared = {name: float(((one - test[1]) ** 2).mean()) for name, one in
               (("LSTM", said), ("the last day again", naive))}  # fmt: skip
    absolute = {name: float(np.abs(one - test[1]).mean()) for name, one in
                (("LSTM", said), ("the last day again", naive))}  # fmt: skip
    # Split conformal: as wide as held most of the validation forecasts, by series and hour ahead.
    half = np.quantile(np.abs(forecast(model, valid[0]) - valid[1]), SURE, axis=0)  # [C, F]
    held = float((np.abs(said - test[1]) <= half).mean())
    return _finding(hours, squared, absolute, linear, held, course, (test, said, half))


def _finding(
    hours: int,
    squared: dict[str, float],
    absolute: dict[str, float],
    linear: float,
    held: float,
    course: list[float],
    shown: tuple[tuple[np.ndarray, np.ndarray], np.ndarray, np.ndarray],
) -> Finding:
    lstm, naive = squared.values()
    checks = [Check(f"below repeating the last day ({REPEATED[hours]} at {hours} hours)", f"{lstm:.3f}",
                    lstm < REPEATED[hours]),
              Check("the yardstick comes out as published", f"{naive:.3f}",
                    abs(naive - REPEATED[hours]) < 0.002),
              Check(f"intervals of {SURE:.0%} hold 80 to 97 % of the test", f"{held:.1%}",
                    0.8 < held < 0.97)]  # fmt: skip
    if hours in DLINEAR:
        checks.append(
            Check(f"at or below DLinear's {DLINEAR[hours]}", f"{lstm:.4f}", lstm <= DLINEAR[hours] + 5e-4)
        )
    (read, follows), said, half = shown
    place, series = len(said) // 2, COLUMNS.index("OT")
    before = read[place, series, -2 * DAY :]
    nothing = np.full(len(before), np.nan)
    lines = [np.concatenate(pair) for pair in (
        (before, follows[place, series]), (nothing, said[place, series]),
        (nothing, (said - half)[place, series]), (nothing, (said + half)[place, series]))]  # fmt: skip
    drawn = array(lines, "oil temperature, standardised", line=["truth", "forecast", "low", "high"],
                  hour=range(1 - len(before), hours + 1))  # fmt: skip
    rows = pd.DataFrame({"by": list(squared), "squared error": np.round(list(squared.values()), 4),
                         "absolute error": np.round(list(absolute.values()), 4)})  # fmt: skip
    says = (
        f"Mean squared error {hours} hours ahead: {lstm:.4f}; the last day again {naive:.4f}; the linear "
        f"part alone {linear:.4f}.",
        f"The intervals of {SURE:.0%} hold {held:.1%} of what came.",
    )
    steps = array(course, "squared error", fifth=range(len(course)))
    return Finding(says, tuple(checks), (
        Picture("One forecast of the test hours, with its interval", drawn, "line", "hour", "line"),
        Picture("Error on the validation hours, by fifths of the training", steps, "line", "fifth"),
    ), (Table("All windows of the test hours", rows),))  # fmt: skip
