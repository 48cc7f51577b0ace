"""How well an earlier segment has the words of the one to answer: late interaction, token by token.

B conversations, M memory tokens, G segments, A heads, D width of a head, H = A * D, C what is compared.
"""

import torch
from torch import Tensor, nn
from torch.nn.functional import normalize, one_hot

from lstm_models.runtimes.base import MIDDLE


class SegmentMatch(nn.Module):
    """The match of two segments: each token's best cosine in the other, in a weighted mean (ColBERT's MaxSim,
    Khattab & Zaharia 2020, with learned weights in the place of stop words).

    Attention alone has to squeeze a question into one query before it compares anything; here its words are
    compared first. What is compared comes from the keys that the memory holds anyway.
    """

    def __init__(self, hidden_size: int, match_size: int, num_heads: int) -> None:
        super().__init__()
        self.to_match = nn.Linear(hidden_size, match_size, bias=False)
        self.to_weight = nn.Linear(hidden_size, 1)
        nn.init.zeros_(self.to_weight.weight)
        nn.init.zeros_(self.to_weight.bias)
        self.scale = nn.Parameter(torch.full((num_heads,), 8.0))

    def compared(self, keys: Tensor) -> tuple[Tensor, Tensor]:
        """keys [B, A, M, D] -> what is compared, of length 1 [B, M, C]; how much each token counts [B, M]."""
        flat = keys.transpose(1, 2).flatten(2)  # [B, M, H]
        return normalize(self.to_match(flat), dim=-1), self.to_weight(flat).squeeze(-1).sigmoid()

    def forward(self, keys: Tensor, segment: Tensor, real: Tensor) -> Tensor:
        """keys, segment of each token [B, M], which tokens are there [B, M] -> match [B, G, G], -1 to 1.

        Row: the segment to answer; column: the one that may tell.
        """
        vectors, weights = self.compared(keys)
        segments = one_hot(segment).to(vectors) * real[..., None]  # [B, M, G]
        cosines = (vectors @ vectors.transpose(1, 2)).masked_fill(~real[:, None], -1)  # [B, M, M]
        best = cosines.new_full(segments.shape, -1)
        best = best.scatter_reduce(2, segment[:, None].expand_as(cosines), cosines, "amax")  # [B, M, G]
        counted = (segments * weights[..., None]).transpose(1, 2)  # [B, G, M]
        return counted @ best / counted.sum(-1, keepdim=True).clamp_min(1e-6)

    def bias(self, match: Tensor, age: Tensor) -> Tensor:
        """match [N, M] of each token's segment, its age -> score bias [N, A, 1, M]; none for the newest."""
        told = torch.where(age > 0, match - MIDDLE, 0)
        return (told[:, None] * self.scale[:, None])[:, :, None]
