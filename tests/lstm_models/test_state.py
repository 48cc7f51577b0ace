"""A context state is a value: stored to the bit, bounded by use, and never taken for what it is not."""

import errno
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save

from lstm_models import files
from lstm_models.state import ARRAYS, ContextState


def state(sizes: tuple[int, ...] = (3, 2, 4), usage: tuple[float, ...] | None = None) -> ContextState:
    rng = np.random.default_rng(1)

    def noise(*shape: int) -> np.ndarray:
        return rng.standard_normal(shape).astype(np.float32)

    count = sum(sizes)
    return ContextState(
        noise(2, 6), noise(2, 6), noise(6), noise(2, count, 3), noise(2, count, 3),
        np.arange(20, 20 + count), np.repeat(np.arange(len(sizes)), sizes),
        np.array(usage or [0.0] * len(sizes), np.float32), "c0ffee",
    )  # fmt: skip


def same(a: ContextState, b: ContextState) -> bool:
    arrays = (np.array_equal(getattr(a, name), getattr(b, name), equal_nan=True) for name in ARRAYS)
    return a.model_hash == b.model_hash and all(arrays)


def test_comes_back_to_the_bit(tmp_path: Path) -> None:
    for one in (state(), state(()), replace(state(), usage=np.array([np.nan, np.inf, -0.0], np.float32))):
        assert same(ContextState.from_bytes(one.to_bytes()), one)
        one.save(tmp_path / "state.safetensors")
        again = ContextState.load(tmp_path / "state.safetensors")
        assert same(again, one)
        assert all(getattr(again, name).dtype == getattr(one, name).dtype for name in ARRAYS)


@pytest.mark.parametrize("length", [0, 4, 8, 60, -1])
def test_a_file_cut_short(tmp_path: Path, length: int) -> None:
    path = tmp_path / "state.safetensors"
    path.write_bytes(state().to_bytes()[:length])
    with pytest.raises(ValueError, match=r"state.safetensors: this is damaged.*replay the conversation"):
        ContextState.load(path)


def test_bytes_that_are_no_state() -> None:
    for data in (b"hello, this is text and not a state", b"\xff" * 100, os.urandom(64)):
        with pytest.raises(ValueError, match="damaged, or no context state"):
            ContextState.from_bytes(data)


def test_other_safetensors_files() -> None:
    arrays = {name: getattr(state(), name) for name in ARRAYS}
    with pytest.raises(ValueError, match="no context state, but kind 'something'"):
        ContextState.from_bytes(save(arrays, {"kind": "something"}))
    with pytest.raises(ValueError, match="no context state, but kind None with weight"):
        ContextState.from_bytes(save({"weight": np.zeros(3)}))
    header = b'{"__metadata__":null}'
    with pytest.raises(ValueError, match="no context state, but kind None with nothing"):
        ContextState.from_bytes(len(header).to_bytes(8, "little") + header)


@pytest.mark.parametrize(
    ("name", "wrong", "message"),
    [
        ("hidden", np.zeros((2, 6)), "hidden is float64"),
        ("keys", np.zeros((2, 8, 3), np.float32), "keys and values do not fit"),
        ("token_ids", np.zeros(4, np.int64), "differ in length"),
        ("token_segment", np.full(9, 3), "segment that was not read"),
        ("summary", np.zeros(5, np.float32), "hidden, cell and summary"),
    ],
)
def test_states_that_contradict_themselves(name: str, wrong: np.ndarray, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ContextState.from_bytes(replace(state(), **{name: wrong}).to_bytes())


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"no context state at .*gone"):
        ContextState.load(tmp_path / "gone")


def test_a_full_disk_leaves_the_former_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "state.safetensors"
    state().save(path)
    before = path.read_bytes()

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(OSError, match="the disk is full"):
        state((1,)).save(path)
    assert path.read_bytes() == before and list(tmp_path.iterdir()) == [path]


def test_forgetting_a_segment() -> None:
    one = state()
    less = one.forget(1)
    assert less.token_segment.tolist() == [0] * 3 + [2] * 4
    assert less.token_ids.tolist() == [20, 21, 22, 25, 26, 27, 28]
    assert np.array_equal(less.keys, one.keys[:, [0, 1, 2, 5, 6, 7, 8]])
    assert less.num_segments == 3 and less.num_tokens == 7
    assert one.num_tokens == 9, "the state that was given stays"
    assert same(less.forget(1), less)
    for wrong in (-1, 3):
        with pytest.raises(ValueError, match=f"segment={wrong}: the state has read segments 0 to 2"):
            one.forget(wrong)


@pytest.mark.parametrize(
    ("usage", "bank", "left"),
    [
        ((0, 0, 0, 0), 99, [0, 1, 2, 3]),
        ((0, 0, 0, 0), 10, [0, 1, 2, 3]),
        ((0, 0, 0, 0), 9, [1, 2, 3]),  # of equals the oldest
        ((5, 0, 1, 0), 9, [0, 2, 3]),  # the least used
        ((5, 2, 1, 0), 9, [0, 1, 3]),  # the newest stays, used or not
        ((5, 2, 1, 0), 6, [0, 3]),
        ((0, 0, 0, 0), 1, [3]),  # never the newest, even where it is too long
    ],
)
def test_the_bank_is_bounded_by_use(usage: tuple[float, ...], bank: int, left: list[int]) -> None:
    before, new = state((3, 2, 2), usage[:3]), state((3,))
    parts = new.hidden, new.cell, new.summary, new.keys, new.values
    less = before.appended([5, 6, 7], *parts, bank_size=bank)
    assert sorted(set(less.token_segment.tolist())) == left
    assert less.num_segments == 4 and less.usage.tolist() == list(usage)
    stays = np.isin(before.token_segment, left)
    assert np.array_equal(less.keys, np.concatenate([before.keys[:, stays], new.keys], axis=1))
    assert np.array_equal(less.values, np.concatenate([before.values[:, stays], new.values], axis=1))
    assert less.token_ids.tolist() == [*before.token_ids[stays], 5, 6, 7]


def test_usage_counts_what_was_copied() -> None:
    weights = np.zeros((2, 9), np.float32)
    weights[0, 3], weights[1, 4], weights[1, 8] = 0.5, 0.25, 1.0
    one = state()
    assert one.with_usage(weights).usage.tolist() == [0.0, 0.75, 1.0]
    assert not one.usage.any()
