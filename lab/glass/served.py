"""What the exported files show of one exchange, without PyTorch: all that the decoder does.

T tokens answered with the end, M tokens in the memory, A heads, L decoder layers, H units. The numbers are
those of the int8 files that serve the page, not of the weights that they were made from.
"""

from __future__ import annotations

import numpy as np

from lstm_models.engine import Engine
from lstm_models.runtimes.onnx import OnnxDecoding, OnnxRuntime
from lstm_models.state import ContextState

_STEP = ("attention", "copied", "null", "log_probs", "next_state")


class Served:
    """One segment read after a state, and answers to it."""

    def __init__(self, engine: Engine, before: ContextState, ids: list[int]) -> None:
        self.engine = engine
        (self.heard,) = engine.read([before], [ids])

    def arrays(self, tag: str, said: list[int]) -> dict[str, np.ndarray]:
        """An answer's tokens forced through the decoder: as `inside.Inside.arrays`, without the encoder."""
        runtime, state = self.engine.runtime, self.engine.begin([self.heard])
        assert isinstance(runtime, OnnxRuntime) and isinstance(state, OnnxDecoding)
        layers = self.engine.config.decoder_layers
        names = [*_STEP, *(f"{part}_{layer}" for layer in range(layers) for part in ("gates", "candidate"))]
        rows: dict[str, list[np.ndarray]] = {}
        for last, token in zip([self.engine.tokenizer.tag_id(tag), *said], said, strict=False):
            tokens = np.array([last])
            attention, copied, null, log_probs, after, *gates = runtime.inspect(tokens, state, names)
            found = {
                "attention": attention[0, :, 0, 1:],  # [A, M], the null slot left out
                "copied": copied[0],
                "copy_gate": copied[0].sum() / max(1e-9, 1 - null[0, 0]),
                "null": null[0, 0],
                "log_prob": log_probs[0, token],
                "decoder": _by_gate(gates, after[0], layers),
            }
            for name, value in found.items():
                rows.setdefault(name, []).append(np.asarray(value, np.float32))
            _, state = runtime.step(tokens, state)
        stacked = {name: np.stack(row) for name, row in rows.items()}
        stacked["decoder"] = stacked["decoder"].transpose(1, 2, 0, 3)  # [T, L, gate, H] -> [L, gate, T, H]
        return stacked


def _by_gate(gates: list[np.ndarray], after: np.ndarray, layers: int) -> np.ndarray:
    """Outputs of one step -> [L, gate, H]; gates_l is input, forget, output side by side."""
    carried = after.reshape(layers, 2, -1)  # hidden, cell
    found = []
    for layer in range(layers):
        opened, forget, output = gates[2 * layer][0].reshape(3, -1)
        hidden, cell = carried[layer]
        found.append([opened, forget, gates[2 * layer + 1][0], output, cell, hidden])
    return np.array(found)
