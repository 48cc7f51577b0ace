"""Attention over the memory bank: hops, heads, a bias by age, a null slot, and the pointer for copying.

N rows that ask (R targets of B conversations, or beams), Q queries of a row, M memory tokens, A heads,
D width of a head, H = A * D.
"""

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import pad


class Memory(NamedTuple):
    """What attention reads: one row for each asker, tokens of all segments that it may see.

    Where a row's bias is -inf everywhere, its attention rests on the null slot alone.
    """

    keys: Tensor  # [N, A, M, D]
    values: Tensor  # [N, A, M, D]
    bias: Tensor  # [N, A, Q or 1, M] added to the scores; -inf where nothing may be seen


class Attended(NamedTuple):
    """What Q queries of N rows found in the memory, at the last hop."""

    context: Tensor  # [N, Q, H]
    pointer: Tensor  # [N, Q, M] weights of the first head, which points for copying
    null_weight: Tensor  # [N, Q] what the pointer left on the null slot: "nobody told me"
    weights: Tensor  # [N, A, Q, M] all heads
    earlier: tuple[Tensor, ...] = ()  # [N, Q, M] each: the pointer at the hops before, the first one first


class MemoryAttention(nn.Module):
    """Scaled dot-product attention (Vaswani et al. 2017) with a learned null slot and a bias by age.

    A newer fact beats an older one through `age_bias`: one number for each head and age bucket.
    With several hops (Sukhbaatar et al. 2015) each asks anew, with what the hop before found added to the
    query: one can read the words of the question, the next those of the fact that has them too.
    With `follow` the last hop is drawn to the tokens that stand behind one like the word just said, as much
    as the query asks for: a copy of many pieces goes on where it is (as in CopyNet, Gu et al. 2016, but
    as a bias: under teacher forcing all positions are still computed at once).
    """

    def __init__(
        self,
        hidden_size: int,
        num_heads: int,
        age_buckets: int,
        num_hops: int = 1,
        follow: bool = False,
        max_age: int = 0,
    ) -> None:
        super().__init__()
        self.num_heads, self.head_size = num_heads, hidden_size // num_heads
        self.age_buckets, self.max_age = age_buckets, max_age
        self.to_query = nn.Linear(hidden_size, hidden_size, bias=False)  # of the last hop
        hops = range(num_hops - 1)
        self.to_earlier_query = nn.ModuleList(nn.Linear(hidden_size, hidden_size, bias=False) for _ in hops)
        self.from_hop = nn.ModuleList(nn.Linear(hidden_size, hidden_size, bias=False) for _ in hops)
        for weight in self.from_hop.parameters():  # at first each asks for itself: hops can be added
            nn.init.zeros_(weight)
        self.to_key = nn.Linear(hidden_size, hidden_size, bias=False)
        self.to_value = nn.Linear(hidden_size, hidden_size, bias=False)
        self.age_bias = nn.Embedding(age_buckets, num_heads)
        nn.init.zeros_(self.age_bias.weight)
        self.null_key = nn.Parameter(torch.zeros(num_heads, self.head_size))
        self.null_value = nn.Parameter(torch.zeros(num_heads, self.head_size))
        self.to_follow = nn.Linear(hidden_size, num_heads) if follow else None
        if self.to_follow:
            for weight in self.to_follow.parameters():  # at first nothing is drawn: it can be added
                nn.init.zeros_(weight)

    def project(self, encoded: Tensor) -> tuple[Tensor, Tensor]:
        """Encoder outputs [N, M, H] -> keys and values [N, A, M, D], computed once for a segment."""
        return self._heads(self.to_key(encoded)), self._heads(self.to_value(encoded))

    def bias(self, age: Tensor, visible: Tensor) -> Tensor:
        """Ages in segments [N, Q, M] and what may be seen (True) -> score bias [N, A, Q, M].

        Older than `max_age` is as old as that (0: without end): what lies beyond has a bias that nothing
        taught (decision 0044).
        """
        age = age.clamp(max=self.max_age) if self.max_age else age
        by_head = self.age_bias(age_bucket(age, self.age_buckets)).movedim(-1, 1)
        return by_head.masked_fill(~visible[:, None], float("-inf"))

    def forward(self, query: Tensor, memory: Memory, behind: Tensor | None = None) -> Attended:
        """query [N, Q, H]; behind [N, Q, M], see `stands_behind`: needed where the model follows."""
        asked, *later = (to_query(query) for to_query in (*self.to_earlier_query, self.to_query))
        earlier = []
        for to_next, ask in zip(self.from_hop, later, strict=True):
            found = self._look(asked, memory)
            earlier.append(found.pointer)
            asked = ask + to_next(found.context)
        if self.to_follow is not None:
            assert behind is not None, "a model that follows must be told what stands behind which word"
            drawn = self.to_follow(query).transpose(1, 2)[..., None] * behind[:, None]  # [N, A, Q, M]
            memory = memory._replace(bias=memory.bias + drawn)
        return self._look(asked, memory)._replace(earlier=tuple(earlier))

    def _look(self, asked: Tensor, memory: Memory) -> Attended:
        """One hop: asked [N, Q, H]"""
        heads = self._heads(asked) / math.sqrt(self.head_size)  # [N, A, Q, D]
        scores = heads @ memory.keys.transpose(-1, -2) + memory.bias  # [N, A, Q, M]
        null_score = (heads * self.null_key[:, None]).sum(-1, keepdim=True)  # [N, A, Q, 1]
        weights = torch.cat([null_score, scores], dim=-1)
        weights = full(weights).softmax(-1).to(heads.dtype)  # [N, A, Q, 1 + M]
        null, weights = weights[..., :1], weights[..., 1:]
        context = weights @ memory.values + null * self.null_value[:, None]  # [N, A, Q, D]
        context = context.transpose(1, 2).flatten(2)  # [N, Q, A * D] = [N, Q, H]
        return Attended(context, weights[:, 0], null[:, 0, :, 0], weights)

    def _heads(self, x: Tensor) -> Tensor:
        """[N, M, H] -> [N, A, M, D]"""
        return x.unflatten(-1, (self.num_heads, self.head_size)).transpose(1, 2)


def stands_behind(said: Tensor, src: Tensor) -> Tensor:
    """Which memory tokens stand behind one like the word just said: [N, Q], [N, M] -> [N, Q, M]."""
    return pad(src[:, None, :-1] == said[:, :, None], (1, 0))


def full(x: Tensor) -> Tensor:
    """At least float32: what sums exponentials must not be shorter."""
    return x if x.dtype == torch.float64 else x.float()


def age_bucket(age: Tensor, buckets: int) -> Tensor:
    """Bucket of an age in segments: half of them linear, then two for every doubling, the last has no end."""
    linear = buckets // 2
    steps = 2 * torch.log2(age.clamp(min=linear).float() / linear)
    # the small addend keeps exact powers of two on the same side on every device
    far = (linear + (steps + 1e-4).floor().long()).clamp(max=buckets - 1)
    return torch.where(age < linear, age.clamp(min=0), far)
