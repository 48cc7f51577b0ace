"""The PyTorch runtime: the model itself, on any device.

R rows of a search, M memory tokens, H hidden.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import pad

from lstm_models.attention import Memory
from lstm_models.config import ModelConfig
from lstm_models.layers import LSTMState
from lstm_models.runtimes.base import Encoded, Memories
from lstm_models.search import StepOutput
from lstm_models.seq2seq import Seq2Seq


@dataclass(frozen=True)
class TorchDecoding:
    """The decoder's state for R rows of a search (a value: `select` makes another)."""

    layers: list[LSTMState]  # (hidden, cell) [R, H] of each decoder layer
    memory: Memory  # of each row
    token_ids: Tensor  # [R, M]
    owner: np.ndarray  # [R] the conversation that a row belongs to

    @property
    def expected(self) -> np.ndarray:
        """See `Decoding.expected`."""
        return self.memory.bias[:, 0, 0].float().cpu().numpy()

    def select(self, rows: np.ndarray) -> TorchDecoding:
        index = torch.from_numpy(np.asarray(rows, np.int64)).to(self.token_ids.device)
        layers = [(hidden[index], cell[index]) for hidden, cell in self.layers]
        owner = self.owner[rows]
        if np.array_equal(owner, self.owner):  # beams of a sentence change places: they share its memory
            return replace(self, layers=layers)
        return TorchDecoding(
            layers, Memory(*(part[index] for part in self.memory)), self.token_ids[index], owner
        )

    def plus(self, other: TorchDecoding) -> TorchDecoding:
        size = max(self.token_ids.shape[1], other.token_ids.shape[1])
        one, two = self._padded(size), other._padded(size)
        layers = [
            (torch.cat([a[0], b[0]]), torch.cat([a[1], b[1]]))
            for a, b in zip(one.layers, two.layers, strict=True)
        ]
        memory = Memory(*(torch.cat(pair) for pair in zip(one.memory, two.memory, strict=True)))
        owner = np.concatenate([one.owner, two.owner + 1 + one.owner.max(initial=-1)])
        return TorchDecoding(layers, memory, torch.cat([one.token_ids, two.token_ids]), owner)

    def _padded(self, size: int) -> TorchDecoding:
        more = size - self.token_ids.shape[1]
        if not more:
            return self
        keys, values, bias = self.memory
        memory = Memory(
            pad(keys, (0, 0, 0, more)), pad(values, (0, 0, 0, more)), pad(bias, (0, more), value=-torch.inf)
        )
        return replace(self, memory=memory, token_ids=pad(self.token_ids, (0, more)))


class TorchRuntime:
    """`Seq2Seq` behind the interface of every runtime."""

    name = "torch"

    def __init__(self, model: Seq2Seq) -> None:
        self.model = model
        self.lists: dict[str, int] = {}

    @property
    def config(self) -> ModelConfig:
        """The model's sizes."""
        return self.model.config

    @property
    def device(self) -> torch.device:
        """Where the model computes."""
        return self.model.output_bias.device

    @torch.inference_mode()
    def read(self, tokens: np.ndarray, lengths: np.ndarray, hidden: np.ndarray, cell: np.ndarray) -> Encoded:
        """See `Runtime.read`."""
        ids, sizes, h, c = (
            torch.from_numpy(part).to(self.device) for part in (tokens, lengths, hidden, cell)
        )
        carried = list(zip(h.unbind(1), c.unbind(1), strict=True))  # U times ([B, H], [B, H])
        summary, keys, values, carried = self.model.read(ids, sizes, carried)
        h = torch.stack([state[0] for state in carried], dim=1)  # [B, U, H]
        c = torch.stack([state[1] for state in carried], dim=1)
        return Encoded(*(part.float().cpu().numpy() for part in (h, c, summary, keys, values)))

    @torch.inference_mode()
    def compared(self, keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """See `Runtime.compared`."""
        match = self.model.decoder.match
        assert match, "the model has no match_size"
        vectors, weights = match.compared(torch.from_numpy(keys).to(self.device))
        return vectors.float().cpu().numpy(), weights.float().cpu().numpy()

    @torch.inference_mode()
    def begin(self, memories: Memories) -> TorchDecoding:
        """See `Runtime.begin`."""
        summary, keys, values, token_ids, age = (torch.from_numpy(part).to(self.device) for part in memories)
        layers, memory = self.model.start(summary, keys, values, token_ids, age)
        return TorchDecoding(layers, memory, token_ids, np.arange(len(token_ids)))

    @torch.inference_mode()
    def step(
        self, tokens: np.ndarray, state: TorchDecoding, few: int = 0, tag: str = ""
    ) -> tuple[StepOutput, TorchDecoding]:
        """See `Runtime.step`; all words always."""
        ids = torch.from_numpy(np.asarray(tokens, np.int64)).to(self.device)
        log_probs, copied, null, layers = self.model.step(ids, state.layers, state.memory, state.token_ids)
        output = StepOutput(*(part.float().cpu().numpy() for part in (log_probs, copied, null)))
        return output, replace(state, layers=layers)
