"""Models that share a tokenizer, searching as one: the next word has the mean of their probabilities.

The mean of the distributions themselves (as in Wicks et al. 2025, arXiv 2502.21265), not of their logarithms:
it sums to one as it is, and what one model rules out the others may still say.

B conversations, S tokens, U upper layers, H hidden, A heads, D head width (A * D = H), M memory tokens.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from lstm_models.config import ModelConfig
from lstm_models.engine import Engine
from lstm_models.files import sha256_bytes
from lstm_models.runtimes.base import Decoding, Encoded, Memories, Runtime
from lstm_models.search import StepOutput


def joined(engines: Mapping[str, Engine]) -> Engine:
    """The engines, by name, as one; its states are its own. One alone is given back as it is.

    Raises: ValueError if there is none, or one has another tokenizer than the first.
    """
    if not engines:
        raise ValueError("an ensemble of no models: name at least one checkpoint")
    (first, head), *others = engines.items()
    for name, engine in others:
        if engine.tokenizer.sha256 != head.tokenizer.sha256:
            raise ValueError(
                f"{name} has another tokenizer than {first}: models that search together must share one; "
                "train them on the same prepared data, or on data with the same data.tokenizer"
            )
    if not others:
        return head
    model_hash = sha256_bytes("+".join(engine.model_hash for engine in engines.values()).encode())
    runtime = Ensemble([engine.runtime for engine in engines.values()])
    return Engine(runtime, head.tokenizer, model_hash, head.card)


@dataclass(frozen=True)
class EnsembleDecoding:
    """The decoders' states, in the order of the models (a value: `select` makes another)."""

    parts: tuple[Decoding, ...]

    @property
    def expected(self) -> np.ndarray:
        """The mean of what they expect, see `Decoding.expected`."""
        return np.mean([part.expected for part in self.parts], axis=0)

    def select(self, rows: np.ndarray) -> EnsembleDecoding:
        return EnsembleDecoding(tuple(part.select(rows) for part in self.parts))

    def plus(self, other: EnsembleDecoding) -> EnsembleDecoding:
        return EnsembleDecoding(
            tuple(one.plus(two) for one, two in zip(self.parts, other.parts, strict=True))
        )


class Ensemble:
    """Runtimes behind the interface of one.

    Its H is the sum of theirs, in one head, and its U the largest: models may differ in size.
    """

    name = "ensemble"

    def __init__(self, runtimes: Sequence[Runtime]) -> None:
        self.runtimes = tuple(runtimes)
        self.lists: dict[str, int] = {}  # a shortlist is one model's
        configs = [runtime.config for runtime in self.runtimes]
        self._ends = np.cumsum([config.hidden_size for config in configs])
        self._config = configs[0].model_copy(
            update={
                "hidden_size": int(self._ends[-1]),
                "num_heads": 1,
                "encoder_layers": max(config.encoder_layers for config in configs),
                "match_size": 0,  # what each compares is its own affair: see `compared`
                "bank_size": min(config.bank_size for config in configs),
                "max_segment": min(config.max_segment for config in configs),
            }
        )

    @property
    def config(self) -> ModelConfig:
        """The sizes of the states, and what all models can read."""
        return self._config

    def read(self, tokens: np.ndarray, lengths: np.ndarray, hidden: np.ndarray, cell: np.ndarray) -> Encoded:
        """See `Runtime.read`."""
        found = []
        for runtime, h, c in zip(self.runtimes, self._cut(hidden), self._cut(cell), strict=True):
            upper = runtime.config.encoder_layers - 1
            one = runtime.read(tokens, lengths, h[:, :upper], c[:, :upper])
            more = [(0, 0), (0, hidden.shape[1] - upper), (0, 0)]
            carried = np.pad(one.hidden, more), np.pad(one.cell, more)
            found.append((*carried, one.summary, _one_head(one.keys), _one_head(one.values)))
        return Encoded(*(np.concatenate(parts, axis=-1) for parts in zip(*found, strict=True)))

    def compared(self, keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """See `Runtime.compared`, which is not asked where `match_size` is 0."""
        raise ValueError("an ensemble compares no segments: ask one of its models")

    def begin(self, memories: Memories) -> EnsembleDecoding:
        """See `Runtime.begin`."""
        summaries, keys, values = (
            self._cut(part) for part in (memories.summary, memories.keys, memories.values)
        )
        begun = []
        for runtime, summary, key, value in zip(self.runtimes, summaries, keys, values, strict=True):
            heads = runtime.config.num_heads
            own = Memories(
                summary, _heads(key, heads), _heads(value, heads), memories.token_ids, memories.age
            )
            begun.append(runtime.begin(own))
        return EnsembleDecoding(tuple(begun))

    def step(
        self, tokens: np.ndarray, state: EnsembleDecoding, few: int = 0, tag: str = ""
    ) -> tuple[StepOutput, EnsembleDecoding]:
        """See `Runtime.step`; all words always, since each model has its own likeliest few."""
        steps = [runtime.step(tokens, part) for runtime, part in zip(self.runtimes, state.parts, strict=True)]
        outputs = [output for output, _ in steps]
        probs = sum(np.exp(output.log_probs) for output in outputs) / np.float32(len(outputs))
        mean = StepOutput(
            np.log(np.maximum(probs, np.finfo(np.float32).tiny)),  # of next to nothing there is a logarithm
            np.mean([output.copy_weights for output in outputs], axis=0),
            np.mean([output.null_weight for output in outputs], axis=0),
        )
        return mean, EnsembleDecoding(tuple(part for _, part in steps))

    def _cut(self, values: np.ndarray) -> list[np.ndarray]:
        """values [..., H] -> those of each model [..., its H]."""
        return [np.ascontiguousarray(part) for part in np.split(values, self._ends[:-1], axis=-1)]


def _one_head(values: np.ndarray) -> np.ndarray:
    """[B, A, S, D] -> [B, 1, S, A * D]."""
    rows, heads, size, width = values.shape
    return values.swapaxes(1, 2).reshape(rows, 1, size, heads * width)


def _heads(values: np.ndarray, heads: int) -> np.ndarray:
    """[B, 1, M, A * D] -> [B, A, M, D]."""
    rows, _, size, width = values.shape
    return np.ascontiguousarray(values.reshape(rows, size, heads, width // heads).swapaxes(1, 2))
