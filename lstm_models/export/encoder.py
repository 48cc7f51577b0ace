"""Reading a segment as an ONNX graph.

B conversations, S tokens of a segment, U upper layers, A heads, D width of a head, H hidden, G = H / 2.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from onnx import TensorProto

from lstm_models.config import ModelConfig
from lstm_models.export.decoder import Weights
from lstm_models.export.graph import Graph, Norm, Product, anything, gates_last, lstm_cell
from lstm_models.export.words import Words


class ReadGraph:
    """One segment of each conversation.

    Input: tokens [S, B]; mirrored [S, B], the tokens of each row the other way round inside its length; order
    [S, B, 1], where each of them stood; going [S, B, 1], False behind a row's length; hidden, cell [U, B, H].
    Output: encoded [B, S, H], keys and values [B, A, S, D], next hidden and cell [U, B, H].
    """

    def __init__(self, weights: Weights, config: ModelConfig, words: Words, int8: bool) -> None:
        self.g, self.weights, self.config, self.int8, self.words = Graph(), weights, config, int8, words
        g, size, upper = self.g, config.hidden_size, config.encoder_layers - 1
        self.tokens = g.input("tokens", ["S", "B"], np.int64)  # time comes first in here
        self.mirrored = g.input("mirrored", ["S", "B"], np.int64)
        self.order = g.input("order", ["S", "B", 1], np.int64)
        self.going = g.input("going", ["S", "B", 1], bool)
        self.hidden = g.input("hidden", [upper, "B", size])
        self.cell = g.input("cell", [upper, "B", size])
        self.norm = Norm(g, size)
        self._results(self._upper(self._deeper(*self._layer0())))

    def _layer0(self) -> tuple[str, str]:
        """Both directions from tables of all words, [S, B, H]; zeros to begin with, [B, H / 2]."""
        g, w, half = self.g, self.weights, self.config.hidden_size // 2
        widen = w.get("encoder.widen.weight", np.eye(2 * half))
        ahead, back = "encoder.layer0.ahead.fused", "encoder.layer0.back.fused"
        parts = np.concatenate([gates_last(w[f"{ahead}.weight_ih_l0"]), widen])
        bias = np.concatenate([self._bias(ahead), np.zeros(2 * half)])
        sums, wide = g.split(self.words.table(g, parts, bias, self.tokens), [4 * half, 2 * half])
        parts = gates_last(w[f"{back}.weight_ih_l0"])
        mirrored = self.words.table(g, parts, self._bias(back), self.mirrored)
        first = g.op("Slice", wide, *(g.constant([n], np.int64) for n in (0, half, 2)))
        zeros = g.op("Gather", g.op("Mul", first, g.constant(np.float32(0))), g.constant(0, np.int64), axis=0)
        return g.op("Add", wide, self._both_ways(sums, mirrored, zeros, ahead, back)), zeros

    def _deeper(self, x: str, zeros: str) -> str:
        """More layers in both directions: x [S, B, H] -> the same."""
        for layer in range(self.config.deeper_layers):
            ahead, back = (f"encoder.deeper.{layer}.{way}.fused" for way in ("ahead", "back"))
            normed, scales = self.norm(x), self._scales(f"encoder.deeper_norms.{layer}")
            sums = self._sums(normed, ahead, scales)
            mirrored = self._sums(self._mirror(normed), back, scales)
            x = self.g.op("Add", x, self._both_ways(sums, mirrored, zeros, ahead, back))
        return x

    def _both_ways(self, sums: str, mirrored: str, zeros: str, ahead: str, back: str) -> str:
        """Sums of both directions [S, B, 4 H / 2], the second mirrored -> outputs [S, B, H]."""
        weights = [self.weights[f"{name}.weight_hh_l0"] for name in (ahead, back)]
        (one, two), _ = self._recur([sums, mirrored], [(zeros, zeros)] * 2, weights)
        return self.g.op("Concat", one, self._mirror(two), axis=-1)

    def _mirror(self, x: str) -> str:
        """Each row of [S, B, .] the other way round inside its length; twice is as before."""
        index = self.g.op("Expand", self.order, self.g.op("Shape", x))
        return self.g.op("GatherElements", x, index, axis=0)

    def _sums(self, normed: str, lstm: str, scales: tuple[np.ndarray, np.ndarray]) -> str:
        """What a layer's input, under a norm with these scales, adds to its gates: [S, B, 4 H]"""
        weight, bias = Norm.absorbed(self.weights[f"{lstm}.weight_ih_l0"], *scales)
        return Product(self.g, gates_last(weight), self.int8, gates_last(bias) + self._bias(lstm))(normed)

    def _bias(self, name: str) -> np.ndarray:
        return gates_last(self.weights[f"{name}.bias_ih_l0"] + self.weights[f"{name}.bias_hh_l0"])

    def _upper(self, x: str) -> str:
        """Layers that carry on from the last segment."""
        g, w, hidden, cell = self.g, self.weights, [], []
        for layer in range(self.config.encoder_layers - 1):
            lstm = f"encoder.upper.{layer}.fused"
            sums = self._sums(self.norm(x), lstm, self._scales(f"encoder.norms.{layer}"))
            index = g.constant(layer, np.int64)
            start = tuple(g.op("Gather", state, index, axis=0) for state in (self.hidden, self.cell))
            (out,), (after,) = self._recur([sums], [start], [w[f"{lstm}.weight_hh_l0"]], self.going)
            x = g.op("Add", x, out)
            first = g.constant([0], np.int64)
            hidden.append(g.op("Unsqueeze", after[0], first))
            cell.append(g.op("Unsqueeze", after[1], first))
        shape = (len(hidden), "B", self.config.hidden_size)
        g.output("next_hidden", g.op("Concat", *hidden, axis=0), shape)
        g.output("next_cell", g.op("Concat", *cell, axis=0), shape)
        return x

    def _scales(self, norm: str) -> tuple[np.ndarray, np.ndarray]:
        return self.weights[f"{norm}.weight"], self.weights[f"{norm}.bias"]

    def _results(self, x: str) -> None:
        """The encoder's output, and keys and values of the memory."""
        g, c = self.g, self.config
        normed, scales = self.norm(x), self._scales("encoder.final_norm")
        encoded = g.op("Mul", normed, g.constant(scales[0] * Norm.REACH, np.float32))
        encoded = g.op("Add", encoded, g.constant(scales[1], np.float32))
        g.output("encoded", g.op("Transpose", encoded, perm=[1, 0, 2]), ["B", "S", c.hidden_size])
        width = c.hidden_size // c.num_heads
        names = [f"decoder.attention.to_{part}.weight" for part in ("key", "value")]
        weight, bias = Norm.absorbed(np.concatenate([self.weights[name] for name in names]), *scales)
        both = Product(g, weight, self.int8, bias)(normed)  # [S, B, 2 H]
        for name, part in zip(("keys", "values"), g.split(both, [c.hidden_size] * 2), strict=True):
            heads = g.reshape(part, [0, 0, c.num_heads, width])
            shape = ("B", c.num_heads, "S", width)
            g.output(name, g.op("Transpose", heads, perm=[1, 2, 0, 3]), shape)

    def _recur(
        self,
        sums: Sequence[str],
        starts: Sequence[tuple[str, ...]],
        weights: Sequence[np.ndarray],
        going: str | None = None,
    ) -> tuple[list[str], list[tuple[str, str]]]:
        """Several chains of LSTM steps side by side: their sums [S, B, 4 H] lack the hidden state's share.

        Where `going` [S, B, 1] is False the state stays. Gives outputs [S, B, H] and last states of each.
        """
        g, inside, size, count = self.g, Graph(self.g), weights[0].shape[1], len(sums)
        names = [(g.name("hidden"), g.name("cell"), g.name("sums")) for _ in sums]
        going_now = g.name("going")
        states: list[str] = []
        outputs: list[str] = []
        for weight, (hidden, cell, part) in zip(weights, names, strict=True):
            product = Product(inside, gates_last(weight), self.int8)
            new = lstm_cell(inside, inside.op("Add", product(hidden), part), cell, size)
            after = [new.hidden, new.cell]
            if going:  # where a row has ended, its state stays
                after = [
                    inside.op("Where", going_now, *pair) for pair in zip(after, (hidden, cell), strict=True)
                ]
            states += after
            outputs.append(inside.op("Identity", after[0]))
        scanned = list(sums) + ([going] if going else [])
        ins = [anything(name) for pair in names for name in pair[:2]] + [anything(name[2]) for name in names]
        ins += [anything(going_now, TensorProto.BOOL)] if going else []
        body = inside.part(ins, [anything(name) for name in states + outputs])
        carried = [name for start in starts for name in start]
        done = g.ops("Scan", *carried, *scanned, results=3 * count, body=body, num_scan_inputs=len(scanned))
        last = [(done[2 * i], done[2 * i + 1]) for i in range(count)]
        return done[2 * count :], last
