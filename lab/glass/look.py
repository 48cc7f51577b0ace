"""`inspect(model, text)`: everything that happens while a text is translated or answered, axes named.

S tokens of the segment that is read, T tokens of the answer with its end, M tokens in the memory, A heads,
H units of a layer.

With PyTorch (`inside.py`) every gate of every layer is there. Without it, the exported files tell what the
decoder does (`served.py`); the arrays that are there have the same names, axes and meaning.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import xarray as xr

from chat.bot import Bot
from chat.segments import Turn, encode_turn
from lstm_models.engine import Engine
from lstm_models.search import SearchOptions
from lstm_models.state import ContextState
from translate.languages import encode_source, target_tag
from translate.translator import Translator

GATES = ("input", "forget", "candidate", "output", "cell", "hidden")
LONGEST_ANSWER = 96  # tokens
NEEDS_TORCH = (
    "the encoder's gates, half-lives, gradients and switching units off need PyTorch: "
    "pip install 'longshort[train]'"
)
UnitsOff = Mapping[str, Sequence[int]]  # layer name -> units that are held at 0
NONE_OFF: UnitsOff = {}
_AXES = {
    "encoder": ("encoder_layer", "gate", "source", "unit"),
    "decoder": ("decoder_layer", "gate", "target", "unit"),
    "attention": ("target", "head", "memory"),
    "copied": ("target", "memory"),
    "copy_gate": ("target",),
    "null": ("target",),
    "log_prob": ("target",),
}


class Look(Protocol):
    """One segment read after a state, and what can be seen of an answer to it."""

    engine: Engine
    heard: ContextState

    def arrays(self, tag: str, said: list[int]) -> dict[str, np.ndarray]: ...


def inspect(
    model: Translator | Bot | Engine,
    text: str,
    state: ContextState | None = None,
    target: str = "de",
    off: UnitsOff = NONE_OFF,
    answer: str | None = None,
) -> xr.Dataset:
    """Looks inside while one sentence is translated (`target`: into which language) or one message answered.

    state: the conversation so far; empty if left out. off: units held at 0 meanwhile. answer: what to say
    (its probabilities are looked at); the model's own greedy answer if left out.

    The dataset's arrays: `encoder` [layer, gate, source, unit] and `decoder` [layer, gate, target, unit],
    where gate is one of input, forget, candidate, output, cell, hidden; `attention` [head, target, memory];
    `copied` [target, memory], the share of each answered token that was copied from each token in memory;
    `copy_gate` [target], the share that could be; `null` [target], attention on "nobody told me";
    `log_prob` [target]. Coordinates `source_token`, `target_token`, `memory_token`, `memory_segment` say what
    stands there. Attributes: `answer`, `state` as bytes after reading, and `missing`: what could not be seen
    without PyTorch (then there is no `encoder`), or "".
    Raises: ValueError for an empty or overlong text, a state of another model, an unknown unit; for units
    switched off where there is no PyTorch.
    """
    engine = model if isinstance(model, Engine) else model.engine
    whole = on_torch(engine)
    if whole is None and off:
        raise ValueError(NEEDS_TORCH)
    engine = whole or engine
    ids, tag = as_segment(engine, text, target)
    before = state if state is not None else engine.new_state()
    found: Look
    if whole is not None:
        from lab.glass.inside import Inside

        found = Inside(engine, before, ids, off)
    else:
        from lab.glass.served import Served

        found = Served(engine, before, ids)
    if answer is None:
        # a translation's length follows from the sentence's, a reply's from nothing
        options = SearchOptions(max_length=LONGEST_ANSWER if tag == "<reply>" else None)
        said = found.engine.generate([found.heard], [tag], options)[0][0].tokens
    else:
        said = engine.tokenizer.encode(answer)
    said = [*said, engine.tokenizer.eos_id]
    return _dataset(engine, ids, said, found.heard, found.arrays(tag, said), "" if whole else NEEDS_TORCH)


def on_torch(engine: Engine) -> Engine | None:
    """The same weights on PyTorch, or None where it is not installed.

    Raises: ValueError where the folder that the engine was loaded from holds other weights by now.
    """
    if hasattr(engine.runtime, "model"):
        return engine
    if importlib.util.find_spec("torch") is None:
        return None
    exported: Any = engine.runtime
    return _twin(exported.exported.folder.parent, engine.model_hash)


@lru_cache(4)
def _twin(folder: Path, model_hash: str) -> Engine:
    engine = Engine.load(folder, "torch")
    if engine.model_hash != model_hash:
        raise ValueError(f"{folder} holds other weights than were loaded from it: start the program again")
    return engine


def as_segment(engine: Engine, text: str, target: str) -> tuple[list[int], str]:
    """The ids of what is read and the tag that the answer begins with, as the model's task has it."""
    if not text.strip():
        raise ValueError("the text is empty: write at least one word")
    if engine.card.get("task") == "chat":
        ids, tag = encode_turn(engine.tokenizer, Turn("user", text)), "<reply>"
    else:
        ids, tag = encode_source(engine.tokenizer, text), target_tag(target)
    longest = engine.config.max_segment
    if len(ids) > longest:
        raise ValueError(f"the text has {len(ids)} tokens, {longest} can be looked at: give a shorter one")
    return ids, tag


def _dataset(
    engine: Engine,
    ids: list[int],
    said: list[int],
    heard: ContextState,
    parts: Mapping[str, np.ndarray],
    missing: str,
) -> xr.Dataset:
    pieces, config = engine.tokenizer.pieces, engine.config
    layers: dict[str, Any] = {"decoder_layer": [f"decoder {n}" for n in range(config.decoder_layers)]}
    if "encoder" in parts:
        layers["encoder_layer"] = config.encoder_names
    return xr.Dataset(
        {name: (_AXES[name], values) for name, values in parts.items()},
        coords={
            **layers,
            "gate": list(GATES),
            "unit": np.arange(config.hidden_size),
            "source": np.arange(len(ids)),
            "target": np.arange(len(said)),
            "memory": np.arange(heard.num_tokens),
            "source_token": ("source", pieces(ids)),
            "target_token": ("target", pieces(said)),
            "memory_token": ("memory", pieces(heard.token_ids.tolist())),
            "memory_segment": ("memory", heard.token_segment),
        },
        attrs={
            "answer": engine.tokenizer.decode(said[:-1]).strip(),
            "state": heard.to_bytes(),
            "missing": missing,
        },
    )
