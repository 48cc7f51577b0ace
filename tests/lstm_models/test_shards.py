"""Shards give back what was written, and say what is wrong with what was not written so."""

import copy
import errno
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import load_file, save_file

from lstm_models.encoded import ANYWHERE, NOWHERE, UNKNOWN, EncodedExample, EncodedTarget
from lstm_models.shards import (
    ShardedDataset,
    read_manifest,
    shard_infos_as_dicts,
    write_manifest,
    write_shard,
)

PAIR = EncodedExample([[5, 6, 2]], [EncodedTarget([3, 7, 2], 0)])
TALK = EncodedExample(
    [[10, 5, 2], [11, 6, 2], [10, 8, 9, 9, 2]], [EncodedTarget([8, 6, 2], 0), EncodedTarget([8, 6, 7, 2], 2)]
)


def folder_of(path: Path, *shards: list[EncodedExample]) -> Path:
    """A prepared folder with these shards as its train split."""
    infos = [write_shard(path / f"train-{i}.safetensors", examples) for i, examples in enumerate(shards)]
    splits = {"train": shard_infos_as_dicts(infos), "test": []}
    write_manifest(path, {"format": 1, "task": "translate", "tokenizer": {}, "splits": splits})
    return path


def test_examples_over_several_shards(tmp_path: Path) -> None:
    examples = [PAIR, TALK, TALK, PAIR, TALK]
    dataset = ShardedDataset(folder_of(tmp_path, examples[:2], [], examples[2:]), "train", verify=True)
    assert [dataset[i] for i in range(len(dataset))] == examples
    assert dataset[-1] == TALK
    assert dataset.src_lengths.tolist() == [3, 11, 11, 3, 11]
    assert dataset.tgt_lengths.tolist() == [3, 7, 7, 3, 7]
    with pytest.raises(IndexError, match="example 5"):
        dataset[5]
    again = copy.deepcopy(dataset)  # as a worker process gets it
    assert [again[i] for i in range(len(again))] == examples


def test_how_far_targets_usually_look_back(tmp_path: Path) -> None:
    far = EncodedExample([[10, 5, 2]] * 11, [EncodedTarget([8, 2], 10)])  # looks at ages 1 to 10
    data = ShardedDataset(folder_of(tmp_path / "a", [PAIR, TALK], [far]), "train")
    assert [data.usual_age(share) for share in (0.1, 0.3, 0.5, 0.9, 1.0)] == [1, 2, 4, 9, 10]
    assert ShardedDataset(folder_of(tmp_path / "b", [PAIR]), "train").usual_age() == 1
    assert ShardedDataset(folder_of(tmp_path / "c"), "train").usual_age() == 1


def test_an_empty_split(tmp_path: Path) -> None:
    dataset = ShardedDataset(folder_of(tmp_path, [PAIR]), "test")
    assert len(dataset) == 0
    assert dataset.src_lengths.shape == dataset.tgt_lengths.shape == (0,)


ids = st.lists(st.integers(0, 2**31 - 1), min_size=1, max_size=6)


@st.composite
def encoded_examples(draw: st.DrawFn) -> EncodedExample:
    segments = draw(st.lists(ids, min_size=1, max_size=4))
    segment = st.integers(0, len(segments) - 1)
    targets = draw(st.lists(st.builds(EncodedTarget, ids, segment), min_size=1, max_size=3))
    return EncodedExample(segments, targets)


@given(st.lists(encoded_examples(), max_size=5))
@settings(deadline=None, max_examples=30)
def test_any_examples(tmp_path_factory: pytest.TempPathFactory, examples: list[EncodedExample]) -> None:
    dataset = ShardedDataset(folder_of(tmp_path_factory.mktemp("any"), examples), "train")
    assert [dataset[i] for i in range(len(dataset))] == examples
    assert dataset.src_lengths.tolist() == [sum(map(len, example.segments)) for example in examples]
    assert dataset.tgt_lengths.tolist() == [sum(len(t.ids) for t in example.targets) for example in examples]


@pytest.mark.parametrize(
    ("example", "message"),
    [
        (EncodedExample([], [EncodedTarget([1], 0)]), "at least one segment"),
        (EncodedExample([[1]], []), "one target"),
        (EncodedExample([[1], []], [EncodedTarget([1], 0)]), "empty"),
        (EncodedExample([[1]], [EncodedTarget([], 0)]), "empty"),
        (EncodedExample([[1]], [EncodedTarget([1], 1)]), "segment 1.*0 to 0"),
        (EncodedExample([[1]], [EncodedTarget([1], -1)]), "segment -1"),
        (EncodedExample([[1], [2]], [EncodedTarget([1], 1, 0, (0, 2))]), r"\(0, 2\) of 1 tokens"),
        (EncodedExample([[1], [2]], [EncodedTarget([1], 1, 0, (1, 1))]), r"\(1, 1\) of 1 tokens"),
        (EncodedExample([[1], [2]], [EncodedTarget([1], 1, NOWHERE, (0, 1))]), "of 0 tokens"),
        (EncodedExample([[1], [2]], [EncodedTarget([1], 0, 0, steps=(1,))]), r"\(1,\).*3 at most, of 0 to 0"),
        (EncodedExample([[1], [2]], [EncodedTarget([1], 1, 0, steps=(0,) * 4)]), "3 at most"),
    ],
)
def test_malformed_examples_are_not_written(tmp_path: Path, example: EncodedExample, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        write_shard(tmp_path / "a.safetensors", [PAIR, example])
    assert not list(tmp_path.iterdir())


def test_a_full_disk_keeps_the_old_shard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.safetensors"
    write_shard(path, [PAIR])
    before = path.read_bytes()

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="free some space") as caught:
        write_shard(path, [TALK])
    assert caught.value.errno == errno.ENOSPC
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["a.safetensors"]


