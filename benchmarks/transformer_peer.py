"""Int8 Transformers with random weights for CTranslate2: the peer of `engine_speed.py`."""

from __future__ import annotations

from typing import Any

import numpy as np

# layers of encoder and decoder, width, inner width, heads
SIZES: dict[str, dict[str, int]] = {
    "Transformer of the IWSLT size": {
        "width": 512, "inner": 1024, "heads": 4, "encoder_layers": 6, "decoder_layers": 6
    },
    "student, Bergamot's size": {
        "width": 256, "inner": 1536, "heads": 8, "encoder_layers": 6, "decoder_layers": 2
    },
}  # fmt: skip
POSITIONS = 512


def build(
    path: str,
    vocab_size: int,
    width: int,
    inner: int,
    heads: int,
    encoder_layers: int,
    decoder_layers: int,
    positions: int = POSITIONS,
) -> None:
    """Writes such a model to the folder `path`. positions: tokens that it can read or write at most."""
    from ctranslate2.specs import transformer_spec

    spec = transformer_spec.TransformerSpec.from_config((encoder_layers, decoder_layers), heads)
    rng = np.random.default_rng(0)
    for side in (spec.encoder, spec.decoder):
        embeddings = side.embeddings[0] if isinstance(side.embeddings, list) else side.embeddings
        embeddings.weight = rng.standard_normal((vocab_size, width)).astype(np.float32)
        side.position_encodings.encodings = rng.standard_normal((positions, width)).astype(np.float32)
        _norm(side.layer_norm, width)
        for layer in side.layer:
            _attention(layer.self_attention, (3 * width, width), width, rng)
            if side is spec.decoder:
                _attention(layer.attention, (width, 2 * width, width), width, rng)
            _linear(layer.ffn.linear_0, inner, width, rng)
            _linear(layer.ffn.linear_1, width, inner, rng)
            _norm(layer.ffn.layer_norm, width)
    _linear(spec.decoder.projection, vocab_size, width, rng)
    vocabulary = ["<unk>", "<s>", "</s>", *(f"w{i}" for i in range(vocab_size - 3))]
    spec.register_source_vocabulary(vocabulary)
    spec.register_target_vocabulary(vocabulary)
    spec.validate()
    spec.optimize(quantization="int8")
    spec.save(path)


def _linear(layer: Any, outputs: int, inputs: int, rng: np.random.Generator) -> None:
    weight = rng.standard_normal((outputs, inputs)) / np.sqrt(inputs)
    layer.weight, layer.bias = weight.astype(np.float32), np.zeros(outputs, np.float32)


def _norm(layer: Any, width: int) -> None:
    layer.gamma, layer.beta = np.ones(width, np.float32), np.zeros(width, np.float32)


def _attention(layer: Any, outputs: tuple[int, ...], width: int, rng: np.random.Generator) -> None:
    for part, size in zip(layer.linear, outputs, strict=True):
        _linear(part, size, width, rng)
    _norm(layer.layer_norm, width)
