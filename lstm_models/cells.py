"""The LSTM's relatives and forebears, each with the three faces of `layers.LSTMLayer`.

B batch, T time, I input width, H hidden width. A state is a tuple of tensors [B, H] that goes in and comes
out; `forward` reads a sequence, `step` one element, `gates` tells everything that happened inside, each
field [B, T, H], its last field the output. None of them serves the translator or the bot: they are here to be
compared with.
"""

from collections.abc import Callable
from typing import NamedTuple, cast

import torch
from torch import Tensor, nn

from lstm_models.layers import Gates, LSTMLayer

State = tuple[Tensor, ...]  # one or two parts, [B, H] each


class SimpleGates(NamedTuple):
    """A net without gates has its hidden state to show."""

    hidden: Tensor


class JordanGates(NamedTuple):
    """What a Jordan net feeds back (`fed_back`, its output before) and what it computes, [B, T, H] each."""

    fed_back: Tensor
    hidden: Tensor
    output: Tensor


class GRUGates(NamedTuple):
    """Inside a GRU, [B, T, H] each."""

    reset: Tensor
    update: Tensor
    candidate: Tensor
    hidden: Tensor


Inside = Gates | SimpleGates | JordanGates | GRUGates


class RecurrentLayer(nn.Module):
    """What all of them share: a subclass says what one element does (`_cell`) and what is carried on."""

    state_parts = 1

    def __init__(self, input_size: int, hidden_size: int, sums: int) -> None:
        """`sums`: how many sums of inputs each unit computes (4 for an LSTM: three gates and a candidate)."""
        super().__init__()
        self.input_size, self.hidden_size = input_size, hidden_size
        self.from_input = nn.Linear(input_size, sums * hidden_size)
        self.from_hidden = nn.Linear(hidden_size, sums * hidden_size, bias=False)
        nn.init.xavier_uniform_(self.from_input.weight)
        nn.init.zeros_(self.from_input.bias)
        for block in self.from_hidden.weight.data.chunk(sums):
            nn.init.orthogonal_(block)

    def initial_state(self, batch_size: int, like: Tensor) -> State:
        """Zeros, of the kind and on the device of `like`."""
        return tuple(like.new_zeros(batch_size, self.hidden_size) for _ in range(self.state_parts))

    def forward(self, x: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """x [B, T, I] -> outputs [B, T, H], state after the last position."""
        state = state if state is not None else self.initial_state(x.shape[0], x)
        outputs = []
        for sums in self.from_input(x).unbind(1):  # the inputs' share of all positions in one product
            inside = self._cell(sums, state)
            state = self._carried(inside)
            outputs.append(inside[-1])
        return torch.stack(outputs, dim=1), state

    def step(self, x: Tensor, state: State) -> tuple[Tensor, State]:
        """x [B, I] -> output [B, H] and the next state."""
        inside = self._cell(self.from_input(x), state)
        return inside[-1], self._carried(inside)

    def gates(self, x: Tensor, state: State | None = None) -> Inside:
        """x [B, T, I] -> what happened at each position, [B, T, H] each."""
        state = state if state is not None else self.initial_state(x.shape[0], x)
        rows: list[Inside] = []
        for sums in self.from_input(x).unbind(1):
            rows.append(self._cell(sums, state))
            state = self._carried(rows[-1])
        kind = type(rows[0])
        return kind(*(torch.stack(field, dim=1) for field in zip(*rows, strict=True)))

    def _cell(self, sums: Tensor, state: State) -> Inside:
        raise NotImplementedError

    def _carried(self, inside: Inside) -> State:
        return (inside[-1],)


class ElmanLayer(RecurrentLayer):
    """The simple recurrent net: the hidden state is copied back (Elman 1990). `scale` multiplies the first
    recurrent weights, which are orthogonal: below 1 what it remembers shrinks, above 1 it grows."""

    def __init__(self, input_size: int, hidden_size: int, scale: float = 1.0, linear: bool = False) -> None:
        super().__init__(input_size, hidden_size, 1)
        self.linear = linear  # without tanh, to see the weights' own effect
        with torch.no_grad():
            self.from_hidden.weight.mul_(scale)

    def _cell(self, sums: Tensor, state: State) -> Inside:
        total = sums + self.from_hidden(state[0])
        return SimpleGates(total if self.linear else total.tanh())


class JordanLayer(RecurrentLayer):
    """The output, not the hidden state, is fed back (Jordan 1986)."""

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__(input_size, hidden_size, 1)
        self.to_output = nn.Linear(hidden_size, hidden_size)
        nn.init.orthogonal_(self.to_output.weight)

    def _cell(self, sums: Tensor, state: State) -> Inside:
        hidden = (sums + self.from_hidden(state[0])).tanh()
        return JordanGates(state[0], hidden, self.to_output(hidden).tanh())


class GRULayer(RecurrentLayer):
    """Gated recurrent unit (Cho et al. 2014), in the form of `torch.nn.GRU`: reset, update, candidate."""

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__(input_size, hidden_size, 3)
        self.hidden_bias = nn.Parameter(torch.zeros(3 * hidden_size))

    def _cell(self, sums: Tensor, state: State) -> Inside:
        hidden = state[0]
        r, z, n = sums.chunk(3, dim=-1)
        back_r, back_z, back_n = (self.from_hidden(hidden) + self.hidden_bias).chunk(3, dim=-1)
        reset, update = (r + back_r).sigmoid(), (z + back_z).sigmoid()
        candidate = (n + reset * back_n).tanh()
        return GRUGates(reset, update, candidate, (1 - update) * candidate + update * hidden)


class OrthogonalLayer(RecurrentLayer):
    """A plain net whose recurrent weights stay a rotation: they are the exponential of a skew matrix
    (Helfrich et al. 2018), with the modReLU of Arjovsky et al. (2016), so that nothing shrinks or grows."""

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__(input_size, hidden_size, 1)
        del self.from_hidden
        self.angles = nn.Parameter(torch.empty(hidden_size, hidden_size).uniform_(-1, 1))
        self.threshold = nn.Parameter(torch.zeros(hidden_size))

    def rotation(self) -> Tensor:
        """The recurrent weights [H, H]; their transpose is their inverse."""
        upper = self.angles.triu(1)
        return torch.matrix_exp(upper - upper.T)

    def forward(self, x: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """x [B, T, I] -> outputs [B, T, H], state; the rotation is computed once for all positions."""
        state = state if state is not None else self.initial_state(x.shape[0], x)
        outputs, back = [], self.rotation().T
        for sums in self.from_input(x).unbind(1):
            state = (self._mod_relu(sums + state[0] @ back),)
            outputs.append(state[0])
        return torch.stack(outputs, dim=1), state

    def _cell(self, sums: Tensor, state: State) -> Inside:
        return SimpleGates(self._mod_relu(sums + state[0] @ self.rotation().T))

    def _mod_relu(self, x: Tensor) -> Tensor:
        return x.sign() * (x.abs() + self.threshold).relu()


class LSTM1997Layer(RecurrentLayer):
    """The LSTM as it was born: input and output gates, and a cell that is only ever added to
    (Hochreiter & Schmidhuber 1997). The squashing functions are today's tanh."""

    state_parts = 2

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__(input_size, hidden_size, 3)

    def forward(self, x: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """x [B, T, I] -> outputs [B, T, H], state; by the fused kernel, three times as fast.

        The kernel has a forget gate. It sees nothing, and its bias holds it open: sigmoid(100) is 1.
        """
        hidden, cell = state if state is not None else self.initial_state(x.shape[0], x)
        bias = self.from_input.bias
        weights = [
            _with_forget_rows(self.from_input.weight, 0.0),  # [4 * H, I]
            _with_forget_rows(self.from_hidden.weight, 0.0),  # [4 * H, H]
            _with_forget_rows(bias, 100.0),
            bias.new_zeros(4 * self.hidden_size),
        ]
        start = [hidden[None], cell[None]]
        outputs, h, c = torch.ops.aten.lstm.input(x, start, weights, True, 1, 0.0, self.training, False, True)
        return outputs, (h[0], c[0])

    def _cell(self, sums: Tensor, state: State) -> Inside:
        hidden, cell = state
        i, g, o = (sums + self.from_hidden(hidden)).chunk(3, dim=-1)
        i, g, o = i.sigmoid(), g.tanh(), o.sigmoid()
        cell = cell + i * g
        return Gates(i, torch.ones_like(i), g, o, cell, o * cell.tanh())

    def _carried(self, inside: Inside) -> State:
        gates = cast(Gates, inside)
        return gates.hidden, gates.cell


def _with_forget_rows(weight: Tensor, value: float) -> Tensor:
    """Rows for input gate, candidate, output gate -> the same with rows of `value` for a forget gate."""
    i, g, o = weight.chunk(3)
    return torch.cat([i, torch.full_like(i, value), g, o])


class PeepholeLayer(RecurrentLayer):
    """Gates that see the cell: input and forget gates the cell before, the output gate the cell now
    (Gers & Schmidhuber 2000; Gers, Schraudolph & Schmidhuber 2002)."""

    state_parts = 2

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__(input_size, hidden_size, 4)
        self.peephole = nn.Parameter(torch.zeros(3, hidden_size))  # input, forget, output
        with torch.no_grad():
            self.from_input.bias[hidden_size : 2 * hidden_size] = 1.0

    def _cell(self, sums: Tensor, state: State) -> Inside:
        hidden, cell = state
        i, f, g, o = (sums + self.from_hidden(hidden)).chunk(4, dim=-1)
        i = (i + self.peephole[0] * cell).sigmoid()
        f, g = (f + self.peephole[1] * cell).sigmoid(), g.tanh()
        cell = f * cell + i * g
        o = (o + self.peephole[2] * cell).sigmoid()
        return Gates(i, f, g, o, cell, o * cell.tanh())

    def _carried(self, inside: Inside) -> State:
        gates = cast(Gates, inside)
        return gates.hidden, gates.cell


# What the lessons compare, by the name that they show.
KINDS: dict[str, Callable[[int, int], RecurrentLayer | LSTMLayer]] = {
    "Elman 1990": ElmanLayer,
    "Jordan 1986": JordanLayer,
    "LSTM 1997, no forget gate": LSTM1997Layer,
    "LSTM": LSTMLayer,
    "LSTM with peepholes": PeepholeLayer,
    "GRU": GRULayer,
    "orthogonal RNN": OrthogonalLayer,
}
