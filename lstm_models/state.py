"""The context state of a conversation: a plain value that goes in and comes out, and can be stored.

U upper encoder layers, H hidden, A heads, D head width, M tokens in the memory bank, G segments read so far.
NumPy only, so that every runtime and the conversation store share it.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

from lstm_models.files import write_atomic
from lstm_models.packing import pack, round_off, unpack

KIND = "longshort-context-state"
ARRAYS = ("hidden", "cell", "summary", "keys", "values", "token_ids", "token_segment", "usage")
_PACKED = ("keys", "values")
_REMEDY = "take another copy, or replay the conversation"


@dataclass(frozen=True, eq=False)
class ContextState:
    """What a model remembers of one conversation."""

    hidden: np.ndarray  # [U, H] float32, carried by the upper layers
    cell: np.ndarray  # [U, H] float32
    summary: np.ndarray  # [H] float32, encoder output at the end of the newest segment
    keys: np.ndarray  # [A, M, D] float32
    values: np.ndarray  # [A, M, D] float32
    token_ids: np.ndarray  # [M] int64
    token_segment: np.ndarray  # [M] int64, the segment each token stands in
    usage: np.ndarray  # [G] float32, how much each segment has been copied from
    model_hash: str = ""
    packed: bool = False  # keys and values are what 7 bits a number can hold, and are stored so
    compared: np.ndarray | None = None  # [up to M, C + 1] what `Engine.focus` goes by; not stored

    @property
    def num_segments(self) -> int:
        """Segments read so far, those that have left the bank included."""
        return len(self.usage)

    @property
    def newest(self) -> np.ndarray:
        """Token ids of the segment read last."""
        return self.token_ids[self.token_segment == self.num_segments - 1]

    @property
    def num_tokens(self) -> int:
        """Tokens in the memory bank now (M)."""
        return len(self.token_ids)

    @property
    def size(self) -> int:
        """Bytes in memory."""
        arrays = [getattr(self, name) for name in ARRAYS]
        return sum(array.nbytes for array in (*arrays, self.compared) if array is not None)

    def forget(self, segment: int) -> "ContextState":
        """Without a segment's tokens in the bank; what (hidden, cell) carry of it only a replay undoes."""
        if not 0 <= segment < self.num_segments:
            raise ValueError(f"segment={segment}: the state has read segments 0 to {self.num_segments - 1}")
        return self.keep(self.token_segment != segment)

    def keep(self, tokens: np.ndarray) -> "ContextState":
        """With the given tokens of the bank only; tokens [M] bool."""
        return replace(
            self,
            keys=self.keys[:, tokens],
            values=self.values[:, tokens],
            token_ids=self.token_ids[tokens],
            token_segment=self.token_segment[tokens],
            compared=_kept(self.compared, tokens),
        )

    def latest(self, segments: int) -> "ContextState":
        """With so many of the newest segments in the bank only."""
        return self.keep(self.token_segment >= self.num_segments - segments)

    def appended(
        self,
        segment: Sequence[int],
        hidden: np.ndarray,
        cell: np.ndarray,
        summary: np.ndarray,
        keys: np.ndarray,
        values: np.ndarray,
        bank_size: int,
    ) -> "ContextState":
        """With one more segment: its S token ids, and what reading it gave, keys and values [A, S, D].

        The bank keeps at most bank_size tokens: the least used segments leave first, of equals the oldest,
        and never the newest. Of a packed state keys and values are rounded, so that a conversation goes on to
        the bit where its stored state left off.
        """
        number, old = self.num_segments, self.num_tokens
        token_segment = np.append(self.token_segment, np.full(len(segment), number, np.int64))
        usage = np.append(self.usage, np.float32(0))
        stays = _staying(token_segment, usage, bank_size)
        if self.packed:
            keys, values = round_off(keys), round_off(values)
        return ContextState(
            hidden=hidden.copy(),  # not a view, which would keep the whole batch
            cell=cell.copy(),
            summary=summary.copy(),
            keys=_longer(self.keys, stays[:old], keys),
            values=_longer(self.values, stays[:old], values),
            token_ids=np.append(self.token_ids, np.asarray(segment, np.int64))[stays],
            token_segment=token_segment[stays],
            usage=usage,
            model_hash=self.model_hash,
            packed=self.packed,
            compared=_kept(self.compared, stays),
        )

    def with_usage(self, copy_weights: np.ndarray) -> "ContextState":
        """Notes what an answer copied: copy_weights [T, M] of its hypothesis."""
        usage = self.usage.copy()
        np.add.at(usage, self.token_segment, copy_weights.sum(0)[: self.num_tokens])
        return replace(self, usage=usage)

    def to_bytes(self) -> bytes:
        """The whole state in the safetensors format, to the bit."""
        arrays = {name: np.ascontiguousarray(getattr(self, name)) for name in ARRAYS}
        metadata = {"kind": KIND, "model_hash": self.model_hash}
        if self.packed:
            metadata["head_width"] = str(self.keys.shape[-1])
            for name in _PACKED:
                arrays[name], arrays[f"{name}_scales"] = pack(arrays[name])
            for name in ("token_ids", "token_segment"):
                arrays[name] = arrays[name].astype(np.min_scalar_type(arrays[name].max(initial=0)))
        return save(arrays, metadata)

    @classmethod
    def from_bytes(cls, data: bytes) -> "ContextState":
        """Raises ValueError where the bytes are no whole context state."""
        try:
            arrays: dict[str, Any] = load(data)
            # safetensors gives no metadata of bytes: 8 bytes of header length, then the header in JSON
            size = int.from_bytes(data[:8], "little")
            metadata = json.loads(data[8 : 8 + size]).get("__metadata__") or {}
        except (SafetensorError, ValueError, KeyError) as error:
            raise ValueError(f"this is damaged, or no context state ({error}): {_REMEDY}") from error
        packed = "head_width" in metadata
        if packed:
            arrays = _unpacked(arrays, metadata["head_width"])
        if metadata.get("kind") != KIND or set(arrays) != set(ARRAYS):
            found = f"kind {metadata.get('kind')!r} with {', '.join(sorted(arrays)) or 'nothing'}"
            raise ValueError(f"this is no context state, but {found}: {_REMEDY}")
        state = cls(**arrays, model_hash=metadata.get("model_hash", ""), packed=packed)
        if fault := state._fault():
            raise ValueError(f"this context state contradicts itself ({fault}): {_REMEDY}")
        return state

    def _fault(self) -> str:
        """What contradicts itself in dtypes, shapes or numbers; empty where nothing does."""
        ranks = dict(zip(ARRAYS, (2, 2, 1, 3, 3, 1, 1, 1), strict=True))
        for name, rank in ranks.items():
            array = getattr(self, name)
            dtype = np.int64 if name.startswith("token") else np.float32
            if array.dtype != dtype or array.ndim != rank:
                return f"{name} is {array.dtype} {list(array.shape)}"
        if self.hidden.shape != self.cell.shape or self.hidden.shape[1:] != self.summary.shape:
            return "hidden, cell and summary differ in shape"
        heads, tokens, width = self.keys.shape
        if self.keys.shape != self.values.shape or heads * width != len(self.summary):
            return "keys and values do not fit"
        if not tokens == len(self.token_ids) == len(self.token_segment):
            return "keys, token_ids and token_segment differ in length"
        segments = self.token_segment
        if len(segments) and not 0 <= segments.min() <= segments.max() < self.num_segments:
            return "a token stands in a segment that was not read"
        return ""

    def save(self, path: str | Path) -> None:
        """Writes a safetensors file, atomically."""
        write_atomic(Path(path), self.to_bytes())

    @classmethod
    def load(cls, path: str | Path) -> "ContextState":
        """Raises ValueError where the file is missing, damaged or something else."""
        path = Path(path)
        if not path.is_file():
            raise ValueError(f"no context state at {path}: check the path")
        try:
            return cls.from_bytes(path.read_bytes())
        except ValueError as error:
            raise ValueError(f"{path}: {error}") from error


