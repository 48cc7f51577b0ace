"""A log gets few lines, and the time left counts only what this process did."""

from types import SimpleNamespace
from typing import Any

import pytest
import torch

from lstm_models.training import progress
from lstm_models.training.module import TrainingModule
from lstm_models.training.progress import Bar, Clock, Lines, watcher


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    time = [100.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: time[0])
    return time


def trainer(update: int) -> Any:
    found = {"train_loss": torch.tensor(2.5), **{name: torch.tensor(1.0) for name in progress.SCORES}}
    return SimpleNamespace(
        global_step=update, max_steps=1000, world_size=1, is_global_zero=True, callback_metrics=found
    )


def module(tokens: int) -> Any:
    made = TrainingModule.__new__(TrainingModule)
    object.__setattr__(made, "tokens_seen", tokens)
    return made


def test_a_clock_stands_still_while_validating(now: list[float]) -> None:
    clock = Clock()
    now[0] += 10
    clock.pause()
    now[0] += 500
    assert clock.seconds == 10
    clock.go_on()
    now[0] += 10
    assert clock.seconds == 20 and clock.rate(trainer(1), module(50_000)) == "2,500"


def test_a_log_has_a_line_every_half_minute(now: list[float], capsys: pytest.CaptureFixture[str]) -> None:
    lines = Lines()
    lines.on_train_start(trainer(400), module(0))
    for update in range(401, 501):
        now[0] += 1
        lines.on_train_batch_end(trainer(update), module(1000 * (update - 400)))
    lines.on_validation_end(trainer(500), module(0))
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 4
    assert said[0] == "update 430 of 1,000: loss 2.500, 1,000 tokens/s, 0:09:30 left"
    assert said[-1] == "update 500 of 1,000: validation: bleu 1.00, chrf 1.00, exact 1.00, perplexity 1.00"


def test_a_terminal_gets_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(watcher(), Lines)
    monkeypatch.setattr(progress.sys, "stdout", SimpleNamespace(isatty=lambda: True))
    assert isinstance(watcher(), Bar)
