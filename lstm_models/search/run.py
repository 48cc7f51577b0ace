"""Search from beginning to end: `search` for whole answers, `stream` for one token at a time.

B sentences, R live rows, T tokens, M memory slots.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import numpy as np

from lstm_models.search.beam import BeamSearch
from lstm_models.search.constraints import ConstrainedBeamSearch, Constraint
from lstm_models.search.hypothesis import AnyState, Hypothesis, Step, StepOutput
from lstm_models.search.log_probs import length_norm
from lstm_models.search.loops import LoopGuard, NgramGuard, PhraseGuard, find_loops
from lstm_models.search.options import SearchOptions
from lstm_models.search.single import SingleSearch
from lstm_models.search.stepwise import Guard, Searching

EMPTY = Hypothesis([], 0.0, 0.0, [], np.zeros((0, 0), np.float32), np.zeros(0, np.float32), True)


def length_limits(
    source_lengths: np.ndarray, options: SearchOptions, ratio: float = 2.0, extra: int = 16
) -> np.ndarray:
    """Tokens that each output may have [B]: the option, or ratio * length + extra; 0 for an empty source."""
    lengths = np.asarray(source_lengths)
    limits = np.ceil(ratio * lengths).astype(np.int64) + extra
    if options.max_length is not None:
        limits = np.full_like(limits, options.max_length)
    return np.where(lengths > 0, limits, 0)


def search(
    step: Step[AnyState],
    state: AnyState,
    start_tokens: np.ndarray,
    eos_id: int,
    max_lengths: np.ndarray,
    options: SearchOptions,
    *,
    seeds: np.ndarray | None = None,
    source_runs: np.ndarray | None = None,
    constraints: Sequence[Constraint] | None = None,
    word_starts: np.ndarray | None = None,
    step_few: Callable[[np.ndarray, AnyState, int], tuple[StepOutput, AnyState]] | None = None,
) -> list[list[Hypothesis]]:
    """Decodes B sentences; returns n_best hypotheses of each (fewer where fewer exist), best first.

    start_tokens [B] (a tag each) and `state` of B rows; max_lengths [B] tokens, 0 = an empty answer (for an
    empty source); seeds [B] in place of the option's; source_runs [B]: how far each source repeats itself
    (`longest_run`), which its output then may, too; constraints, B of them: what each answer must hold, found
    by a beam that is as wide as they need; word_starts [V]: which tokens begin a word;
    step_few(tokens, state, few): as `step`, but it may give only the likeliest few words of each row, and is
    taken where those are enough.
    Rows that are done leave the batch. What loops is decoded again with no n-gram twice.
    """
    start_tokens, max_lengths = np.asarray(start_tokens), np.asarray(max_lengths)
    _check("start_tokens", start_tokens, start_tokens.shape[:1])
    for name, values in (("max_lengths", max_lengths), ("seeds", seeds), ("source_runs", source_runs)):
        if values is not None:
            _check(name, np.asarray(values), start_tokens.shape)
    count = len(start_tokens)
    if constraints is not None:
        if len(constraints) != count:
            raise ValueError(f"{len(constraints)} constraints for {count} rows: give one for each")
        options = ConstrainedBeamSearch.widened(options, constraints)
    seeds = np.full(count, options.seed, dtype=np.uint64) if seeds is None else np.asarray(seeds)
    runs = np.zeros(count, dtype=np.int64) if source_runs is None else np.asarray(source_runs)

    results = [[EMPTY] for _ in range(count)]

    def decode(rows: np.ndarray, guard: Guard | None) -> None:
        searching = _searching(eos_id, options, guard, constraints is not None)
        if constraints is not None and isinstance(searching, ConstrainedBeamSearch):
            searching.require([constraints[row] for row in rows])
        keys = searching.join(start_tokens[rows], max_lengths[rows], seeds[rows], runs[rows])
        steps = step if step_few is None or searching.needs_all else partial(_some, step_few, searching.few)
        _drive(searching, steps, state.select(np.repeat(rows, searching.rows_per_sentence)))
        taken = searching.take()
        for row, key in zip(rows, keys, strict=True):
            results[row] = taken[int(key)]

    rows = np.nonzero(max_lengths > 0)[0]
    if len(rows):
        decode(rows, phrase_guard(options, word_starts))
    if options.avoid_loops and not options.no_repeat_ngram_size:
        owner = np.repeat(np.arange(count), [len(hypotheses) for hypotheses in results])
        outputs = [hypothesis.tokens for hypotheses in results for hypothesis in hypotheses]
        looping = np.unique(owner[find_loops(outputs, runs[owner])])
        if len(looping):
            decode(looping, NgramGuard())
    return results


def stream(
    step: Step[AnyState],
    state: AnyState,
    start_token: int,
    eos_id: int,
    max_length: int,
    options: SearchOptions,
    *,
    source_run: int = 0,
    word_starts: np.ndarray | None = None,
) -> Iterator[Hypothesis]:
    """Decodes one sentence, greedy or sampled: one hypothesis for each new token, then the final one.

    What was shown cannot be taken back, so a loop is prevented as it arises. ValueError for a beam.
    """
    if options.beam_size > 1 or options.n_best > 1:
        raise ValueError(
            f"beam_size={options.beam_size}, n_best={options.n_best}: streaming shows tokens "
            "as they are chosen, so both must be 1"
        )
    if max_length < 0:
        raise ValueError(f"max_length={max_length}: allowed are whole numbers from 0")
    if max_length == 0:
        return iter([EMPTY])
    guard = phrase_guard(options, word_starts) or (LoopGuard() if options.avoid_loops else None)
    searching = SingleSearch(eos_id, options, guard)
    searching.join(np.array([start_token]), np.array([max_length]), source_runs=np.array([source_run]))
    return _stream(searching, step, state)


def phrase_guard(options: SearchOptions, word_starts: np.ndarray | None) -> PhraseGuard | None:
    """What keeps an answer from saying the same words again, where the options want that."""
    size = options.no_repeat_ngram_size
    return PhraseGuard(size, word_starts) if size else None


def _stream(searching: SingleSearch, step: Step[AnyState], state: AnyState) -> Iterator[Hypothesis]:
    tokens: list[int] = []
    log_probs: list[float] = []
    copied, null = EMPTY.copy_weights, EMPTY.null_weights
    while True:
        output, state = step(searching.tokens, state)
        searching.advance(output)
        if not searching.live:
            break
        tokens = [*tokens, int(searching.tokens[0])]
        log_probs = [*log_probs, float(searching.log_probs[0])]
        copied = np.concatenate([copied, output.copy_weights]) if len(null) else output.copy_weights
        null = np.concatenate([null, output.null_weight])
        total = sum(log_probs)
        score = total / float(length_norm(np.array(len(tokens)), searching.options.length_penalty))
        yield Hypothesis(tokens, score, total, log_probs, copied, null, False)
    yield from searching.take()[0]


def _searching(
    eos_id: int, options: SearchOptions, guard: Guard | None, constrained: bool = False
) -> Searching:
    if constrained:
        return ConstrainedBeamSearch(eos_id, options, guard)
    if options.beam_size == 1:
        return SingleSearch(eos_id, options, guard)
    return BeamSearch(eos_id, options, guard)


def _some(
    step_few: Callable[[np.ndarray, AnyState, int], tuple[StepOutput, AnyState]],
    few: int,
    tokens: np.ndarray,
    state: AnyState,
) -> tuple[StepOutput, AnyState]:
    return step_few(tokens, state, few)


def _drive(searching: Searching, step: Step[AnyState], state: AnyState) -> None:
    """Steps until every row is done."""
    while True:
        before = len(searching.tokens)
        output, state = step(searching.tokens, state)
        rows = searching.advance(output)
        if not searching.live:
            return
        if len(rows) != before or (rows != np.arange(before)).any():
            state = state.select(rows)


def _check(name: str, values: np.ndarray, shape: tuple[int, ...]) -> None:
    whole = values.dtype.kind in "iu" or values.size == 0
    if values.ndim != 1 or values.shape != shape or not whole or (values < 0).any():
        raise ValueError(
            f"{name} of shape {values.shape} and type {values.dtype}: "
            f"needed are whole numbers, 0 or above, one for each of the {shape[0] if shape else 0} rows"
        )
