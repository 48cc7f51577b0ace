"""A training run from beginning to end: its folder, how it is watched, saved, interrupted and resumed.

run/state.safetensors   everything that resuming needs
run/best/               the best checkpoint so far, ready to use
run/log/                TensorBoard
run/settings.json       the settings that it was started with, and what its first weights had learnt from
"""

import json
import logging
import signal
import sys
import warnings
from pathlib import Path
from typing import Any

import lightning
import torch
from lightning.pytorch.callbacks import Callback
from lightning.pytorch.loggers import TensorBoardLogger
from lightning.pytorch.utilities.exceptions import MisconfigurationException

from lstm_models.checkpoint import LITTER, TOKENIZER, load_checkpoint, refuse_foreign_files
from lstm_models.config import ModelConfig, TrainingConfig
from lstm_models.files import write_json
from lstm_models.shards import ShardedDataset
from lstm_models.tokenizer import Tokenizer
from lstm_models.training.callbacks import Keeper, Stopped
from lstm_models.training.checkpoint_io import SafetensorsCheckpointIO
from lstm_models.training.module import TrainingModule
from lstm_models.training.progress import Bar, watcher
from lstm_models.training.run_card import UNKNOWN, Origin

logger = logging.getLogger(__name__)

STATE, BEST, LOG, SETTINGS = "state.safetensors", "best", "log", "settings.json"
# What may differ between a run and its continuation; anything else would make it another run.
MAY_CHANGE = {
    "max_updates", "validate_every", "validation_examples", "validation_batches", "save_every", "patience",
    "accelerator", "strategy", "threads",
}  # fmt: skip
# Of a model's settings, those that its weights do not depend on.
REGULARIZATION = {"dropout", "embed_dropout", "word_dropout", "bank_size", "max_segment", "max_age"}
# What Lightning and torch say of things that are meant to be so.
EXPECTED_WARNINGS = (
    r"`isinstance\(treespec, LeafSpec\)` is deprecated",
    r"Your `IterableDataset` has `__len__` defined",
    r"You're resuming from a checkpoint that ended before the epoch ended",
    r"The '\w+' does not have many workers",
    r"The number of training batches .* is smaller than the logging interval",
)


def fit(
    model_config: ModelConfig,
    config: TrainingConfig,
    data_folder: str | Path,
    run_folder: str | Path,
    resume: bool = False,
    name: str = "",
    progress: bool = True,
) -> Path:
    """Trains, and returns the folder of the best checkpoint.

    Raises ValueError where data, settings, run folder and machine do not fit together, OSError where a state
    cannot be saved (the former one stays), KeyboardInterrupt on Ctrl-C and SystemExit on SIGTERM, once all is
    saved.
    """
    run = Path(run_folder)
    data, held_out = _open(data_folder, "train"), _open(data_folder, "validation")
    model_config = _fitted_to(data, model_config)
    settings = _settings(model_config, config, data)
    _check_folder(run, settings, data, resume)
    origin = _origin(run, config, resume)
    trainer = _trainer(config, run, name or run.name, origin, progress)
    if config.threads:
        torch.set_num_threads(config.threads)
    module = TrainingModule(model_config, config, data, held_out)
    if config.start_from and not resume:
        start_from(config.start_from, module)
    run.mkdir(parents=True, exist_ok=True)
    write_json(run / SETTINGS, {**settings, "begun_with": origin and origin.model_dump(mode="json")})
    try:
        with warnings.catch_warnings():
            for message in EXPECTED_WARNINGS:
                warnings.filterwarnings("ignore", message)
            trainer.fit(module, ckpt_path=run / STATE if resume else None)
    except Stopped as stopped:
        _leave(stopped, run, trainer)
    return run / BEST


def start_from(folder: str | Path, module: TrainingModule) -> None:
    """Begins with the weights of a checkpoint: fine-tuning, or more training than one run had time for.

    The run may have what the checkpoint lacks: `match_size`, `reread_size`, `uncovered`, `follow`,
    `deeper_layers`, more hops (the last are its own).
    Raises ValueError where the checkpoint has other sizes or another tokenizer than the run.
    """
    model, tokenizer, _ = load_checkpoint(folder)
    if tokenizer.sha256 != module.tokenizer.sha256:
        raise ValueError(
            f"training.start_from={folder}: the data was prepared with another tokenizer; prepare it again "
            f"with data.tokenizer={Path(folder) / TOKENIZER}"
        )
    sizes = module.model.config.model_dump()
    other = [
        f"model.{name}={sizes[name]!r} (the checkpoint has {value!r})"
        for name, value in model.config.model_dump().items()
        if name not in REGULARIZATION and sizes[name] != value
        if not (name in ("num_hops", "deeper_layers") and sizes[name] > value)
        and not (name in ("match_size", "reread_size", "uncovered", "follow") and not value)
    ]
    if other:
        raise ValueError(
            f"training.start_from={folder}: the sizes differ: {', '.join(other)}; give it its own"
        )
    module.model.load_state_dict(model.state_dict(), strict=False)  # the sizes were compared above
    module.average.module.load_state_dict(module.model.state_dict())


def _leave(stopped: Stopped, run: Path, trainer: lightning.Trainer) -> None:
    """Ends as the signal asks, having said where the run stands."""
    if trainer.is_global_zero:
        saved = f"behind update {trainer.global_step:,}, which {run} holds: go on with --resume"
        logger.warning("stopped %s", saved if stopped.saved else "at once: --resume begins at the last save")
    if stopped.number == signal.SIGTERM:
        sys.exit(128 + signal.SIGTERM)
    raise KeyboardInterrupt from None


