"""Runs that are watched and killed. As a program: one child process for each scenario, torch imported once.

python -m tests.lstm_models.training.watched DATA RUNS SCENARIO...      (a scenario: signal:where:number)
"""

import contextlib
import os
import signal
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import torch
import torch.utils.tensorboard  # before the children begin, not in each of them

from lstm_models import files
from lstm_models.batching import Batch
from lstm_models.config import ModelConfig, TrainingConfig
from lstm_models.training import fit
from lstm_models.training.module import TrainingModule
from tests.toys import tiny_config, training_config

Curve = dict[int, tuple[str, int]]  # by update: the loss to the bit, and what the batch was


def settings() -> tuple[ModelConfig, TrainingConfig]:
    """With all that could keep a run from being exact: dropout, sampling, an average, several validations."""
    model = tiny_config(vocab_size=0, dropout=0.2, embed_dropout=0.1, word_dropout=0.1)
    return model, training_config(max_updates=14, save_every=4, ema_decay=0.9, sampled_words=50)


@contextlib.contextmanager
def recorded(path: Path, where: str = "", number: int = 0, how: int = 0) -> Iterator[None]:
    """Writes each update's loss to `path`; sends the signal `how` at the given place."""
    step, validation, replace = TrainingModule.training_step, TrainingModule.validation_step, os.replace
    saves, sent = 0, False

    def at(place: str, count: int) -> None:
        nonlocal sent
        if not sent and (place, count) == (where, number):
            sent = True
            os.kill(os.getpid(), how)

    def training_step(self: TrainingModule, batch: Batch, batch_idx: int) -> torch.Tensor:
        loss = step(self, batch, batch_idx)
        update = self.trainer.global_step + 1
        what = zlib.crc32(batch.src.numpy().tobytes() + batch.tgt_in.numpy().tobytes())
        with open(path, "a", encoding="utf-8") as file:
            file.write(f"{update} {loss.item().hex()} {what}\n")
        at("update", update)
        return loss

    def validation_step(self: TrainingModule, batch: Batch, batch_idx: int) -> None:
        at("validation", self.trainer.global_step)
        validation(self, batch, batch_idx)

    def replacing(source: str, destination: str) -> None:
        nonlocal saves
        if str(destination).endswith("state.safetensors"):
            saves += 1
            at("save", saves)
        replace(source, destination)

    with (
        mock.patch.object(TrainingModule, "training_step", training_step),
        mock.patch.object(TrainingModule, "validation_step", validation_step),
        mock.patch.object(files.os, "replace", replacing),
    ):
        yield


def curve(path: Path) -> Curve:
    """What `recorded` wrote; an update done twice must have come out the same."""
    found: Curve = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        update, loss, what = line.split()
        assert found.setdefault(int(update), (loss, int(what))) == (loss, int(what)), (
            f"update {update} differs"
        )
    return found


def run(data: Path, folder: Path, scenario: str) -> None:
    """One training that ends as the scenario says, or does not."""
    torch.set_num_threads(1)
    how, where, number = scenario.split(":")
    with recorded(folder.with_suffix(".curve"), where, int(number), signal.Signals[how]):
        fit(*settings(), data, folder, progress=False)


def main() -> None:
    """Prints how each child ended."""
    data, runs = Path(sys.argv[1]), Path(sys.argv[2])
    for scenario in sys.argv[3:]:
        child = os.fork()
        if child == 0:
            try:
                run(data, runs / scenario.replace(":", "-"), scenario)
            except KeyboardInterrupt:
                os._exit(130)
            except SystemExit as end:
                os._exit(int(str(end.code)))
            os._exit(0)
        print(scenario, os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


if __name__ == "__main__":
    main()
