"""The encoder: layer 0 and deeper ones read each segment both ways, those above carry on between segments.

B conversations, L tokens of one conversation (its segments one behind the other), S tokens of a segment,
E embedding, H hidden.
"""

import torch
from torch import Tensor, nn

from lstm_models.config import ModelConfig
from lstm_models.layers import BidirectionalLayer, LockedDropout, LSTMLayer, LSTMState
from lstm_models.ragged import Ragged


class Encoder(nn.Module):
    """Residual connections around every layer, LayerNorm before the upper layers and at the end."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        hidden = config.hidden_size
        self.layer0 = BidirectionalLayer(config.embed_dim, hidden)
        same = config.embed_dim == hidden
        self.widen = nn.Identity() if same else nn.Linear(config.embed_dim, hidden, bias=False)
        deeper, upper = range(config.deeper_layers), range(config.encoder_layers - 1)
        self.deeper = nn.ModuleList(BidirectionalLayer(hidden, hidden, silent=True) for _ in deeper)
        self.deeper_norms = nn.ModuleList(nn.LayerNorm(hidden) for _ in deeper)
        self.upper = nn.ModuleList(LSTMLayer(hidden, hidden) for _ in upper)
        self.norms = nn.ModuleList(nn.LayerNorm(hidden) for _ in upper)
        self.final_norm = nn.LayerNorm(hidden)
        self.dropout = LockedDropout(config.dropout)

    def forward(self, x: Tensor, lengths: Tensor, segments: Ragged | None = None) -> Tensor:
        """Whole conversations from an empty context: x [B, L, E], lengths [B] -> [B, L, H]."""
        x = self._both_ways(x, lengths, segments)
        for layer, norm in zip(self.upper, self.norms, strict=True):
            out, _ = layer(norm(x))
            x = x + self.dropout(out)
        return self.final_norm(x)

    def carry(self, x: Tensor, lengths: Tensor, states: list[LSTMState]) -> tuple[Tensor, list[LSTMState]]:
        """One more segment each: x [B, S, E], lengths [B], upper layers' states -> [B, S, H], next states."""
        x = self._both_ways(x, lengths, None)
        carried = []
        for layer, norm, state in zip(self.upper, self.norms, states, strict=True):
            assert isinstance(layer, LSTMLayer)
            out, after = layer.forward_lengths(norm(x), lengths, state)
            x = x + self.dropout(out)
            carried.append(after)
        return self.final_norm(x), carried

    def _both_ways(self, x: Tensor, lengths: Tensor, segments: Ragged | None) -> Tensor:
        """The layers that begin anew with each segment: [B, L, E] -> [B, L, H]"""

        def run(layer: BidirectionalLayer, x: Tensor) -> Tensor:
            if segments is None:  # one segment each: nothing to rearrange
                return layer(x, lengths)
            return segments.run(x, lambda rows, bucket: layer(rows, bucket.lengths))

        x = self.widen(x) + self.dropout(run(self.layer0, x))
        for layer, norm in zip(self.deeper, self.deeper_norms, strict=True):
            assert isinstance(layer, BidirectionalLayer)
            x = x + self.dropout(run(layer, norm(x)))
        return x


def last_position(x: Tensor, index: Tensor) -> Tensor:
    """x [B, L, H], index [B, R] -> [B, R, H]"""
    return torch.take_along_dim(x, index[:, :, None], dim=1)
