"""Sequences inside a row are taken apart, run and put back where they stood."""

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from lstm_models.ragged import Bucket, bucket_widths, ragged

sizes = st.lists(st.lists(st.integers(1, 40), min_size=1, max_size=5), min_size=1, max_size=4)


@given(sizes)
@settings(deadline=None, max_examples=20)
def test_every_sequence_is_run_once_from_its_own_beginning(given_sizes: list[list[int]]) -> None:
    lengths = [np.array(row) for row in given_sizes]
    width = max(int(row.sum()) for row in lengths) + 3
    x = torch.randn(len(lengths), width, 2)
    seen = []

    def running_sum(rows: Tensor, bucket: Bucket) -> Tensor:
        seen.extend(zip(bucket.rows.tolist(), bucket.lengths.tolist(), strict=True))
        return rows.cumsum(1)

    out = ragged(lengths, width).run(x, running_sum)
    assert sorted(seen) == list(enumerate(np.concatenate(lengths).tolist()))
    for row, line in enumerate(lengths):
        for size, end in zip(line, line.cumsum(), strict=True):
            torch.testing.assert_close(out[row, end - size : end], x[row, end - size : end].cumsum(0))


def test_a_bucket_wastes_less_than_half() -> None:
    lengths = np.arange(1, 300)
    widths = bucket_widths(lengths)
    assert (widths >= lengths).all() and (widths[8:] < 1.5 * lengths[8:]).all() and widths.min() == 8
    assert set(widths[:32].tolist()) == {8, 12, 16, 24, 32}
