"""What PyTorch shows of one exchange: all gates of all layers, with units switched off where asked for.

S tokens read, T tokens answered with the end, M tokens in the memory, A heads, H units.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch

from lab.glass.look import UnitsOff
from lstm_models.engine import Engine
from lstm_models.inspect import WithUnitsOff, memory_of, read_inside, step_inside
from lstm_models.layers import Gates, LSTMState
from lstm_models.loss import mixed_log_probs
from lstm_models.state import ContextState


def switched_off(engine: Engine, off: UnitsOff) -> Engine:
    """An engine with some units held at 0, sharing the weights; the one given stays as it is.

    off: units by layer, as {"encoder 1": [17, 40]}. Raises: ValueError naming an unknown layer or unit.
    """
    return Engine(WithUnitsOff(engine.model, off), engine.tokenizer, engine.model_hash, engine.card)


def carried(state: ContextState) -> list[LSTMState]:
    """The upper encoder layers' (hidden, cell), [1, H] each."""
    return [
        (torch.from_numpy(hidden)[None].float(), torch.from_numpy(cell)[None].float())
        for hidden, cell in zip(state.hidden, state.cell, strict=True)
    ]


class Inside:
    """One segment read after a state, and answers to it."""

    def __init__(self, engine: Engine, before: ContextState, ids: list[int], off: UnitsOff) -> None:
        self.model, self.off = engine.model, off
        self.engine = switched_off(engine, off) if off else engine
        (self.heard,) = self.engine.read([before], [ids])
        with torch.inference_mode():
            reading = read_inside(self.model, torch.tensor(ids), carried(before), off)
        self.encoder = _stacked(reading.inside)

    @torch.inference_mode()
    def arrays(self, tag: str, said: list[int]) -> dict[str, np.ndarray]:
        """An answer's tokens forced through the decoder, everything kept, target first or by layer."""
        model = self.model
        states, memory, src = memory_of(model, self.heard)
        rows: dict[str, list[np.ndarray]] = {}
        inside_rows = []
        for last, token in zip([self.engine.tokenizer.tag_id(tag), *said], said, strict=False):
            output, states, inside = step_inside(model, torch.tensor([last]), states, memory, src, self.off)
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
            name: Gates(*(torch.cat(part) for part in zip(*(row[name] for row in inside_rows), strict=True)))
            for name in inside_rows[0]
        }
        steps = {name: np.stack(row) for name, row in rows.items()}
        return {"encoder": self.encoder, **steps, "decoder": _stacked(stacked)}


def _stacked(inside: Mapping[str, Gates]) -> np.ndarray:
    """[layer, gate, position, unit]"""
    return np.stack([[part.float().numpy() for part in gates] for gates in inside.values()])
