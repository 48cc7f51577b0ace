"""The runtime of the exported files: ONNX Runtime, int8, on CPU. It needs no PyTorch.

B sentences, K beams of each, P = B * K places of a step, R rows in use (R <= P), M memory tokens, N = 1 + M
with the null slot, U different words among them, A heads, D head width, H hidden.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
import onnxruntime as ort

from lstm_models.config import ModelConfig
from lstm_models.runtimes.bank import Bank
from lstm_models.runtimes.base import ABSENT, MIDDLE, Encoded, Memories, age_bucket, newest_match
from lstm_models.runtimes.files import BEGIN, COMPARE, READ, STEP, Exported, graphs_of
from lstm_models.runtimes.session import run_bound, session_of, value_of
from lstm_models.search import StepOutput
from lstm_models.tokenizer import SPECIALS, TAGS

SILENT = SPECIALS - 1 + len(TAGS)  # words that no answer holds
FILLER = 2  # what a place that no row uses is given to read
CROWDED = 0.75  # where fewer of a step's places are in use, the memories in use are moved together
FEW_ROWS = 3  # up to so many, looking at all words is quicker than picking the likeliest
RESULTS = ("next_state", "copied", "null", "log_probs", "words")


@dataclass(frozen=True)
class OnnxDecoding:
    """The decoder's state for R rows of a search (a value: `select` makes another).

    A step has a place for every beam of every sentence in the bank. What leaves the search leaves its places
    empty at first: moving memories together is dear, and done only when many are empty.
    """

    layers: ort.OrtValue  # [F, 2 L H] hidden and cell of each layer, F places of the step before
    former: np.ndarray  # [R] the place there that each row goes on from
    bank: Bank
    beams: int  # K
    place: np.ndarray  # [R] of each row in the next step

    @property
    def expected(self) -> np.ndarray:
        """See `Decoding.expected`."""
        return self.bank.bias[self.place // self.beams, 0, 0, 1:]

    def select(self, rows: np.ndarray) -> OnnxDecoding:
        rows = np.asarray(rows, np.int64)
        owner, former = self.place[rows] // self.beams, self.former[rows]
        beams = _beams(owner)
        sentences = owner[::beams]
        if len(sentences) < CROWDED * len(self.bank.token_ids) or len(np.unique(sentences)) < len(sentences):
            bank, sentences = self.bank.pick(sentences), np.arange(len(sentences))
        else:
            bank = self.bank
        place = (sentences[:, None] * beams + np.arange(beams)).ravel()
        return OnnxDecoding(self.layers, former, bank, beams, place)

    def plus(self, other: OnnxDecoding) -> OnnxDecoding:
        one, two = self._compact(), other._compact()
        if one.beams != two.beams:  # a memory for every row
            one, two = one._spread(), two._spread()
        layers = np.concatenate([part.layers.numpy()[part.former] for part in (one, two)])
        rows = np.arange(len(one.former) + len(two.former))
        return OnnxDecoding(value_of(layers), rows, one.bank.plus(two.bank), one.beams, rows)

    def _compact(self) -> OnnxDecoding:
        """Without empty places."""
        count = len(self.place) // self.beams
        if count == len(self.bank.token_ids):
            return self
        bank = self.bank.pick(self.place[:: self.beams] // self.beams)
        return replace(self, bank=bank, place=np.arange(len(self.place)))

    def _spread(self) -> OnnxDecoding:
        bank = self.bank.pick(self.place // self.beams)
        return replace(self, bank=bank, beams=1, place=np.arange(len(self.place)))

    @cached_property
    def whole(self) -> bool:
        """Whether every place is in use, in order."""
        return np.array_equal(self.place, np.arange(len(self.bank.token_ids) * self.beams))


def _beams(owner: np.ndarray) -> int:
    """How many rows each sentence has, where all have equally many, side by side; else 1."""
    if len(owner) < 2 or owner[0] != owner[1]:
        return 1
    change = np.nonzero(owner[1:] != owner[:-1])[0] + 1
    beams = int(change[0]) if len(change) else len(owner)
    even = len(owner) % beams == 0 and np.array_equal(change, np.arange(beams, len(owner), beams))
    return beams if even else 1


class OnnxRuntime:
    """The exported graphs of a checkpoint."""

    name = "onnx"

    def __init__(self, exported: Exported, threads: int = 0, profile: str = "") -> None:
        """threads: of each operator; 0 = one for each core, at most as many as pay.

        profile: a beginning of a file's name, for ONNX Runtime to write what each step's operators take.
        """
        self._config, self.exported = exported.config, replace(exported, graphs={})  # they are kept once
        sessions = {
            name: session_of(exported.data(name), threads, profile if name == STEP else "")
            for name in graphs_of(exported.config)
        }
        self._read, self._begin, self._step = sessions[READ], sessions[BEGIN], sessions[STEP]
        self._compare = sessions.get(COMPARE)
        self.lists = exported.lists

    @classmethod
    def load(cls, folder: str | Path, threads: int = 0) -> OnnxRuntime:
        """Raises ValueError, with the remedy, where the exported files are missing, stale or damaged."""
        return cls(Exported.open(folder), threads)

    @property
    def config(self) -> ModelConfig:
        """The model's sizes."""
        return self._config

    def read(self, tokens: np.ndarray, lengths: np.ndarray, hidden: np.ndarray, cell: np.ndarray) -> Encoded:
        """See `Runtime.read`."""
        position = np.arange(tokens.shape[1])[None]
        mirrored = lengths[:, None] - 1 - position
        order = np.where(mirrored >= 0, mirrored, position)  # [B, S]
        feeds = {
            "tokens": np.ascontiguousarray(tokens.T),
            "mirrored": np.ascontiguousarray(np.take_along_axis(tokens, order, axis=1).T),
            "order": np.ascontiguousarray(order.T)[:, :, None],
            "going": np.ascontiguousarray((position < lengths[:, None]).T)[:, :, None],
            "hidden": np.ascontiguousarray(hidden.swapaxes(0, 1)),
            "cell": np.ascontiguousarray(cell.swapaxes(0, 1)),
        }
        names = ["next_hidden", "next_cell", "encoded", "keys", "values"]
        hidden, cell, encoded, keys, values = self._read.run(names, feeds)
        summary = encoded[np.arange(len(lengths)), lengths - 1]
        return Encoded(hidden.swapaxes(0, 1), cell.swapaxes(0, 1), summary, keys, values)

    def compared(self, keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """See `Runtime.compared`."""
        assert self._compare, "the model has no match_size"
        vectors, weights = self._compare.run(["match_vectors", "match_weights"], {"keys": keys})
        return vectors, weights

    def begin(self, memories: Memories) -> OnnxDecoding:
        """See `Runtime.begin`."""
        age, summary, config = memories.age, memories.summary, self.config
        feeds = {"summary": summary, "age_bucket": age_bucket(age, config.age_buckets, config.max_age)}
        names = ["state", "bias", "null_key", "null_value", "value_scale"]
        if config.match_size:
            names.append("match_scale")
        if config.reread_size:
            feeds |= {"keys": memories.keys, **_reread(age, memories.token_ids)}
            names.append("reread_bias")
        layers, bias, null_key, null_value, scale, *more = self._begin.run(names, feeds)
        if config.reread_size:
            bias = bias + more.pop().swapaxes(1, 2)
        if config.match_size:
            match = np.where(age > 0, newest_match(*self.compared(memories.keys), age) - MIDDLE, 0)
            bias = bias + match[:, None].astype(np.float32) * more.pop()
        sentences, heads, size = bias.shape
        width = self.config.hidden_size // heads
        keys = np.empty((sentences, heads, width, 1 + size), np.float32)
        values = np.empty((sentences, heads, 1 + size, width), np.float32)
        biases = np.zeros((sentences, heads, 1, 1 + size), np.float32)
        keys[..., 0], keys[..., 1:] = null_key, memories.keys.swapaxes(2, 3)
        values[:, :, 0], values[:, :, 1:] = null_value, memories.values * scale
        biases[:, :, 0, 1:] = np.where((age == ABSENT)[:, None], -np.inf, bias)
        rows = np.arange(sentences)
        bank = Bank(keys, values, biases, memories.token_ids, self.config.follow)
        return OnnxDecoding(value_of(layers), rows, bank, 1, rows)

    def step(
        self, tokens: np.ndarray, state: OnnxDecoding, few: int = 0, tag: str = ""
    ) -> tuple[StepOutput, OnnxDecoding]:
        """See `Runtime.step`."""
        chosen = self.lists.get(tag, 0)
        if not state.bank.words[0].size or not (chosen or len(tokens) > FEW_ROWS):
            few = 0
        if few and not chosen:
            few += SILENT  # which may be among the likeliest
        layers, *results = self._run(RESULTS, tokens, state, few, chosen if few else 0)
        parts = [result.numpy() for result in results]
        if not state.whole:
            parts = [part[state.place] for part in parts]
        copied, null, log_probs, words = parts
        after = OnnxDecoding(layers, state.place, state.bank, state.beams, state.place)
        return StepOutput(log_probs, copied, null[:, 0], words if few else None), after

    def inspect(self, tokens: np.ndarray, state: OnnxDecoding, names: Sequence[str]) -> list[np.ndarray]:
        """Other results of a step, a row each: "gates_0", "candidate_0", ..., "context", "features"."""
        return [result.numpy()[state.place] for result in self._run(names, tokens, state)]

    def end_profile(self) -> str:
        """The file with the profile that was asked for."""
        return str(self._step.end_profiling())

    def _run(
        self, names: Sequence[str], tokens: np.ndarray, state: OnnxDecoding, few: int = 0, chosen: int = 0
    ) -> list[ort.OrtValue]:
        """One step with every row at its place."""
        bank, former = state.bank, state.former
        tokens = np.asarray(tokens, np.int64)
        if not state.whole:
            places = len(bank.token_ids) * state.beams
            all_tokens, all_former = np.full(places, FILLER, np.int64), np.zeros(places, np.int64)
            all_tokens[state.place], all_former[state.place] = tokens, former
            tokens, former = all_tokens, all_former
        feeds = {
            **bank.feeds(state.beams),
            "tokens": value_of(tokens),
            "rows": value_of(former),
            "state": state.layers,
            "few": _number(few),
        }
        if self.lists:
            feeds["chosen"] = _number(chosen)
        return run_bound(self._step, names, feeds)


def _reread(age: np.ndarray, token_ids: np.ndarray) -> dict[str, np.ndarray]:
    """What `lstm_models.export.rereading` takes besides the keys: age, token_ids [B, M]."""
    newest = age == 0
    count = newest.sum(1, keepdims=True)
    behind = np.arange(count.max(initial=1))
    last = (newest * np.arange(age.shape[1])).max(1, keepdims=True)
    return {
        "age": age,
        "token_ids": token_ids,
        "asked": np.maximum(last - behind, 0),
        "there": behind < count,
        "ages": np.unique(age),
    }


@lru_cache(64)
def _number(value: int) -> ort.OrtValue:
    return value_of(np.array([value], np.int64))
