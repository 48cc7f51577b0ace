"""The exported files of a checkpoint: a folder `onnx` in it, with its graphs and what they belong to.

They are read strictly: what was exported of other weights or by another version, or was cut short, is refused
with the remedy.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lstm_models.checkpoint import EXPORT, model_config, read_config
from lstm_models.config import ModelConfig
from lstm_models.files import replace_folder, sha256_bytes

FORMAT, VERSION = "longshort-engine", 2
ABOUT = "engine.json"
READ, COMPARE, BEGIN, STEP = "read.onnx", "compare.onnx", "begin.onnx", "step.onnx"
LISTS = "shortlists"  # in ABOUT: the tags whose answers have a list of words, in the step's order


def graphs_of(config: ModelConfig) -> tuple[str, ...]:
    """The files of such a model's graphs: to read, to compare segments where it does so, to begin, a step."""
    return (READ, COMPARE, BEGIN, STEP) if config.match_size else (READ, BEGIN, STEP)


@dataclass(frozen=True)
class Exported:
    """A checkpoint's exported files, whole and belonging to its weights."""

    folder: Path  # of the graphs
    config: ModelConfig
    about: dict[str, Any]  # what engine.json holds
    graphs: dict[str, bytes]

    def data(self, name: str) -> bytes:
        """One graph's file."""
        return self.graphs[name]

    @property
    def lists(self) -> dict[str, int]:
        """See `Runtime.lists`."""
        return {tag: number for number, tag in enumerate(self.about.get(LISTS, []), 1)}

    @classmethod
    def open(cls, checkpoint: str | Path) -> Exported:
        """Reads and checks. Raises ValueError, with the remedy, for what is missing, stale or damaged."""
        checkpoint = Path(checkpoint)
        config = read_config(checkpoint)
        folder = checkpoint / EXPORT
        remedy = f"export it again: longshort export {checkpoint}"
        about = _about(folder, remedy)
        if about.get("weights") != config["weights"]["sha256"]:
            raise ValueError(
                f"{folder} was exported from other weights than {checkpoint} holds now; {remedy}"
            )
        model, graphs = model_config(checkpoint, config), {}
        for name in graphs_of(model):
            path = folder / name
            data = path.read_bytes() if path.is_file() else b""
            if sha256_bytes(data) != about["graphs"].get(name):
                what = "is missing" if not path.is_file() else "is damaged or cut short"
                raise ValueError(f"{path} {what} (its checksum is not that of {ABOUT}); {remedy}")
            graphs[name] = data
        return cls(folder, model, about, graphs)


def exported(checkpoint: str | Path) -> bool:
    """Whether the checkpoint has exported files, whatever their state."""
    return (Path(checkpoint) / EXPORT).exists()


def write_export(
    checkpoint: str | Path, weights: str, graphs: dict[str, bytes], options: dict[str, Any]
) -> Path:
    """Puts the graphs into the checkpoint, as a whole or not at all. weights: the checksum they belong to."""
    folder = Path(checkpoint) / EXPORT
    about = {
        "format": FORMAT,
        "format_version": VERSION,
        "weights": weights,
        **options,
        "graphs": {name: sha256_bytes(data) for name, data in graphs.items()},
    }
    with replace_folder(folder) as new:
        for name, data in graphs.items():
            (new / name).write_bytes(data)
        (new / ABOUT).write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8")
    return folder


def _about(folder: Path, remedy: str) -> dict[str, Any]:
    path = folder / ABOUT
    try:
        about = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ValueError(f"{path} is missing: there is no whole export; {remedy}") from error
    except ValueError as error:
        raise ValueError(f"{path} is damaged ({error}); {remedy}") from error
    if (
        not isinstance(about, dict)
        or about.get("format") != FORMAT
        or not isinstance(about.get("graphs"), dict)
    ):
        raise ValueError(f'{path} is no export: it does not say "format": "{FORMAT}"; {remedy}')
    if about.get("format_version") != VERSION:
        raise ValueError(
            f"{folder} has format version {about.get('format_version')!r}, this program reads {VERSION}: "
            f"it was exported by another version of the program; {remedy}"
        )
    return about
