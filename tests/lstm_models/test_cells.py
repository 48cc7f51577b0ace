"""The LSTM's relatives: three faces that agree, parity with torch.nn, gradients in float64."""

from itertools import pairwise

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from lstm_models.cells import (
    KINDS,
    ElmanLayer,
    GRULayer,
    LSTM1997Layer,
    OrthogonalLayer,
    PeepholeLayer,
    RecurrentLayer,
)
from lstm_models.convolutional import ConvLSTMLayer
from lstm_models.hopfield import HopfieldNetwork
from lstm_models.layers import LSTMLayer

B, T, IN, H = 3, 7, 5, 4


def made(kind: str, dtype: torch.dtype = torch.float64) -> RecurrentLayer | LSTMLayer:
    torch.manual_seed(1)
    layer = KINDS[kind](IN, H).to(dtype)
    with torch.no_grad():
        for weight in layer.parameters():
            weight.add_(0.3 * torch.randn_like(weight))
    return layer


def inputs(layer: RecurrentLayer | LSTMLayer) -> tuple[Tensor, tuple[Tensor, ...]]:
    torch.manual_seed(2)
    x = torch.randn(B, T, IN, dtype=torch.float64)
    return x, tuple(torch.randn_like(part) for part in layer.initial_state(B, x))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("given", [True, False])
def test_forward_step_and_gates_agree(kind: str, given: bool) -> None:
    layer = made(kind)
    x, state = inputs(layer)
    state = state if given else layer.initial_state(B, x)
    outputs, after = layer(x, state if given else None)
    walked, at = [], state
    for t in range(T):
        out, at = layer.step(x[:, t], at)
        walked.append(out)
    torch.testing.assert_close(torch.stack(walked, 1), outputs)
    torch.testing.assert_close(tuple(at), tuple(after))
    torch.testing.assert_close(layer.gates(x, state if given else None)[-1], outputs)


@pytest.mark.parametrize("kind", KINDS)
def test_gradients(kind: str) -> None:
    layer = made(kind)
    x, state = inputs(layer)
    leaves = [part[:1].detach().requires_grad_() for part in (x[:, :3], *state)]
    assert torch.autograd.gradcheck(lambda x, *state: layer(x, state)[0], leaves)


def test_elman_and_gru_equal_torch() -> None:
    for kind, peer in (("Elman 1990", nn.RNN(IN, H, batch_first=True)),
                       ("GRU", nn.GRU(IN, H, batch_first=True))):  # fmt: skip
        layer = made(kind)
        assert isinstance(layer, RecurrentLayer)
        peer = peer.double()
        with torch.no_grad():
            peer.weight_ih_l0.copy_(layer.from_input.weight)
            peer.weight_hh_l0.copy_(layer.from_hidden.weight)
            peer.bias_ih_l0.copy_(layer.from_input.bias)
            peer.bias_hh_l0.copy_(layer.hidden_bias if isinstance(layer, GRULayer) else torch.zeros(H))
        x, (hidden,) = inputs(layer)
        wanted, last = peer(x, hidden[None])
        torch.testing.assert_close(layer(x, (hidden,)), (wanted, (last[0],)))


def test_peepholes_of_zero_make_torchs_lstm() -> None:
    layer, peer = PeepholeLayer(IN, H).double(), nn.LSTM(IN, H, batch_first=True).double()
    with torch.no_grad():
        peer.weight_ih_l0.copy_(layer.from_input.weight)
        peer.weight_hh_l0.copy_(layer.from_hidden.weight)
        peer.bias_ih_l0.copy_(layer.from_input.bias)
        peer.bias_hh_l0.zero_()
    x, _ = inputs(layer)
    torch.testing.assert_close(layer(x)[0], peer(x)[0])
    with torch.no_grad():
        layer.peephole.fill_(0.5)
    assert not torch.allclose(layer(x)[0], peer(x)[0])


def test_the_lstm_of_1997_is_one_whose_forget_gate_is_open() -> None:
    old, new = LSTM1997Layer(IN, H).double(), LSTMLayer(IN, H).double()
    rows = [*range(H), *range(2 * H, 4 * H)]  # of i, g, o among i, f, g, o
    with torch.no_grad():
        new.fused.weight_ih_l0[rows] = old.from_input.weight
        new.fused.weight_hh_l0[rows] = old.from_hidden.weight
        new.fused.bias_ih_l0[rows] = old.from_input.bias
        new.fused.bias_ih_l0[H : 2 * H] = 100.0
    x, _ = inputs(old)
    torch.testing.assert_close(old(x)[0], new(x)[0])


def test_an_orthogonal_net_keeps_lengths() -> None:
    layer = made("orthogonal RNN")
    assert isinstance(layer, OrthogonalLayer)
    rotation = layer.rotation()
    torch.testing.assert_close(rotation @ rotation.T, torch.eye(H, dtype=torch.float64))


def test_scale_of_the_first_weights() -> None:
    weights = ElmanLayer(IN, H, scale=0.5).from_hidden.weight
    torch.testing.assert_close(weights @ weights.T, 0.25 * torch.eye(H))


def test_a_convolution_of_one_pixel_is_an_lstm() -> None:
    torch.manual_seed(3)
    conv, peer = ConvLSTMLayer(IN, H, kernel=1).double(), nn.LSTM(IN, H, batch_first=True).double()
    weight = conv.sums.weight[:, :, 0, 0]
    with torch.no_grad():
        peer.weight_ih_l0.copy_(weight[:, :IN])
        peer.weight_hh_l0.copy_(weight[:, IN:])
        peer.bias_ih_l0.copy_(conv.sums.bias)
        peer.bias_hh_l0.zero_()
    x = torch.randn(B, T, IN, 2, 1, dtype=torch.float64)
    wanted = [peer(x[..., y, 0])[0] for y in range(2)]
    torch.testing.assert_close(conv(x)[0][..., 0], torch.stack(wanted, -1))


def test_conv_lstm_steps_and_gradients() -> None:
    layer = ConvLSTMLayer(2, 3).double()
    x = torch.randn(2, 4, 2, 5, 4, dtype=torch.float64)
    outputs, after = layer(x)
    at = layer.initial_state(x[:, 0])
    for t in range(4):
        out, at = layer.step(x[:, t], at)
        torch.testing.assert_close(out, outputs[:, t])
    torch.testing.assert_close(at, after)
    leaf = torch.randn(1, 2, 2, 3, 2, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x: layer(x)[0], [leaf])
    with pytest.raises(ValueError, match="kernel=2"):
        ConvLSTMLayer(1, 1, kernel=2)


def test_hopfield_settles_into_what_it_stored() -> None:
    rng = np.random.default_rng(1)
    patterns = rng.choice([-1, 1], (3, 100))
    net = HopfieldNetwork(patterns)
    for pattern in patterns:
        assert (net.forward(pattern)[-1] == pattern).all()
        spoilt = pattern * np.where(rng.random(100) < 0.15, -1, 1)
        path = net.forward(spoilt)
        assert (path[-1] == pattern).all()
        energies = [net.energy(state) for state in path]
        assert all(later <= earlier + 1e-9 for earlier, later in pairwise(energies))
    with pytest.raises(ValueError, match="patterns"):
        HopfieldNetwork(np.zeros((2, 3)))
