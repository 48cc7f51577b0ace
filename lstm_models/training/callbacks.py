"""What happens around the updates: saving, keeping the best, stopping early, stopping on Ctrl-C."""

import logging
import signal
import threading
from pathlib import Path
from types import FrameType
from typing import Any

import lightning
from lightning.pytorch.callbacks import Callback

from lstm_models.checkpoint import CONFIG, save_checkpoint
from lstm_models.config import TrainingConfig
from lstm_models.training.module import TrainingModule
from lstm_models.training.run_card import Origin, run_card

logger = logging.getLogger(__name__)


class Stopped(BaseException):
    """A signal ended the run. Not an Exception, so that nobody between takes it for a fault of theirs."""

    def __init__(self, number: int, saved: bool) -> None:
        super().__init__(f"stopped by {signal.Signals(number).name}")
        self.number, self.saved = number, saved


class Keeper(Callback):
    """Saves the whole state now and then, the best checkpoint at each better validation, and both on Ctrl-C.

    A state is never saved between an update and the validation that is due behind it, so a resumed run
    neither repeats a validation nor leaves one out. The first Ctrl-C (or SIGTERM) ends the run behind the
    update that is under way, or the validation; a second one at once.
    """

    def __init__(
        self, state: Path, best: Path, config: TrainingConfig, name: str, origin: Origin | None = None
    ) -> None:
        self.state, self.best, self.config, self.name, self.origin = state, best, config, name, origin
        self.best_score: float | None = None
        self.waited = 0  # validations since then
        self._asked = 0  # the signal that asked for the end
        self._handlers: dict[int, Any] = {}

    def state_dict(self) -> dict[str, Any]:
        return {"best_score": self.best_score, "waited": self.waited}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        if self._has_best():  # else the next validation's weights are the best there are
            self.best_score, self.waited = state_dict["best_score"], state_dict.get("waited", 0)

    # -- signals

    def on_train_start(self, trainer: lightning.Trainer, module: lightning.LightningModule) -> None:
        if threading.current_thread() is threading.main_thread():  # no other may set handlers
            for number in (signal.SIGINT, signal.SIGTERM):
                self._handlers[number] = signal.signal(number, self._interrupted)

    def on_train_end(self, *args: Any) -> None:
        self._give_back_handlers()  # here, since Lightning gives back its own before it calls `teardown`

    def on_exception(self, *args: Any) -> None:
        self._give_back_handlers()

    def _give_back_handlers(self) -> None:
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        self._handlers = {}

    def _interrupted(self, number: int, frame: FrameType | None) -> None:
        if self._asked:
            raise Stopped(number, saved=False)
        self._asked = number
        logger.warning("stopping behind this update, to save the run (once more: at once, without saving)")

    # -- saving

    def on_train_batch_end(
        self, trainer: lightning.Trainer, module: lightning.LightningModule, *args: Any
    ) -> None:
        update = trainer.global_step
        if update >= self.config.max_updates:
            trainer.should_stop = True  # has Lightning validate the last update as well
        elif update % min(self.config.validate_every, self.config.max_updates):
            self._save(trainer, module, due=update % self.config.save_every == 0)

    def on_validation_end(self, trainer: lightning.Trainer, module: lightning.LightningModule) -> None:
        score = float(trainer.callback_metrics[self.config.monitor])
        if self.config.monitor == "perplexity":
            score = -score
        if self.best_score is None or score > self.best_score:
            self.best_score, self.waited = score, 0
            self._save_best(trainer, module)
        else:
            self.waited += 1
            trainer.should_stop |= self.waited >= self.config.patience
        self._save(trainer, module, due=True)

    def _save(self, trainer: lightning.Trainer, module: lightning.LightningModule, due: bool) -> None:
        asked = bool(self._asked)
        if trainer.world_size > 1:  # a signal may reach one process before the other; they stop together
            asked = trainer.strategy.reduce_boolean_decision(asked, all=False)
        if asked or due:
            trainer.save_checkpoint(self.state)
        if asked:
            if not self._has_best():
                self._save_best(trainer, module)
            raise Stopped(self._asked or signal.SIGINT, saved=True)

    def on_fit_end(self, trainer: lightning.Trainer, module: lightning.LightningModule) -> None:
        if trainer.is_global_zero and not self._has_best():  # deleted, and the run was at its end already
            self._save_best(trainer, module)
            logger.warning("%s was gone: it now holds the run's last weights", self.best)

    def _has_best(self) -> bool:
        return (self.best / CONFIG).is_file()

    def _save_best(self, trainer: lightning.Trainer, module: lightning.LightningModule) -> None:
        if not trainer.is_global_zero:
            return
        assert isinstance(module, TrainingModule)
        metrics = {key: float(value) for key, value in trainer.callback_metrics.items()}
        card = run_card(module, self.name, metrics, self.origin)
        save_checkpoint(self.best, module.best_model, module.tokenizer, card)
