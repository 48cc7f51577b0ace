"""Training and scoring of the lessons' language models: truncated back-propagation along many rows.

B rows that are read side by side, N positions of a row, T positions between two cuts.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Literal

import numpy as np
import torch
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor, nn

from lab.text.model import LanguageModel, bits_of, detached


class LanguageTraining(BaseModel):
    """How a language model is trained."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    updates: int = Field(5000, ge=1)
    rows: int = Field(16, ge=1, description="places of the text that are read side by side")
    cut: int = Field(64, ge=1, description="positions after which the gradient is cut (truncated BPTT)")
    learning_rate: float = Field(3e-3, gt=0, description="Adam's; falls to 0 along a half cosine")
    clip_norm: float = Field(1.0, gt=0)
    precision: Literal["fp32", "bf16"] = Field("fp32", description="of products; weights and loss stay fp32")
    seed: int = Field(1, ge=0)


def train_language_model(
    model: LanguageModel,
    ids: np.ndarray,
    settings: LanguageTraining,
    report: Callable[[str], None] = lambda line: None,
) -> list[float]:
    """Trains in place on a text [T]; gives the loss of each update in bits a symbol."""
    torch.manual_seed(settings.seed)
    rows = in_rows(ids, settings.rows)  # [B, N]
    optimizer = torch.optim.Adam(model.parameters(), settings.learning_rate, fused=True)
    states, at, losses, begun = model.initial_state(settings.rows), 0, [], time.perf_counter()
    model.train()
    for update in range(settings.updates):
        if at + settings.cut + 1 > rows.shape[1]:  # the next pass begins elsewhere, so that the cuts differ
            states, at = model.initial_state(settings.rows), update % settings.cut
        piece = rows[:, at : at + settings.cut + 1]
        at += settings.cut
        share = update / settings.updates
        optimizer.param_groups[0]["lr"] = settings.learning_rate * 0.5 * (1 + math.cos(math.pi * share))
        with torch.autocast("cpu", torch.bfloat16, enabled=settings.precision == "bf16"):
            logits, states = model(piece[:, :-1], detached(states))
        loss = bits_of(logits.float(), piece[:, 1:]).mean()
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), settings.clip_norm)
        optimizer.step()
        losses.append(loss.item())
        if (update + 1) % 100 == 0:
            speed = (update + 1) * settings.rows * settings.cut / (time.perf_counter() - begun)
            report(f"update {update + 1}: {np.mean(losses[-100:]):.3f} bits, {speed:,.0f} symbols/s")
    model.eval()
    return losses


@torch.no_grad()
def start_at_frequencies(model: LanguageModel, ids: np.ndarray) -> None:
    """Sets the biases of the output to the log-frequencies of a text's symbols [T].

    Training then begins at the unigram model. Without it, words that a short training seldom meets or never
    end far below their frequency: their gradient is tiny and points one way, and Adam takes it for
    whole steps.
    """
    counts = torch.from_numpy(np.bincount(ids, minlength=model.config.vocab_size) + 1.0)
    model.output.bias.copy_((counts / counts.sum()).log())


@torch.inference_mode()
def bits_per_symbol(
    model: LanguageModel, ids: np.ndarray, rows: int = 16, skip: int = 0, cut: int = 500
) -> float:
    """Cross-entropy in bits on a text [T], read in `rows` long pieces with the state carried along.

    The first `skip` symbols of each piece are read and not scored. Dropout is off.
    """
    pieces = in_rows(ids, rows)
    states, total, counted = model.initial_state(rows), 0.0, 0
    for at in range(0, pieces.shape[1] - 1, cut):
        piece = pieces[:, at : at + cut + 1]
        logits, states = model(piece[:, :-1], states)
        bits = bits_of(logits, piece[:, 1:])[:, max(0, skip - at) :]
        total, counted = total + float(bits.double().sum()), counted + bits.numel()
    return total / counted


def in_rows(ids: np.ndarray, rows: int) -> Tensor:
    """A text [T] in `rows` equal pieces [B, N]; what is left over at the end is dropped."""
    length = len(ids) // rows
    if length < 2:
        raise ValueError(f"rows={rows} for a text of {len(ids)} symbols: give fewer rows or a longer text")
    return torch.from_numpy(ids[: rows * length].reshape(rows, length))
