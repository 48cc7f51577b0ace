"""`inspect(model, text)`: everything that happens while a text is translated or answered, axes named.

S tokens of the segment that is read, T tokens of the answer with its end, M tokens in the memory, A heads,
H units of a layer.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
import xarray as xr

from chat.bot import Bot
from chat.segments import Turn, encode_turn
from lstm_models.attention import Memory
from lstm_models.checkpoint import load_checkpoint
from lstm_models.engine import Engine
from lstm_models.inspect import NONE_OFF, UnitsOff, WithUnitsOff, memory_of, read_inside, step_inside
from lstm_models.layers import Gates, LSTMState
from lstm_models.loss import mixed_log_probs
from lstm_models.search import SearchOptions
from lstm_models.seq2seq import Seq2Seq
from lstm_models.state import ContextState
from translate.languages import encode_source, target_tag
from translate.translator import Translator

GATES = Gates._fields  # input, forget, candidate, output, cell, hidden
LONGEST_ANSWER = 96  # tokens


def load(folder: Path) -> Engine:
    """A checkpoint on PyTorch, which looking inside needs, whatever else it has been exported to."""
    model, tokenizer, config = load_checkpoint(folder)
    return Engine(model, tokenizer, config["weights"]["sha256"], config["card"])


def switched_off(engine: Engine, off: UnitsOff) -> Engine:
    """An engine with some units held at 0, sharing the weights; the one given stays as it is.

    off: units by layer, as {"encoder 1": [17, 40]}. Raises: ValueError naming an unknown layer or unit.
    """
    return Engine(WithUnitsOff(engine.model, off), engine.tokenizer, engine.model_hash, engine.card)


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
    stands there. Attributes: `answer`, and `state` as bytes after reading.
    Raises: ValueError for an empty or overlong text, a state of another model, an unknown unit.
    """
    engine = model if isinstance(model, Engine) else model.engine
    plain = engine.model
    engine = switched_off(engine, off) if off else engine
    ids, tag = _as_segment(engine, text, target)
    before = state if state is not None else engine.new_state()
    (heard,) = engine.read([before], [ids])
    if answer is None:
        # a translation's length follows from the sentence's, a reply's from nothing
        options = SearchOptions(max_length=LONGEST_ANSWER if tag == "<reply>" else None)
        said = engine.generate([heard], [tag], options)[0][0].tokens
    else:
        said = engine.tokenizer.encode(answer)
    with torch.inference_mode():
        reading = read_inside(plain, torch.tensor(ids), _carried(before), off)
        parts = _answering(engine, plain, heard, tag, [*said, engine.tokenizer.eos_id], off)
    encoder = _stacked(reading.inside)
    return _dataset(engine, ids, [*said, engine.tokenizer.eos_id], heard, encoder, parts)


def _as_segment(engine: Engine, text: str, target: str) -> tuple[list[int], str]:
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


def _carried(state: ContextState) -> list[LSTMState]:
    return [
        (torch.from_numpy(hidden)[None].float(), torch.from_numpy(cell)[None].float())
        for hidden, cell in zip(state.hidden, state.cell, strict=True)
    ]


def _answering(
    engine: Engine,
    model: Seq2Seq,
    heard: ContextState,
    tag: str,
    said: list[int],
    off: UnitsOff,
) -> dict[str, np.ndarray]:
    """The answer's tokens forced through the decoder, everything kept."""
    states, memory, src = memory_of(model, heard)
    rows: dict[str, list[np.ndarray]] = {}
    inside_rows = []
    for place, token in enumerate(said):
        last = engine.tokenizer.tag_id(tag) if place == 0 else said[place - 1]
        output, states, inside = step_inside(model, torch.tensor([last]), states, Memory(*memory), off)
        log_probs, copied = mixed_log_probs(output, src, model.embedding.weight, model.output_bias)
        found = {
            "attention": output.attended.weights[0, :, 0],
            "copied": copied[0],
            "copy_gate": output.copy_gate.sigmoid()[0, 0],
            "null": output.attended.null_weight[0, 0],
            "log_prob": log_probs[0, token],
        }
        for name, value in found.items():
            rows.setdefault(name, []).append(value.float().numpy())
        inside_rows.append(inside)
    stacked = {
        name: Gates(*(torch.cat(field) for field in zip(*(row[name] for row in inside_rows), strict=True)))
        for name in inside_rows[0]
    }
    return {**{name: np.stack(row) for name, row in rows.items()}, "decoder": _stacked(stacked)}


def _stacked(inside: Mapping[str, Gates]) -> np.ndarray:
    """[layer, gate, position, unit]"""
    return np.stack([[part.float().numpy() for part in gates] for gates in inside.values()])


def _dataset(
    engine: Engine,
    ids: list[int],
    said: list[int],
    heard: ContextState,
    encoder: np.ndarray,
    parts: dict[str, np.ndarray],
) -> xr.Dataset:
    pieces = engine.tokenizer.pieces
    dims = {
        "attention": ("target", "head", "memory"),
        "copied": ("target", "memory"),
        "copy_gate": ("target",),
        "null": ("target",),
        "log_prob": ("target",),
        "decoder": ("decoder_layer", "gate", "target", "unit"),
    }
    return xr.Dataset(
        {
            "encoder": (("encoder_layer", "gate", "source", "unit"), encoder),
            **{name: (axes, parts[name]) for name, axes in dims.items()},
        },
        coords={
            "gate": list(GATES),
            "encoder_layer": [f"encoder {n}" for n in range(len(encoder))],
            "decoder_layer": [f"decoder {n}" for n in range(len(parts["decoder"]))],
            "unit": np.arange(encoder.shape[-1]),
            "source": np.arange(len(ids)),
            "target": np.arange(len(said)),
            "memory": np.arange(heard.num_tokens),
            "source_token": ("source", pieces(ids)),
            "target_token": ("target", pieces(said)),
            "memory_token": ("memory", pieces(heard.token_ids.tolist())),
            "memory_segment": ("memory", heard.token_segment),
        },
        attrs={"answer": engine.tokenizer.decode(said[:-1]).strip(), "state": heard.to_bytes()},
    )
