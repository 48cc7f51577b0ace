"""A loaded model, ready to use: token ids and context states in, hypotheses and context states out.

It holds no conversation. R rows of a search, S tokens of a segment, M memory tokens, A heads, D head width.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from lstm_models.attention import Memory
from lstm_models.checkpoint import load_checkpoint
from lstm_models.config import ModelConfig
from lstm_models.layers import LSTMState
from lstm_models.search import (
    Hypothesis,
    SearchOptions,
    StepOutput,
    length_limits,
    longest_run,
    search,
    stream,
)
from lstm_models.seq2seq import Seq2Seq
from lstm_models.state import ContextState
from lstm_models.tokenizer import Tokenizer


@dataclass(frozen=True)
class Decoding:
    """The decoder's state for R rows of a search (a value: `select` makes another)."""

    layers: list[LSTMState]  # (hidden, cell) [R, H] of each decoder layer
    memory: Memory  # of each row
    token_ids: Tensor  # [R, M]
    owner: np.ndarray  # [R] the conversation that a row belongs to

    def select(self, rows: np.ndarray) -> "Decoding":
        index = torch.from_numpy(np.asarray(rows, np.int64)).to(self.token_ids.device)
        layers = [(hidden[index], cell[index]) for hidden, cell in self.layers]
        owner = self.owner[rows]
        if np.array_equal(owner, self.owner):  # beams of a sentence change places: they share its memory
            return replace(self, layers=layers)
        return Decoding(layers, Memory(*(part[index] for part in self.memory)), self.token_ids[index], owner)


