"""The paths of a search: every step is a column of tokens that point back to the rows they came from.

R rows of a column (differs from step to step), N paths, T tokens of the longest, M memory slots.
"""

from dataclasses import dataclass

import numpy as np

from lstm_models.search.hypothesis import StepOutput


@dataclass
class Column:
    """The tokens of one step and where they come from."""

    tokens: np.ndarray  # [R]
    parents: np.ndarray  # [R] row of the column before, which is the row of the step that chose the token
    log_probs: np.ndarray  # [R]
    output: StepOutput | None  # of that step, for its copy and null weights


@dataclass(frozen=True)
class Paths:
    """N paths, padded to the longest."""

    tokens: np.ndarray  # [N, T]
    log_probs: np.ndarray  # [N, T]
    copy_weights: np.ndarray  # [N, T, M]
    null_weights: np.ndarray  # [N, T]


class Trace:
    """Rows that end keep their path; nothing is copied while the search goes on."""

    def __init__(self) -> None:
        nothing = np.zeros(0, dtype=np.int64)
        self._first, self.last = 0, 0  # the oldest and the newest column
        self._columns = {0: Column(nothing, nothing, np.zeros(0), None)}

    @property
    def tokens(self) -> np.ndarray:
        """The last token of every live row [R]."""
        return self._columns[self.last].tokens

    @property
    def log_probs(self) -> np.ndarray:
        """Its log-probability [R]."""
        return self._columns[self.last].log_probs

    def join(self, tokens: np.ndarray) -> None:
        """New paths begin with these tokens [n], in rows after the live ones."""
        column = self._columns[self.last]
        column.tokens = np.concatenate([column.tokens, tokens])
        column.parents = np.concatenate([column.parents, np.full(len(tokens), -1)])
        column.log_probs = np.concatenate([column.log_probs, np.zeros(len(tokens))])

    def extend(
        self, tokens: np.ndarray, parents: np.ndarray, log_probs: np.ndarray, output: StepOutput
    ) -> None:
        """The next column; row i goes on from row parents[i] of the last."""
        self.last += 1
        weights = StepOutput(
            np.empty(0), output.copy_weights, output.null_weight
        )  # log_probs are large: let go
        self._columns[self.last] = Column(tokens, parents, log_probs, weights)

    def forget(self, before: int) -> None:
        """Drops the columns that no path reaches back to any more."""
        while self._first < before:
            del self._columns[self._first]
            self._first += 1

    def read(self, columns: np.ndarray, rows: np.ndarray, lengths: np.ndarray) -> Paths:
        """The paths that end at (columns [N], rows [N]), lengths [N] tokens long, start not counted."""
        count, longest = len(rows), int(lengths.max(initial=0))
        outputs = [column.output for column in self._columns.values() if column.output is not None]
        slots = max((output.copy_weights.shape[1] for output in outputs), default=0)
        paths = Paths(
            np.zeros((count, longest), dtype=np.int64),
            np.zeros((count, longest)),
            np.zeros((count, longest, slots), dtype=np.float32),
            np.zeros((count, longest), dtype=np.float32),
        )
        rows = rows.copy()
        newest, oldest = columns.max(initial=0), (columns - lengths).min(initial=self.last)
        for c in range(int(newest), int(oldest), -1):
            here = np.nonzero((c <= columns) & (c > columns - lengths))[0]
            column, places = self._columns[c], lengths[here] - 1 - (columns[here] - c)
            parents = column.parents[rows[here]]
            assert column.output is not None  # only where every path begins
            paths.tokens[here, places] = column.tokens[rows[here]]
            paths.log_probs[here, places] = column.log_probs[rows[here]]
            copied = column.output.copy_weights[parents]
            paths.copy_weights[here, places, : copied.shape[1]] = copied
            paths.null_weights[here, places] = column.output.null_weight[parents]
            rows[here] = parents
        return paths
