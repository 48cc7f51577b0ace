"""The memory read again: whom a bias depends on, and that it can learn what a match of segments cannot."""

import torch
from torch import Tensor

from lstm_models.rereading import Rereading, Uncovered

HEADS, WIDTH = 2, 8
# Two segments, then the question; and a place without a token.
AGE = torch.tensor([[2, 2, 2, 1, 1, 1, 0, 0, -1]])
SRC = torch.tensor([[5, 6, 7, 5, 8, 9, 5, 4, 0]])
ALONE = torch.zeros(1, dtype=torch.long)


def made(seed: int = 0, uncovered: bool = False) -> Rereading:
    torch.manual_seed(seed)
    return Rereading(HEADS * WIDTH, 6, HEADS, uncovered)


def awake(seed: int = 0) -> Rereading:
    module = made(seed)
    torch.nn.init.normal_(module.to_bias.weight)
    return module


def looking() -> Rereading:
    """That looks at what a segment leaves open, too."""
    module = made(uncovered=True)
    module.load_state_dict(awake().state_dict(), strict=False)
    torch.nn.init.normal_(module.uncovered.leave.weight)  # type: ignore[union-attr]
    return module


def keys_of(rows: int = 1, tokens: int = 9) -> Tensor:
    return torch.randn(rows, HEADS, tokens, WIDTH, generator=torch.Generator().manual_seed(3))


def test_it_begins_with_nothing() -> None:
    assert made()(keys_of(), SRC, AGE, ALONE).count_nonzero() == 0


def test_what_was_told_before_gets_a_bias_and_nothing_else() -> None:
    bias = awake()(keys_of(), SRC, AGE, ALONE)
    assert bias.shape == (1, HEADS, 9)
    assert (bias[0, :, :6] != 0).all()
    assert (bias[0, :, 6:] == 0).all()


def test_a_token_knows_its_own_segment_and_the_question_alone() -> None:
    module, keys = looking(), keys_of()
    before = module(keys, SRC, AGE, ALONE)
    other = keys.clone()
    other[:, :, 0] += 1  # of the first segment
    after = module(other, SRC, AGE, ALONE)
    assert (before[..., :3] != after[..., :3]).any()
    torch.testing.assert_close(after[..., 3:], before[..., 3:])
    other = keys.clone()
    other[:, :, 7] += 1  # of the question
    assert (module(other, SRC, AGE, ALONE)[..., :6] != before[..., :6]).all()


def test_the_same_word_counts() -> None:
    module, keys = awake(), keys_of()
    other = SRC.clone()
    other[0, 7] = 9  # the question has the last word of the second segment now
    before, after = (module(keys, src, AGE, ALONE) for src in (SRC, other))
    assert (before[..., 5] != after[..., 5]).all()
    torch.testing.assert_close(after[..., :3], before[..., :3])


def test_neighbours_and_padding_change_nothing() -> None:
    module, keys = looking(), keys_of(2)
    src = torch.cat([SRC, SRC.flip(1)])
    # the first asks twice, once of the first segment alone, which is then the newest
    age = torch.cat([AGE, AGE - 2, torch.tensor([[3, 3, 2, 2, 2, 1, 1, 0, 0]])]).clamp_min(-1)
    rows = torch.tensor([0, 0, 1])
    together = module(keys, src, age, rows)
    for n, row in enumerate(rows.tolist()):
        alone = module(keys[row : row + 1], src[row : row + 1], age[n : n + 1], ALONE)
        torch.testing.assert_close(together[n : n + 1], alone)
    shorter = module(keys[:1, :, :8], src[:1, :8], age[:1, :8], ALONE)
    torch.testing.assert_close(together[:1, :, :8], shorter)


def test_what_is_left_open_begins_with_nothing() -> None:
    module, keys = looking(), keys_of()
    before = awake()(keys, SRC, AGE, ALONE)
    assert (module(keys, SRC, AGE, ALONE)[..., :6] != before[..., :6]).all()
    torch.nn.init.zeros_(module.uncovered.leave.weight)  # type: ignore[union-attr]
    torch.testing.assert_close(module(keys, SRC, AGE, ALONE), before)


def test_what_a_segment_has_is_not_left_open() -> None:
    torch.manual_seed(4)
    module = Uncovered(6)
    torch.nn.init.normal_(module.leave.weight)
    segments = torch.tensor([[[1.0, 0], [1, 0], [0, 1]]])  # [1, 3, 2]
    same = torch.tensor([[[True, False], [False, True], [True, False]]])  # the second lacks a word
    asked = torch.randn(1, 2, 6)
    found = module(torch.zeros(1, 3, 2), same, segments, asked)
    torch.testing.assert_close(found[:, 0], found[:, 1])  # of one segment
    nothing = module(torch.zeros(1, 3, 2), same, segments, torch.zeros_like(asked))
    assert (found[:, 2] - nothing[:, 2]).abs().sum() > 3 * (found[:, 0] - nothing[:, 0]).abs().sum()


def test_gradients() -> None:
    keys = keys_of().double().requires_grad_()
    for module in (awake().double(), looking().double()):
        assert torch.autograd.gradcheck(lambda k, module=module: module(k, SRC, AGE, ALONE), keys)


def test_it_learns_which_word_stands_behind_the_one_asked_for() -> None:
    """Of segments of pairs (name, thing), the thing behind the name that the question has."""
    torch.manual_seed(1)
    module, table = Rereading(HEADS * WIDTH, 16, HEADS), torch.randn(20, HEADS * WIDTH)
    optimizer = torch.optim.Adam(module.parameters(), 0.01)
    generator = torch.Generator().manual_seed(2)

    def batch(size: int) -> tuple[Tensor, Tensor, Tensor]:
        names = torch.stack([torch.randperm(10, generator=generator)[:4] for _ in range(size)])
        things = torch.randint(10, 20, (size, 4), generator=generator)
        told = torch.stack([names, things], -1).flatten(1)  # one segment: name thing name thing ...
        which = torch.randint(0, 4, (size,), generator=generator)
        src = torch.cat([told, names[torch.arange(size), which][:, None]], 1)
        age = torch.tensor([1] * 8 + [0]).expand(size, -1)
        return src, age, 2 * which + 1

    for _ in range(150):
        src, age, wanted = batch(32)
        keys = table[src].unflatten(-1, (HEADS, WIDTH)).transpose(1, 2)
        bias = module(keys, src, age, torch.arange(32))[:, 0, :8]
        loss = torch.nn.functional.cross_entropy(bias, wanted)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    src, age, wanted = batch(200)
    keys = table[src].unflatten(-1, (HEADS, WIDTH)).transpose(1, 2)
    found = module(keys, src, age, torch.arange(200))[:, 0, :8].argmax(1)
    assert (found == wanted).float().mean() > 0.95
