"""A small builder of ONNX graphs: constants, operators, and the products of int8 weights.

R rows, I inputs, O outputs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from itertools import count
from typing import Any, NamedTuple

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET, IR_VERSION = 21, 10
CONTRIB = "com.microsoft"
# Weights keep 7 of the 8 bits: where a CPU has no VNNI, the sum of two products must fit into 16 bits.
LEVELS = 63
ONE = np.float32(1 / 127)  # step of a number between -1 and 1
MIDDLE = np.uint8(128)
EPSILON = 1e-5  # of LayerNorm, as in PyTorch
KINDS = {
    np.dtype(np.float32): TensorProto.FLOAT,
    np.dtype(np.int64): TensorProto.INT64,
    np.dtype(bool): TensorProto.BOOL,
}


class Graph:
    """Nodes in order of use; every operator gives back the name of its result."""

    def __init__(self, around: Graph | None = None) -> None:
        """around: of a part that is run by an operator, the graph that has the operator."""
        self.nodes: list[onnx.NodeProto] = []
        self.inputs: list[onnx.ValueInfoProto] = []
        self.outputs: list[onnx.ValueInfoProto] = []
        self._renamed: dict[str, str] = {}
        self.constants: dict[str, onnx.TensorProto] = around.constants if around else {}
        self._numbers: Iterator[int] = around._numbers if around else count(1)

    def name(self, of: str) -> str:
        """A name that is not used yet."""
        return f"{of}_{next(self._numbers)}"

    def part(
        self, inputs: Sequence[onnx.ValueInfoProto], outputs: Sequence[onnx.ValueInfoProto]
    ) -> onnx.GraphProto:
        """This graph as what an operator of the graph around it runs; constants stand there."""
        return helper.make_graph(self.nodes, self.name("part"), inputs, outputs)

    def input(self, name: str, shape: Sequence[int | str], dtype: type = np.float32) -> str:
        """One of the graph's inputs; a str in its shape is a size that may change."""
        self.inputs.append(helper.make_tensor_value_info(name, KINDS[np.dtype(dtype)], shape))
        return name

    def output(self, name: str, value: str, shape: Sequence[int | str], dtype: type = np.float32) -> None:
        """Gives `value` out under `name`; what is not fetched costs nothing."""
        if value in self._renamed or value in self.constants:
            value = self.op("Identity", value)
        self._renamed[value] = name
        self.outputs.append(helper.make_tensor_value_info(name, KINDS[np.dtype(dtype)], shape))

    def constant(self, value: Any, dtype: type | None = None) -> str:
        """The same array is stored once."""
        array = np.ascontiguousarray(value, dtype)
        if array.size < 64:
            for name, tensor in self.constants.items():
                if tuple(tensor.dims) == np.shape(value):
                    held = numpy_helper.to_array(tensor)
                    if held.dtype == array.dtype and np.array_equal(held, array.reshape(held.shape)):
                        return name
        name = self.name("constant")
        self.constants[name] = numpy_helper.from_array(array.reshape(np.shape(value)), name)
        return name

    def op(self, kind: str, *inputs: str, domain: str = "", **attributes: Any) -> str:
        """One operator with one result."""
        return self.ops(kind, *inputs, results=1, domain=domain, **attributes)[0]

    def ops(self, kind: str, *inputs: str, results: int, domain: str = "", **attributes: Any) -> list[str]:
        """One operator with several results."""
        names = [self.name(kind) for _ in range(results)]
        self.nodes.append(helper.make_node(kind, list(inputs), names, domain=domain, **attributes))
        return names

    def split(self, value: str, sizes: Sequence[int], axis: int = -1) -> list[str]:
        """`value` cut along an axis."""
        return self.ops("Split", value, self.constant(sizes, np.int64), results=len(sizes), axis=axis)

    def reshape(self, value: str, shape: Sequence[int]) -> str:
        """0 keeps a size, -1 is what is left."""
        return self.op("Reshape", value, self.constant(shape, np.int64))

    def model(self, about: dict[str, str]) -> bytes:
        """The whole as a file's content, with what is said about it in its metadata. Checked by onnx."""
        _rename(self.nodes, self._renamed)
        graph = helper.make_graph(
            self.nodes, "longshort", self.inputs, self.outputs, list(self.constants.values())
        )
        opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(CONTRIB, 1)]
        model = helper.make_model(
            graph, opset_imports=opsets, ir_version=IR_VERSION, producer_name="longshort"
        )
        helper.set_model_props(model, about)
        onnx.checker.check_model(model)
        return model.SerializeToString()


