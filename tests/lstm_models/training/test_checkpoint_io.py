"""A training state survives its file to the bit, and what cannot survive is refused by name."""

import collections
import errno
import math
from pathlib import Path
from typing import Any

import lightning.pytorch as pl
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import save_file
from torch import Tensor, nn

from lstm_models import files
from lstm_models.training.checkpoint_io import (
    SafetensorsCheckpointIO,
    StateCheckpoint,
    load_state,
    save_state,
)


def assert_same(left: Any, right: Any, path: str = "state") -> None:
    """Equal to the bit, types and dtypes included."""
    assert type(left) is type(right), f"{path}: {type(left)} against {type(right)}"
    if isinstance(left, Tensor):
        assert left.dtype == right.dtype and left.shape == right.shape, path
        as_bytes = [t.detach().contiguous().reshape(-1).view(torch.uint8) for t in (left, right)]
        assert torch.equal(*as_bytes), path
    elif isinstance(left, np.ndarray | np.generic):
        assert left.dtype == right.dtype and left.shape == right.shape, path
        assert left.tobytes() == right.tobytes(), path
    elif isinstance(left, dict):
        assert list(left) == list(right), path
        for key in left:
            assert_same(left[key], right[key], f"{path}[{key!r}]")
    elif isinstance(left, list | tuple):
        assert len(left) == len(right), path
        for i, pair in enumerate(zip(left, right, strict=True)):
            assert_same(*pair, f"{path}[{i}]")
    elif isinstance(left, float):
        assert left.hex() == right.hex(), path
    else:
        assert left == right, path


def round_trip(state: Any, folder: Path) -> Any:
    save_state({"state": state}, folder / "a.safetensors")
    return load_state(folder / "a.safetensors")["state"]


@pytest.mark.parametrize(
    "name",
    [
        *("float64", "float32", "float16", "bfloat16", "int64", "int32", "int16"),
        *("int8", "uint8", "uint16", "uint32", "uint64", "bool"),
    ],
)
def test_tensors_of_every_dtype(tmp_path: Path, name: str) -> None:
    dtype = getattr(torch, name)
    state = [
        torch.tensor([[0, 1, 1], [0, 1, 0]]).to(dtype),
        torch.tensor(1).to(dtype),
        torch.zeros(0, 3).to(dtype),
    ]
    assert_same(state, round_trip(state, tmp_path))


def test_plain_values(tmp_path: Path) -> None:
    state = {
        "none": None, "yes": True, "int": 2**80, "text": "ä\x00\ud800 \U0001f600", "bytes": b"\x00\xff",
        "floats": [0.1, -0.0, math.inf, -math.inf, math.nan, 5e-324, 1 / 3],
        "tuples": ((), (1, (2.0, [3])), [()]), "path": Path("runs/a b"),
        "empty": [{}, [], collections.OrderedDict()],
        1: {2: {-3: "int keys"}}, "dict": {"dict": [["tensor", "0"]], "tensor": "0"},
    }  # fmt: skip
    assert_same(state, round_trip(state, tmp_path))


def test_numpy_values(tmp_path: Path) -> None:
    state = [np.float64(1 / 3), np.float32("nan"), np.int64(-5), np.bool_(True), np.uint8(7)]
    state += [np.arange(6, dtype=t).reshape(2, 3).T for t in ("u1", "u4", "i8", "f4")] + [np.array(3.0)]
    state += [np.random.default_rng(1).bit_generator.state, np.random.RandomState(1).get_state()]
    assert_same(state, round_trip(state, tmp_path))


def test_arrays_are_never_taken_for_one_another(tmp_path: Path) -> None:
    """Their temporary copies may lie at one place in memory, one after the other."""
    state = [np.full(1000, i) for i in range(50)]
    assert_same(state, round_trip(state, tmp_path))


def test_nan_payload_and_negative_zero(tmp_path: Path) -> None:
    state = (
        torch.tensor([0x7FC00001, 0x80000000 - 2**32, 1], dtype=torch.int64)
        .to(torch.int32)
        .view(torch.float32)
    )
    assert_same(state, round_trip(state, tmp_path))


