"""The LSTM layer's three faces agree with torch.nn.LSTM and with each other."""

import pytest
import torch
from torch import Tensor, nn

from lstm_models.layers import BidirectionalLayer, LockedDropout, LSTMLayer, reversal, take_positions

B, T, IN, H = 3, 7, 5, 6


def layer(dtype: torch.dtype = torch.float32) -> LSTMLayer:
    torch.manual_seed(1)
    made = LSTMLayer(IN, H)
    with torch.no_grad():
        for weight in made.parameters():
            weight.copy_(torch.randn_like(weight))
    return made.to(dtype)


def peer(made: LSTMLayer) -> nn.LSTM:
    """A plain torch.nn.LSTM with the same weights."""
    lstm = nn.LSTM(IN, H, batch_first=True).to(made.fused.weight_ih_l0.dtype)
    lstm.load_state_dict(made.fused.state_dict())
    return lstm


def inputs(dtype: torch.dtype = torch.float32) -> tuple[Tensor, Tensor, Tensor]:
    torch.manual_seed(2)
    return torch.randn(B, T, IN, dtype=dtype), torch.randn(B, H, dtype=dtype), torch.randn(B, H, dtype=dtype)


@pytest.mark.parametrize("given", [True, False])
def test_forward_step_and_gates_equal_torch(given: bool) -> None:
    made, (x, hidden, cell) = layer(), inputs()
    state = (hidden, cell) if given else made.initial_state(B, x)
    wanted, (last_hidden, last_cell) = peer(made)(x, (state[0][None], state[1][None]))

    outputs, (h, c) = made(x, state if given else None)
    torch.testing.assert_close(outputs, wanted)
    torch.testing.assert_close((h, c), (last_hidden[0], last_cell[0]))

    walked, at = [], state
    for t in range(T):
        out, at = made.step(x[:, t], at)
        walked.append(out)
    torch.testing.assert_close(torch.stack(walked, 1), wanted, atol=1e-6, rtol=1e-5)
    torch.testing.assert_close(at, (last_hidden[0], last_cell[0]), atol=1e-6, rtol=1e-5)

    gates = made.gates(x, state if given else None)
    torch.testing.assert_close(gates.hidden, wanted, atol=1e-6, rtol=1e-5)
    torch.testing.assert_close(gates.cell[:, -1], last_cell[0], atol=1e-6, rtol=1e-5)


def test_gates_are_in_torchs_order_and_make_up_the_cell() -> None:
    made, (x, hidden, cell) = layer(), inputs()
    gates = made.gates(x, (hidden, cell))
    before_h = torch.cat([hidden[:, None], gates.hidden[:, :-1]], 1)
    before_c = torch.cat([cell[:, None], gates.cell[:, :-1]], 1)
    lstm = made.fused
    sums = x @ lstm.weight_ih_l0.T + lstm.bias_ih_l0 + before_h @ lstm.weight_hh_l0.T + lstm.bias_hh_l0
    i, f, g, o = sums.split(H, dim=-1)  # torch.nn.LSTM: (W_ii|W_if|W_ig|W_io)
    torch.testing.assert_close(gates.input, i.sigmoid())
    torch.testing.assert_close(gates.forget, f.sigmoid())
    torch.testing.assert_close(gates.candidate, g.tanh())
    torch.testing.assert_close(gates.output, o.sigmoid())
    torch.testing.assert_close(gates.cell, gates.forget * before_c + gates.input * gates.candidate)
    torch.testing.assert_close(gates.hidden, gates.output * gates.cell.tanh())


def test_an_open_forget_gate_remembers_and_a_closed_one_forgets() -> None:
    made = LSTMLayer(IN, H)
    x, hidden, cell = inputs()
    with torch.no_grad():
        made.fused.bias_ih_l0[:H] = -50  # the input gate is shut
        made.fused.bias_ih_l0[H : 2 * H] = 50
    torch.testing.assert_close(made(x, (hidden, cell))[1][1], cell)
    with torch.no_grad():
        made.fused.bias_ih_l0[H : 2 * H] = -50
    assert made(x, (hidden, cell))[1][1].abs().max() < 1e-6


def test_the_forget_gates_bias_starts_at_one() -> None:
    lstm = LSTMLayer(IN, H).fused
    bias = lstm.bias_ih_l0 + lstm.bias_hh_l0
    assert bias.tolist() == [0.0] * H + [1.0] * H + [0.0] * 2 * H