def test_unknown_split(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"'dev'.*train, test"):
        ShardedDataset(folder_of(tmp_path, [PAIR]), "dev")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, r"there is no manifest\.json; prepare the data"),
        ("", "damaged"),
        ('{"format": 1, "task"', "damaged"),
        ("[]", "format 'list'"),
        ('{"format": 99}', "format 99, but this version reads format 1"),
        ('{"format": 1, "task": "chat"}', "lacks tokenizer, splits"),
    ],
)
def test_bad_manifests(tmp_path: Path, text: str | None, message: str) -> None:
    if text is not None:
        (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(ValueError, match=message):
        read_manifest(tmp_path)


def test_a_shard_cut_short(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, [PAIR, TALK])
    shard = folder / "train-0.safetensors"
    content = shard.read_bytes()
    for length in (0, 5, 100, len(content) - 1):
        shard.write_bytes(content[:length])
        with pytest.raises(ValueError, match=r"train-0\.safetensors is damaged or cut short.*prepare"):
            ShardedDataset(folder, "train")
    shard.unlink()
    with pytest.raises(ValueError, match="is missing"):
        ShardedDataset(folder, "train")


def test_a_changed_token_fails_the_checksum(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, [PAIR, TALK])
    shard = folder / "train-0.safetensors"
    content = bytearray(shard.read_bytes())
    content[-1] ^= 1
    shard.write_bytes(bytes(content))
    with pytest.raises(ValueError, match=r"train-0\.safetensors.*checksum"):
        ShardedDataset(folder, "train", verify=True)


def test_a_shard_of_something_else(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, [PAIR])
    save_file({"weights": np.zeros(3, np.float32)}, folder / "train-0.safetensors")
    with pytest.raises(ValueError, match="not a shard"):
        ShardedDataset(folder, "train")


def test_a_manifest_of_other_shards(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, [PAIR])
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["splits"]["train"][0]["examples"] = 7
    write_manifest(folder, manifest)
    with pytest.raises(ValueError, match="holds 1 examples, but the manifest says 7"):
        ShardedDataset(folder, "train")


def test_offsets_that_contradict_are_refused(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, [PAIR])
    arrays = {
        "tokens": np.zeros(3, np.int32),
        "segment_offsets": np.array([0, 9]),
        "example_segments": np.array([0, 1]),
        "target_tokens": np.zeros(1, np.int32),
        "target_offsets": np.array([0, 1]),
        "example_targets": np.array([0, 1]),
        "target_segment": np.zeros(1, np.int32),
    }
    save_file(arrays, folder / "train-0.safetensors")
    with pytest.raises(ValueError, match="contradicts itself"):
        ShardedDataset(folder, "train")


def test_reading_needs_neither_datasets_nor_torch() -> None:
    heavy = "{'datasets', 'torch', 'pyarrow'}"
    code = f"import sys, lstm_models.shards; sys.exit(bool({heavy} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_evidence_is_kept_and_older_shards_have_none(tmp_path: Path) -> None:
    targets = [EncodedTarget([8, 6, 2], 1, 0, (0, 1), (1, 0)), EncodedTarget([8, 2], 2, NOWHERE)]
    known = EncodedExample(TALK.segments, targets)
    dataset = ShardedDataset(folder_of(tmp_path, [known, PAIR]), "train")
    assert dataset[0] == known and dataset[1].targets[0].evidence == ANYWHERE
    path = tmp_path / "train-0.safetensors"
    for name in ("target_answer", "target_evidence", "target_steps"):
        save_file({key: array for key, array in load_file(path).items() if key != name}, path)
        found = ShardedDataset(tmp_path, "train")[0].targets
        assert [target.answer for target in found] == [UNKNOWN] * 2
        assert [target.evidence for target in found] == (
            [0, NOWHERE] if name == "target_answer" else [ANYWHERE] * 2
        )
        assert [target.steps for target in found] == ([(1, 0), ()] if name != "target_steps" else [()] * 2)
    with pytest.raises(ValueError, match="evidence of a target is segment 2, which it cannot see"):
        write_shard(path, [EncodedExample(TALK.segments, [EncodedTarget([8, 2], 1, 2)])])
