"""The decoder's step as an ONNX graph, and what it begins with.

R rows (of B sentences, K beams each: R = B * K), M memory tokens, U different ones among them, A heads,
D width of a head, H hidden, E embedding, V vocabulary, C likeliest words.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import onnx
from onnx import TensorProto

from lstm_models.config import ModelConfig
from lstm_models.export.comparing import memory_keys
from lstm_models.export.graph import Graph, Norm, Product, anything, gates_last, lstm_cell
from lstm_models.export.rereading import reread
from lstm_models.export.words import Words

Weights = dict[str, np.ndarray]


class Ranges(NamedTuple):
    """How far numbers inside the decoder reach; int8 products take them divided by this."""

    context: np.ndarray  # [H] attention's context
    features: np.ndarray  # [E] what is multiplied with the words

    @classmethod
    def ones(cls, config: ModelConfig) -> Ranges:
        return cls(np.ones(config.hidden_size, np.float32), np.ones(config.embed_dim, np.float32))


def begin_graph(weights: Weights, config: ModelConfig, ranges: Ranges) -> Graph:
    """summary [B, H], buckets of age [B, M] -> first states of all layers, bias of each memory token.

    Output: state [B, 2 L H], hidden and cell of each of the L layers in turn; bias [B, A, M]; null_key and
    null_value [A, D]; value_scale [A, 1, D], which the memory's values are to be multiplied with.
    Where segments are matched, match_scale [A, 1] comes out; where the memory is read again, keys
    [B, A, M, D] are an input, see `reread`.
    """
    g, size, layers = Graph(), config.hidden_size, config.decoder_layers
    heads, width = config.num_heads, config.hidden_size // config.num_heads
    summary, age = g.input("summary", ["B", size]), g.input("age_bucket", ["B", "M"], np.int64)
    weight, bias = weights["decoder.bridge.weight"], weights["decoder.bridge.bias"]
    both = g.op("Add", g.op("MatMul", summary, g.constant(weight.T)), g.constant(bias))
    parts = g.split(both, [size] * (2 * layers))
    state = [part for n in range(layers) for part in (g.op("Tanh", parts[n]), parts[layers + n])]
    g.output("state", g.op("Concat", *state, axis=-1), ["B", 2 * layers * size])
    by_head = g.op("Gather", g.constant(weights["decoder.attention.age_bias.weight"]), age)  # [B, M, A]
    g.output("bias", g.op("Transpose", by_head, perm=[0, 2, 1]), ["B", heads, "M"])
    scale = (1 / ranges.context).reshape(heads, 1, width).astype(np.float32)
    g.output("null_key", g.constant(weights["decoder.attention.null_key"]), [heads, width])
    null_value = weights["decoder.attention.null_value"] * scale[:, 0]
    g.output("null_value", g.constant(null_value, np.float32), [heads, width])
    g.output("value_scale", g.constant(scale), scale.shape)
    if config.match_size:
        g.output("match_scale", g.constant(weights["decoder.match.scale"][:, None]), [heads, 1])
    if config.reread_size:
        reread(g, weights, config, memory_keys(g, config))
    return g


class StepGraph:
    """One token for each row.

    Input: tokens [R]; rows [R], the former row that each goes on from; state [former R, 2 L H]; shape
    (B, K, A, D); keys [B, A, D, 1 + M], values [B, A, 1 + M, D], bias [B, A, 1, 1 + M], the null slot first;
    where the model follows, before [B, 1, 1 + M], the id of the token before each;
    source [R, M], the memory's token ids; unique [R, U], merge [B, M, U], few = C: see `_likeliest`; where
    there are shortlists, chosen [1]: 0 for all words, or the number of a list, which few must not be 0 for.
    Output: the next_state; copied [R, M], null [R, 1]; words [R, C + U] and their log_probs, or, where
    few = 0, the log_probs [R, V] of all words, and words [R, 0]. To look inside: attention [B, A, K, 1 + M],
    context [R, H], of earlier hops context_h, and features [R, E] divided by their ranges, gates_l [R, 3 H]
    (input, forget, output) and candidate_l [R, H] of each layer.
    """

    def __init__(
        self,
        weights: Weights,
        config: ModelConfig,
        words: Words,
        int8: bool,
        ranges: Ranges,
        lists: Sequence[np.ndarray] = (),
    ) -> None:
        self.g, self.weights, self.config, self.int8, self.words = Graph(), weights, config, int8, words
        self.ranges, self.lists = ranges, lists
        self.next_state: list[str] = []
        self._inputs()
        x, context, embedded_gate = self._layers()
        self._output(x, context, embedded_gate)

    def _inputs(self) -> None:
        g, c = self.g, self.config
        heads, width, state = c.num_heads, c.hidden_size // c.num_heads, 2 * c.decoder_layers * c.hidden_size
        self.tokens, rows = g.input("tokens", ["R"], np.int64), g.input("rows", ["R"], np.int64)
        former = g.op("Gather", g.input("state", ["F", state]), rows, axis=0)
        parts = g.split(former, [c.hidden_size] * (2 * c.decoder_layers))
        self.hidden, self.cell = parts[::2], parts[1::2]
        self.shape = g.input("shape", [4], np.int64)
        self.keys = g.input("keys", ["B", heads, width, "N"])
        self.values = g.input("values", ["B", heads, "N", width])
        self.bias = g.input("bias", ["B", heads, 1, "N"])
        if c.follow:
            self.before = g.input("before", ["B", 1, "N"], np.int64)
        self.source = g.input("source", ["R", "M"], np.int64)
        self.unique = g.input("unique", ["R", "U"], np.int64)
        self.merge = g.input("merge", ["B", "M", "U"])
        self.few = g.input("few", [1], np.int64)
        self.chosen = g.input("chosen", [1], np.int64) if self.lists else ""
        self.norm = Norm(g, c.hidden_size)

    def _layers(self) -> tuple[str, str, str]:
        """All layers of one step; gives the last one's norm, attention's context, a share of the gate."""
        g, w, size, layers = self.g, self.weights, self.config.hidden_size, self.config.decoder_layers
        looked_up = self.words.table(g, *self._of_words(), self.tokens)  # [R, 5 H + 1]
        sums, wide, embedded_gate = g.split(looked_up, [4 * size, size, 1])
        recur = Product(g, gates_last(w["decoder.layer0.fused.weight_hh_l0"]), self.int8)
        out = self._cell(g.op("Add", sums, recur(self.hidden[0])), 0)
        normed, x = self.norm.of_sum(wide, out)
        context = self._attend(normed)
        for layer in range(1, layers):
            both = g.op("Concat", normed, context, self.hidden[layer], axis=-1)
            out = self._cell(self._upper(layer)(both), layer)
            normed, x = self.norm.of_sum(x, out)
        g.output("next_state", g.op("Concat", *self.next_state, axis=-1), ["R", 2 * layers * size])
        return normed, context, embedded_gate

    def _of_words(self) -> tuple[np.ndarray, np.ndarray]:
        """All that the first layer and the copy gate make of a word alone: a table, weight and bias."""
        w, size = self.weights, self.config.hidden_size
        widen = w.get("decoder.widen.weight", np.eye(size))
        gate = w["decoder.to_copy_gate.weight"][:, 2 * size :]
        weight = np.concatenate([gates_last(w["decoder.layer0.fused.weight_ih_l0"]), widen, gate])
        bias = gates_last(w["decoder.layer0.fused.bias_ih_l0"] + w["decoder.layer0.fused.bias_hh_l0"])
        return weight, np.concatenate([bias, np.zeros(size), w["decoder.to_copy_gate.bias"]])

    def _upper(self, layer: int) -> Product:
        """What an upper layer makes of its input's norm, the context and its hidden state."""
        w, lstm = self.weights, f"decoder.upper.{layer - 1}.fused"
        weight, bias = self._after_norm(w[f"{lstm}.weight_ih_l0"], f"decoder.norms.{layer - 1}")
        weight = np.concatenate([weight, w[f"{lstm}.weight_hh_l0"]], axis=1)
        bias = bias + w[f"{lstm}.bias_ih_l0"] + w[f"{lstm}.bias_hh_l0"]
        return Product(self.g, gates_last(weight), self.int8, gates_last(bias))

    def _after_norm(self, weight: np.ndarray, norm: str) -> tuple[np.ndarray, np.ndarray]:
        """A weight [O, 2 H] of what has passed a norm and of the context, for them as they are in here."""
        size = self.config.hidden_size
        scale, shift = (self.weights[f"{norm}.{part}"] for part in ("weight", "bias"))
        first, bias = Norm.absorbed(weight[:, :size], scale, shift)
        return np.concatenate([first, weight[:, size:] * self.ranges.context], axis=1), bias

    def _cell(self, sums: str, layer: int) -> str:
        size = self.config.hidden_size
        done = lstm_cell(self.g, sums, self.cell[layer], size)
        self.next_state += [done.hidden, done.cell]
        self.g.output(f"gates_{layer}", done.gates, ["R", 3 * size])
        self.g.output(f"candidate_{layer}", done.candidate, ["R", size])
        return done.hidden

    def _attend(self, normed: str) -> str:
        """All hops; gives the last one's context."""
        width, last = self.config.hidden_size // self.config.num_heads, self.config.num_hops - 1
        scale, shift = (self.weights[f"decoder.query_norm.{part}"] for part in ("weight", "bias"))
        attention, context = "decoder.attention", ""
        for hop in range(last + 1):
            name = "to_query" if hop == last else f"to_earlier_query.{hop}"
            weight, bias = Norm.absorbed(self.weights[f"{attention}.{name}.weight"], scale, shift)
            both = normed
            if hop:
                found = self.weights[f"{attention}.from_hop.{hop - 1}.weight"] * self.ranges.context
                weight, both = np.concatenate([weight, found], 1), self.g.op("Concat", both, context, axis=-1)
            asked = Product(self.g, weight / math.sqrt(width), self.int8, bias / math.sqrt(width))(both)
            drawn = self._drawn(normed, scale, shift) if hop == last and self.config.follow else ""
            attn_weights, context = self._look(asked, drawn)
            name = "context" if hop == last else f"context_{hop}"
            self.g.output(name, context, ["R", self.config.hidden_size])
        self._point(attn_weights)
        return context

    def _drawn(self, normed: str, scale: np.ndarray, shift: np.ndarray) -> str:
        """How much each head is drawn to what stands behind the word just said: [B, A, K, 1 + M]."""
        g, name = self.g, "decoder.attention.to_follow"
        weight, bias = Norm.absorbed(self.weights[f"{name}.weight"], scale, shift)
        strength = Product(g, weight, self.int8, bias + self.weights[f"{name}.bias"])(normed)  # [R, A]
        by_beam = g.op("Slice", self.shape, *(g.constant([n], np.int64) for n in (0, 2)))  # (B, K)
        by_beam = g.op("Concat", by_beam, g.constant([-1], np.int64), axis=0)
        strength = g.op("Transpose", g.op("Reshape", strength, by_beam), perm=[0, 2, 1])  # [B, A, K]
        behind = g.op("Equal", g.op("Reshape", self.tokens, by_beam), self.before)  # [B, K, 1 + M]
        behind = g.op("Cast", behind, to=TensorProto.FLOAT)
        wide, by_head = g.constant([3], np.int64), g.constant([1], np.int64)
        return g.op("Mul", g.op("Unsqueeze", strength, wide), g.op("Unsqueeze", behind, by_head))

    def _look(self, asked: str, drawn: str = "") -> tuple[str, str]:
        """One hop: asked [R, H] -> attention weights [B, A, K, 1 + M], context [R, H]."""
        g, c = self.g, self.config
        asked = g.op("Reshape", asked, self.shape)  # [B, K, A, D]
        asked = g.op("Transpose", asked, perm=[0, 2, 1, 3])  # [B, A, K, D]
        bias = g.op("Add", self.bias, drawn) if drawn else self.bias
        scores = g.op("Add", g.op("MatMul", asked, self.keys), bias)
        attn_weights = g.op("Softmax", scores, axis=-1)  # [B, A, K, 1 + M]
        found = g.op("Transpose", g.op("MatMul", attn_weights, self.values), perm=[0, 2, 1, 3])
        return attn_weights, g.reshape(found, [-1, c.hidden_size])

    def _point(self, attn_weights: str) -> None:
        g = self.g
        g.output("attention", attn_weights, ["B", self.config.num_heads, "K", "N"])
        first = g.op("Gather", attn_weights, g.constant(0, np.int64), axis=1)  # [B, K, 1 + M]: it points
        end = g.constant([np.iinfo(np.int64).max], np.int64)
        one, last = g.constant([1], np.int64), g.constant([2], np.int64)
        self.pointer = g.op("Slice", first, one, end, last)  # [B, K, M]
        null = g.op("Slice", first, g.constant([0], np.int64), one, last)  # [B, K, 1]
        self.null = g.reshape(null, [-1, 1])

    def _output(self, x: str, context: str, embedded_gate: str) -> None:
        g, w, p, size = self.g, self.weights, "decoder", self.config.hidden_size
        both = g.op("Concat", x, context, axis=-1)  # [R, 2 H]
        weight = np.concatenate([w[f"{p}.to_features.weight"], w[f"{p}.to_copy_gate.weight"][:, : 2 * size]])
        weight, bias = self._after_norm(weight, f"{p}.final_norm")
        bias = bias + np.concatenate([w[f"{p}.to_features.bias"], np.zeros(1, np.float32)])
        reach = np.concatenate([self.ranges.features, np.ones(1, np.float32)])
        both = Product(g, weight / reach[:, None], self.int8, bias / reach)(both)
        features, gate = g.split(both, [self.config.embed_dim, 1])
        g.output("features", features, ["R", self.config.embed_dim])
        share = g.op("Sigmoid", g.op("Add", gate, embedded_gate))  # [R, 1]
        self.ids = self.places = ""
        if self.lists:
            some = self.words.some_logits(g, features, self.lists, self.chosen)
            logits, self.ids, self.places = some
        else:
            logits = self.words.logits(g, features)
        made = g.op("Softmax", logits, axis=-1)  # [R, W]: of all words, or of a list
        shape = g.op("Slice", self.shape, g.constant([0], np.int64), g.constant([2], np.int64))  # (B, K)
        ones = g.constant([1], np.int64)
        by_beam = g.op("Reshape", share, g.op("Concat", shape, ones, axis=0))  # [B, K, 1]
        copied = g.op("Mul", self.pointer, by_beam)  # [B, K, M]
        kept = g.op("Mul", share, g.op("Sub", g.constant(np.float32(1)), self.null))
        kept = g.op("Sub", g.constant(np.float32(1)), kept)  # [R, 1]: the rest of the pointer's sum is null
        flat = g.op("Reshape", copied, g.op("Shape", self.source))  # [R, M]
        every, some = self._every_word(made, kept, flat), self._likeliest(made, kept, copied)
        asked = g.op("Equal", self.few, g.constant([0], np.int64))
        log_probs, ids = g.ops("If", asked, results=2, then_branch=every, else_branch=some)
        g.output("copied", flat, ["R", "M"])
        g.output("null", self.null, ["R", 1])
        g.output("log_probs", log_probs, ["R", "W"])
        g.output("words", ids, ["R", "C"], np.int64)

    def _every_word(self, made: str, kept: str, copied: str) -> onnx.GraphProto:
        """Log-probabilities [R, V]; no ids [R, 0]"""
        g = Graph(self.g)
        mixed = g.op("Mul", made, kept)
        mixed = g.op("ScatterElements", mixed, self.source, copied, axis=1, reduction="add")
        none = g.op("Slice", self.source, *(g.constant([n], np.int64) for n in (0, 0, 1)))
        return self._words(g, mixed, none)

    def _likeliest(self, made: str, kept: str, copied: str) -> onnx.GraphProto:
        """The words that can be among the likeliest few: those of the softmax, and those of the source.

        `unique` holds the different words of each source, `merge` [B, M, U] is 1 where a source's token m is
        its word u. Mixing only scales what the softmax says about other words, so they keep their order.
        """
        g, place = Graph(self.g), self.unique
        top, likely = g.ops("TopK", made, self.few, results=2, axis=-1)  # [R, C]
        by_word = g.op("MatMul", copied, self.merge)  # [B, K, U]
        by_word = g.op("Reshape", by_word, g.op("Shape", self.unique))  # [R, U]
        if self.lists:
            likely, place = g.op("Gather", self.ids, likely), g.op("Gather", self.places, self.unique)
        made_too = g.op("GatherElements", made, place, axis=1)
        sources = g.op("Add", g.op("Mul", made_too, kept), by_word)
        wide = g.op("Unsqueeze", likely, g.constant([2], np.int64))  # [R, C, 1]
        other = g.op("Unsqueeze", self.unique, g.constant([1], np.int64))  # [R, 1, U]
        twice = g.op("Cast", g.op("Equal", wide, other), to=TensorProto.FLOAT)
        twice = g.op("ReduceMax", twice, g.constant([2], np.int64), keepdims=0)  # [R, C]
        rest = g.op("Mul", g.op("Mul", top, kept), g.op("Sub", g.constant(np.float32(1)), twice))
        ids = g.op("Concat", likely, self.unique, axis=-1)
        return self._words(g, g.op("Concat", rest, sources, axis=-1), ids)

    @staticmethod
    def _words(g: Graph, probs: str, ids: str) -> onnx.GraphProto:
        log_probs = g.op("Log", g.op("Max", probs, g.constant(np.float32(1e-30))))
        return g.part([], [anything(log_probs), anything(ids, TensorProto.INT64)])
