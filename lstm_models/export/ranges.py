"""How far the numbers reach that int8 products take: measured by letting the model write.

B sentences, S tokens of a source, H hidden, E embedding.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from lstm_models.config import ModelConfig
from lstm_models.export.decoder import Ranges
from lstm_models.runtimes.base import Memories
from lstm_models.runtimes.files import Exported
from lstm_models.tokenizer import MIN_VOCAB_SIZE, SPECIALS, TAGS

SENTENCES, LENGTH, STEPS = 64, 16, 24
# Real texts lead farther than the made-up ones; twice as far costs one of eight bits at most.
MARGIN = 1.5


def measured(graphs: dict[str, bytes], config: ModelConfig) -> Ranges:
    """Ranges of context and features while the fp32 graphs answer made-up segments greedily.

    The segments hold random words, frequent ones (low ids) more often, as in texts; seeded.
    """
    from lstm_models.runtimes.onnx import OnnxRuntime

    runtime = OnnxRuntime(Exported(Path(), config, {}, graphs))
    rng = np.random.default_rng(0)
    spread = np.log(config.vocab_size / MIN_VOCAB_SIZE)
    drawn = MIN_VOCAB_SIZE * np.exp(spread * rng.random((SENTENCES, LENGTH)))  # Zipf's law: log-uniform
    tokens = np.minimum(drawn.astype(np.int64), config.vocab_size - 1)
    zeros = np.zeros((SENTENCES, config.encoder_layers - 1, config.hidden_size), np.float32)
    encoded = runtime.read(tokens, np.full(SENTENCES, LENGTH), zeros, zeros)
    age = np.zeros_like(tokens)
    state = runtime.begin(Memories(encoded.summary, encoded.keys, encoded.values, tokens, age))
    last = SPECIALS + np.arange(SENTENCES) % len(TAGS)
    reach = Ranges(np.full(config.hidden_size, 1e-3, np.float32), np.full(config.embed_dim, 1e-3, np.float32))
    contexts = ["context", *(f"context_{hop}" for hop in range(config.num_hops - 1))]
    limits = [*[reach.context] * len(contexts), reach.features]
    for _ in range(STEPS):
        inside = runtime.inspect(last, state, [*contexts, "features"])
        for limit, found in zip(limits, inside, strict=True):
            np.maximum(limit, np.abs(found).max(axis=0), out=limit)
        output, state = runtime.step(last, state)
        last = output.log_probs.argmax(axis=1)
    return Ranges(*(MARGIN * part for part in reach))