def _staying(token_segment: np.ndarray, usage: np.ndarray, bank_size: int) -> np.ndarray:
    """Which tokens stay in a bank of that size [M] bool, see `ContextState.appended`."""
    excess, newest = len(token_segment) - bank_size, len(usage) - 1
    if excess <= 0:
        return np.ones(len(token_segment), bool)
    leaving: set[int] = set()
    present, counts = np.unique(token_segment, return_counts=True)
    for place in np.argsort(usage[present], kind="stable"):
        if excess <= 0:
            break
        if present[place] != newest:
            leaving.add(int(present[place]))
            excess -= int(counts[place])
    return ~np.isin(token_segment, list(leaving))


def _longer(bank: np.ndarray, stays: np.ndarray, new: np.ndarray) -> np.ndarray:
    """What stays of a bank [A, M, D], then what is new [A, S, D]: a long bank is copied once."""
    places = np.flatnonzero(stays)
    longer = np.empty((len(bank), len(places) + new.shape[1], bank.shape[2]), bank.dtype)
    for old, head in zip(bank, longer, strict=True):  # [M, D]
        np.take(old, places, axis=0, out=head[: len(places)], mode="clip")
    longer[:, len(places) :] = new
    return longer


def _kept(compared: np.ndarray | None, tokens: np.ndarray) -> np.ndarray | None:
    return None if compared is None else compared[tokens[: len(compared)]]


def _unpacked(arrays: dict[str, Any], head_width: str) -> dict[str, Any]:
    """The arrays of a packed state; what does not fit is left for the checks that follow."""
    try:
        for name in _PACKED:
            arrays[name] = unpack(arrays[name], arrays.pop(f"{name}_scales"), int(head_width))
        for name in ("token_ids", "token_segment"):
            arrays[name] = arrays[name].astype(np.int64)
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"this context state is damaged ({error}): {_REMEDY}") from error
    return arrays
