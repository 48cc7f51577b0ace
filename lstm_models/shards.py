"""Encoded shards: the files that connect preparation to training. numpy and safetensors only.

Letters: N examples of a shard, S segments, G targets (S and G over all examples), tokens flat.

A prepared folder holds `manifest.json`, `tokenizer.model` and the shards of each split. A shard is one
safetensors file of flat arrays and offsets, so that it is memory-mapped and an example is two slices:

    tokens           int32 [src tokens]   all segments, one after the other
    segment_offsets  int64 [S + 1]        where each segment begins in `tokens`
    example_segments int64 [N + 1]        where each example's segments begin in `segment_offsets`
    target_tokens    int32 [tgt tokens]   all targets: task tag first, </s> last
    target_offsets   int64 [G + 1]        where each target begins in `target_tokens`
    example_targets  int64 [N + 1]        where each example's targets begin in `target_offsets`
    target_segment   int32 [G]            the segment that the target answers; it sees 0..segment
    target_evidence  int32 [G]            the segment that told the answer, NOWHERE or ANYWHERE
    target_answer    int32 [2 G]          from where to where in the evidence the words stand that answer
    target_steps     int32 [3 G]          the segments that lead to the evidence, ANYWHERE before the first
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from lstm_models.encoded import (
    ANYWHERE,
    MOST_STEPS,
    EncodedExample,
    EncodedTarget,
    check_example,
    padded_steps,
)
from lstm_models.files import sha256_bytes, sha256_file, write_atomic, write_text

MANIFEST = "manifest.json"
FORMAT = 1
_DTYPES = {
    "tokens": np.int32,
    "segment_offsets": np.int64,
    "example_segments": np.int64,
    "target_tokens": np.int32,
    "target_offsets": np.int64,
    "example_targets": np.int64,
    "target_segment": np.int32,
    "target_evidence": np.int32,
    "target_answer": np.int32,
    "target_steps": np.int32,
}
# Shards written before they were known lack them.
_OPTIONAL = {"target_evidence", "target_answer", "target_steps"}


@dataclass(frozen=True)
class ShardInfo:
    """One line of the manifest."""

    file: str
    examples: int
    src_tokens: int
    tgt_tokens: int
    sha256: str


def _offsets(lengths: Iterable[int]) -> np.ndarray:
    return np.concatenate(([0], np.cumsum(list(lengths), dtype=np.int64))).astype(np.int64)  # [N + 1]


def _flat(lists: Sequence[Sequence[int]]) -> np.ndarray:
    return np.fromiter((token for ids in lists for token in ids), dtype=np.int32)


def write_shard(path: str | Path, examples: Sequence[EncodedExample]) -> ShardInfo:
    """Writes one shard, atomically. Raises: ValueError for a malformed example; OSError (full disk)."""
    path = Path(path)
    for example in examples:
        check_example(example)
    segments = [segment for example in examples for segment in example.segments]
    targets = [target for example in examples for target in example.targets]
    arrays = {
        "tokens": _flat(segments),
        "segment_offsets": _offsets(map(len, segments)),
        "example_segments": _offsets(len(example.segments) for example in examples),
        "target_tokens": _flat([target.ids for target in targets]),
        "target_offsets": _offsets(len(target.ids) for target in targets),
        "example_targets": _offsets(len(example.targets) for example in examples),
        "target_segment": np.array([target.segment for target in targets], dtype=np.int32),
        "target_evidence": np.array([target.evidence for target in targets], dtype=np.int32),
        "target_answer": _flat([target.answer for target in targets]),
        "target_steps": _flat([padded_steps(target) for target in targets]),
    }
    data = save(arrays)
    write_atomic(path, data)
    return ShardInfo(
        path.name, len(examples), arrays["tokens"].size, arrays["target_tokens"].size, sha256_bytes(data)
    )


def write_manifest(folder: str | Path, manifest: dict[str, Any]) -> None:
    """Writes `folder/manifest.json`, atomically. It goes last: a folder without one is not complete."""
    text = json.dumps(manifest, indent=1, ensure_ascii=False)
    write_text(Path(folder) / MANIFEST, text + "\n")


def shard_infos_as_dicts(shards: Iterable[ShardInfo]) -> list[dict[str, Any]]:
    """The form of `ShardInfo` in the manifest."""
    return [asdict(shard) for shard in shards]


def read_manifest(folder: str | Path) -> dict[str, Any]:
    """Reads and checks `folder/manifest.json`. Raises: ValueError that names the file and the remedy."""
    path = Path(folder) / MANIFEST
    remedy = "prepare the data again with `longshort prepare`"
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        raise ValueError(f"no prepared data in {folder}: there is no {MANIFEST}; {remedy}") from None
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} is damaged ({error}); {remedy}") from error
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        found = manifest.get("format") if isinstance(manifest, dict) else type(manifest).__name__
        raise ValueError(f"{path} has format {found!r}, but this version reads format {FORMAT}; {remedy}")
    missing = [key for key in ("task", "tokenizer", "splits") if key not in manifest]
    if missing:
        raise ValueError(f"{path} lacks {', '.join(missing)}; {remedy}")
    return manifest


class Shard:
    """One shard, memory-mapped: its arrays are views of the file."""

    def __init__(self, path: Path) -> None:
        """Raises: ValueError if the file is missing, cut short or not a shard."""
        remedy = "prepare the data again with `longshort prepare`"
        try:
            with safe_open(path, framework="numpy") as file:  # checks header and size
                if not set(_DTYPES) - _OPTIONAL <= set(file.keys()) <= set(_DTYPES):
                    raise ValueError(f"{path} is not a shard: it holds {sorted(file.keys())}; {remedy}")
        except FileNotFoundError:
            raise ValueError(f"the shard {path} is missing; {remedy}") from None
        except (SafetensorError, OSError) as error:
            raise ValueError(f"the shard {path} is damaged or cut short ({error}); {remedy}") from error
        self.arrays = _memory_map(path)
        anywhere = np.full(self.arrays["target_segment"].shape, ANYWHERE, np.int32)
        self.arrays.setdefault("target_evidence", anywhere)
        self.arrays.setdefault("target_answer", np.zeros(2 * len(anywhere), np.int32))
        self.arrays.setdefault("target_steps", np.repeat(anywhere, MOST_STEPS))
        self.num_examples = len(self.arrays["example_segments"]) - 1
        if not self._is_consistent():
            raise ValueError(f"the shard {path} contradicts itself; {remedy}")

    def _is_consistent(self) -> bool:
        a = self.arrays
        return (
            a["segment_offsets"][-1] == a["tokens"].size
            and a["target_offsets"][-1] == a["target_tokens"].size
            and a["example_segments"][-1] == a["segment_offsets"].size - 1
            and a["example_targets"][-1] == a["target_offsets"].size - 1 == a["target_segment"].size
            and a["target_answer"].size == 2 * a["target_segment"].size
            and a["target_steps"].size == MOST_STEPS * a["target_segment"].size
            and a["example_targets"].size == a["example_segments"].size
        )

    def example(self, index: int) -> EncodedExample:
        """The example at `index`, 0 to num_examples - 1."""
        a = self.arrays
        segments = [
            a["tokens"][a["segment_offsets"][s] : a["segment_offsets"][s + 1]].tolist()
            for s in range(a["example_segments"][index], a["example_segments"][index + 1])
        ]
        targets = [
            EncodedTarget(
                a["target_tokens"][a["target_offsets"][g] : a["target_offsets"][g + 1]].tolist(),
                int(a["target_segment"][g]),
                int(a["target_evidence"][g]),
                (int(a["target_answer"][2 * g]), int(a["target_answer"][2 * g + 1])),
                tuple(s for s in a["target_steps"][MOST_STEPS * g :][:MOST_STEPS].tolist() if s != ANYWHERE),
            )
            for g in range(a["example_targets"][index], a["example_targets"][index + 1])
        ]
        return EncodedExample(segments, targets)

    def src_lengths(self) -> np.ndarray:
        """[N] int64: tokens over all segments of each example."""
        return np.diff(self.arrays["segment_offsets"][self.arrays["example_segments"]])

    def tgt_lengths(self) -> np.ndarray:
        """[N] int64: tokens over all targets of each example."""
        if not self.num_examples:
            return np.zeros(0, dtype=np.int64)
        lengths = np.diff(self.arrays["target_offsets"])  # [G]
        return np.add.reduceat(lengths, self.arrays["example_targets"][:-1])


def _memory_map(path: Path) -> dict[str, np.ndarray]:
    """Views of a safetensors file: 8 bytes of header length, the header in JSON, then the arrays."""
    raw = np.memmap(path, dtype=np.uint8, mode="r")
    start = 8 + int(raw[:8].view(np.uint64)[0])
    header = json.loads(raw[8:start].tobytes())
    arrays = {}
    for name, dtype in _DTYPES.items():
        if name in _OPTIONAL and name not in header:
            continue
        first, last = header[name]["data_offsets"]
        arrays[name] = raw[start + first : start + last].view(dtype)
    return arrays


class ShardedDataset:
    """A split of a prepared folder as a sequence of `EncodedExample`.

    It is cheap to pickle (workers open the files again) and holds no text, only views of the files.
    """

    def __init__(self, folder: str | Path, split: str, verify: bool = False) -> None:
        """verify: also compare every shard's checksum with the manifest (reads everything once).

        Raises: ValueError naming the file and the remedy if anything is missing, damaged or changed.
        """
        self.folder, self.split = Path(folder), split
        self.manifest = read_manifest(folder)
        splits = self.manifest["splits"]
        if split not in splits:
            raise ValueError(f"no split {split!r} in {folder}: it has {', '.join(splits) or 'none'}")
        self._shards = [self._open(info, verify) for info in splits[split]]
        counts = [shard.num_examples for shard in self._shards]
        self._starts = np.concatenate(([0], np.cumsum(counts, dtype=np.int64)))  # [shards + 1]

    def _open(self, info: dict[str, Any], verify: bool) -> Shard:
        path = self.folder / info["file"]
        shard = Shard(path)
        if shard.num_examples != info["examples"]:
            raise ValueError(
                f"{path} holds {shard.num_examples} examples, but the manifest says {info['examples']}; "
                f"prepare the data again with `longshort prepare`"
            )
        if verify and sha256_file(path) != info["sha256"]:
            raise ValueError(
                f"{path} was changed after it was written (its checksum differs from the manifest's); "
                f"prepare the data again with `longshort prepare`"
            )
        return shard

    def __reduce__(self) -> tuple[type[ShardedDataset], tuple[Path, str]]:
        return ShardedDataset, (self.folder, self.split)

    def __len__(self) -> int:
        return int(self._starts[-1])

    def __getitem__(self, index: int) -> EncodedExample:
        if not -len(self) <= index < len(self):
            raise IndexError(f"example {index} of split {self.split!r}, which has {len(self)}")
        index %= len(self)
        which = int(np.searchsorted(self._starts, index, side="right")) - 1
        return self._shards[which].example(index - int(self._starts[which]))

    @property
    def src_lengths(self) -> np.ndarray:
        """[N] int64: tokens over all segments of each example."""
        return np.concatenate([np.zeros(0, np.int64), *(shard.src_lengths() for shard in self._shards)])

    @property
    def tgt_lengths(self) -> np.ndarray:
        """[N] int64: tokens over all targets of each example."""
        return np.concatenate([np.zeros(0, np.int64), *(shard.tgt_lengths() for shard in self._shards)])

    def usual_age(self, share: float = 0.95) -> int:
        """The age in segments below or at which that share of what targets look back on lies; at least 1."""
        segments = [shard.arrays["target_segment"] for shard in self._shards]
        targets = np.bincount(np.concatenate([np.zeros(0, np.int64), *segments]))  # so far in: 0, 1, ...
        looks = targets[::-1].cumsum()[::-1][1:]  # at age 1, 2, ...
        return int(np.searchsorted(looks.cumsum(), share * looks.sum())) + 1
