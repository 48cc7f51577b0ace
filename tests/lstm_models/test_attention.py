"""Attention over the memory: its gradient, the null slot, the age bias, what may not be seen."""

import math

import pytest
import torch
from torch import Tensor

from lstm_models.attention import Memory, MemoryAttention, age_bucket, stands_behind

N, Q, M, HEADS, H = 2, 3, 5, 2, 4


def attention(dtype: torch.dtype = torch.float32, hops: int = 1) -> MemoryAttention:
    torch.manual_seed(1)
    made = MemoryAttention(H, HEADS, 8, hops)
    with torch.no_grad():
        for weight in made.parameters():
            weight.copy_(torch.randn_like(weight))
    return made.to(dtype)


@pytest.mark.parametrize("hops", [1, 3])
def test_gradient_with_null_slot_and_age_bias(hops: int) -> None:
    made = attention(torch.float64, hops)
    torch.manual_seed(2)
    age, visible = torch.randint(0, 20, (N, Q, M)), torch.rand(N, Q, M) > 0.3
    visible[0, 0] = False  # one query sees nothing but the null slot
    query = torch.randn(N, Q, H, dtype=torch.float64, requires_grad=True)
    encoded = torch.randn(N, M, H, dtype=torch.float64, requires_grad=True)
    names = [name for name, _ in made.named_parameters()]
    weights = [weight.detach().clone().requires_grad_() for weight in made.parameters()]

    def attend(query: Tensor, encoded: Tensor, *weights: Tensor) -> tuple[Tensor, ...]:
        given = dict(zip(names, weights, strict=True))
        call = torch.func.functional_call(Whole(made), {f"inner.{k}": v for k, v in given.items()},
                                          (query, encoded, age, visible))  # fmt: skip
        return tuple(call[:3])

    assert torch.autograd.gradcheck(attend, (query, encoded, *weights))


class Whole(torch.nn.Module):
    def __init__(self, inner: MemoryAttention) -> None:
        super().__init__()
        self.inner = inner

    def forward(self, query: Tensor, encoded: Tensor, age: Tensor, visible: Tensor) -> tuple[Tensor, ...]:
        return self.inner(query, Memory(*self.inner.project(encoded), self.inner.bias(age, visible)))


def test_one_head_by_hand() -> None:
    made = MemoryAttention(2, 1, 4)
    with torch.no_grad():
        for linear in (made.to_query, made.to_key, made.to_value):
            linear.weight.copy_(torch.eye(2))
        made.age_bias.weight.copy_(torch.tensor([[0.0], [-1.0], [0.0], [0.0]]))
        made.null_key.copy_(torch.tensor([[0.0, 1.0]]))
        made.null_value.copy_(torch.tensor([[5.0, 5.0]]))
    encoded = torch.tensor([[[1.0, 0.0], [0.0, 2.0]]])
    memory = Memory(*made.project(encoded), made.bias(torch.tensor([[[0, 1]]]), torch.ones(1, 1, 2).bool()))
    found = made(torch.tensor([[[3.0, 4.0]]]), memory)
    scores = [math.exp(4 / math.sqrt(2)), math.exp(3 / math.sqrt(2)), math.exp(8 / math.sqrt(2) - 1)]
    null, first, second = (score / sum(scores) for score in scores)
    assert found.null_weight.item() == pytest.approx(null)
    assert found.pointer[0, 0].tolist() == pytest.approx([first, second])
    assert found.context[0, 0].tolist() == pytest.approx([5 * null + first, 5 * null + 2 * second])


def test_weights_and_null_slot_sum_to_one() -> None:
    whole = Whole(attention())
    age, visible = torch.arange(M).expand(N, Q, M), torch.ones(N, Q, M).bool()
    visible[1, 2, 1:] = False
    found = whole(torch.randn(N, Q, H), torch.randn(N, M, H), age, visible)
    torch.testing.assert_close(found.pointer.sum(-1) + found.null_weight, torch.ones(N, Q))
    assert found.weights.shape == (N, HEADS, Q, M)
    assert not found.weights[1, :, 2, 1:].any()


def test_what_may_not_be_seen_changes_nothing() -> None:
    whole = Whole(attention())
    query, encoded, age = torch.randn(N, Q, H), torch.randn(N, M, H), torch.zeros(N, Q, M).long()
    visible = torch.tensor([True, False, True, True, False]).expand(N, Q, M)
    other = encoded.clone()
    other[:, [1, 4]] = 77.0
    found, again = whole(query, encoded, age, visible), whole(query, other, age, visible)
    for a, b in zip((*found[:-1], *found.earlier), (*again[:-1], *again.earlier), strict=True):
        assert torch.equal(a, b)


