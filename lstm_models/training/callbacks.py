"""What happens around the updates: saving, stopping on Ctrl-C, progress with tokens/s and time left."""

import logging
import signal
import time
from pathlib import Path
from types import FrameType
from typing import Any

import lightning
from lightning.pytorch.callbacks import Callback, TQDMProgressBar

from lstm_models.checkpoint import save_checkpoint
from lstm_models.config import TrainingConfig
from lstm_models.training.module import TrainingModule

logger = logging.getLogger(__name__)


class Keeper(Callback):
    """Saves the whole state now and then, the best checkpoint at each better validation, and both on Ctrl-C.

    The first Ctrl-C (or SIGTERM) ends the run behind the update that is under way; a second one at once.
    """

    def __init__(self, state: Path, best: Path, config: TrainingConfig, name: str) -> None:
        self.state, self.best, self.config, self.name = state, best, config, name
        self.best_score: float | None = None
        self._asked = False
        self._handlers: dict[int, Any] = {}

    def state_dict(self) -> dict[str, Any]:
        return {"best_score": self.best_score}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        self.best_score = state_dict["best_score"]

    def on_train_start(self, trainer: lightning.Trainer, module: lightning.LightningModule) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            self._handlers[number] = signal.signal(number, self._interrupted)

    def teardown(self, trainer: lightning.Trainer, module: lightning.LightningModule, stage: str) -> None:
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        self._handlers = {}

    def _interrupted(self, number: int, frame: FrameType | None) -> None:
        if self._asked:
            raise KeyboardInterrupt
        self._asked = True
        logger.warning("stopping behind this update; the run is saved and can be resumed (again to stop at once)")

    def on_train_batch_end(
        self, trainer: lightning.Trainer, module: lightning.LightningModule, *args: Any
    ) -> None:
        if self._asked:
            trainer.should_stop = True
        if self._asked or trainer.global_step % self.config.save_every == 0:
            trainer.save_checkpoint(self.state)

    def on_train_end(self, trainer: lightning.Trainer, module: lightning.LightningModule) -> None:
        trainer.save_checkpoint(self.state)
        if not self.best.exists() and trainer.is_global_zero:
            self._save_best(module, {})

    def on_validation_end(self, trainer: lightning.Trainer, module: lightning.LightningModule) -> None:
        score = float(trainer.callback_metrics[self.config.monitor])
        if self.config.monitor == "perplexity":
            score = -score
        if self.best_score is not None and score <= self.best_score:
            return
        self.best_score = score
        if trainer.is_global_zero:
            self._save_best(module, {key: float(value) for key, value in trainer.callback_metrics.items()})

    def _save_best(self, module: lightning.LightningModule, metrics: dict[str, float]) -> None:
        assert isinstance(module, TrainingModule)
        manifest = module.data.manifest
        scores = [
            {"dataset": "validation examples of the recipe", "metric": name, "value": round(metrics[name], 2),
             "split": "validation"}
            for name in ("bleu", "chrf", "exact", "perplexity")
            if name in metrics
        ]  # fmt: skip
        card = {
            "name": self.name,
            "task": manifest["task"],
            "description": f"Longshort's encoder-decoder, trained for {manifest['task']}.",
            "data": [
                {"name": corpus["name"], "licence": corpus["licence"] or "not stated",
                 "attribution": corpus["citation"] or corpus["name"]}
                for corpus in manifest.get("corpora", [])
            ],
            "scores": scores,
            "training": f"{module.trainer.global_step:,} updates, seed {self.config.seed}",
        }  # fmt: skip
        save_checkpoint(self.best, module.best_model, module.tokenizer, card)


class Progress(TQDMProgressBar):
    """Lightning's bar, with the target tokens per second beside the time left."""

    def __init__(self) -> None:
        super().__init__(refresh_rate=10)
        self._since, self._tokens = time.monotonic(), 0

    def on_train_start(self, *args: Any) -> None:
        super().on_train_start(*args)
        self._since = time.monotonic()

    def get_metrics(
        self, trainer: lightning.Trainer, module: lightning.LightningModule
    ) -> dict[str, int | str | float | dict[str, float]]:
        items = super().get_metrics(trainer, module)
        items.pop("v_num", None)
        assert isinstance(module, TrainingModule)
        seconds = max(1e-6, time.monotonic() - self._since)
        items["tok/s"] = f"{module.tokens_seen / seconds:,.0f}"
        return items
