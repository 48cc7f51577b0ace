"""A loaded model, ready to use: token ids and context states in, hypotheses and context states out.

It holds no conversation, and computes nothing itself: a runtime does (`runtimes/`); the search is the same
over each. B conversations, R rows of a search, S tokens of a segment, U upper layers, M memory tokens,
A heads, D head width.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args
from weakref import WeakKeyDictionary

import numpy as np

from lstm_models.checkpoint import load_checkpoint, load_tokenizer, read_config
from lstm_models.config import ModelConfig
from lstm_models.inputs import check_segment, check_state
from lstm_models.judging import score
from lstm_models.runtimes.base import Decoding, Runtime, memories_of, newest_match, runtime_of
from lstm_models.runtimes.files import exported
from lstm_models.search import (
    Constraint,
    Hypothesis,
    SearchOptions,
    StepOutput,
    length_limits,
    longest_run,
    search,
    stream,
)
from lstm_models.state import ContextState
from lstm_models.tokenizer import Tokenizer

if TYPE_CHECKING:
    from lstm_models.seq2seq import Seq2Seq

RuntimeName = Literal["auto", "onnx", "torch"]
FOCUS = 512  # tokens of a memory that an answer reads at most
MATCHED = 176  # of these, what is not recent: more of it is seldom needed, costs time and misleads
RECENT = 6  # segments before the newest that it always reads
NEGLIGIBLE = 1e-8  # a probability that nobody is shown
ANSWERING = 4  # states that are kept ready for an answer


class Engine:
    """One checkpoint on one runtime."""

    def __init__(
        self,
        model: Runtime | Seq2Seq,
        tokenizer: Tokenizer,
        model_hash: str = "",
        card: dict[str, Any] | None = None,
    ) -> None:
        """model: a runtime, or the PyTorch model itself."""
        self.runtime: Runtime = runtime_of(model)
        self.tokenizer, self.model_hash, self.card = tokenizer, model_hash, card or {}
        tags = tuple(tokenizer.tag_id(tag) for tag in tokenizer.TAGS)
        self._banned = (tokenizer.pad_id, tokenizer.unk_id, *tags)
        self._begun: WeakKeyDictionary[ContextState, Decoding] = WeakKeyDictionary()

    @classmethod
    def load(cls, folder: str | Path, runtime: RuntimeName = "auto", threads: int = 0) -> Engine:
        """A checkpoint folder. auto: its exported files where it has any, without PyTorch; else PyTorch.

        threads: of the exported files' runtime; 0 = one for each core.
        Raises ValueError, with the remedy, where the folder is no whole checkpoint, its export is damaged or
        stale, or the runtime is not there.
        """
        if runtime not in get_args(RuntimeName):
            raise ValueError(f"runtime={runtime!r}: allowed are {', '.join(get_args(RuntimeName))}")
        config = read_config(folder)
        if runtime == "onnx" or (runtime == "auto" and exported(folder)):
            from lstm_models.runtimes.onnx import OnnxRuntime

            loaded = OnnxRuntime.load(folder, threads), load_tokenizer(folder, config)
            return cls(*loaded, config["weights"]["sha256"], config["card"])
        try:
            model, tokenizer, config = load_checkpoint(folder)
        except ImportError as error:
            raise ValueError(
                f"{folder} has no exported files, and without them it needs PyTorch, which is not installed: "
                f"pip install 'longshort[train]', then run `longshort export {folder}`"
            ) from error
        return cls(model, tokenizer, config["weights"]["sha256"], config["card"])

    @property
    def config(self) -> ModelConfig:
        """The model's sizes."""
        return self.runtime.config

    @property
    def model(self) -> Seq2Seq:
        """The PyTorch model. ValueError on another runtime."""
        if (model := getattr(self.runtime, "model", None)) is None:
            raise ValueError(
                f"the {self.runtime.name} runtime has no PyTorch model: load with runtime='torch'"
            )
        return model

    def new_state(self, packed: bool = False) -> ContextState:
        """The empty context that every conversation begins with; packed: see `ContextState`."""
        upper, hidden, heads = self.config.encoder_layers - 1, self.config.hidden_size, self.config.num_heads
        nothing = np.zeros((heads, 0, hidden // heads), np.float32)
        zeros, none = np.zeros((upper, hidden), np.float32), np.zeros(0, np.int64)
        summary, usage = np.zeros(hidden, np.float32), np.zeros(0, np.float32)
        parts = zeros, zeros, summary, nothing, nothing, none, none, usage
        return ContextState(*parts, self.model_hash, packed)

    def read(self, states: Sequence[ContextState], segments: Sequence[Sequence[int]]) -> list[ContextState]:
        """Reads one segment into each state; the states given stay as they are."""
        if len(states) != len(segments):
            raise ValueError(f"{len(states)} states and {len(segments)} segments: give one for each state")
        if not states:
            return []
        self.check_states(states)
        for segment in segments:
            check_segment(segment, self.config)
        lengths = np.array([len(segment) for segment in segments])
        tokens = np.zeros((len(segments), lengths.max()), np.int64)
        for row, segment in enumerate(segments):
            tokens[row, : len(segment)] = segment
        hidden = np.stack([state.hidden for state in states])  # [B, U, H]
        cell = np.stack([state.cell for state in states])
        encoded = self.runtime.read(tokens, lengths, hidden, cell)
        read = []
        for row, (state, segment) in enumerate(zip(states, segments, strict=True)):
            hidden, cell, summary, keys, values = (part[row] for part in encoded)
            new = keys[:, : len(segment)], values[:, : len(segment)]
            after = state.appended(segment, hidden, cell, summary, *new, self.config.bank_size)
            long = self.config.match_size and after.num_tokens > MATCHED
            read.append(replace(after, compared=self._compared(after)) if long else after)
        return read

    def _compared(self, state: ContextState) -> np.ndarray:
        """What matching compares of every token [M, C + 1], its weight last; of old ones it is known."""
        known = np.zeros((0, self.config.match_size + 1)) if state.compared is None else state.compared
        if len(known) == state.num_tokens:
            return known
        vectors, weights = self.runtime.compared(state.keys[None, :, len(known) :])
        new = np.concatenate([vectors[0], weights[0, :, None]], axis=1)
        return np.concatenate([known, new], dtype=np.float32)

    def focus(self, state: ContextState, tokens: int = FOCUS) -> ContextState:
        """The state with the part of its bank that an answer needs, so that a long memory costs no more.

        Whole segments, at most so many tokens: the newest, the few before it, then those that match it best,
        at most MATCHED tokens of these. Of a model without `match_size`, the whole state.
        """
        if not self.config.match_size or state.num_tokens <= min(tokens, MATCHED):
            return state
        age = state.num_segments - 1 - state.token_segment
        compared = self._compared(state)
        match = newest_match(compared[None, :, :-1], compared[None, :, -1], age[None])[0]
        ages, first, sizes = np.unique(age, return_index=True, return_counts=True)
        order = np.argsort(np.where(ages <= RECENT, ages - np.inf, -match[first]), kind="stable")
        old = np.where(ages > RECENT, sizes, 0)[order]
        kept = ages[order[(np.cumsum(sizes[order]) <= tokens) & (np.cumsum(old) <= MATCHED)]]
        return state.keep(np.isin(age, kept))

    def generate(
        self,
        states: Sequence[ContextState],
        tags: Sequence[str],
        options: SearchOptions | None = None,
        constraints: Sequence[Constraint] | None = None,
    ) -> list[list[Hypothesis]]:
        """The n best answers to the newest segment of each state, beginning with each tag.

        constraints: what each answer must hold, or how it begins; they make the beam wider and slower.
        """
        if len(states) != len(tags):
            raise ValueError(f"{len(states)} states and {len(tags)} tags: one tag for each state is needed")
        if not states:
            return []
        options = self.complete(options)
        newest = [state.newest for state in states]
        results = search(
            self.step,
            self.begin(states),
            np.array([self.tokenizer.tag_id(tag) for tag in tags]),
            self.tokenizer.eos_id,
            length_limits(np.array([len(ids) for ids in newest]), options),
            options,
            source_runs=np.array([longest_run(ids.tolist()) for ids in newest]),
            constraints=constraints,
            word_starts=self.tokenizer.word_starts,
            step_few=partial(self.step_few, tag=tags[0] if len(set(tags)) == 1 else ""),
        )
        return [  # without the columns that only padded a memory to its neighbours' length
            [replace(best, copy_weights=best.copy_weights[:, : state.num_tokens]) for best in row]
            for row, state in zip(results, states, strict=True)
        ]

    def stream(
        self, state: ContextState, tag: str, options: SearchOptions | None = None, seldom: bool = False
    ) -> Iterator[Hypothesis]:
        """One answer, one more token each time, greedy or sampled; the last one is final.

        seldom: only the last one matters, so that most others may be left out.
        """
        options, newest, pieces = self.complete(options), state.newest, self.tokenizer
        limit, run = int(length_limits(np.array([len(newest)]), options)[0]), longest_run(newest.tolist())
        start, eos, words = pieces.tag_id(tag), pieces.eos_id, pieces.word_starts
        return stream(
            self.step, self.begin([state]), start, eos, limit, options, source_run=run, word_starts=words
        )

    def score(
        self,
        states: Sequence[ContextState],
        tags: Sequence[str],
        targets: Sequence[Sequence[int]],
        least: float = -np.inf,
    ) -> list[np.ndarray]:
        """The log-probability of each token of a given answer [T] to the newest segment of each state.

        least: an answer whose log-probability falls below is given up: its further tokens have 0.
        """
        return score(self, states, tags, targets, least)

    def next_log_probs(self, state: ContextState, tag: str, prefix: Sequence[int]) -> np.ndarray:
        """Log-probabilities [V] of what comes next in an answer that begins with `prefix`; never a tag."""
        output, decoding = self.step(np.array([self.tokenizer.tag_id(tag)]), self.begin([state]))
        for token in prefix:
            output, decoding = self.step(np.array([token]), decoding)
        log_probs = output.log_probs[0].copy()
        log_probs[list(self._banned)] = -np.inf
        return log_probs

    def beginnings(self, state: ContextState, tag: str, texts: Sequence[str]) -> np.ndarray:
        """The probability [len(texts)] that the answer to the newest segment begins with each text.

        Right to `NEGLIGIBLE`: what is less likely than that is not looked at to its end.
        """
        starts = [self.tokenizer.encode(text) for text in texts]
        log_probs = self.score([state] * len(starts), [tag] * len(starts), starts, np.log(NEGLIGIBLE))
        return np.exp([part.sum() for part in log_probs])

    def expected(self, state: ContextState) -> np.ndarray:
        """What is expected of each memory token [M] as an answer to the newest segment, see `Decoding`."""
        return self.begin([state]).expected[0]

    def step(self, tokens: np.ndarray, state: Decoding) -> tuple[StepOutput, Decoding]:
        """One token for each row [R]: what may come next, and the next state."""
        return self.runtime.step(tokens, state)

    def step_few(
        self, tokens: np.ndarray, state: Decoding, few: int, tag: str = ""
    ) -> tuple[StepOutput, Decoding]:
        """As `Runtime.step`, of whose few words some may be what no answer may hold (`complete`)."""
        few = max(1, few - len(self._banned)) if few else 0
        return self.runtime.step(tokens, state, few, tag)

    def begin(self, states: Sequence[ContextState]) -> Decoding:
        """The decoder's first state: one row for each conversation, memories padded to the longest.

        An answer asks for it several times: how likely a refusal is, for the search, what was expected.
        """
        self.check_states(states)
        if len(states) > 1:
            return self.runtime.begin(memories_of(states))
        state = states[0]
        begun = self._begun.get(state)
        if begun is None:
            begun = self.runtime.begin(memories_of(states))
            if len(self._begun) >= ANSWERING:
                self._begun.clear()
            self._begun[state] = begun
        return begun

    def complete(self, options: SearchOptions | None) -> SearchOptions:
        """The options, with what this model's answers must never hold."""
        options = options or SearchOptions()
        return replace(options, banned_tokens=(*options.banned_tokens, *self._banned))

    def check_states(self, states: Sequence[ContextState]) -> None:
        """Raises ValueError for a context state of another model, or one that does not fit this one."""
        for state in states:
            check_state(state, self.config, self.model_hash)
