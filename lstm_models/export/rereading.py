"""`lstm_models.rereading` as a part of the graph that an answer begins with.

B conversations, M memory tokens, A heads, H hidden, C width of what is read again.
"""

from __future__ import annotations

import math

import numpy as np
from onnx import TensorProto

from lstm_models.config import REREAD_LAYERS, REREAD_REACH, ModelConfig
from lstm_models.export.graph import EPSILON, Graph

FAR = np.float32(-1e9)  # what no softmax gives anything


def reread(g: Graph, weights: dict[str, np.ndarray], config: ModelConfig, flat: str) -> None:
    """keys as `flat` [B, M, H], inputs age and token_ids [B, M] -> output reread_bias [B, M, A].

    Which token asks whom is looked up in matrices [B, M, M]: nothing is gathered.
    """
    part = _Part(g, weights)
    age, ids = g.input("age", ["B", "M"], np.int64), g.input("token_ids", ["B", "M"], np.int64)
    zero = g.constant([0], np.int64)
    newest = g.op("Equal", age, zero)  # [B, M]
    silent = g.op("Where", newest, g.constant(np.float32(0)), g.constant(FAR))
    told, asked = part.linear("to_told", flat), part.linear("to_asked", flat)  # [B, M, C]
    scores = g.op("MatMul", told, g.op("Transpose", asked, perm=[0, 2, 1]))
    scores = g.op("Mul", scores, g.constant(np.float32(1 / math.sqrt(config.reread_size))))
    scores = g.op("Add", scores, part.row(silent))
    aligned = g.op("MatMul", g.op("Softmax", scores, axis=-1), asked)
    weight = g.op("Add", part.linear("to_weight", asked), part.column(silent))  # [B, M, 1]
    pooled = g.op("Mul", g.op("Softmax", weight, axis=1), asked)
    pooled = g.op("ReduceSum", pooled, g.constant([1], np.int64), keepdims=1)  # [B, 1, C]
    same = g.op("And", part.equal(ids), part.row(newest))
    same = g.op("ReduceMax", part.float(same), g.constant([2], np.int64), keepdims=1)  # [B, M, 1]
    everywhere = g.op("Expand", pooled, g.op("Shape", told))
    x = g.op(
        "Concat",
        told,
        aligned,
        g.op("Mul", told, aligned),
        g.op("Mul", told, pooled),
        everywhere,
        same,
        axis=-1,
    )
    x = g.op("Gelu", part.linear("enter", x))
    segment = part.float(part.equal(age))  # [B, M, M]
    share = g.op("Div", segment, g.op("ReduceSum", segment, g.constant([2], np.int64), keepdims=1))
    for layer in range(REREAD_LAYERS):
        normed = part.norm(f"norms.{layer}", x)
        mean = g.op("MatMul", share, normed)
        near = g.op(
            "Concat",
            *(part.moved(normed, age, by) for by in range(-REREAD_REACH, REREAD_REACH + 1)),
            mean,
            axis=-1,
        )
        x = g.op("Add", x, g.op("Gelu", part.linear(f"layers.{layer}", near)))
    told_before = part.column(part.float(g.op("Greater", age, zero)))
    bias = g.op("Mul", part.linear("to_bias", x), told_before)
    g.output("reread_bias", bias, ["B", "M", config.num_heads])


class _Part:
    """What the graph needs again and again."""

    def __init__(self, g: Graph, weights: dict[str, np.ndarray]) -> None:
        self.g = g
        self.weights = {
            name.removeprefix("decoder.reread."): array
            for name, array in weights.items()
            if name.startswith("decoder.reread.")
        }

    def linear(self, name: str, x: str) -> str:
        product = self.g.op("MatMul", x, self.g.constant(self.weights[f"{name}.weight"].T))
        bias = self.weights.get(f"{name}.bias")
        return product if bias is None else self.g.op("Add", product, self.g.constant(bias))

    def norm(self, name: str, x: str) -> str:
        scale, shift = (self.g.constant(self.weights[f"{name}.{part}"]) for part in ("weight", "bias"))
        return self.g.op("LayerNormalization", x, scale, shift, epsilon=EPSILON)

    def row(self, x: str) -> str:
        """[B, M] -> [B, 1, M]"""
        return self.g.op("Unsqueeze", x, self.g.constant([1], np.int64))

    def column(self, x: str) -> str:
        """[B, M] -> [B, M, 1]"""
        return self.g.op("Unsqueeze", x, self.g.constant([2], np.int64))

    def equal(self, x: str) -> str:
        """Whether two tokens have the same: [B, M] -> [B, M, M]"""
        return self.g.op("Equal", self.column(x), self.row(x))

    def float(self, x: str) -> str:
        return self.g.op("Cast", x, to=TensorProto.FLOAT)

    def moved(self, x: str, age: str, by: int) -> str:
        """x [B, M, C] moved by so many places; 0 where that is another segment's token."""
        if not by:
            return x
        there = self.g.op("Equal", self._shifted(age, by, [1], np.int64(-1)), age)
        shifted = self._shifted(x, by, [1], np.float32(0))
        return self.g.op("Mul", shifted, self.column(self.float(there)))

    def _shifted(self, x: str, by: int, axes: list[int], filler: np.generic) -> str:
        """x moved along its axis of tokens."""
        g, axis = self.g, self.g.constant(axes, np.int64)
        sides = [REREAD_REACH, REREAD_REACH]
        wide = g.op("Pad", x, g.constant(sides, np.int64), g.constant(filler), axis)
        first = REREAD_REACH - by
        last = first - 2 * REREAD_REACH or np.iinfo(np.int64).max  # counted from the end
        return g.op("Slice", wide, g.constant([first], np.int64), g.constant([last], np.int64), axis)
