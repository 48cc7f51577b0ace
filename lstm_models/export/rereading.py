"""`lstm_models.rereading` as a part of the graph that an answer begins with.

B conversations, M memory tokens, S tokens of the question, G segments, A heads, H hidden, C width in here.
"""

from __future__ import annotations

import math

import numpy as np
from onnx import TensorProto

from lstm_models.config import REREAD_LAYERS, REREAD_REACH, ModelConfig
from lstm_models.export.graph import EPSILON, Graph

FAR = np.float32(-1e9)  # what no softmax gives anything


def reread(g: Graph, weights: dict[str, np.ndarray], config: ModelConfig, flat: str) -> None:
    """keys as `flat` [B, M, H] -> output reread_bias [B, M, A].

    Input: age and token_ids [B, M]; asked [B, S], where the question's tokens stand, and there [B, S], which
    of these places are used; ages [G], all that there are.
    """
    part = _Part(g, weights)
    age, ids = g.input("age", ["B", "M"], np.int64), g.input("token_ids", ["B", "M"], np.int64)
    where, there = g.input("asked", ["B", "S"], np.int64), g.input("there", ["B", "S"], bool)
    ages = g.input("ages", ["G"], np.int64)
    silent = g.op("Where", there, g.constant(np.float32(0)), g.constant(FAR))  # [B, S]
    told = part.linear("to_told", flat)  # [B, M, C]
    asked = part.linear("to_asked", g.op("GatherND", flat, part.column(where), batch_dims=1))  # [B, S, C]
    scores = g.op("MatMul", told, g.op("Transpose", asked, perm=[0, 2, 1]))
    scores = g.op("Mul", scores, g.constant(np.float32(1 / math.sqrt(config.reread_size))))
    aligned = g.op("MatMul", g.op("Softmax", g.op("Add", scores, part.row(silent)), axis=-1), asked)
    weight = g.op("Add", part.linear("to_weight", asked), part.column(silent))  # [B, S, 1]
    counted = g.op("Mul", g.op("Softmax", weight, axis=1), asked)  # [B, S, C]
    pooled = g.op("ReduceSum", counted, g.constant([1], np.int64), keepdims=1)  # [B, 1, C]
    words = g.op("GatherElements", ids, where, axis=1)  # [B, S]
    equal = part.float(g.op("And", g.op("Equal", part.column(ids), part.row(words)), part.row(there)))
    same = g.op("ReduceMax", equal, g.constant([2], np.int64), keepdims=1)  # [B, M, 1]
    products = [g.op("Mul", told, other) for other in (aligned, pooled)]
    everywhere = g.op("Expand", pooled, g.op("Shape", told))
    x = g.op("Concat", told, aligned, *products, everywhere, same, axis=-1)
    x = g.op("Gelu", part.linear("enter", x))
    segments = part.float(g.op("Equal", part.column(age), ages))  # [B, M, G]
    by_segment = g.op("Transpose", segments, perm=[0, 2, 1])
    size = g.op("ReduceSum", by_segment, g.constant([2], np.int64), keepdims=1)
    if config.uncovered:
        x = g.op("Add", x, part.uncovered(scores, equal, segments, by_segment, counted))
    share = g.op("Div", by_segment, g.op("Max", size, g.constant(np.float32(1))))  # [B, G, M]
    for layer in range(REREAD_LAYERS):
        normed = part.norm(f"norms.{layer}", x)
        mean = g.op("MatMul", segments, g.op("MatMul", share, normed))
        near = [part.moved(normed, age, by) for by in range(-REREAD_REACH, REREAD_REACH + 1)]
        seen = g.op("Concat", *near, mean, axis=-1)
        x = g.op("Add", x, g.op("Gelu", part.linear(f"layers.{layer}", seen)))
    before = part.column(part.float(g.op("Greater", age, g.constant([0], np.int64))))
    g.output("reread_bias", g.op("Mul", part.linear("to_bias", x), before), ["B", "M", config.num_heads])


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

    def uncovered(self, scores: str, same: str, segments: str, by_segment: str, counted: str) -> str:
        """`lstm_models.rereading.Uncovered`."""
        g, (like, equal, chance) = self.g, map(self.g.constant, self.weights["uncovered.cover"])
        logits = g.op("Add", g.op("Add", g.op("Mul", scores, like), g.op("Mul", same, equal)), chance)
        left = g.op("Exp", g.op("Neg", g.op("MatMul", by_segment, g.op("Softplus", logits))))  # [B, G, S]
        asked = g.op("Gelu", self.linear("uncovered.enter", g.op("MatMul", left, counted)))
        return g.op("MatMul", segments, self.linear("uncovered.leave", asked))

    def row(self, x: str) -> str:
        """[B, M] -> [B, 1, M]"""
        return self.g.op("Unsqueeze", x, self.g.constant([1], np.int64))

    def column(self, x: str) -> str:
        """[B, M] -> [B, M, 1]"""
        return self.g.op("Unsqueeze", x, self.g.constant([2], np.int64))

    def float(self, x: str) -> str:
        return self.g.op("Cast", x, to=TensorProto.FLOAT)

    def moved(self, x: str, age: str, by: int) -> str:
        """x [B, M, C] moved by so many places; 0 where that is another segment's token."""
        if not by:
            return x
        there = self.g.op("Equal", self._shifted(age, by, np.int64(-1)), age)
        shifted = self._shifted(x, by, np.float32(0))
        return self.g.op("Mul", shifted, self.column(self.float(there)))

    def _shifted(self, x: str, by: int, filler: np.generic) -> str:
        """x moved along its axis of tokens."""
        g, axis = self.g, self.g.constant([1], np.int64)
        sides = [REREAD_REACH, REREAD_REACH]
        wide = g.op("Pad", x, g.constant(sides, np.int64), g.constant(filler), axis)
        first = REREAD_REACH - by
        last = first - 2 * REREAD_REACH or np.iinfo(np.int64).max  # counted from the end
        return g.op("Slice", wide, g.constant([first], np.int64), g.constant([last], np.int64), axis)
