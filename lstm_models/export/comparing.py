"""What a question is compared by with all that is remembered, as an ONNX graph.

B conversations, M memory tokens, A heads, D width of a head, H hidden, C numbers that are compared.
"""

from __future__ import annotations

import numpy as np

from lstm_models.config import ModelConfig
from lstm_models.export.graph import Graph


def memory_keys(g: Graph, config: ModelConfig) -> str:
    """The input keys [B, A, M, D] as [B, M, H]."""
    heads, size = config.num_heads, config.hidden_size
    keys = g.op("Transpose", g.input("keys", ["B", heads, "M", size // heads]), perm=[0, 2, 1, 3])
    return g.reshape(keys, [0, 0, size])


def compare_graph(weights: dict[str, np.ndarray], config: ModelConfig) -> Graph:
    """`SegmentMatch.compared`: keys [B, A, M, D] -> match_vectors [B, M, C], match_weights [B, M]."""
    g, match = Graph(), "decoder.match"
    flat = memory_keys(g, config)
    vectors = g.op("MatMul", flat, g.constant(weights[f"{match}.to_match.weight"].T))
    g.output("match_vectors", g.op("LpNormalization", vectors, axis=-1, p=2), ["B", "M", config.match_size])
    counted = g.op("MatMul", flat, g.constant(weights[f"{match}.to_weight.weight"][0]))
    counted = g.op("Sigmoid", g.op("Add", counted, g.constant(weights[f"{match}.to_weight.bias"])))
    g.output("match_weights", counted, ["B", "M"])
    return g
