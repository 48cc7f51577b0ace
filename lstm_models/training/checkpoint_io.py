"""Lightning's whole training state in one safetensors file.

Tensors lie there by index, the structure around them is JSON in the file's metadata; nothing is pickled.
"""

import collections
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import torch
from lightning.pytorch.callbacks import ModelCheckpoint
from lightning.pytorch.plugins.io import CheckpointIO
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from lstm_models.files import write_atomic

EXTENSION = ".safetensors"
KIND = "longshort-training-state"
VERSION = "1"


class SafetensorsCheckpointIO(CheckpointIO):
    """For `Trainer(plugins=[SafetensorsCheckpointIO()])`: saves atomically, loads to the bit.

    Holds dicts (keys str or int), lists, tuples, tensors, numpy arrays and scalars, None, bool, int, float,
    str, bytes and Path. What cannot be held is refused by its key path. Two names for one tensor stay one
    tensor; tensors that overlap in another way become separate copies, and parameters plain tensors.
    """

    def save_checkpoint(
        self, checkpoint: dict[str, Any], path: Any, storage_options: Any | None = None
    ) -> None:
        if storage_options is not None:
            raise ValueError(f"storage_options={storage_options!r} is not supported: leave it out (None)")
        save_state(checkpoint, path)

    def load_checkpoint(
        self, path: Any, map_location: Any | None = None, weights_only: bool | None = None
    ) -> dict[str, Any]:
        """As Lightning asks; `weights_only` changes nothing, since nothing in the file can run."""
        return load_state(path, map_location)

    def remove_checkpoint(self, path: Any) -> None:
        Path(path).unlink(missing_ok=True)


class StateCheckpoint(ModelCheckpoint):
    """ModelCheckpoint that names its files *.safetensors, for use with `SafetensorsCheckpointIO`."""

    FILE_EXTENSION = EXTENSION


def save_state(state: dict[str, Any], path: str | Path) -> None:
    """Writes a nested state atomically. ValueError names the key path of what cannot be held."""
    packer = _Packer()
    structure = packer.pack(state, "checkpoint")
    metadata = {"kind": KIND, "version": VERSION, "structure": json.dumps(structure, separators=(",", ":"))}
    write_atomic(path, save(packer.tensors, metadata))


def load_state(path: str | Path, device: str | torch.device | None = None) -> dict[str, Any]:
    """Reads what `save_state` wrote, tensors on `device` (CPU if None).

    Raises FileNotFoundError, or ValueError where the file is truncated, foreign or of another version.
    """
    if not isinstance(device, str | torch.device | None):
        raise ValueError(f"map_location={device!r} is not supported: give a device such as 'cpu', or None")
    if not Path(path).is_file():
        raise FileNotFoundError(f"no training state at {path}: check the path, or start without resuming")
    damaged = f"{path} is not a whole training state: it is truncated, damaged or another kind of file"
    remedy = "resume from another one, or start anew"
    try:
        with safe_open(path, framework="pt", device="cpu") as file:
            metadata = file.metadata() or {}
            # Cloned, so that nothing points into the file once it is replaced.
            tensors = {key: file.get_tensor(key).clone() for key in file.keys()}  # noqa: SIM118
    except SafetensorError as error:
        raise ValueError(f"{damaged} ({error}); {remedy}") from error
    _check_metadata(metadata, path)
    try:
        structure = json.loads(metadata["structure"])
        return _unpack(structure, {key: tensor.to(device or "cpu") for key, tensor in tensors.items()})
    except (KeyError, TypeError, StopIteration, ValueError) as error:
        raise ValueError(f"{damaged} ({error!r}); {remedy}") from error


def _check_metadata(metadata: dict[str, str], path: str | Path) -> None:
    if metadata.get("kind") != KIND:
        raise ValueError(
            f"{path} is a safetensors file, but not a training state written by this program; "
            "resume from a file in the run's own folder"
        )
    if metadata.get("version") != VERSION:
        raise ValueError(
            f"{path} has format version {metadata.get('version')!r}, this program reads {VERSION!r}: "
            "resume with the version of the program that wrote it, or start anew"
        )


