"""The embedding, tied between what is read and what is written, in a graph.

R rows, E embedding, V vocabulary, O outputs.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from onnx import TensorProto

from lstm_models.export.graph import Graph, Product, anything
from lstm_models.tokenizer import PAD_ID

NEVER = -1e4  # a bias that leaves no probability


class Words:
    """The embedding's weight [V, E] and the output bias [V].

    scale [E]: how far the features reach that are multiplied with it; they come divided by it.
    """

    def __init__(
        self, weight: np.ndarray, bias: np.ndarray, int8: bool, scale: np.ndarray | None = None
    ) -> None:
        self.scale = np.ones(weight.shape[1], np.float32) if scale is None else scale
        self.weight, self.bias, self.int8 = weight * self.scale, bias, int8
        self._product: Product | None = None

    def table(self, graph: Graph, parts: np.ndarray, bias: np.ndarray, tokens: str) -> str:
        """What the linear map `parts` [O, E], with `bias` [O], makes of each token's embedding: [..., O].

        It is written as a product of constants over all words, which the runtime computes once, on loading;
        from then on the map is a look-up. The file holds the words' weight alone. In int8, what is looked up
        is kept in 16 bits, far finer than the weights.
        """
        scaled = (parts * math.sqrt(self.weight.shape[1]) / self.scale).astype(np.float32)
        product = graph.op("MatMul", self._dense(graph), graph.constant(scaled.T))  # [V, O]
        whole = graph.op("Add", product, graph.constant(bias, np.float32))
        if not self.int8:
            return graph.op("Gather", whole, tokens, axis=0)
        half = graph.op("Cast", whole, to=TensorProto.FLOAT16)  # the tables are most of a server's memory
        return graph.op("Cast", graph.op("Gather", half, tokens, axis=0), to=TensorProto.FLOAT)

    def logits(self, graph: Graph, features: str) -> str:
        """features [R, E], divided by `scale` -> [R, V]"""
        return self._shared(graph)(features)

    def some_logits(self, graph: Graph, features: str, lists: Sequence[np.ndarray], chosen: str) -> list[str]:
        """As `logits`, of all words or of one list of them; `chosen` [1] is 0, or the number of the list.

        Gives logits [R, W] of the words, their ids [W], and where each id stands among them, [V]. Before each
        list comes padding, which is never written: it stands for all that the list lacks.
        """
        whole = self._shared(graph)
        every = np.arange(len(self.bias))
        biases, ids, places = [self.bias], [every], [every]
        for one in lists:
            ids.append(np.concatenate([[PAD_ID], one]))
            biases.append(np.concatenate([[NEVER], self.bias[one]]).astype(np.float32))
            places.append(np.zeros_like(every))
            places[-1][ids[-1]] = np.arange(len(ids[-1]))

        def between(first: int, last: int, g: Graph) -> list[str]:
            """The one that is chosen, of those from first to last."""
            if first == last:
                found = [g.constant(part[first], np.int64) for part in (ids, places)]
                product = whole.part(g, ids[first], biases[first]) if first else whole
                return [product(features, g), *(g.op("Identity", name) for name in found)]
            middle = (first + last + 1) // 2
            parts = []
            for start, end in ((middle, last), (first, middle - 1)):
                inside = Graph(g)
                results = between(start, end, inside)
                kinds = (TensorProto.FLOAT, TensorProto.INT64, TensorProto.INT64)
                parts.append(inside.part([], [anything(*one) for one in zip(results, kinds, strict=True)]))
            above = g.op("GreaterOrEqual", chosen, g.constant([middle], np.int64))
            return g.ops("If", above, results=3, then_branch=parts[0], else_branch=parts[1])

        return between(0, len(lists), graph)

    def _dense(self, graph: Graph) -> str:
        weight = graph.op("Transpose", self._shared(graph).weight, perm=[1, 0])
        if not self.int8:
            return weight
        step = graph.op("Unsqueeze", self._shared(graph).step, graph.constant([1], np.int64))
        return graph.op("Mul", graph.op("Cast", weight, to=TensorProto.FLOAT), step)

    def _shared(self, graph: Graph) -> Product:
        if self._product is None or self._product.graph is not graph:
            self._product = Product(graph, self.weight, self.int8, self.bias)
        return self._product
