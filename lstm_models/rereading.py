"""The memory read once more in the light of a question: each token gets a bias of attention.

N askers (a target each, or a conversation) of B conversations, M memory tokens, S tokens of the question,
G segments, A heads, D width of a head, H = A * D, C width in here.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn.functional import gelu, one_hot, pad, softplus

from lstm_models.attention import full
from lstm_models.config import REREAD_LAYERS, REREAD_REACH


class Rereading(nn.Module):
    """What the memory's tokens are to the newest segment, looked at by two small layers with their neighbours
    and their segment's mean (after DrQA's aligned question embedding and exact match, Chen et al. 2017, and
    the products of BiDAF, Seo et al. 2017).

    Attention alone compares one query with each token; `SegmentMatch` says which segment has the words of a
    question, but not where in it the answer stands: next to those words. What is read comes from the keys
    that the memory holds anyway. At first the bias is nothing, so a trained model can be given it.
    """

    def __init__(self, hidden_size: int, size: int, num_heads: int, uncovered: bool = False) -> None:
        """uncovered: whether what a segment leaves open of a question is looked at, see `Uncovered`."""
        super().__init__()
        self.to_told = nn.Linear(hidden_size, size)
        self.to_asked = nn.Linear(hidden_size, size)
        self.to_weight = nn.Linear(size, 1, bias=False)
        self.enter = nn.Linear(5 * size + 1, size)
        self.uncovered = Uncovered(size) if uncovered else None
        self.norms = nn.ModuleList(nn.LayerNorm(size) for _ in range(REREAD_LAYERS))
        self.layers = nn.ModuleList(
            nn.Linear((2 * REREAD_REACH + 2) * size, size) for _ in range(REREAD_LAYERS)
        )
        self.to_bias = nn.Linear(size, num_heads)
        for weight in self.to_bias.parameters():
            nn.init.zeros_(weight)

    def forward(self, keys: Tensor, src: Tensor, age: Tensor, rows: Tensor) -> Tensor:
        """keys [B, A, M, D], token ids [B, M], age in segments [N, M] of what each asker sees, below 0 where
        that is nothing, its conversation [N] -> score bias [N, A, M]; none for the newest segment.
        """
        flat, size = keys.transpose(1, 2).flatten(2), self.to_told.out_features  # [B, M, H]
        where, there = _newest(age)  # [N, S]
        told, asked = self.to_told(flat)[rows], self.to_asked(flat)[rows[:, None], where]
        words = src[rows]
        same = (words[:, :, None] == words.gather(1, where)[:, None]) & there[:, None]  # [N, M, S]
        scores = told @ asked.transpose(1, 2) / math.sqrt(size)
        likeness = full(scores.masked_fill(~there[:, None], -math.inf)).softmax(-1).to(asked)
        aligned = likeness @ asked  # [N, M, C]
        weight = self.to_weight(asked).masked_fill(~there[..., None], -math.inf)
        counted = full(weight).softmax(1).to(asked) * asked  # [N, S, C]
        pooled = counted.sum(1, keepdim=True)  # [N, 1, C]
        parts = (told, aligned, told * aligned, told * pooled, pooled.expand_as(told))
        x = gelu(self.enter(torch.cat([*parts, same.any(-1, keepdim=True).to(told)], dim=-1)))
        segments = (one_hot(age.clamp_min(0)) * (age >= 0)[..., None]).to(x)  # [N, M, G]
        if self.uncovered:
            x = x + self.uncovered(scores, same, segments, counted)
        for norm, layer in zip(self.norms, self.layers, strict=True):
            normed = norm(x).to(x.dtype)  # under autocast a norm gives float32
            x = x + gelu(layer(torch.cat([*_neighbours(normed, age), _mean(normed, segments)], dim=-1)))
        return self.to_bias(x).transpose(1, 2).masked_fill((age <= 0)[:, None], 0)


class Uncovered(nn.Module):
    """What is asked and has no counterpart in a segment: a fact that says nothing of it is no answer, however
    well its other words match.

    A word of the question is covered as a noisy or of all tokens of the segment (Pearl 1988); what is left of
    the question is a vector for each segment (after the comparison both ways of Parikh et al. 2016). At first
    it changes nothing.
    """

    def __init__(self, size: int) -> None:
        super().__init__()
        self.cover = nn.Parameter(torch.tensor([0.5, 6.0, -4.0]))  # by likeness, by being the same, by chance
        self.enter = nn.Linear(size, size)
        self.leave = nn.Linear(size, size)
        for weight in self.leave.parameters():
            nn.init.zeros_(weight)

    def forward(self, scores: Tensor, same: Tensor, segments: Tensor, counted: Tensor) -> Tensor:
        """Of each token, for its segment: likeness and sameness of tokens and question [N, M, S], segments
        [N, M, G] one-hot, the question's words as much as they count [N, S, C] -> [N, M, C].
        """
        like, equal, chance = self.cover
        covering = softplus(full(like * scores + equal * same + chance))  # [N, M, S]
        left = torch.exp(-(segments.transpose(1, 2) @ covering.to(segments)))  # [N, G, S]
        open_ = left.to(counted) @ counted  # [N, G, C]
        return segments @ self.leave(gelu(self.enter(open_)))


def _newest(age: Tensor) -> tuple[Tensor, Tensor]:
    """Where the tokens of age 0 stand, the last one first [N, S]; which of these places are used [N, S]."""
    newest, place = age == 0, torch.arange(age.shape[1], device=age.device)
    count = newest.sum(1, keepdim=True)  # [N, 1]
    behind = place[: int(count.max())]
    return ((newest * place).amax(1, keepdim=True) - behind).clamp_min(0), behind < count


def _neighbours(x: Tensor, age: Tensor) -> list[Tensor]:
    """x [N, M, C] moved by up to REREAD_REACH places either way; 0 where that is another segment's token."""
    moved = []
    for by in range(-REREAD_REACH, REREAD_REACH + 1):
        sides = (by, -by)  # a negative side is cut off
        of = pad(age, sides, value=-1)
        moved.append(pad(x, (0, 0, *sides)) * (of == age)[..., None])
    return moved


def _mean(x: Tensor, segments: Tensor) -> Tensor:
    """For each token of x [N, M, C] the mean of its segment [N, M, G]; 0 where there is none."""
    count = segments.sum(1).clamp_min(1)[..., None]  # [N, G, 1]
    return segments @ (segments.transpose(1, 2) @ x / count)
