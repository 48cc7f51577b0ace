"""A convolutional LSTM: the gates and the cell are pictures (Shi et al. 2015).

B batch, T time, C channels in, F feature maps, Y height, X width. State goes in and comes out.
"""

import torch
from torch import Tensor, nn

from lstm_models.layers import Gates, LSTMState


class ConvLSTMLayer(nn.Module):
    """An LSTM whose products are convolutions, without the peepholes; with a kernel of 1 it is an LSTM of
    each pixel. The forget gate's bias starts at 1, as in `LSTMLayer`."""

    def __init__(self, channels: int, features: int, kernel: int = 3) -> None:
        super().__init__()
        if kernel % 2 == 0:
            raise ValueError(f"kernel={kernel}: give an odd size, so that pictures keep theirs")
        self.features = features
        self.sums = nn.Conv2d(channels + features, 4 * features, kernel, padding=kernel // 2)
        with torch.no_grad():
            self.sums.bias.zero_()  # type: ignore[union-attr]
            self.sums.bias[features : 2 * features] = 1.0  # type: ignore[index]

    def initial_state(self, x: Tensor) -> LSTMState:
        """Zeros [B, F, Y, X] twice for pictures x [B, C, Y, X]."""
        zeros = x.new_zeros(x.shape[0], self.features, *x.shape[-2:])
        return zeros, zeros

    def forward(self, x: Tensor, state: LSTMState | None = None) -> tuple[Tensor, LSTMState]:
        """x [B, T, C, Y, X] -> outputs [B, T, F, Y, X], state after the last picture."""
        inside = self.gates(x, state)
        return inside.hidden, (inside.hidden[:, -1], inside.cell[:, -1])

    def step(self, x: Tensor, state: LSTMState) -> tuple[Tensor, LSTMState]:
        """x [B, C, Y, X] -> output [B, F, Y, X] and the next state."""
        inside = self._cell(x, state)
        return inside.hidden, (inside.hidden, inside.cell)

    def gates(self, x: Tensor, state: LSTMState | None = None) -> Gates:
        """x [B, T, C, Y, X] -> every gate, the cell and the hidden state, [B, T, F, Y, X] each."""
        state = state if state is not None else self.initial_state(x[:, 0])
        rows = []
        for picture in x.unbind(1):
            rows.append(self._cell(picture, state))
            state = rows[-1].hidden, rows[-1].cell
        return Gates(*(torch.stack(field, dim=1) for field in zip(*rows, strict=True)))

    def _cell(self, x: Tensor, state: LSTMState) -> Gates:
        hidden, cell = state
        i, f, g, o = self.sums(torch.cat([x, hidden], dim=1)).chunk(4, dim=1)  # each [B, F, Y, X]
        i, f, g, o = i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()
        cell = f * cell + i * g
        return Gates(i, f, g, o, cell, o * cell.tanh())
