"""The decoder's two faces agree, and targets that share a memory do not notice each other."""

import numpy as np
import torch
from torch import Tensor

from lstm_models.attention import Memory
from lstm_models.decoder import Decoder, DecoderOutput
from lstm_models.ragged import ragged
from tests.toys import tiny_model

N, T, M = 2, 5, 7


def setting(layers: int = 3, embed_dim: int = 12, hops: int = 2) -> tuple[Decoder, Tensor, Tensor, Memory]:
    made = tiny_model(decoder_layers=layers, embed_dim=embed_dim, num_hops=hops).decoder
    torch.manual_seed(7)
    visible = torch.rand(N, 1, M) > 0.3
    bias = made.attention.bias(torch.randint(0, 9, (N, 1, M)), visible)
    return made, torch.randn(N, T, embed_dim), torch.randn(N, 16), Memory(
        *made.attention.project(torch.randn(N, M, 16)), bias
    )  # fmt: skip


def test_forward_equals_repeated_step() -> None:
    for layers, embed_dim in ((2, 12), (3, 16)):
        made, embedded, summary, memory = setting(layers, embed_dim)
        whole = made(embedded, made.start(summary), memory)
        states = made.start(summary)
        for t in range(T):
            one, states = made.step(embedded[:, t], states, memory)
            close(one, at(whole, slice(None), slice(t, t + 1)))


def test_targets_of_one_conversation_share_its_memory() -> None:
    made, _, _, memory = setting()
    sizes = [np.array([3, 5]), np.array([4, 1, 2])]  # targets of the two conversations
    targets, width = ragged(sizes, 8), 8
    embedded, summary = torch.randn(N, width, 12), torch.randn(5, 16)
    shared = made(embedded, made.start(summary), memory, targets)
    number = 0
    for row, lengths in enumerate(sizes):
        own = Memory(*(part[row : row + 1] for part in memory))
        for size, end in zip(lengths, lengths.cumsum(), strict=True):
            here = slice(int(end - size), int(end))
            alone = made(embedded[row : row + 1, here], made.start(summary[number : number + 1]), own)
            close(alone, at(shared, slice(row, row + 1), here))
            number += 1


def test_later_words_do_not_change_earlier_ones() -> None:
    made, embedded, summary, memory = setting()
    other = embedded.clone()
    other[:, 3:] = 9.0
    whole, changed = (made(x, made.start(summary), memory) for x in (embedded, other))
    close(at(changed, slice(None), slice(0, 3)), at(whole, slice(None), slice(0, 3)))
    assert not torch.allclose(changed.features[:, 3:], whole.features[:, 3:])


def test_every_layer_starts_from_the_summary() -> None:
    made, _, summary, _ = setting()
    states = made.start(summary)
    assert len(states) == 3
    assert all(hidden.shape == cell.shape == (N, 16) and hidden.abs().max() < 1 for hidden, cell in states)


def at(output: DecoderOutput, rows: slice, columns: slice = slice(None)) -> DecoderOutput:
    attended = output.attended
    return DecoderOutput(
        output.features[rows, columns],
        output.copy_gate[rows, columns],
        type(attended)(
            attended.context[rows, columns],
            attended.pointer[rows, columns],
            attended.null_weight[rows, columns],
            attended.weights[rows, :, columns],
            tuple(pointer[rows, columns] for pointer in attended.earlier),
        ),
    )


def close(found: DecoderOutput, wanted: DecoderOutput) -> None:
    torch.testing.assert_close(tuple(found[:2]), tuple(wanted[:2]), atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(tuple(found.attended), tuple(wanted.attended), atol=1e-5, rtol=1e-4)