class Engine:
    """The PyTorch runtime of one checkpoint."""

    def __init__(
        self, model: Seq2Seq, tokenizer: Tokenizer, model_hash: str = "", card: dict[str, Any] | None = None
    ) -> None:
        self.model, self.tokenizer, self.model_hash, self.card = model, tokenizer, model_hash, card or {}
        tags = tuple(tokenizer.tag_id(tag) for tag in tokenizer.TAGS)
        self._banned = (tokenizer.pad_id, tokenizer.unk_id, *tags)

    @classmethod
    def load(cls, folder: str | Path) -> "Engine":
        """Raises ValueError where the folder is no whole checkpoint."""
        model, tokenizer, config = load_checkpoint(folder)
        return cls(model, tokenizer, config["weights"]["sha256"], config["card"])

    @property
    def config(self) -> ModelConfig:
        """The model's sizes."""
        return self.model.config

    @property
    def device(self) -> torch.device:
        """Where the model computes; states are always NumPy arrays."""
        return self.model.output_bias.device

    def new_state(self) -> ContextState:
        """The empty context that every conversation begins with."""
        upper, hidden, heads = self.config.encoder_layers - 1, self.config.hidden_size, self.config.num_heads
        nothing = np.zeros((heads, 0, hidden // heads), np.float32)
        zeros, none = np.zeros((upper, hidden), np.float32), np.zeros(0, np.int64)
        summary = np.zeros(hidden, np.float32)
        return ContextState(
            zeros, zeros, summary, nothing, nothing, none, none, np.zeros(0, np.float32), self.model_hash
        )

    @torch.inference_mode()
    def read(self, states: Sequence[ContextState], segments: Sequence[Sequence[int]]) -> list[ContextState]:
        """Reads one segment into each state; the states given stay as they are."""
        if len(states) != len(segments):
            raise ValueError(f"{len(states)} states and {len(segments)} segments: give one for each state")
        if not states:
            return []
        self._check(states, segments)
        lengths = torch.tensor([len(segment) for segment in segments])
        tokens = torch.zeros(len(segments), int(lengths.max()), dtype=torch.long)
        for row, segment in enumerate(segments):
            tokens[row, : len(segment)] = torch.tensor(segment)
        hidden = self._stack([state.hidden for state in states])  # [B, U, H]
        cell = self._stack([state.cell for state in states])
        carried = list(zip(hidden.unbind(1), cell.unbind(1), strict=True))  # U times ([B, H], [B, H])
        summary, keys, values, carried = self.model.read(
            tokens.to(self.device), lengths.to(self.device), carried
        )
        hidden = torch.stack([state[0] for state in carried], dim=1)  # [B, U, H]
        cell = torch.stack([state[1] for state in carried], dim=1)
        parts = [part.float().cpu().numpy() for part in (hidden, cell, summary, keys, values)]
        return [
            self._appended(state, segment, *(part[row] for part in parts))
            for row, (state, segment) in enumerate(zip(states, segments, strict=True))
        ]

    def _appended(self, state: ContextState, segment: Sequence[int], *parts: np.ndarray) -> ContextState:
        hidden, cell, summary, keys, values = parts
        size, number = len(segment), state.num_segments
        longer = ContextState(
            hidden=hidden,
            cell=cell,
            summary=summary,
            keys=np.concatenate([state.keys, keys[:, :size]], axis=1),
            values=np.concatenate([state.values, values[:, :size]], axis=1),
            token_ids=np.concatenate([state.token_ids, np.asarray(segment, np.int64)]),
            token_segment=np.concatenate([state.token_segment, np.full(size, number, np.int64)]),
            usage=np.append(state.usage, np.float32(0)),
            model_hash=self.model_hash,
        )
        return longer.bounded(self.config.bank_size)

    def generate(
        self, states: Sequence[ContextState], tags: Sequence[str], options: SearchOptions | None = None
    ) -> list[list[Hypothesis]]:
        """The n best answers to the newest segment of each state, beginning with each tag."""
        if len(states) != len(tags):
            raise ValueError(f"{len(states)} states and {len(tags)} tags: one tag for each state is needed")
        if not states:
            return []
        options = self._complete(options)
        newest = [state.token_ids[state.token_segment == state.num_segments - 1] for state in states]
        results = search(
            self.step,
            self._decoding(states),
            np.array([self.tokenizer.tag_id(tag) for tag in tags]),
            self.tokenizer.eos_id,
            length_limits(np.array([len(ids) for ids in newest]), options),
            options,
            source_runs=np.array([longest_run(ids.tolist()) for ids in newest]),
        )
        return [
            [_sliced(hypothesis, state.num_tokens) for hypothesis in row]
            for row, state in zip(results, states, strict=True)
        ]

    def stream(
        self, state: ContextState, tag: str, options: SearchOptions | None = None
    ) -> Iterator[Hypothesis]:
        """One answer, one more token each time, greedy or sampled; the last one is final."""
        options = self._complete(options)
        newest = state.token_ids[state.token_segment == state.num_segments - 1].tolist()
        limit = int(length_limits(np.array([len(newest)]), options)[0])
        start, eos = self.tokenizer.tag_id(tag), self.tokenizer.eos_id
        return stream(
            self.step, self._decoding([state]), start, eos, limit, options, source_run=longest_run(newest)
        )

    def beginnings(self, state: ContextState, tag: str, texts: Sequence[str]) -> np.ndarray:
        """The probability [len(texts)] that the answer to the newest segment begins with each text."""
        starts = [self.tokenizer.encode(text) for text in texts]
        decoding = self._decoding([state] * len(starts))
        tokens = np.full(len(starts), self.tokenizer.tag_id(tag))
        log_probs = np.zeros(len(starts))
        for place in range(max(map(len, starts))):
            output, decoding = self.step(tokens, decoding)
            for row, start in enumerate(starts):
                if place < len(start):
                    log_probs[row] += output.log_probs[row, start[place]]
                    tokens[row] = start[place]
        return np.exp(log_probs)

    @torch.inference_mode()
    def step(self, tokens: np.ndarray, state: Decoding) -> tuple[StepOutput, Decoding]:
        """One token for each row [R]: what may come next, and the next state."""
        ids = torch.from_numpy(np.asarray(tokens, np.int64)).to(self.device)
        log_probs, copied, null, layers = self.model.step(ids, state.layers, state.memory, state.token_ids)
        output = StepOutput(*(part.float().cpu().numpy() for part in (log_probs, copied, null)))
        return output, replace(state, layers=layers)

    @torch.inference_mode()
    def _decoding(self, states: Sequence[ContextState]) -> Decoding:
        """The decoder's first state: one row for each conversation, memories padded to the longest."""
        self._check_hash(states)
        rows, longest = len(states), max(1, max(state.num_tokens for state in states))
        heads, width = self.config.num_heads, self.config.hidden_size // self.config.num_heads
        keys = np.zeros((rows, heads, longest, width), np.float32)
        values, token_ids = np.zeros_like(keys), np.zeros((rows, longest), np.int64)
        age, visible = np.zeros((rows, 1, longest), np.int64), np.zeros((rows, 1, longest), bool)
        for row, state in enumerate(states):
            size = state.num_tokens
            keys[row, :, :size], values[row, :, :size] = state.keys, state.values
            token_ids[row, :size] = state.token_ids
            age[row, 0, :size] = state.num_segments - 1 - state.token_segment
            visible[row, 0, :size] = True
        arrays = (keys, values, token_ids, age, visible)
        k, v, ids, ages, seen = (torch.from_numpy(array).to(self.device) for array in arrays)
        bias = self.model.decoder.attention.bias(ages, seen)
        layers = self.model.decoder.start(self._stack([state.summary for state in states]))
        return Decoding(layers, Memory(k, v, bias), ids, np.arange(rows))

    def _complete(self, options: SearchOptions | None) -> SearchOptions:
        options = options or SearchOptions()
        return replace(options, banned_tokens=(*options.banned_tokens, *self._banned))

    def _stack(self, rows: list[np.ndarray]) -> Tensor:
        return torch.from_numpy(np.stack(rows)).to(self.device)

    def _check(self, states: Sequence[ContextState], segments: Sequence[Sequence[int]]) -> None:
        self._check_hash(states)
        for segment in segments:
            if not 0 < len(segment) <= self.config.max_segment:
                raise ValueError(
                    f"a segment of {len(segment)} tokens: allowed are 1 to {self.config.max_segment}; "
                    "split the text into shorter parts"
                )
            if not 0 < min(segment) <= max(segment) < self.config.vocab_size:
                raise ValueError(
                    f"a segment holds the token ids {min(segment)} to {max(segment)}: allowed are 1 to "
                    f"{self.config.vocab_size - 1}; encode the text with this model's own tokenizer"
                )

    def _check_hash(self, states: Sequence[ContextState]) -> None:
        for state in states:
            if state.model_hash != self.model_hash:
                raise ValueError(
                    f"a context state of another model ({state.model_hash[:12] or 'unknown'}, this is "
                    f"{self.model_hash[:12] or 'unnamed'}): replay the conversation's text with this model"
                )


def _sliced(hypothesis: Hypothesis, size: int) -> Hypothesis:
    """Without the columns that only padded the memory to its neighbours' length."""
    return replace(hypothesis, copy_weights=hypothesis.copy_weights[:, :size])