def test_the_carried_state_has_the_right_gradient() -> None:
    made, (x, hidden, cell) = layer(torch.float64), inputs(torch.float64)
    leaves = [tensor.requires_grad_() for tensor in (x[:1, :4], hidden[:1], cell[:1])]

    def two_segments(x: Tensor, hidden: Tensor, cell: Tensor) -> tuple[Tensor, ...]:
        first, state = made(x[:, :2], (hidden, cell))
        second, state = made(x[:, 2:], state)
        return first, second, *state

    leaves = [leaf.detach().requires_grad_() for leaf in leaves]
    assert torch.autograd.gradcheck(two_segments, leaves)
    whole, end = made(leaves[0], (leaves[1], leaves[2]))
    first, second, *state = two_segments(*leaves)
    torch.testing.assert_close(torch.cat([first, second], 1), whole)
    torch.testing.assert_close(tuple(state), end)


def test_padding_behind_a_row_changes_neither_outputs_nor_state() -> None:
    made, (x, hidden, cell) = layer(), inputs()
    lengths = torch.tensor([7, 1, 4])
    outputs, (h, c) = made.forward_lengths(x, lengths, (hidden, cell))
    for row, length in enumerate(lengths.tolist()):
        alone, state = made(x[row : row + 1, :length], (hidden[row : row + 1], cell[row : row + 1]))
        torch.testing.assert_close(outputs[row, :length], alone[0])
        assert not outputs[row, length:].any()
        torch.testing.assert_close((h[row], c[row]), (state[0][0], state[1][0]))


def test_both_directions_equal_torchs_bidirectional_lstm() -> None:
    torch.manual_seed(3)
    both = BidirectionalLayer(IN, H)
    lstm = nn.LSTM(IN, H // 2, batch_first=True, bidirectional=True)
    for name, weight in lstm.named_parameters():
        part = both.back if name.endswith("_reverse") else both.ahead
        with torch.no_grad():
            weight.copy_(getattr(part.fused, name.removesuffix("_reverse")))
    x, lengths = torch.randn(B, T, IN), torch.tensor([7, 1, 4])
    packed = nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
    wanted, _ = nn.utils.rnn.pad_packed_sequence(lstm(packed)[0], batch_first=True)
    found = both(x, lengths)
    for row, length in enumerate(lengths.tolist()):
        torch.testing.assert_close(found[row, :length], wanted[row, :length])
    garbage = x.clone()
    garbage[1, 1:], garbage[2, 4:] = 99.0, -99.0
    again = both(garbage, lengths)
    assert torch.equal(again[1, :1], found[1, :1]) and torch.equal(again[2, :4], found[2, :4])


def test_reversal_stays_inside_each_row() -> None:
    index = reversal(torch.tensor([4, 1, 3]), 4)
    assert index.tolist() == [[3, 2, 1, 0], [0, 1, 2, 3], [2, 1, 0, 3]]
    x = torch.randn(3, 4, 2)
    assert torch.equal(take_positions(take_positions(x, index), index), x)


def test_dropout_is_locked_along_a_row_and_keeps_the_mean() -> None:
    torch.manual_seed(4)
    dropout, x = LockedDropout(0.25), torch.ones(64, 5, 100)
    y = dropout(x)
    assert torch.equal(y, y[:, :1].expand_as(y)), "one mask for all positions"
    assert y.unique().tolist() == pytest.approx([0.0, 1 / 0.75])
    assert y.mean() == pytest.approx(1, abs=0.03)
    assert dropout.eval()(x) is x
    assert LockedDropout(0.0)(x) is x


def test_bf16_on_cpu_is_close_and_trains_the_float32_weights() -> None:
    made, (x, hidden, cell) = layer(), inputs()
    with torch.no_grad():
        for weight in made.parameters():
            weight.mul_(0.3)
    exact, _ = made(x, (hidden, cell))
    with torch.autocast("cpu", torch.bfloat16):
        rounded, (h, c) = made(x, (hidden, cell))
    assert rounded.dtype == h.dtype == c.dtype == torch.float32
    assert not torch.equal(rounded, exact)
    torch.testing.assert_close(rounded, exact, atol=0.03, rtol=0.05)
    rounded.sum().backward()
    grads = [weight.grad for weight in made.parameters()]
    assert all(grad is not None and grad.dtype == torch.float32 and grad.any() for grad in grads)
