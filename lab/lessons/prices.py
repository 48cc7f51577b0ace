"""Prices: the one-unit LSTM's task of the lesson gates on a real market, with a naive forecast beside it.

N windows of DAYS closing prices each. Every window is divided by its last price, in logarithms, so the naive
forecast "tomorrow as today" is 0 for all of them; what an LSTM adds to it shows in the test years.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn

from lab.data import table
from lab.finding import Check, Finding, Picture, Table, array
from lab.lessons.fitting import fit
from lstm_models.layers import LSTMLayer

DAYS, UNITS, ROWS = 8, 8, 64
SERIES = {"S&P 500": ("sp500_2000_2020", "close"), "VIX": ("vix", "close")}
SHOWN = 60  # days
TRAINED = 0.8  # of the days; the rest are the test


def changes(close: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Closing prices [T] -> logarithms of DAYS prices relative to the last [N, DAYS], of the next one [N]."""
    logs = np.log(close)
    cut = np.lib.stride_tricks.sliding_window_view(logs, DAYS + 1)
    return cut[:, :DAYS] - cut[:, DAYS - 1 : DAYS], cut[:, DAYS] - cut[:, DAYS - 1]


class Trader(nn.Module):
    """A small LSTM and one weight for each unit, which begin at 0: at first it says what naive says."""

    def __init__(self) -> None:
        super().__init__()
        self.layer, self.output = LSTMLayer(1, UNITS), nn.Linear(UNITS, 1)
        nn.init.zeros_(self.output.weight)
        nn.init.zeros_(self.output.bias)

    def forward(self, x: Tensor) -> Tensor:
        """x [N, DAYS] -> the next day's change [N]"""
        return self.output(self.layer(x[..., None])[0][:, -1])[:, 0]


def run(market: str = "S&P 500", updates: int = 200) -> Finding:
    """The lesson. market: one of SERIES. Raises: ValueError without the corpus."""
    name, column = SERIES[market]
    days = table("daily-prices", name, ["date", column]).dropna()
    x, y = changes(days[column].to_numpy(np.float64))
    split = int(TRAINED * len(x))
    scale = float(y[:split].std())  # of a day's change
    x, y = (x / scale).astype(np.float32), (y / scale).astype(np.float32)
    torch.manual_seed(1)
    model, rng = Trader(), np.random.default_rng(1)

    def loss_of(update: int) -> Tensor:
        rows = rng.integers(split, size=ROWS)
        return nn.functional.mse_loss(model(torch.from_numpy(x[rows])), torch.from_numpy(y[rows]))

    losses = fit(model.parameters(), loss_of, updates, 0.005)
    with torch.no_grad():
        said = model(torch.from_numpy(x[split:])).numpy()
    after = y[split:]
    mean = np.full_like(after, y[:split].mean())
    errors = {"tomorrow as today": after, "today and the mean change": after - mean, "LSTM": after - said}
    percent = {by: 100 * scale * float(np.sqrt((error**2).mean())) for by, error in errors.items()}
    naive, lstm = percent["tomorrow as today"], percent["LSTM"]
    moved = float(np.abs(said).mean() * scale * 100)
    last = slice(-SHOWN, None)
    drawn = array(
        [100 * scale * after[last], 100 * scale * said[last]],
        "change in percent",
        what=["it came", "the LSTM said"],
        day=range(-len(said[last]), 0),
    )
    rows = pd.DataFrame({"by": list(percent), "error in percent a day": np.round(list(percent.values()), 4)})
    return Finding(
        (f"Typical error of tomorrow's {market}: LSTM {lstm:.3f} %, saying “as today” {naive:.3f} %.",
         f"The LSTM moves away from today's price by {moved:.3f} % on average: it has learnt that there is "
         "hardly anything to learn." if lstm > 0.97 * naive else
         "It has found something: what goes far up comes down again."),
        (Check("not worse than the naive forecast by more than 2 %", f"{lstm:.4f} and {naive:.4f}",
               lstm < 1.02 * naive),),
        (Picture(f"{market}: the last days of the test", drawn, "line", "day", "what"),
         Picture("Loss in training", array(losses, "squared error", update=range(updates)), "line",
                 "update")),
        (Table("On the days that were not trained on", rows),),
    )  # fmt: skip
