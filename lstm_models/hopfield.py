"""Hopfield's net (1982): units that settle into a stored pattern. NumPy only.

P patterns, N units, each unit -1 or +1.
"""

import numpy as np


class HopfieldNetwork:
    """Weights from patterns by Hebb's rule; the state goes in and comes out."""

    def __init__(self, patterns: np.ndarray) -> None:
        """patterns [P, N] of -1 and +1 (Hopfield 1982, equation 2, without self-connections)."""
        if patterns.ndim != 2 or not np.isin(patterns, (-1, 1)).all():
            raise ValueError(f"patterns {patterns.shape}: give [P, N] of -1 and +1")
        self.weights = patterns.T.astype(float) @ patterns / patterns.shape[1]  # [N, N]
        np.fill_diagonal(self.weights, 0)

    def energy(self, state: np.ndarray) -> float:
        """-1/2 s W s (equation 7): no update can raise it."""
        return float(-0.5 * state @ self.weights @ state)

    def step(self, state: np.ndarray, unit: int) -> np.ndarray:
        """One unit looks at all others and follows the sign of their sum; state [N] -> [N]."""
        sum_ = self.weights[unit] @ state
        after = state.copy()
        if sum_ != 0:
            after[unit] = 1 if sum_ > 0 else -1
        return after

    def forward(self, state: np.ndarray, sweeps: int = 20, seed: int = 0) -> np.ndarray:
        """Units in random order until a whole sweep changes none: every state on the way, [T, N]."""
        rng, path = np.random.default_rng(seed), [state]
        for _ in range(sweeps):
            before = path[-1]
            for unit in rng.permutation(len(state)):
                path.append(self.step(path[-1], int(unit)))
            if (path[-1] == before).all():
                break
        return np.stack(path)
