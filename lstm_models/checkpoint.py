"""A checkpoint is a folder: config.json, tokenizer.model, model.safetensors, README.md (the model card).

It may hold a folder `onnx` besides, made from the weights by `longshort export`, with shortlist.json where
that had data to learn it from, and calibration.json, by `longshort calibrate`; saving again removes them.
It is written as a whole or not at all, holds nothing that could run, and is read strictly: whatever does not
fit is named, with the remedy. `read_config` needs no torch, so that other runtimes can read the folder too.
"""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from pydantic import ValidationError

from lstm_models.card import ModelCard
from lstm_models.config import ModelConfig
from lstm_models.files import replace_folder, sha256_bytes
from lstm_models.tokenizer import Tokenizer

if TYPE_CHECKING:
    from torch import Tensor

    from lstm_models.seq2seq import Seq2Seq

FORMAT, VERSION = "longshort-checkpoint", 1
CONFIG, TOKENIZER, WEIGHTS, CARD = "config.json", "tokenizer.model", "model.safetensors", "README.md"
EXPORT = "onnx"  # a folder with what `longshort export` makes of the weights
CALIBRATION = "calibration.json"  # what `longshort calibrate` found out about the weights
SHORTLIST = "shortlist.json"  # which pieces answers are made of, see `shortlist.py`
Dtype = Literal["float32", "float16"]
# What file managers leave in any folder that is looked at; nobody misses it.
LITTER = {".DS_Store", "Thumbs.db", "desktop.ini"}
REMEDY = "take the checkpoint from its source again, or train one"


