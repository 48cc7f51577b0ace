"""How a run is watched: a bar in a terminal, a line now and then in a log."""

import sys
import time
from datetime import timedelta
from typing import Any

import lightning
from lightning.pytorch.callbacks import Callback, TQDMProgressBar

from lstm_models.training.module import TrainingModule

LOG_EVERY = 30.0  # seconds between the lines of a log
SCORES = ("bleu", "chrf", "exact", "perplexity")


class Clock:
    """Target tokens per second of this process' updates, validations left out."""

    def __init__(self) -> None:
        self._seconds, self._running_since = 0.0, time.monotonic()

    def pause(self) -> None:
        """A validation begins."""
        self._seconds = self.seconds
        self._running_since = float("inf")

    def go_on(self) -> None:
        """A validation is over."""
        self._running_since = time.monotonic()

    @property
    def seconds(self) -> float:
        """Spent in updates so far."""
        return self._seconds + max(0.0, time.monotonic() - self._running_since)

    def rate(self, trainer: lightning.Trainer, module: lightning.LightningModule) -> str:
        """Tokens per second over all devices."""
        assert isinstance(module, TrainingModule)
        return f"{module.tokens_seen * trainer.world_size / max(1e-6, self.seconds):,.0f}"


class Bar(TQDMProgressBar):
    """Lightning's bar, counting from the update at which the run goes on, with target tokens per second."""

    def __init__(self) -> None:
        super().__init__(refresh_rate=10)
        self._clock = Clock()

    def on_train_start(self, *args: Any) -> None:
        super().on_train_start(*args)
        trainer = args[0]
        # Lightning sets these when an epoch begins, which a resumed run is already behind.
        self.train_progress_bar.initial = self.train_progress_bar.n = trainer.global_step
        self.train_progress_bar.total = trainer.max_steps
        self.train_progress_bar.set_description("Training")
        self._clock = Clock()

    def on_train_epoch_start(self, *args: Any) -> None:
        """Nothing: the run is one stretch of updates, however often it goes through the data."""

    def on_validation_start(self, *args: Any) -> None:
        self._clock.pause()
        super().on_validation_start(*args)

    def on_validation_end(self, *args: Any) -> None:
        super().on_validation_end(*args)
        self._clock.go_on()

    def get_metrics(
        self, trainer: lightning.Trainer, module: lightning.LightningModule
    ) -> dict[str, int | str | float | dict[str, float]]:
        """What stands behind the bar."""
        items = super().get_metrics(trainer, module)
        items.pop("v_num", None)
        return {"tok/s": self._clock.rate(trainer, module), **items}


class Lines(Callback):
    """For a log: a line every `LOG_EVERY` seconds, and one with the scores of each validation, to stderr."""

    def __init__(self) -> None:
        self._clock = Clock()
        self._first = 0
        self._last = time.monotonic()

    def on_train_start(self, trainer: lightning.Trainer, module: lightning.LightningModule) -> None:
        self._clock, self._first = Clock(), trainer.global_step

    def on_train_batch_end(
        self, trainer: lightning.Trainer, module: lightning.LightningModule, *args: Any
    ) -> None:
        now = time.monotonic()
        if now - self._last < LOG_EVERY and trainer.global_step < trainer.max_steps:
            return
        self._last = now
        done = max(1, trainer.global_step - self._first)
        left = self._clock.seconds / done * (trainer.max_steps - trainer.global_step)
        self._print(
            trainer,
            f"loss {float(trainer.callback_metrics['train_loss']):.3f}, {self._clock.rate(trainer, module)} "
            f"tokens/s, {timedelta(seconds=round(left))} left",
        )

    def on_validation_start(self, trainer: lightning.Trainer, module: lightning.LightningModule) -> None:
        self._clock.pause()

    def on_validation_end(self, trainer: lightning.Trainer, module: lightning.LightningModule) -> None:
        self._clock.go_on()
        scores = [f"{name} {float(trainer.callback_metrics[name]):.2f}" for name in SCORES]
        self._print(trainer, f"validation: {', '.join(scores)}")

    def _print(self, trainer: lightning.Trainer, text: str) -> None:
        if trainer.is_global_zero:
            place = f"update {trainer.global_step:,} of {trainer.max_steps:,}"
            print(f"{place}: {text}", file=sys.stderr, flush=True)


def watcher() -> Bar | Lines:
    """A bar where there is a terminal to draw it in."""
    return Bar() if sys.stdout.isatty() else Lines()
