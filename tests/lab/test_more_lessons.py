"""Next frame, counting, series and prices: tasks are what they say, protocols the published."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from torch import Tensor, nn

from lab.catalogue import lesson
from lab.charts import draw
from lab.lessons import history_counting, next_frame, prices, series


def test_shapes_move_by_one_and_stay_on_the_screen() -> None:
    film = next_frame.films(20, 1, seed=3)
    assert film.shape == (20, next_frame.SEEN + next_frame.AHEAD, 1, next_frame.SIDE, next_frame.SIDE)
    assert set(film.unique().tolist()) == {0.0, 1.0}
    sums = film.sum((2, 3, 4))
    assert (sums == sums[:, :1]).all()
    places = [[picture[0].nonzero().float().mean(0) for picture in one] for one in film]
    steps = torch.stack([torch.stack(one) for one in places]).diff(dim=1).abs()
    assert torch.allclose(steps, torch.ones_like(steps))


def test_films_are_continued_and_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = next_frame.films(2, 2, seed=1)[:, : next_frame.SEEN]
    for net in (next_frame.NextFrame(), next_frame.OneFrame()):
        ahead = next_frame.go_on(net, seen, 3)
        assert ahead.shape == (2, 3, 1, next_frame.SIDE, next_frame.SIDE)
        assert ((ahead > 0) & (ahead < 1)).all()
    plain = next_frame.OneFrame()
    assert torch.equal(plain(seen)[:, -1:], plain(seen[:, -1:]))  # one picture is all that it sees
    monkeypatch.setattr(next_frame, "ROWS", 2)
    monkeypatch.setattr(next_frame, "TESTED", 4)
    finding = next_frame.run(updates=2, shapes=1)
    assert not finding.checks and len(finding.pictures) == 3
    for picture in finding.pictures:
        draw(picture).to_dict()


class Counter(nn.Module):
    """Says what comes next by counting, up to a largest n."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most = most

    def forward(self, x: Tensor) -> tuple[Tensor, None]:
        left = (x[..., history_counting.A] - x[..., history_counting.B]).cumsum(-1)
        end = (left == 0) & (x[..., history_counting.A].sum() <= self.most)
        said = torch.where(end, history_counting.END, history_counting.B)
        return nn.functional.one_hot(said, 3).float(), None


def test_how_far_a_net_counts() -> None:
    assert history_counting.counted(2).tolist() == [2, 0, 0, 1, 1, 2]
    assert history_counting.longest_right(Counter(7), nn.Identity(), 12) == 7
    assert history_counting.longest_right(Counter(99), nn.Identity(), 12) == 12
    assert history_counting.longest_right(Counter(0), nn.Identity(), 12) == 0


def test_windows_follow_the_published_protocol() -> None:
    values = np.arange(series.TEST * 7, dtype=np.float32).reshape(-1, 7)
    read, follows = series.windows(values, series.VALID, series.TEST, 96)
    assert read.shape == (2785, 7, 336) and follows.shape == (2785, 7, 96)
    assert follows[0, 0, 0] == values[series.VALID, 0] and follows[-1, 3, -1] == values[series.TEST - 1, 3]
    assert read[5, 2, -1] == values[series.VALID + 4, 2]
    scaled = series.standardised(np.random.default_rng(0).normal(5, 3, (series.TRAIN + 9, 7)))
    assert np.allclose(scaled[: series.TRAIN].mean(0), 0, atol=1e-4)
    assert series.repeated(np.arange(48.0)[None, None], 30)[0, 0].tolist() == [*range(24, 48), *range(24, 30)]


@pytest.fixture()
def small_series(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, value in (("READ", 48), ("TRAIN", 300), ("VALID", 400), ("TEST", 500), ("ROWS", 8)):
        monkeypatch.setattr(series, name, value)
    rng, hours = np.random.default_rng(0), np.arange(520)
    waves = {name: np.sin(2 * np.pi * hours / 24 + n) + 0.1 * rng.normal(size=520)
             for n, name in enumerate(series.COLUMNS)}  # fmt: skip
    (tmp_path / "etth1").mkdir()
    pd.DataFrame(waves).to_parquet(tmp_path / "etth1" / "etth1.parquet")
    walk = 100 * np.exp(np.cumsum(0.01 * rng.normal(size=300)))
    (tmp_path / "daily-prices").mkdir()
    days = pd.DataFrame({"date": [f"day {n}" for n in range(300)], "close": walk})
    days.to_parquet(tmp_path / "daily-prices" / "vix.parquet")
    monkeypatch.setenv("LONGSHORT_CORPORA", str(tmp_path))


def test_a_wave_is_forecast_and_a_walk_is_not(small_series: None) -> None:
    finding = lesson("series").run(ahead="24", updates=0)
    rows = finding.tables[0].rows.set_index("by")["squared error"]
    assert rows["LSTM"] < rows["the last day again"] < 0.1
    for picture in finding.pictures:
        draw(picture).to_dict()
    finding = lesson("prices").run(market="VIX", updates=20)
    assert "tomorrow as today" in finding.tables[0].rows["by"].tolist()
    with pytest.raises(ValueError, match=r"needs the corpus daily-prices.*LONGSHORT_CORPORA"):
        lesson("prices").run(market="S&P 500")


def test_a_change_is_relative_to_the_last_price() -> None:
    read, after = prices.changes(np.exp(np.arange(12.0)))
    assert read.shape == (4, prices.DAYS) and np.allclose(read[0], np.arange(-7, 1))
    assert np.allclose(after, 1)
