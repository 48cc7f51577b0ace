"""What a caller may choose about a search, checked by name."""

import math
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any


@dataclass(frozen=True)
class SearchOptions:
    """How to search. ValueError names the option, the value and what is allowed.

    beam_size       1 = greedy, or sampling when temperature > 0
    n_best          hypotheses returned for each row; with sampling, independent samples
    length_penalty  GNMT's alpha (Wu et al. 2016, equation 14): score = log_prob / ((5 + length) / 6) ** alpha
    max_length      tokens, end not counted; None = a limit from the source's length (see `length_limits`)
    min_length      tokens before the end may come; 1 = never an empty answer
    temperature     0 = no sampling; 1 = the model's own distribution; higher is more varied
    top_k, top_p    sample among the k likeliest tokens (0 = all), and of these the likeliest that together
                    have probability p (1 = all; Holtzman et al. 2020)
    seed            decides every sample; the same row gets the same tokens beside any neighbours
    patience        a row ends when patience * beam_size hypotheses have ended (Kasai et al. 2022)
    avoid_loops     decode a row again, without repetition, when its output goes round in circles
    no_repeat_ngram_size  no so many tokens in a row twice in an answer where the last begins a word
                    (0 = they may; Paulus et al. 2018); it looks at every word of a step, which costs more
    banned_tokens   ids that are never produced (padding, tags)
    last_tokens     ids behind which alone an answer may end by itself (empty: behind any)
    """

    beam_size: int = 1
    n_best: int = 1
    length_penalty: float = 0.6
    max_length: int | None = None
    min_length: int = 1
    temperature: float = 0.0
    top_k: int = 0
    top_p: float = 1.0
    seed: int = 0
    patience: float = 1.0
    avoid_loops: bool = True
    no_repeat_ngram_size: int = 0
    banned_tokens: tuple[int, ...] = ()
    last_tokens: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        _integer("beam_size", self.beam_size, 1, 256)
        _integer("n_best", self.n_best, 1, 256)
        _number("length_penalty", self.length_penalty, 0.0, 10.0)
        if self.max_length is not None:
            _integer("max_length", self.max_length, 1, 1_000_000, "or None")
        _integer("min_length", self.min_length, 0, 1_000_000)
        _number("temperature", self.temperature, 0.0, 100.0)
        _integer("top_k", self.top_k, 0, 1_000_000)
        _number("top_p", self.top_p, 0.0, 1.0, above=True)
        _integer("seed", self.seed, 0, 2**64 - 1)
        _number("patience", self.patience, 0.0, 100.0, above=True)
        if not isinstance(self.avoid_loops, bool):
            raise ValueError(f"avoid_loops={self.avoid_loops!r}: allowed are True and False")
        if self.no_repeat_ngram_size:
            _integer("no_repeat_ngram_size", self.no_repeat_ngram_size, 2, 16, "or 0")
        for name in ("banned_tokens", "last_tokens"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
            for token in getattr(self, name):
                _integer(name, token, 0, 2**31 - 1)
        self._check_together()

    @property
    def sampling(self) -> bool:
        return self.temperature > 0

    def _check_together(self) -> None:
        if self.max_length is not None and self.min_length > self.max_length:
            raise ValueError(
                f"min_length={self.min_length} is above max_length={self.max_length}: "
                "lower the first or raise the second"
            )
        if self.sampling and self.beam_size > 1:
            raise ValueError(
                f"temperature={self.temperature} (sampling) and beam_size={self.beam_size} contradict "
                "each other: set beam_size=1 to sample, or temperature=0 for a beam"
            )
        if not self.sampling and (self.top_k or self.top_p < 1):
            raise ValueError(
                f"top_k={self.top_k}, top_p={self.top_p} need sampling: set temperature above 0, "
                "or leave them at 0 and 1"
            )
        if not self.sampling and self.n_best > self.beam_size:
            raise ValueError(
                f"n_best={self.n_best} is above beam_size={self.beam_size}: "
                "raise the second or lower the first"
            )


def _integer(name: str, value: Any, low: int, high: int, also: str = "") -> None:
    if type(value) is int and low <= value <= high:
        return  # asking an abstract class takes ten times as long, and a search bans a hundred tokens
    if isinstance(value, bool) or not isinstance(value, Integral) or not low <= int(value) <= high:
        raise ValueError(f"{name}={value!r}: allowed are whole numbers from {low} to {high} {also}".rstrip())


def _number(name: str, value: Any, low: float, high: float, above: bool = False) -> None:
    fits = isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value)
    if not fits or not low <= value <= high or (above and value == low):
        span = f"above {low:g}, at most {high:g}" if above else f"from {low:g} to {high:g}"
        raise ValueError(f"{name}={value!r}: allowed are numbers {span}")
