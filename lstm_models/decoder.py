"""The decoder: layer 0 asks, the context goes to every upper layer and the output, words are made or copied.

N rows (targets, or beams), B conversations, T target tokens, M memory tokens, E embedding, H hidden.
No input feeding: under teacher forcing every layer runs over the whole target in one fused call.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from lstm_models.attention import Attended, Memory, MemoryAttention
from lstm_models.config import ModelConfig
from lstm_models.layers import LockedDropout, LSTMLayer, LSTMState
from lstm_models.matching import SegmentMatch
from lstm_models.ragged import Ragged
from lstm_models.rereading import Rereading


class DecoderOutput(NamedTuple):
    """What the output distribution is made of: words, copies and how they are mixed."""

    features: Tensor  # [N, T, E] to be multiplied with the tied embedding
    copy_gate: Tensor  # [N, T] logit of the share that may be copied
    attended: Attended


class Decoder(nn.Module):
    """GNMT's and RNMT+'s wiring (Wu et al. 2016; Chen et al. 2018), pointer-generator (See et al. 2017)."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        hidden, embed = config.hidden_size, config.embed_dim
        self.num_layers = config.decoder_layers
        self.bridge = nn.Linear(hidden, 2 * config.decoder_layers * hidden)
        self.layer0 = LSTMLayer(embed, hidden)
        self.widen = nn.Identity() if embed == hidden else nn.Linear(embed, hidden, bias=False)
        upper = range(config.decoder_layers - 1)
        self.query_norm = nn.LayerNorm(hidden)
        self.upper = nn.ModuleList(LSTMLayer(2 * hidden, hidden) for _ in upper)
        self.norms = nn.ModuleList(nn.LayerNorm(hidden) for _ in upper)
        self.final_norm = nn.LayerNorm(hidden)
        self.attention = MemoryAttention(
            hidden, config.num_heads, config.age_buckets, config.num_hops, config.follow, config.max_age
        )
        self.match = SegmentMatch(hidden, config.match_size, config.num_heads) if config.match_size else None
        reread = hidden, config.reread_size, config.num_heads, config.uncovered
        self.reread = Rereading(*reread) if config.reread_size else None
        self.to_features = nn.Linear(2 * hidden, embed)
        self.to_copy_gate = nn.Linear(2 * hidden + embed, 1)
        self.dropout = LockedDropout(config.dropout)

    def start(self, summary: Tensor) -> list[LSTMState]:
        """Encoder output at the end of the segment to answer [N, H] -> a first state for every layer."""
        parts = self.bridge(summary).chunk(2 * self.num_layers, dim=-1)  # each [N, H]
        hidden, cell = parts[: self.num_layers], parts[self.num_layers :]
        return [(h.tanh(), c) for h, c in zip(hidden, cell, strict=True)]

    def forward(
        self,
        embedded: Tensor,
        states: list[LSTMState],
        memory: Memory,
        targets: Ragged | None = None,
        behind: Tensor | None = None,
    ) -> DecoderOutput:
        """Teacher forcing: embedded target inputs [B, T, E] -> features for every position.

        Where a row holds several targets one behind the other, `targets` says where, and states are theirs.
        behind [B, T, M]: see `MemoryAttention.forward`.
        """
        out = _run(self.layer0, embedded, states[0], targets)
        x = self.widen(embedded) + self.dropout(out)
        attended = self.attention(self.query_norm(x), memory, behind)
        context = self.dropout(attended.context)
        for layer, norm, state in zip(self.upper, self.norms, states[1:], strict=True):
            x = x + self.dropout(_run(layer, torch.cat([norm(x), context], dim=-1), state, targets))
        return self._output(x, context, embedded, attended)

    def step(
        self, embedded: Tensor, states: list[LSTMState], memory: Memory, behind: Tensor | None = None
    ) -> tuple[DecoderOutput, list[LSTMState]]:
        """One token: embedded [N, E] -> output with T = 1, next states; equal to `forward` at every place."""
        out, state = self.layer0.step(embedded, states[0])
        next_states = [state]
        x = self.widen(embedded) + out
        attended = self.attention(self.query_norm(x)[:, None], memory, behind)
        context = attended.context[:, 0]
        for layer, norm, state in zip(self.upper, self.norms, states[1:], strict=True):
            assert isinstance(layer, LSTMLayer)
            out, after = layer.step(torch.cat([norm(x), context], dim=-1), state)
            x = x + out
            next_states.append(after)
        return self._output(x[:, None], context[:, None], embedded[:, None], attended), next_states

    def _output(self, x: Tensor, context: Tensor, embedded: Tensor, attended: Attended) -> DecoderOutput:
        both = torch.cat([self.dropout(self.final_norm(x)), context], dim=-1)  # [N, T, 2 * H]
        copy_gate = self.to_copy_gate(torch.cat([both, embedded], dim=-1)).squeeze(-1)
        return DecoderOutput(self.to_features(both), copy_gate, attended)


def _run(layer: nn.Module, x: Tensor, state: LSTMState, targets: Ragged | None) -> Tensor:
    """A layer over every target from its own state: x [B, T, I], state [N, H] -> [B, T, H]"""
    if targets is None:
        return layer(x, state)[0]
    hidden, cell = state
    return targets.run(x, lambda rows, at: layer(rows, (hidden[at.rows], cell[at.rows]))[0])