def _trainer(
    config: TrainingConfig, run: Path, name: str, origin: Origin | None, progress: bool
) -> lightning.Trainer:
    logging.getLogger("lightning.pytorch").setLevel(logging.WARNING)
    shown = watcher() if progress else None
    keeper = Keeper(run / STATE, run / BEST, config, name, origin)
    callbacks: list[Callback] = [shown, keeper] if shown else [keeper]
    try:
        return lightning.Trainer(
            accelerator=config.accelerator,
            devices=config.devices,
            strategy=config.strategy,
            precision="bf16-mixed" if config.precision == "bf16" else "32-true",
            max_steps=config.max_updates,
            max_epochs=-1,
            val_check_interval=min(config.validate_every, config.max_updates),
            check_val_every_n_epoch=None,
            num_sanity_val_steps=0,
            logger=TensorBoardLogger(run / LOG, name="", version=""),
            log_every_n_steps=10,
            callbacks=callbacks,
            enable_progress_bar=isinstance(shown, Bar),
            enable_model_summary=False,
            enable_checkpointing=False,
            use_distributed_sampler=False,
            plugins=[SafetensorsCheckpointIO()],
        )
    except MisconfigurationException as error:
        raise ValueError(
            f"training.accelerator={config.accelerator}, training.devices={config.devices}, "
            f"training.strategy={config.strategy}: this machine cannot ({' '.join(str(error).split())}); "
            "training.accelerator=auto takes what it has"
        ) from error


def _fitted_to(data: ShardedDataset, model_config: ModelConfig) -> ModelConfig:
    """With the vocabulary of the data, and the ages that it teaches where the recipe names no limit."""
    size = data.manifest["tokenizer"]["vocab_size"]
    if model_config.vocab_size not in (0, size):
        raise ValueError(
            f"model.vocab_size={model_config.vocab_size}, but {data.folder} was prepared with a "
            f"vocabulary of {size}: leave the setting out, or prepare the data again"
        )
    tokenizer = Tokenizer.load(data.folder / data.manifest["tokenizer"]["file"])
    if tokenizer.sha256 != data.manifest["tokenizer"]["sha256"]:
        raise ValueError(
            f"the tokenizer in {data.folder} is not the one that its shards were encoded with: "
            "prepare the data again with `longshort prepare`"
        )
    max_age = model_config.max_age or data.usual_age()
    return model_config.model_copy(update={"vocab_size": size, "max_age": max_age})


def _open(folder: str | Path, split: str) -> ShardedDataset:
    data = ShardedDataset(folder, split, verify=True)
    if not len(data):
        raise ValueError(f"the split {split!r} of {folder} is empty: check the recipe's corpora and cleaning")
    return data


def _settings(model_config: ModelConfig, config: TrainingConfig, data: ShardedDataset) -> dict[str, Any]:
    return {
        "model": model_config.model_dump(),
        "training": config.model_dump(),
        "data": {
            "tokenizer": data.manifest["tokenizer"]["sha256"],
            "shards": data.manifest["splits"]["train"],
        },
    }


def _check_folder(run: Path, settings: dict[str, Any], data: ShardedDataset, resume: bool) -> None:
    """A new run needs a folder without one; a resumed run must be the same run."""
    refuse_foreign_files(run / BEST)
    if (run / STATE).exists():
        if not resume:
            raise ValueError(
                f"{run} holds a run already: go on with it by --resume, or give another folder with --run"
            )
        _check_same(run, settings, data)
        return
    if (run / BEST).exists() and any(path.name not in LITTER for path in (run / BEST).iterdir()):
        raise ValueError(
            f"{run / BEST} is from a run that cannot go on, for there is no {run / STATE}: move it away, or "
            "give another folder with --run"
        )
    if resume:
        raise ValueError(f"nothing to resume in {run}: there is no {STATE}; start without --resume")


def _check_same(run: Path, settings: dict[str, Any], data: ShardedDataset) -> None:
    """Only what `MAY_CHANGE` may differ from what the run was started with."""
    before = _settings_of(run)
    now = json.loads(json.dumps(settings))
    changed = [
        f"{part}.{key} was {before[part][key]!r}, now {value!r}"
        for part in ("model", "training")
        for key, value in now[part].items()
        if key not in MAY_CHANGE and before[part].get(key, value) != value  # a run of before had fewer
    ]
    if before["data"] != now["data"]:
        changed.append(f"the prepared data in {data.folder} is not what the run began with")
    if changed:
        raise ValueError(f"cannot resume {run} exactly: {'; '.join(changed)}. Start another run for that")


def _origin(run: Path, config: TrainingConfig, resume: bool) -> Origin | None:
    """What the run began with, by its own note: the checkpoint may be gone by now, or hold other weights."""
    if not config.start_from:
        return None
    if not resume:
        return Origin.of(config.start_from)
    if noted := _settings_of(run)["begun_with"]:
        assert isinstance(noted, Origin)
        return noted
    try:  # a run of before, which noted nothing
        return Origin.of(config.start_from)
    except ValueError:
        return UNKNOWN


def _settings_of(run: Path) -> dict[str, Any]:
    """The settings that a run was started with; an option that it did not know yet has its default."""
    path = run / SETTINGS
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        defaults = {"model": ModelConfig(), "training": TrainingConfig()}
        parts = {name: {**config.model_dump(), **found[name]} for name, config in defaults.items()}
        noted = found.get("begun_with")
        return {**parts, "data": found["data"], "begun_with": noted and Origin.model_validate(noted)}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ValueError(
            f"cannot resume {run}: {path} is missing or damaged ({error!r}): put it back, or start anew"
        ) from error