def test_shared_tensors_stay_shared_and_views_become_copies(tmp_path: Path) -> None:
    whole = torch.arange(6.0).reshape(2, 3)
    back = round_trip({"a": whole, "b": whole, "row": whole[1], "turned": whole.T}, tmp_path)
    assert back["a"] is back["b"]
    assert_same(
        [whole, whole[1], whole.T.contiguous()], [back["a"], back["row"], back["turned"].contiguous()]
    )
    back["row"].zero_()
    assert torch.equal(back["a"], whole)


def test_state_dict_keeps_its_modules_versions(tmp_path: Path) -> None:
    state = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2)).state_dict()
    back = round_trip(state, tmp_path)
    assert_same(state, back)
    assert_same(state._metadata, back._metadata)


leaves = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.binary(max_size=5)
    | st.builds(torch.tensor, st.lists(st.floats(width=32), max_size=3))
)  # fmt: skip
trees = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.text(max_size=3) | st.integers(), inner, max_size=3)
    ),
    max_leaves=12,
)


@settings(max_examples=60, deadline=None)
@given(tree=trees)
def test_any_tree(tree: Any, tmp_path_factory: pytest.TempPathFactory) -> None:
    assert_same(tree, round_trip(tree, tmp_path_factory.mktemp("tree")))


def _circle() -> list[Any]:
    circle: list[Any] = []
    circle.append(circle)
    return circle


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (object(), r"checkpoint\['state'\]\[1\] is a builtins.object, which a training state cannot hold"),
        (len, r"\[1\] is a builtins.builtin_function_or_method"),
        ({"x": {1, 2}}, r"\[1\]\['x'\] is a builtins.set"),
        (collections.Counter("a"), r"is a collections.Counter"),
        ({(1, 2): 0}, r"\[1\] has the key \(1, 2\) \(tuple\): keys must be str or int"),
        ({True: 0}, r"has the key True \(bool\)"),
        (torch.zeros(2).to_sparse(), r"\[1\] is a tensor of a kind"),
        (torch.zeros(2, dtype=torch.complex64), r"complex64"),
        (torch.zeros(2, device="meta"), r"meta"),
        (np.array(["a"]), r"\[1\] is an array of <U1"),
        (np.zeros(2, dtype=">f4"), r"\[1\] is an array of >f4"),
        (_circle(), r"contains itself"),
    ],
)
def test_what_cannot_be_held_is_refused_by_name(tmp_path: Path, value: Any, said: str) -> None:
    save_state({"former": 1}, tmp_path / "a.safetensors")
    with pytest.raises(ValueError, match=said):
        round_trip([0, value], tmp_path)
    assert load_state(tmp_path / "a.safetensors") == {"former": 1}


@pytest.mark.parametrize("keep", [0, 4, 40, 300, -1])
def test_a_truncated_file(tmp_path: Path, keep: int) -> None:
    path = tmp_path / "a.safetensors"
    save_state({"weights": torch.arange(500.0), "note": "x" * 200}, path)
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(
        ValueError, match=r"a\.safetensors is not a whole training state.*resume from another"
    ):
        load_state(path)