def quantised(weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """weight [O, I] -> int8 [O, I] and the step of each output [O]; the error is half a step at most."""
    step = np.maximum(np.abs(weight).max(axis=1), 1e-12) / LEVELS
    return np.round(weight / step[:, None]).astype(np.int8), step.astype(np.float32)


def anything(name: str, kind: int = TensorProto.FLOAT) -> onnx.ValueInfoProto:
    """A value of any shape, for `Graph.part`."""
    return helper.make_tensor_value_info(name, kind, None)


def _rename(nodes: Iterable[onnx.NodeProto], names: dict[str, str]) -> None:
    for node in nodes:
        for part in (node.input, node.output):
            part[:] = [names.get(name, name) for name in part]
        for attribute in node.attribute:
            if attribute.type == onnx.AttributeProto.GRAPH:
                _rename(attribute.g.node, names)
                for value in attribute.g.output:
                    value.name = names.get(value.name, value.name)


class Product:
    """x [..., I] -> x weight' + bias [..., O], in fp32 or in int8 with a step for each output of the weight.

    In int8, x must lie between -1 and 1 (what does not is cut off): its step is a constant, so that a row's
    result does not depend on its neighbours, and costs no pass over the row to find its largest number.
    """

    def __init__(self, graph: Graph, weight: np.ndarray, int8: bool, bias: np.ndarray | None = None) -> None:
        self.graph, self.int8 = graph, int8
        if int8:
            whole, step = quantised(weight)
            self.weight, self.step = graph.constant(whole.T), graph.constant(step)
            self.one, self.middle = graph.constant(ONE), graph.constant(MIDDLE)
        else:
            self.weight = graph.constant(weight.T, np.float32)
        self.bias = None if bias is None else graph.constant(bias, np.float32)

    def part(self, g: Graph, outputs: np.ndarray, bias: np.ndarray) -> Product:
        """The product of some outputs, ids [o], with a bias [o] of theirs, for use inside of `g`.

        Its weight is written as a choice of constants, which the runtime makes once, on loading.
        """
        part, ids = copy(self), g.constant(outputs, np.int64)
        part.weight = g.op("Gather", self.weight, ids, axis=1)
        if self.int8:
            part.step = g.op("Gather", self.step, ids)
        part.bias = g.constant(bias, np.float32)
        return part

    def __call__(self, x: str, inside: Graph | None = None) -> str:
        """inside: the part of the graph where it is computed."""
        g = inside or self.graph
        if not self.int8:
            product = g.op("MatMul", x, self.weight)
            return product if self.bias is None else g.op("Add", product, self.bias)
        whole = g.op("QuantizeLinear", x, self.one, self.middle)
        scales = [self.one, self.step, self.middle, *(["", self.bias] if self.bias else [])]
        return g.op("MatMulIntegerToFloat", whole, self.weight, *scales, domain=CONTRIB)


class Norm:
    """LayerNorm whose result is about between -1 and 1: (x - mean) / (REACH * deviation).

    The product that follows takes the norm's scale and shift, and REACH, into its own weight and bias.
    """

    REACH = 6.0  # deviations from the mean; what is farther off is cut off

    def __init__(self, graph: Graph, size: int) -> None:
        self.graph = graph
        self.scale = graph.constant(np.full(size, 1 / self.REACH, np.float32))
        self.shift = graph.constant(np.zeros(size, np.float32))

    def __call__(self, x: str) -> str:
        return self.graph.op("LayerNormalization", x, self.scale, self.shift, epsilon=EPSILON)

    def of_sum(self, x: str, y: str) -> tuple[str, str]:
        """The norm of x + y, and x + y. `SkipLayerNormalization`, both in one, takes five times as long."""
        both = self.graph.op("Add", x, y)
        return self(both), both

    @classmethod
    def absorbed(
        cls, weight: np.ndarray, scale: np.ndarray, shift: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """weight [O, I] after a norm with this scale and shift -> the weight and bias after this norm."""
        return weight * scale * cls.REACH, weight @ shift


def gates_last(weight: np.ndarray) -> np.ndarray:
    """Rows in PyTorch's order input, forget, candidate, output -> input, forget, output, candidate."""
    i, f, g, o = np.split(weight, 4)
    return np.concatenate([i, f, o, g])


class Cell(NamedTuple):
    """One step of an LSTM layer, [R, H] each but for the gates: input, forget and output, [R, 3 H]."""

    hidden: str
    cell: str
    gates: str
    candidate: str


def lstm_cell(graph: Graph, sums: str, cell: str, size: int) -> Cell:
    """sums [R, 4 H] in the order of `gates_last`, cell [R, H]."""
    three, candidate = graph.split(sums, [3 * size, size])
    gates, candidate = graph.op("Sigmoid", three), graph.op("Tanh", candidate)
    i, f, o = graph.split(gates, [size] * 3)
    cell = graph.op("Add", graph.op("Mul", f, cell), graph.op("Mul", i, candidate))
    return Cell(graph.op("Mul", o, graph.op("Tanh", cell)), cell, gates, candidate)