def save_checkpoint(
    folder: str | Path,
    model: "Seq2Seq",
    tokenizer: Tokenizer,
    card: dict[str, Any] | ModelCard,
    dtype: Dtype = "float32",
) -> dict[str, Any]:
    """Writes the folder as a whole; returns what config.json holds (its weights' sha256 is the model's hash).

    float16 halves the file, for shipping. Raises ValueError where model, tokenizer and card do not fit
    together, where weights are not finite or too large for float16, or where `folder` holds other files;
    OSError (full disk) leaves what existed.
    """
    from safetensors.torch import save

    folder, card = Path(folder), ModelCard.parse(card)
    if dtype not in get_args(Dtype):
        raise ValueError(f"dtype={dtype!r}: allowed are {', '.join(get_args(Dtype))}")
    if tokenizer.vocab_size != model.config.vocab_size:
        raise ValueError(
            f"the model has vocab_size={model.config.vocab_size}, the tokenizer has "
            f"{tokenizer.vocab_size} entries: save the model with the tokenizer that prepared its data"
        )
    refuse_foreign_files(folder)
    tensors = _packed(model, dtype)
    weights = save(tensors, {"format": "pt"})
    config = {
        "format": FORMAT,
        "format_version": VERSION,
        "task": card.task,
        "dtype": dtype,
        "model": model.config.model_dump(),
        "tokenizer": {"sha256": tokenizer.sha256, "vocab_size": tokenizer.vocab_size},
        "weights": {
            "sha256": sha256_bytes(weights),
            "parameters": sum(tensor.numel() for tensor in tensors.values()),
        },
        "card": card.model_dump(mode="json", exclude_defaults=True),
    }
    with replace_folder(folder) as new:
        (new / WEIGHTS).write_bytes(weights)
        tokenizer.save(new / TOKENIZER)
        (new / CARD).write_text(card.markdown(), encoding="utf-8")
        (new / CONFIG).write_text(json.dumps(config, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return config


def load_checkpoint(folder: str | Path) -> tuple["Seq2Seq", Tokenizer, dict[str, Any]]:
    """The model (float32, in evaluation mode), its tokenizer, and what config.json holds.

    Raises ValueError, with the remedy, where the folder is missing, foreign, damaged, of another version, or
    its parts do not belong together.
    """
    from lstm_models.seq2seq import Seq2Seq

    folder = Path(folder)
    config = read_config(folder)
    tokenizer = load_tokenizer(folder, config)
    sizes = model_config(folder, config)
    data = (folder / WEIGHTS).read_bytes()
    tensors = _unpacked(folder, data)
    _compare(folder, tensors, _needed_tensors(folder, sizes))
    if sha256_bytes(data) != config["weights"]["sha256"]:
        raise ValueError(
            f"{folder / WEIGHTS} differs from the checksum in {CONFIG}: it is damaged "
            f"or from another checkpoint; {REMEDY}"
        )
    model = Seq2Seq(sizes)
    model.load_state_dict(
        tensors, strict=False
    )  # names and shapes were compared above; tied names are left out
    return model.eval(), tokenizer, config


def read_config(folder: str | Path) -> dict[str, Any]:
    """What config.json holds; ValueError where the folder is not a checkpoint of this version."""
    folder = Path(folder)
    if not folder.is_dir():
        raise ValueError(f"no checkpoint at {folder}: give a folder that holds {CONFIG} and {WEIGHTS}")
    missing = [name for name in (CONFIG, TOKENIZER, WEIGHTS) if not (folder / name).is_file()]
    if missing:
        raise ValueError(f"{folder} is not a whole checkpoint: it lacks {', '.join(missing)}; {REMEDY}")
    try:
        config = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{folder / CONFIG} is not JSON ({error}): it is damaged; {REMEDY}") from error
    if not isinstance(config, dict) or config.get("format") != FORMAT:
        raise ValueError(
            f"{folder} is a checkpoint of another program: {CONFIG} does not say "
            f'"format": "{FORMAT}"; give a folder that this program wrote'
        )
    if config.get("format_version") != VERSION:
        raise ValueError(
            f"{folder} has format version {config.get('format_version')!r}, this program reads {VERSION}: "
            "use the version of the program that wrote it, or train the model again"
        )
    return _checked(folder, config)


def load_tokenizer(folder: str | Path, config: dict[str, Any]) -> Tokenizer:
    """The checkpoint's tokenizer. ValueError where it is not the one that the model was trained with."""
    path = Path(folder) / TOKENIZER
    tokenizer = Tokenizer.load(path)
    if tokenizer.sha256 != config["tokenizer"]["sha256"]:
        raise ValueError(
            f"{path} is not the tokenizer that the model was trained with (its checksum "
            f"differs from {CONFIG}): every word would be read as another; {REMEDY}"
        )
    return tokenizer


def model_config(folder: str | Path, config: dict[str, Any]) -> ModelConfig:
    """The model's sizes from what config.json holds. ValueError names what does not fit."""
    try:
        return ModelConfig.model_validate(config["model"])
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise ValueError(
            f"{Path(folder) / CONFIG}: the model's sizes do not fit ({faults}); {REMEDY}"
        ) from error


def _checked(folder: Path, config: dict[str, Any]) -> dict[str, Any]:
    needed = {"task": str, "dtype": str, "model": dict, "tokenizer": dict, "weights": dict, "card": dict}
    wrong = [name for name, kind in needed.items() if not isinstance(config.get(name), kind)]
    wrong += [
        f"{name}.sha256" for name in ("tokenizer", "weights") if "sha256" not in (config.get(name) or ())
    ]
    if wrong:
        raise ValueError(
            f"{folder / CONFIG} lacks {', '.join(wrong)}, or holds something else there; {REMEDY}"
        )
    return config


def _packed(model: "Seq2Seq", dtype: str) -> "dict[str, Tensor]":
    """The model's tensors as they go into the file, each with memory of its own."""
    import torch

    packed = {}
    for name, tensor in _own_tensors(model).items():
        value = tensor.detach().cpu()
        if value.is_floating_point():
            value = value.to(getattr(torch, dtype))
            if not value.isfinite().all():
                cause = "not finite" if not tensor.isfinite().all() else f"too large for {dtype}"
                raise ValueError(
                    f"the weights {name} are {cause}: nothing was saved; go back to an earlier state"
                )
        packed[name] = value.clone(memory_format=torch.contiguous_format)
    return packed


def _own_tensors(model: "Seq2Seq") -> "dict[str, Tensor]":
    """The model's state, each tensor once: of names that share one, the first."""
    own: dict[int, str] = {}
    state = model.state_dict(keep_vars=True)  # the parameters themselves, of which each is one object
    for name, tensor in state.items():
        own.setdefault(id(tensor), name)
    return {name: state[name] for name in own.values()}


def _needed_tensors(folder: Path, sizes: ModelConfig) -> "dict[str, Tensor]":
    """Of a model of these sizes, without memory for numbers: the sizes may be a stranger's."""
    from lstm_models.seq2seq import Seq2Seq
    from lstm_models.shapes import shapes_alone

    try:
        with shapes_alone():
            return _own_tensors(Seq2Seq(sizes))
    except (RuntimeError, TypeError) as error:  # PyTorch's, for what it cannot count
        raise ValueError(
            f"{folder / CONFIG}: no model can be of the sizes that stand there; {REMEDY}"
        ) from error


def _unpacked(folder: Path, data: bytes) -> "dict[str, Tensor]":
    from safetensors import SafetensorError
    from safetensors.torch import load

    try:
        return load(data)
    except SafetensorError as error:
        raise ValueError(
            f"{folder / WEIGHTS} is truncated or no safetensors file ({error}); {REMEDY}"
        ) from error


def _compare(folder: Path, found: "dict[str, Tensor]", needed: "dict[str, Tensor]") -> None:
    """Names and shapes must be equal; says all that is not."""
    faults = []
    if missing := sorted(needed.keys() - found.keys()):
        faults.append(f"missing: {_some(missing)}")
    if unexpected := sorted(found.keys() - needed.keys()):
        faults.append(f"unexpected: {_some(unexpected)}")
    shapes = [
        f"{name} is {list(found[name].shape)}, needed {list(needed[name].shape)}"
        for name in sorted(found.keys() & needed.keys())
        if found[name].shape != needed[name].shape
    ]
    if shapes:
        faults.append(f"of another shape: {_some(shapes)}")
    if faults:
        raise ValueError(
            f"{folder / WEIGHTS} does not fit the model that {CONFIG} describes; {'; '.join(faults)}. "
            f"The two are from different checkpoints, or from another version of the program; {REMEDY}"
        )


def _some(names: list[str], most: int = 5) -> str:
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


def refuse_foreign_files(folder: Path) -> None:
    """A save replaces the folder: ValueError where it holds anything but a checkpoint, or is a file."""
    if folder.exists() and not folder.is_dir():
        raise ValueError(f"{folder} is a file: a checkpoint is a folder; give another name")
    known = {CONFIG, TOKENIZER, WEIGHTS, CARD, EXPORT, CALIBRATION, SHORTLIST, *LITTER}
    others = (
        sorted(path.name for path in folder.iterdir() if path.name not in known) if folder.exists() else []
    )
    if others:
        raise ValueError(
            f"{folder} holds other files ({_some(others)}), which saving a checkpoint there would delete: "
            "move them away or give another folder"
        )