def test_foreign_files(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    torch.save({"a": 1}, path)
    with pytest.raises(ValueError, match="another kind of file"):
        load_state(path)
    save_file({"a": torch.zeros(1)}, path, {"format": "pt"})
    with pytest.raises(ValueError, match="but not a training state written by this program"):
        load_state(path)
    save_file({}, path, {"kind": "longshort-training-state", "version": "99"})
    with pytest.raises(ValueError, match="format version '99', this program reads '1'"):
        load_state(path)
    for structure in ('{"tensor":"7"}', '{"tuple":3}', "{}", '{"what":1}', "[", '{"bytes":"zz"}'):
        save_file({}, path, {"kind": "longshort-training-state", "version": "1", "structure": structure})
        with pytest.raises(ValueError, match="truncated, damaged"):
            load_state(path)
    with pytest.raises(FileNotFoundError, match=r"no training state at .*none\.safetensors"):
        load_state(tmp_path / "none.safetensors")


def test_full_disk_keeps_the_former_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.safetensors"
    save_state({"step": 1}, path)

    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(OSError, match="the disk is full"):
        save_state({"step": 2}, path)
    assert load_state(path) == {"step": 1}
    assert [p.name for p in tmp_path.iterdir()] == ["a.safetensors"]


def test_options_that_are_not_supported(tmp_path: Path) -> None:
    plugin = SafetensorsCheckpointIO()
    with pytest.raises(ValueError, match="storage_options=1 is not supported"):
        plugin.save_checkpoint({}, tmp_path / "a.safetensors", storage_options=1)
    plugin.save_checkpoint({"a": torch.ones(1)}, tmp_path / "a.safetensors")
    with pytest.raises(ValueError, match=r"map_location=.* is not supported"):
        plugin.load_checkpoint(tmp_path / "a.safetensors", map_location={"cpu": "cuda"})
    assert plugin.load_checkpoint(tmp_path / "a.safetensors", map_location="meta")["a"].device.type == "meta"
    plugin.remove_checkpoint(tmp_path / "a.safetensors")
    plugin.remove_checkpoint(tmp_path / "a.safetensors")
    assert not list(tmp_path.iterdir())


class Tiny(pl.LightningModule):
    """An LSTM with what fills a state: AdamW, a schedule, dropout, hyper-parameters."""

    def __init__(self, width: int = 4) -> None:
        super().__init__()
        self.save_hyperparameters()
        self.lstm, self.out = nn.LSTM(2, width, batch_first=True), nn.Linear(width, 1)
        self.losses: list[float] = []

    def training_step(self, _: Tensor, index: int) -> Tensor:
        torch.manual_seed(self.global_step)  # data and dropout are functions of the step
        loss = self.out(nn.functional.dropout(self.lstm(torch.rand(3, 5, 2))[0], 0.5)).square().mean()
        self.losses.append(loss.item())
        self.log("loss", loss)
        return loss

    def configure_optimizers(self) -> Any:
        optimizer = torch.optim.AdamW(self.parameters(), lr=0.1)
        schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1 / (1 + step))
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}

    def train_dataloader(self) -> Any:
        return torch.utils.data.DataLoader(torch.zeros(6))


def _trainer(folder: Path, steps: int) -> pl.Trainer:
    saver = StateCheckpoint(folder, every_n_train_steps=2, save_top_k=2, monitor="loss", save_last=True)
    return pl.Trainer(
        default_root_dir=folder, max_steps=steps, max_epochs=-1, plugins=[SafetensorsCheckpointIO()],
        callbacks=[saver], logger=False, enable_progress_bar=False, enable_model_summary=False,
        accelerator="cpu",
    )  # fmt: skip


@pytest.mark.filterwarnings("ignore")
def test_a_real_trainer_saves_and_resumes(tmp_path: Path) -> None:
    model, half, resumed = Tiny(), Tiny(), Tiny()
    half.load_state_dict(model.state_dict())
    trainer = _trainer(tmp_path / "whole", 10)
    trainer.fit(model)
    saved = sorted(path.name for path in (tmp_path / "whole").iterdir())
    assert len(saved) == 3 and "last.safetensors" in saved
    assert all(name.endswith(".safetensors") for name in saved)

    state = trainer._checkpoint_connector.dump_checkpoint()
    trainer.save_checkpoint(tmp_path / "now.safetensors")
    assert_same(state, load_state(tmp_path / "now.safetensors"))
    assert state["hyper_parameters"] == {"width": 4}

    _trainer(tmp_path / "half", 4).fit(half)
    _trainer(tmp_path / "half", 10).fit(resumed, ckpt_path=tmp_path / "half" / "last.safetensors")
    assert half.losses + resumed.losses == model.losses
    assert_same(model.state_dict(), resumed.state_dict())
