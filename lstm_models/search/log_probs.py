"""Small pure functions on log-probabilities. R rows, V vocabulary, C candidates."""

import numpy as np

FEW = 16  # up to so many candidates, taking the best one by one is faster than sorting
GOLDEN = np.uint64(0x9E3779B97F4A7C15)


def length_norm(lengths: np.ndarray, alpha: float) -> np.ndarray:
    """GNMT's length penalty (Wu et al. 2016, equation 14); lengths count the end token."""
    return ((5.0 + lengths) / 6.0) ** alpha


def top(log_probs: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """The `count` likeliest tokens of each row, best first, of equals the lowest id first.

    log_probs [R, V] -> ids [R, C], log-probabilities [R, C]. May overwrite log_probs.
    """
    count = min(count, log_probs.shape[1])
    if count > FEW:
        ids = np.argsort(-log_probs, axis=1, kind="stable")[:, :count]
        return ids, np.take_along_axis(log_probs, ids, axis=1)
    rows = np.arange(len(log_probs))
    ids = np.empty((len(log_probs), count), dtype=np.int64)
    values = np.empty((len(log_probs), count), dtype=log_probs.dtype)
    for c in range(count):
        ids[:, c] = best = log_probs.argmax(axis=1)
        values[:, c] = log_probs[rows, best]
        log_probs[rows, best] = -np.inf
    return ids, values


def likely(
    log_probs: np.ndarray, temperature: float, top_k: int, top_p: float
) -> tuple[np.ndarray, np.ndarray]:
    """What may be sampled: temperature first, then top-k, then top-p.

    log_probs [R, V] -> ids [R, C], probabilities [R, C] float64; rows sum to 1, or to 0 if nothing can come.
    """
    if top_k or top_p < 1:
        ids, kept = top(log_probs.copy(), top_k or log_probs.shape[1])
    else:
        ids, kept = np.broadcast_to(np.arange(log_probs.shape[1]), log_probs.shape), log_probs
    best = kept.max(axis=1, keepdims=True)
    with np.errstate(over="ignore"):  # a temperature near 0 makes all but the best impossible
        scaled = (kept.astype(np.float64) - np.where(np.isneginf(best), 0.0, best)) / temperature
    probs = _normalised(np.exp(scaled))
    if top_p < 1:
        before = np.cumsum(probs, axis=1) - probs
        probs = _normalised(np.where(before < top_p, probs, 0.0))
    return ids, probs


def draw(probs: np.ndarray, uniform: np.ndarray) -> np.ndarray:
    """Picks one column of each row of probs [R, C] by inverting its distribution at a number in [0, 1)."""
    reached = np.cumsum(probs, axis=1)
    total = reached[:, -1]
    aim = np.minimum(uniform * total, np.nextafter(total, 0.0))  # rounding must not go past the last token
    return (reached > aim[:, None]).argmax(axis=1)


def uniforms(seeds: np.ndarray, positions: np.ndarray) -> np.ndarray:
    """One number in [0, 1) for each row, a function of its seed [R] and position [R] alone (SplitMix64)."""
    mixed = mix(mix(seeds.astype(np.uint64)) + positions.astype(np.uint64) * GOLDEN)
    return (mixed >> np.uint64(11)) * 2.0**-53


def mix(numbers: np.ndarray) -> np.ndarray:
    """SplitMix64's step (Steele et al. 2014): scatters 64-bit numbers, neighbours far apart."""
    z = numbers + GOLDEN
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def _normalised(weights: np.ndarray) -> np.ndarray:
    total = weights.sum(axis=1, keepdims=True)
    return weights / np.where(total == 0, 1.0, total)
