"""From a checkpoint to the files that serve it without PyTorch: int8 graphs for ONNX Runtime.

Needs the package onnx, which the extra [train] installs; serving does not.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from lstm_models.checkpoint import WEIGHTS, model_config, read_config
from lstm_models.config import ModelConfig
from lstm_models.export.decoder import Ranges, StepGraph, Weights, begin_graph
from lstm_models.export.encoder import ReadGraph
from lstm_models.export.ranges import measured
from lstm_models.export.words import Words
from lstm_models.files import sha256_bytes
from lstm_models.runtimes.files import BEGIN, READ, STEP, write_export


def export_checkpoint(folder: str | Path, int8: bool = True) -> Path:
    """Writes the graphs into the checkpoint folder; returns where they are.

    int8: weights of 8 bits with a step for each output, and a step for each row of what they meet; else fp32.
    Raises ValueError where the folder is no whole checkpoint.
    """
    from safetensors.numpy import load

    folder = Path(folder)
    config = read_config(folder)
    data = (folder / WEIGHTS).read_bytes()
    if sha256_bytes(data) != config["weights"]["sha256"]:
        raise ValueError(
            f"{folder / WEIGHTS} differs from its checksum: take the checkpoint from its source again"
        )
    weights = {name: array.astype(np.float32) for name, array in load(data).items()}
    sha256 = config["weights"]["sha256"]
    graphs = export_graphs(weights, model_config(folder, config), int8, sha256)
    return write_export(folder, sha256, graphs, {"weights_type": "int8" if int8 else "float32"})


def export_graphs(
    weights: Weights, config: ModelConfig, int8: bool = True, sha256: str = ""
) -> dict[str, bytes]:
    """The three graphs of a model with these weights (names as in the checkpoint, float32)."""
    ranges = Ranges.ones(config)
    if int8:
        ranges = measured(export_graphs(weights, config, int8=False), config)
    embedding, bias = weights["embedding.weight"], weights["output_bias"]
    graphs = {
        READ: ReadGraph(weights, config, Words(embedding, bias, int8), int8).g,
        BEGIN: begin_graph(weights, config, ranges),
        STEP: StepGraph(weights, config, Words(embedding, bias, int8, ranges.features), int8, ranges).g,
    }
    return {name: graph.model({"weights": sha256}) for name, graph in graphs.items()}


__all__ = ["export_checkpoint", "export_graphs"]