class _Packer:
    """Turns a nested value into JSON; what JSON does not have becomes an object whose key is its kind."""

    def __init__(self) -> None:
        self.tensors: dict[str, Tensor] = {}
        # Where a tensor lies in memory -> its index, and itself: while held, its place is not used again.
        self._seen: dict[tuple[Any, ...], tuple[str, Tensor]] = {}
        self._open: set[int] = set()  # containers around the present one, to notice circles

    def pack(self, value: Any, path: str) -> Any:
        kind = type(value)
        if value is None or kind in (bool, int, str):
            return value
        if kind is float:
            return value if math.isfinite(value) else {"float": value.hex()}
        if kind in (list, tuple, dict, collections.OrderedDict):
            return self._pack_container(value, path)
        if isinstance(value, Tensor):
            return {"tensor": self._index(value, path)}
        if isinstance(value, np.ndarray):
            return {"array": self._index(_as_tensor(value, path), path)}
        if isinstance(value, np.generic) and value.dtype.kind in "biuf":
            return {"scalar": [value.dtype.str, value.tobytes().hex()]}
        if kind is bytes:
            return {"bytes": value.hex()}
        if isinstance(value, Path):
            return {"path": str(value)}
        raise ValueError(
            f"{path} is a {kind.__module__}.{kind.__qualname__}, which a training state cannot hold: "
            "turn it into dicts, lists, tuples, tensors, arrays, numbers, text or paths before saving"
        )

    def _pack_container(self, value: Any, path: str) -> Any:
        if id(value) in self._open:
            raise ValueError(f"{path} contains itself: a training state cannot hold circles")
        self._open.add(id(value))
        try:
            if isinstance(value, dict):
                return self._pack_dict(value, path)
            items = [self.pack(item, f"{path}[{i}]") for i, item in enumerate(value)]
            return items if isinstance(value, list) else {"tuple": items}
        finally:
            self._open.discard(id(value))

    def _pack_dict(self, value: dict[Any, Any], path: str) -> dict[str, Any]:
        items = []
        for key, item in value.items():
            if type(key) not in (str, int):
                raise ValueError(
                    f"{path} has the key {key!r} ({type(key).__name__}): keys must be str or int"
                )
            items.append([key, self.pack(item, f"{path}[{key!r}]")])
        if not isinstance(value, collections.OrderedDict):
            return {"dict": items}
        # torch keeps the versions of a state_dict's modules beside its items
        about = getattr(value, "_metadata", None)
        return {"ordered": items, "about": self.pack(about, f"{path}._metadata")}

    def _index(self, tensor: Tensor, path: str) -> str:
        if tensor.layout != torch.strided or tensor.is_quantized or tensor.is_complex() or tensor.is_meta:
            raise ValueError(
                f"{path} is a tensor of a kind that a training state cannot hold "
                f"({tensor.dtype}, {tensor.layout}, on {tensor.device}): use a dense, real tensor"
            )
        place = (tensor.device, tensor.data_ptr(), tensor.dtype, tensor.shape, tensor.stride())
        if tensor.numel() > 0 and place in self._seen:
            return self._seen[place][0]
        index = str(len(self.tensors))
        # A copy of its own: safetensors refuses tensors that share memory.
        self.tensors[index] = tensor.detach().cpu().clone(memory_format=torch.contiguous_format)
        self._seen[place] = (index, tensor)
        return index


def _as_tensor(array: np.ndarray, path: str) -> Tensor:
    try:
        return torch.from_numpy(np.array(array, order="C"))
    except (TypeError, ValueError) as error:
        raise ValueError(f"{path} is an array of {array.dtype}: use numbers that torch knows") from error


def _unpack(value: Any, tensors: dict[str, Tensor]) -> Any:
    """The inverse of `_Packer.pack`."""
    if isinstance(value, list):
        return [_unpack(item, tensors) for item in value]
    if not isinstance(value, dict):
        return value
    kind, inner = next(iter(value.items()))
    if kind in ("dict", "ordered"):
        items = {key: _unpack(item, tensors) for key, item in inner}
        return items if kind == "dict" else _ordered(items, _unpack(value["about"], tensors))
    if kind == "tuple":
        return tuple(_unpack(item, tensors) for item in inner)
    if kind == "scalar":
        return np.frombuffer(bytes.fromhex(inner[1]), dtype=inner[0])[0]
    readers: dict[str, Any] = {
        "float": float.fromhex,
        "tensor": tensors.__getitem__,
        "array": lambda index: tensors[index].cpu().numpy(),
        "bytes": bytes.fromhex,
        "path": Path,
    }
    return readers[kind](inner)


def _ordered(items: dict[Any, Any], about: Any) -> collections.OrderedDict[Any, Any]:
    ordered = collections.OrderedDict(items)
    if about is not None:
        ordered._metadata = about  # type: ignore[attr-defined]
    return ordered
