"""Keys and values in seven bits a number, so that a full memory bank fits into two megabytes. NumPy only.

A heads, M tokens, D head width. Each head of each token has a scale of its own (absolute maximum over 63, as
float16); a number is a whole multiple, -63 to 63, of that scale. Rounding what is rounded changes nothing, so
a state that was stored and read again is the state that was stored, to the bit.
"""

import numpy as np

LEVELS = 63
BITS = 7
_AT_ONCE = 4096  # tokens that are unpacked together: a bank of the shipped bot
_SMALLEST = np.float16(2**-14)  # below it float16 loses precision, and rounding twice would differ


def round_off(array: np.ndarray) -> np.ndarray:
    """The nearest values that `pack` can hold: [A, M, D] float32 -> the same shape and type."""
    codes, scales = _codes(array)
    return codes.astype(np.float32) * scales.astype(np.float32)[..., None]


def pack(array: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """[A, M, D] float32 -> packed codes [A, M, ceil(7 D / 8)] uint8 and scales [A, M] float16."""
    codes, scales = _codes(array)
    bits = np.unpackbits((codes + LEVELS + 1).astype(np.uint8)[..., None], axis=-1)[..., -BITS:]
    heads, tokens, width = array.shape
    return np.packbits(bits.reshape(heads, tokens, width * BITS), axis=-1), scales


def unpack(packed: np.ndarray, scales: np.ndarray, width: int) -> np.ndarray:
    """What was packed, rounded: [A, M, width] float32.

    Raises: ValueError, before anything is unpacked, where the shapes are not those that `pack` makes.
    """
    heads, tokens, size = packed.shape
    if size != -(-width * BITS // 8) or scales.shape != (heads, tokens):
        sizes = f"{list(packed.shape)} with scales {list(scales.shape)}"
        raise ValueError(f"{sizes} do not hold numbers in heads {str(width)[:20]} wide")
    numbers = np.empty((heads, tokens, width), np.float32)
    places = 2 ** np.arange(BITS - 1, -1, -1, dtype=np.float32)
    for first in range(0, tokens, _AT_ONCE):  # a bit takes up to thirty times its place meanwhile
        part = slice(first, first + _AT_ONCE)
        bits = np.unpackbits(packed[:, part], axis=-1, count=width * BITS)
        codes = bits.reshape(heads, -1, width, BITS) @ places - (LEVELS + 1)
        numbers[:, part] = codes * scales[:, part].astype(np.float32)[..., None]
    return numbers


def _codes(array: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Whole multiples int16 [A, M, D], and what they multiply float16 [A, M]."""
    largest = np.abs(array).max(axis=-1, initial=0.0)
    scales = np.maximum((largest / LEVELS).astype(np.float16), _SMALLEST)
    codes = np.rint(array / scales.astype(np.float32)[..., None])
    return np.clip(codes, -LEVELS, LEVELS).astype(np.int16), scales
