"""The few lines of training that the small lessons share."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import torch
from torch import Tensor, nn


def fit(
    parameters: Iterable[nn.Parameter],
    loss_of: Callable[[int], Tensor],
    updates: int,
    learning_rate: float = 0.01,
) -> list[float]:
    """Adam, clipped at 1; loss_of(update) makes a fresh batch. Gives every loss."""
    chosen, losses = list(parameters), []
    optimizer = torch.optim.Adam(chosen, learning_rate)
    for update in range(updates):
        loss = loss_of(update)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(chosen, 1.0)
        optimizer.step()
        losses.append(loss.item())
    return losses


def random_bits(rows: int, steps: int, seed: int) -> Tensor:
    """[rows, steps] of 0 and 1."""
    return torch.randint(0, 2, (rows, steps), generator=torch.Generator().manual_seed(seed))
