"""From a checkpoint to the files that serve it without PyTorch: int8 graphs for ONNX Runtime.

Needs the package onnx, which the extra [train] installs; serving does not.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from lstm_models.checkpoint import WEIGHTS, load_tokenizer, model_config, read_config
from lstm_models.config import ModelConfig
from lstm_models.export.comparing import compare_graph
from lstm_models.export.decoder import Ranges, StepGraph, Weights, begin_graph
from lstm_models.export.encoder import ReadGraph
from lstm_models.export.ranges import measured
from lstm_models.export.words import Words
from lstm_models.files import sha256_bytes
from lstm_models.runtimes.files import BEGIN, COMPARE, LISTS, READ, STEP, write_export
from lstm_models.shortlist import count, read_shortlists, write_shortlists


def export_checkpoint(folder: str | Path, int8: bool = True, data: Path | None = None) -> Path:
    """Writes the graphs into the checkpoint folder; returns where they are.

    int8: weights of 8 bits with a step for each output, and a step for each row of what they meet; else fp32.
    data: the prepared data, of which shortlists are learnt and written into the folder first.
    Raises ValueError where the folder is no whole checkpoint, or the data are not the checkpoint's.
    """
    from safetensors.numpy import load

    folder = Path(folder)
    config = read_config(folder)
    stored = (folder / WEIGHTS).read_bytes()
    if sha256_bytes(stored) != config["weights"]["sha256"]:
        raise ValueError(
            f"{folder / WEIGHTS} differs from its checksum: take the checkpoint from its source again"
        )
    weights = {name: array.astype(np.float32) for name, array in load(stored).items()}
    sha256, model = config["weights"]["sha256"], model_config(folder, config)
    if data:
        tokenizer = load_tokenizer(folder, config)
        write_shortlists(folder, count(data, tokenizer), tokenizer.sha256)
    lists = read_shortlists(folder, config["tokenizer"]["sha256"], model.vocab_size)
    graphs = export_graphs(weights, model, int8, sha256, list(lists.values()))
    about = {"weights_type": "int8" if int8 else "float32", LISTS: list(lists)}
    return write_export(folder, sha256, graphs, about)


def export_graphs(
    weights: Weights,
    config: ModelConfig,
    int8: bool = True,
    sha256: str = "",
    lists: Sequence[np.ndarray] = (),
) -> dict[str, bytes]:
    """The graphs of a model with these weights (names as in the checkpoint, float32), see `graphs_of`.

    lists: word ids; a step may be told to look at those of one list only, see `lstm_models.shortlist`.
    """
    ranges = Ranges.ones(config)
    if int8:
        ranges = measured(export_graphs(weights, config, int8=False), config)
    embedding, bias = weights["embedding.weight"], weights["output_bias"]
    words = Words(embedding, bias, int8, ranges.features)
    graphs = {
        READ: ReadGraph(weights, config, Words(embedding, bias, int8), int8).g,
        BEGIN: begin_graph(weights, config, ranges),
        STEP: StepGraph(weights, config, words, int8, ranges, lists).g,
    }
    if config.match_size:
        graphs[COMPARE] = compare_graph(weights, config)
    return {name: graph.model({"weights": sha256}) for name, graph in graphs.items()}


__all__ = ["export_checkpoint", "export_graphs"]