def test_an_empty_memory_leaves_the_null_slot() -> None:
    made = attention()
    whole = Whole(made)
    age, nothing = torch.zeros(N, Q, M).long(), torch.zeros(N, Q, M).bool()
    found = whole(torch.randn(N, Q, H), torch.randn(N, M, H), age, nothing)
    assert torch.equal(found.null_weight, torch.ones(N, Q))
    torch.testing.assert_close(found.context, made.null_value.flatten().expand(N, Q, H))


def test_a_newer_fact_beats_an_older_one() -> None:
    made = attention()
    with torch.no_grad():
        made.age_bias.weight.copy_(-torch.arange(8.0)[:, None].expand(8, HEADS))
    same = torch.randn(1, 1, H).expand(1, 3, H)
    found = Whole(made)(torch.randn(1, 1, H), same, torch.tensor([[[30, 5, 0]]]), torch.ones(1, 1, 3).bool())
    old, recent, new = found.pointer[0, 0].tolist()
    assert old < recent < new
    assert math.log(new / recent) == pytest.approx(age_bucket(torch.tensor(5), 8).item(), rel=1e-4)


def test_age_buckets() -> None:
    ages = torch.tensor([0, 1, 7, 8, 11, 12, 15, 16, 22, 23, 31, 32, 63, 64, 90, 91, 10_000])
    wanted = [0, 1, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 13, 14, 14, 15, 15]
    assert age_bucket(ages, 16).tolist() == wanted
    every = age_bucket(torch.arange(3000), 16)
    assert (every.diff() >= 0).all() and every.unique().tolist() == list(range(16))
    assert age_bucket(torch.tensor([-3]), 16).item() == 0  # a segment to come: masked anyway


def test_what_is_older_than_the_limit_counts_as_that_old() -> None:
    made = MemoryAttention(H, HEADS, 16, max_age=32)
    with torch.no_grad():
        made.age_bias.weight.copy_(-torch.arange(16.0)[:, None].expand(16, HEADS))
    seen = torch.ones(1, 1, 5).bool()
    ages = torch.tensor([[[1, 31, 32, 64, 10_000]]])
    assert made.bias(ages, seen)[0, 0, 0].tolist() == [-1, -11, -12, -12, -12]
    made.max_age = 0
    assert made.bias(ages, seen)[0, 0, 0].tolist() == [-1, -11, -12, -14, -15]


def test_a_hop_asks_with_what_the_one_before_found() -> None:
    """The question names a colour; the colour's neighbour is the answer, which only a second look finds."""
    made = MemoryAttention(H, 1, 8, 2)
    eye = torch.eye(H)
    with torch.no_grad():
        made.to_earlier_query[0].weight.copy_(60 * eye)
        made.to_query.weight.zero_()
        made.to_key.weight.copy_(eye)
        made.to_value.weight.copy_(eye.roll(1, 0))  # a token's value is the key of the next
        made.from_hop[0].weight.copy_(60 * eye)
    memory = Memory(*made.project(eye[None]), torch.zeros(1, 1, 1, H))
    found = made(eye[None, :1], memory)
    assert found.pointer[0, 0].argmax() == 1 and found.pointer[0, 0].max() > 0.99
    assert made(eye[None, :1], memory).context[0, 0].argmax() == 2


def test_added_hops_change_nothing_at_first() -> None:
    one, three = attention(), MemoryAttention(H, HEADS, 8, 3)
    three.load_state_dict(one.state_dict(), strict=False)
    torch.manual_seed(3)
    query, encoded = torch.randn(N, Q, H), torch.randn(N, M, H)
    bias = one.bias(torch.randint(0, 20, (N, Q, M)), torch.ones(N, Q, M).bool())
    before = one(query, Memory(*one.project(encoded), bias))
    after = three(query, Memory(*three.project(encoded), bias))
    assert len(after.earlier) == 2 and not before.earlier
    torch.testing.assert_close(tuple(after[:-1]), tuple(before[:-1]))


def test_attention_follows_the_word_just_said() -> None:
    """Of five equal tokens it is drawn to those behind the said one, as much as the query asks for."""
    made = MemoryAttention(H, 1, 8, follow=True)
    memory = Memory(*made.project(torch.ones(1, M, H)), torch.zeros(1, 1, 1, M))
    src, said = torch.tensor([[7, 8, 9, 7, 5]]), torch.tensor([[7, 9]])
    behind = stands_behind(said, src)
    assert behind.int().tolist() == [[[0, 1, 0, 0, 1], [0, 0, 0, 1, 0]]]
    query = torch.eye(H)[None, :2]
    with torch.no_grad():
        even = made(query, memory, behind).pointer
        assert even.var(-1).max() < 1e-9, "nothing is drawn before it was learnt"
        assert made.to_follow is not None
        made.to_follow.weight[0, 0] = 5.0  # the first query asks for it, the second does not
        drawn = made(query, memory, behind).pointer[0]
    assert (drawn[0, [1, 4]] > 10 * drawn[0, [0, 2, 3]].max()).all()
    torch.testing.assert_close(drawn[1], even[0, 1])
