"""Recurrent layers with three faces: `forward` over a sequence, `step` for one token, `gates` to look inside.

B batch, T time, I input width, H hidden width. State goes in and comes out; no layer keeps any.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn

LSTMState = tuple[Tensor, Tensor]  # hidden [B, H], cell [B, H]


class Gates(NamedTuple):
    """What happened inside an LSTM layer, every field [B, T, H] (Gers et al. 2000, equations 1 to 6)."""

    input: Tensor
    forget: Tensor
    candidate: Tensor
    output: Tensor
    cell: Tensor
    hidden: Tensor


class LSTMLayer(nn.Module):
    """One unidirectional LSTM layer (Hochreiter & Schmidhuber 1997, with Gers' forget gate).

    The weights are those of `torch.nn.LSTM`, whose fused kernel serves `forward`; `step` and `gates`
    write the same equations out. The forget gate's bias starts at 1 (Jozefowicz et al. 2015).
    """

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__()
        self.input_size, self.hidden_size = input_size, hidden_size
        self.fused = nn.LSTM(input_size, hidden_size, batch_first=True)
        input_weight, hidden_weight, input_bias, hidden_bias = self._weights
        with torch.no_grad():
            nn.init.xavier_uniform_(input_weight)
            for gate in hidden_weight.chunk(4):
                nn.init.orthogonal_(gate)
            input_bias.zero_()
            hidden_bias.zero_()
            input_bias[hidden_size : 2 * hidden_size] = 1.0

    @property
    def _weights(self) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Weights [4 * H, I] and [4 * H, H], biases [4 * H] twice; the gates in the order i, f, g, o."""
        lstm = self.fused
        return lstm.weight_ih_l0, lstm.weight_hh_l0, lstm.bias_ih_l0, lstm.bias_hh_l0  # type: ignore[return-value]

    def initial_state(self, batch_size: int, like: Tensor) -> LSTMState:
        """Zeros [B, H] for hidden and cell, of the kind and on the device of `like`."""
        zeros = like.new_zeros(batch_size, self.hidden_size)
        return zeros, zeros

    def forward(self, x: Tensor, state: LSTMState | None = None) -> tuple[Tensor, LSTMState]:
        """x [B, T, I] -> outputs [B, T, H], state after the last position."""
        hidden, cell = state if state is not None else self.initial_state(x.shape[0], x)
        if _needs_cast(x):  # autocast does not reach the LSTM's own products on CPU
            return self._forward_bf16(x, hidden, cell)
        outputs, (hidden, cell) = self.fused(x, (hidden[None], cell[None]))
        return outputs, (hidden[0], cell[0])

    def _forward_bf16(self, x: Tensor, hidden: Tensor, cell: Tensor) -> tuple[Tensor, LSTMState]:
        weights = [weight.bfloat16() for weight in self._weights]
        start = [hidden[None].bfloat16().contiguous(), cell[None].bfloat16().contiguous()]
        with torch.autocast("cpu", enabled=False):
            outputs, h, c = torch.ops.aten.lstm.input(
                x.bfloat16(), start, weights, True, 1, 0.0, self.training, False, True
            )
        return outputs.to(x.dtype), (h[0].to(x.dtype), c[0].to(x.dtype))

    def forward_lengths(
        self, x: Tensor, lengths: Tensor, state: LSTMState | None = None
    ) -> tuple[Tensor, LSTMState]:
        """As `forward`, for right-padded rows: the state is the one after each row's last real position.

        Outputs behind a row's length are zeros. lengths [B], each at least 1.
        """
        hidden, cell = state if state is not None else self.initial_state(x.shape[0], x)
        packed = nn.utils.rnn.pack_padded_sequence(x, lengths.cpu(), batch_first=True, enforce_sorted=False)
        outputs, (hidden, cell) = self.fused(packed, (hidden[None], cell[None]))
        outputs, _ = nn.utils.rnn.pad_packed_sequence(outputs, batch_first=True, total_length=x.shape[1])
        return outputs, (hidden[0], cell[0])

    def step(self, x: Tensor, state: LSTMState) -> tuple[Tensor, LSTMState]:
        """x [B, I] -> output [B, H] and the next state."""
        _, _, _, _, cell, hidden = self._cell(x, state)
        return hidden, (hidden, cell)

    def gates(self, x: Tensor, state: LSTMState | None = None) -> Gates:
        """x [B, T, I] -> every gate, the cell and the hidden state at each position, [B, T, H] each."""
        state = state if state is not None else self.initial_state(x.shape[0], x)
        rows = []
        for t in range(x.shape[1]):
            rows.append(self._cell(x[:, t], state))
            state = (rows[-1].hidden, rows[-1].cell)
        return Gates(*(torch.stack(field, dim=1) for field in zip(*rows, strict=True)))

    def _cell(self, x: Tensor, state: LSTMState) -> Gates:
        hidden, cell = state
        input_weight, hidden_weight, input_bias, hidden_bias = self._weights
        sums = nn.functional.linear(x, input_weight, input_bias)
        sums = sums + nn.functional.linear(hidden, hidden_weight, hidden_bias)  # [B, 4 * H]
        i, f, g, o = sums.chunk(4, dim=-1)  # each [B, H]
        i, f, g, o = i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()
        cell = f * cell + i * g
        return Gates(i, f, g, o, cell, o * cell.tanh())


class BidirectionalLayer(nn.Module):
    """Reads right-padded rows in both directions: half of the width each way (Schuster & Paliwal 1997).

    The backward half reverses each row inside its own length by index, because packing falls back
    to a slow path on CPU.
    """

    def __init__(self, input_size: int, hidden_size: int, silent: bool = False) -> None:
        """silent: the candidate's weights are 0, so that cell and output are, until training finds a use."""
        super().__init__()
        self.ahead = LSTMLayer(input_size, hidden_size // 2)
        self.back = LSTMLayer(input_size, hidden_size // 2)
        if silent:
            with torch.no_grad():
                for weight in (*self.ahead.parameters(), *self.back.parameters()):
                    weight.chunk(4)[2].zero_()  # gates in the order i, f, g, o

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        """x [B, T, I], lengths [B] -> [B, T, H]; what stands behind a row's length means nothing."""
        order = reversal(lengths, x.shape[1])  # [B, T]
        ahead, _ = self.ahead(x)
        back, _ = self.back(take_positions(x, order))
        return torch.cat([ahead, take_positions(back, order)], dim=-1)


class LockedDropout(nn.Module):
    """Dropout with one mask for all positions of a row (Gal & Ghahramani 2016)."""

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate = rate

    def forward(self, x: Tensor) -> Tensor:
        """x [B, T, H]"""
        if not self.training or not self.rate:
            return x
        mask = torch.empty_like(x[:, :1]).bernoulli_(1 - self.rate)
        return x * (mask / (1 - self.rate))


def reversal(lengths: Tensor, size: int) -> Tensor:
    """Index [B, T] that reverses each row inside its length and leaves the padding where it is."""
    position = torch.arange(size, device=lengths.device)[None]
    mirrored = lengths[:, None] - 1 - position
    return torch.where(mirrored >= 0, mirrored, position)


def take_positions(x: Tensor, index: Tensor) -> Tensor:
    """x [B, T, H], index [B, S] -> [B, S, H]"""
    return x.gather(1, index[:, :, None].expand(-1, -1, x.shape[2]))


def _needs_cast(x: Tensor) -> bool:
    return x.device.type == "cpu" and torch.is_autocast_enabled("cpu")
