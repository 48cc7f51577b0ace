"""Reading: whole conversations or segment by segment, and what a split of a segment changes."""

import pytest
import torch
from torch import Tensor, nn

from lstm_models.batching import collate
from lstm_models.encoded import EncodedExample, EncodedTarget
from lstm_models.encoder import Encoder, last_position
from tests.toys import tiny_config, tiny_model

SEGMENTS = [[[20, 21, 22, 2], [23, 2], [24, 25, 2]], [[30, 2]], [[40, 41, 42, 43, 44, 2], [45, 46, 2]]]


def encoder(**changes: int) -> Encoder:
    return tiny_model(encoder_layers=3, **changes).encoder


def zeros(made: Encoder, batch: int) -> list[tuple[Tensor, Tensor]]:
    return [layer.initial_state(batch, torch.zeros(1)) for layer in made.upper]


def embedded(tokens: list[int]) -> Tensor:
    torch.manual_seed(5)
    return torch.randn(100, 12)[torch.tensor(tokens)][None]  # [1, S, E]


@pytest.mark.parametrize("embed_dim", [12, 16])
def test_whole_conversations_equal_segment_by_segment(embed_dim: int) -> None:
    made = encoder(embed_dim=embed_dim)
    batch = collate([EncodedExample(segments, [EncodedTarget([8, 2], 0)]) for segments in SEGMENTS])
    torch.manual_seed(5)
    table = torch.randn(100, embed_dim)
    whole = made(table[batch.src], batch.src_lengths, batch.segments)
    for row, segments in enumerate(SEGMENTS):
        states, parts = zeros(made, 1), []
        for segment in segments:
            out, states = made.carry(table[torch.tensor([segment])], torch.tensor([len(segment)]), states)
            parts.append(out[0])
        length = int(batch.src_lengths[row])
        torch.testing.assert_close(whole[row, :length], torch.cat(parts), atol=1e-6, rtol=1e-5)


def test_a_single_segment_needs_no_index() -> None:
    made, x = encoder(), embedded([20, 21, 22])
    carried, _ = made.carry(x, torch.tensor([3]), zeros(made, 1))
    torch.testing.assert_close(made(x, torch.tensor([3])), carried)


def test_neighbours_and_padding_change_nothing() -> None:
    made = encoder()
    x, lengths = torch.randn(3, 8, 12), torch.tensor([8, 2, 5])
    outputs, states = made.carry(x, lengths, zeros(made, 3))
    for row, length in enumerate(lengths.tolist()):
        alone, state = made.carry(x[row : row + 1, :length], lengths[row : row + 1], zeros(made, 1))
        torch.testing.assert_close(outputs[row, :length], alone[0])
        for (hidden, cell), (h, c) in zip(states, state, strict=True):
            torch.testing.assert_close((hidden[row], cell[row]), (h[0], c[0]))


def test_the_upper_layers_do_not_notice_where_a_segment_was_split() -> None:
    """A split gives layer 0 two fresh segments; all above it goes on as if nothing had happened.

    With a layer 0 that looks at single tokens, so that a split cannot matter to it, the reading of the two
    halves is the reading of the whole, outputs and states.
    """
    made = encoder()
    made.layer0 = TokenByToken()
    x = embedded([20, 21, 22, 23, 24, 25])
    whole, end = made.carry(x, torch.tensor([6]), zeros(made, 1))
    first, states = made.carry(x[:, :2], torch.tensor([2]), zeros(made, 1))
    second, states = made.carry(x[:, 2:], torch.tensor([4]), states)
    torch.testing.assert_close(torch.cat([first, second], 1), whole)
    torch.testing.assert_close(states, end)


class TokenByToken(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(6)
        self.linear = nn.Linear(12, 16)

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        return self.linear(x)


def test_a_split_is_seen_by_layer_0_alone() -> None:
    """The words before it lose what stood behind it, the words behind it what stood before."""
    made, x = encoder(), embedded([20, 21, 22, 23, 24, 25])
    whole = made.layer0(x, torch.tensor([6]))
    first, second = made.layer0(x[:, :2], torch.tensor([2])), made.layer0(x[:, 2:], torch.tensor([4]))
    half = 8  # the width that reads ahead
    torch.testing.assert_close(first[..., :half], whole[:, :2, :half])
    torch.testing.assert_close(second[..., half:], whole[:, 2:, half:])
    assert (first[..., half:] - whole[:, :2, half:]).abs().min(-1).values.max() > 1e-4
    assert (second[..., :half] - whole[:, 2:, :half]).abs().max() > 1e-3
    split, _ = made.carry(x[:, :2], torch.tensor([2]), zeros(made, 1))
    assert not torch.allclose(split, made.carry(x, torch.tensor([6]), zeros(made, 1))[0][:, :2])


def test_the_carried_state_matters_and_layer_0_starts_afresh() -> None:
    made, x = encoder(), embedded([20, 21, 22])
    one, states = made.carry(x, torch.tensor([3]), zeros(made, 1))
    two, _ = made.carry(x, torch.tensor([3]), states)
    assert not torch.allclose(one, two)
    for layer in range(2):  # with the upper states at nought again, the second reading is the first
        states[layer] = zeros(made, 1)[layer]
    assert torch.equal(made.carry(x, torch.tensor([3]), states)[0], one)


def test_sizes() -> None:
    made = Encoder(tiny_config(encoder_layers=4, embed_dim=8, hidden_size=16))
    assert len(made.upper) == 3
    outputs, states = made.carry(torch.randn(2, 5, 8), torch.tensor([5, 3]), zeros(made, 2))
    assert outputs.shape == (2, 5, 16) and len(states) == 3
    assert last_position(outputs, torch.tensor([[4], [2]])).shape == (2, 1, 16)
