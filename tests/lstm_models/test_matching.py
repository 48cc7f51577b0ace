"""Matching of segments: its gradient, what it prefers, its twin without PyTorch."""

import numpy as np
import torch

from lstm_models.matching import SegmentMatch
from lstm_models.runtimes.base import newest_match

B, HEADS, M, D, C = 2, 2, 9, 3, 4
SEGMENT = torch.tensor([[0, 0, 0, 1, 1, 2, 2, 2, 2], [0, 0, 1, 1, 1, 1, 0, 0, 0]])
REAL = torch.tensor([[True] * 9, [True] * 6 + [False] * 3])


def made(dtype: torch.dtype = torch.float32) -> SegmentMatch:
    torch.manual_seed(1)
    match = SegmentMatch(HEADS * D, C, HEADS)
    with torch.no_grad():
        for weight in match.parameters():
            weight.copy_(torch.randn_like(weight))
    return match.to(dtype)


def test_gradient() -> None:
    match = made(torch.float64)
    keys = torch.randn(B, HEADS, M, D, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda keys: match(keys, SEGMENT, REAL), (keys,))


def test_every_pair_by_hand() -> None:
    match, keys = made(), torch.randn(B, HEADS, M, D)
    vectors, weights = match.compared(keys)
    found = match(keys, SEGMENT, REAL)
    for row in range(B):
        for asked in range(int(SEGMENT[row].max()) + 1):
            for told in range(int(SEGMENT[row].max()) + 1):
                mine, other = (REAL[row] & (SEGMENT[row] == segment) for segment in (asked, told))
                best = (vectors[row, mine] @ vectors[row, other].T).max(1).values
                expected = (weights[row, mine] * best).sum() / weights[row, mine].sum()
                torch.testing.assert_close(found[row, asked, told], expected)


def test_the_segment_with_the_same_words_is_preferred() -> None:
    match, keys = made(), torch.randn(1, HEADS, M, D)
    keys[:, :, 5:8] = keys[:, :, [2, 0, 1]]  # the newest has the words of the first, in another order
    found = match(keys, SEGMENT[:1], REAL[:1])[0, 2]
    assert found[0] > found[1]
    bias = match.bias(found[SEGMENT[0]][None], (2 - SEGMENT[:1]))[0, :, 0]  # [A, M]
    assert (bias[:, SEGMENT[0] == 2] == 0).all(), "a question is no answer to itself"
    torch.testing.assert_close(bias[:, 0] - bias[:, 3], match.scale * (found[0] - found[1]))


def test_without_pytorch_it_is_the_same() -> None:
    match, keys = made(), torch.randn(B, HEADS, M, D)
    age = torch.where(REAL, SEGMENT.max(1, keepdim=True).values - SEGMENT, -1)
    with torch.inference_mode():
        expected = match(keys, age.clamp(min=0), age >= 0)[:, 0].gather(1, age.clamp(min=0)) * REAL
        vectors, weights = (part.numpy() for part in match.compared(keys))
    np.testing.assert_allclose(newest_match(vectors, weights, age.numpy()), expected.numpy(), atol=1e-6)
