"""A training run from beginning to end: its folder, how it is watched, saved, interrupted and resumed.

    run/state.safetensors   everything that resuming needs
    run/best/               the best checkpoint so far, ready to use
    run/log/                TensorBoard
    run/settings.json       the settings that it was started with
"""

import json
import logging
from pathlib import Path

import lightning
import torch
from lightning.pytorch.callbacks import Callback, EarlyStopping
from lightning.pytorch.loggers import TensorBoardLogger

from lstm_models.config import ModelConfig, TrainingConfig
from lstm_models.files import write_json
from lstm_models.shards import ShardedDataset
from lstm_models.training.callbacks import Keeper, Progress
from lstm_models.training.checkpoint_io import SafetensorsCheckpointIO
from lstm_models.training.module import TrainingModule

STATE, BEST, LOG, SETTINGS = "state.safetensors", "best", "log", "settings.json"
# What may differ between a run and its continuation; anything else would make it another run.
MAY_CHANGE = {
    "max_updates", "validate_every", "validation_examples", "validation_batches", "save_every", "patience",
    "accelerator", "strategy", "threads",
}  # fmt: skip


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

    Raises ValueError where data, settings and run folder do not fit together.
    """
    run = Path(run_folder)
    data = ShardedDataset(data_folder, "train", verify=True)
    held_out = ShardedDataset(data_folder, "validation", verify=True)
    model_config = _with_vocabulary(model_config, data)
    _check_folder(run, model_config, config, data, resume)
    if config.threads:
        torch.set_num_threads(config.threads)
    module = TrainingModule(model_config, config, data, held_out)
    trainer = _trainer(config, run, name or run.name, progress)
    trainer.fit(module, ckpt_path=run / STATE if resume else None)
    return run / BEST


def _trainer(config: TrainingConfig, run: Path, name: str, progress: bool) -> lightning.Trainer:
    logging.getLogger("lightning.pytorch").setLevel(logging.WARNING)
    worst_first = "min" if config.monitor == "perplexity" else "max"
    callbacks: list[Callback] = [
        Keeper(run / STATE, run / BEST, config, name),
        EarlyStopping(config.monitor, patience=config.patience, mode=worst_first, check_on_train_epoch_end=False),
    ]
    if progress:
        callbacks.append(Progress())
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
        enable_progress_bar=progress,
        enable_model_summary=False,
        enable_checkpointing=False,
        use_distributed_sampler=False,
        plugins=[SafetensorsCheckpointIO()],
    )


def _with_vocabulary(model_config: ModelConfig, data: ShardedDataset) -> ModelConfig:
    size = data.manifest["tokenizer"]["vocab_size"]
    if model_config.vocab_size not in (0, size):
        raise ValueError(
            f"model.vocab_size={model_config.vocab_size}, but {data.folder} was prepared with a vocabulary of "
            f"{size}: leave the setting out, or prepare the data again"
        )
    return model_config.model_copy(update={"vocab_size": size})


def _check_folder(
    run: Path, model_config: ModelConfig, config: TrainingConfig, data: ShardedDataset, resume: bool
) -> None:
    """A new run needs a folder without one; a resumed run must be the same run."""
    settings = {
        "model": model_config.model_dump(),
        "training": config.model_dump(),
        "data": {"tokenizer": data.manifest["tokenizer"]["sha256"], "shards": data.manifest["splits"]["train"]},
    }
    state = run / STATE
    if not resume:
        if state.exists():
            raise ValueError(
                f"{run} holds a run already: go on with it by --resume, or give another folder with --run"
            )
        run.mkdir(parents=True, exist_ok=True)
        write_json(run / SETTINGS, settings)
        return
    if not state.exists():
        raise ValueError(f"nothing to resume in {run}: there is no {STATE}; start without --resume")
    before = json.loads((run / SETTINGS).read_text(encoding="utf-8"))
    now = json.loads(json.dumps(settings))
    changed = [
        f"{part}.{key} was {before[part].get(key)!r}, now {value!r}"
        for part in ("model", "training")
        for key, value in now[part].items()
        if key not in MAY_CHANGE and before[part].get(key) != value
    ]
    if before["data"] != now["data"]:
        changed.append(f"the prepared data in {data.folder} is not what the run began with")
    if changed:
        raise ValueError(f"cannot resume {run} exactly: {'; '.join(changed)}. Start another run for that")
    write_json(run / SETTINGS, settings)
