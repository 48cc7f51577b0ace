"""Seven bits a number: what is rounded stays, errors are small, and a full bank is small enough."""

import json
import tracemalloc
from dataclasses import replace

import numpy as np
import pytest

from lstm_models.packing import LEVELS, pack, round_off, unpack
from lstm_models.state import ARRAYS, ContextState


def wild(seed: int = 0) -> np.ndarray:
    """[A, M, D] of very different sizes, with zeros."""
    rng = np.random.default_rng(seed)
    array = rng.standard_normal((2, 50, 12)) * np.exp(4 * rng.standard_normal((2, 50, 1)))
    array[0, :3], array[1, 7] = 0, 1e-7
    return array.astype(np.float32)


@pytest.mark.parametrize("width", [1, 7, 8, 12])
def test_packing_keeps_what_is_rounded_to_the_bit(width: int) -> None:
    rounded = round_off(wild()[..., :width])
    packed, scales = pack(rounded)
    assert packed.dtype == np.uint8 and packed.shape == (2, 50, -(-7 * width // 8))
    assert np.array_equal(unpack(packed, scales, width), rounded)
    assert np.array_equal(round_off(rounded), rounded)


def test_many_tokens_are_unpacked_without_much_more_than_they_take() -> None:
    packed, scales = pack(np.tile(round_off(wild()), (1, 1000, 1)))
    tracemalloc.start()
    assert np.array_equal(unpack(packed, scales, 12)[:, -50:], round_off(wild()))
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 10 * packed.nbytes


def test_the_error_is_at_most_half_a_step() -> None:
    array = wild()
    step = np.maximum(np.abs(array).max(-1, keepdims=True) / LEVELS, 2**-14)
    assert (np.abs(round_off(array) - array) <= 0.51 * step).all()


def packed_state(tokens: int, heads: int = 4, width: int = 64) -> ContextState:
    rng = np.random.default_rng(1)
    made = rng.standard_normal((2, heads, tokens, width)).astype(np.float32)
    flat = np.zeros((1, heads * width), np.float32)
    segment = np.arange(tokens) // 2
    usage = np.zeros(int(segment[-1]) + 1, np.float32)
    return ContextState(
        flat, flat, flat[0], *made, np.full(tokens, 5999), segment, usage, "hash", packed=True
    )


def test_only_the_newest_segment_is_rounded() -> None:
    before, new = packed_state(8), packed_state(2)
    parts = before.hidden, before.cell, before.summary, new.keys, new.values
    after = before.appended([7, 7], *parts, bank_size=99)
    assert np.array_equal(after.keys[:, :8], before.keys)
    assert np.array_equal(after.keys[:, 8:], round_off(new.keys))
    assert np.array_equal(after.values[:, 8:], round_off(new.values))
    plain = replace(before, packed=False).appended([7, 7], *parts, bank_size=99)
    assert np.array_equal(plain.values[:, 8:], new.values)


def test_a_packed_state_comes_back_to_the_bit_and_a_full_bank_takes_two_megabytes() -> None:
    full = packed_state(4096)
    full = replace(full, keys=round_off(full.keys), values=round_off(full.values))
    data = full.to_bytes()
    assert len(data) <= 2_000_000
    again = ContextState.from_bytes(data)
    assert again.packed and again.model_hash == full.model_hash
    for name in ARRAYS:
        assert np.array_equal(getattr(again, name), getattr(full, name)), name


@pytest.mark.parametrize("width", ["200000", "9" * 25, "0", "-64", "64.5"])
def test_a_width_that_the_bytes_cannot_hold_takes_no_memory(width: str) -> None:
    data = packed_state(6).to_bytes()
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + size])
    header["__metadata__"]["head_width"] = width
    text = json.dumps(header).encode()
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match="state is damaged .*replay the conversation") as said:
            ContextState.from_bytes(len(text).to_bytes(8, "little") + text + data[8 + size :])
        assert tracemalloc.get_traced_memory()[1] < 2**20
    finally:
        tracemalloc.stop()
    assert "\n" not in str(said.value) and len(str(said.value)) < 200


def test_scales_of_another_shape_are_refused() -> None:
    packed, scales = pack(wild())
    with pytest.raises(ValueError, match=r"with scales \[9, 2, 50\]"):
        unpack(packed, np.stack([scales] * 9), 12)


def test_a_damaged_packed_state_is_refused() -> None:
    data = bytearray(packed_state(6).to_bytes())
    for wrong in (data[:100], data.replace(b'"head_width":"64"', b'"head_width":"63"')):
        with pytest.raises(ValueError, match="replay the conversation"):
            ContextState.from_bytes(bytes(wrong))
