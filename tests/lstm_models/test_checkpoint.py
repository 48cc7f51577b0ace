"""A checkpoint comes back to the bit, is replaced as a whole, and says what does not fit."""

import errno
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from lstm_models import checkpoint, files
from lstm_models.checkpoint import load_checkpoint, read_config, save_checkpoint
from lstm_models.config import ModelConfig
from lstm_models.seq2seq import Seq2Seq
from lstm_models.tokenizer import Tokenizer

CARD = {"name": "tiny", "task": "chat", "description": "A toy.", "data": [
    {"name": "none", "licence": "CC0-1.0", "attribution": "nobody"}]}  # fmt: skip
VOCAB = 300


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Tokenizer:
    words = [f"{a}{b}o {b}{a}u" for a in "bdfglmnprst" for b in "aei"]
    return Tokenizer.train(words, tmp_path_factory.mktemp("tokenizer") / "t.model", VOCAB)


def tiny(seed: int = 1, **sizes: Any) -> Seq2Seq:
    torch.manual_seed(seed)
    sizes = {"vocab_size": VOCAB, "embed_dim": 8, "hidden_size": 8, "num_heads": 2, **sizes}
    return Seq2Seq(ModelConfig(**sizes))


@pytest.fixture
def folder(tmp_path: Path, tokenizer: Tokenizer) -> Path:
    save_checkpoint(tmp_path / "tiny", tiny(), tokenizer, CARD)
    return tmp_path / "tiny"


def test_comes_back_to_the_bit(folder: Path, tokenizer: Tokenizer) -> None:
    model, loaded, config = load_checkpoint(folder)
    state = model.state_dict()
    assert all(torch.equal(value, state[name]) for name, value in tiny().state_dict().items())
    assert not model.training and model.config == tiny().config
    assert loaded.sha256 == tokenizer.sha256
    assert config["task"] == "chat" and config["card"] == CARD
    assert config["weights"]["sha256"] == files.sha256_file(folder / "model.safetensors")
    assert {path.name for path in folder.iterdir()} == {
        "config.json", "tokenizer.model", "model.safetensors", "README.md"
    }  # fmt: skip
    assert (folder / "README.md").read_text("utf-8").startswith("---\nlicense: apache-2.0\n")


def test_the_same_weights_have_the_same_hash(folder: Path, tmp_path: Path, tokenizer: Tokenizer) -> None:
    first = read_config(folder)["weights"]["sha256"]
    assert save_checkpoint(tmp_path / "again", tiny(), tokenizer, CARD)["weights"]["sha256"] == first
    assert save_checkpoint(tmp_path / "other", tiny(2), tokenizer, CARD)["weights"]["sha256"] != first


def test_float16_is_half_the_size_and_loads_as_float32(folder: Path, tokenizer: Tokenizer) -> None:
    size = (folder / "model.safetensors").stat().st_size
    save_checkpoint(folder, tiny(), tokenizer, CARD, dtype="float16")
    assert (folder / "model.safetensors").stat().st_size < 0.6 * size + 4000
    model, _, config = load_checkpoint(folder)
    assert config["dtype"] == "float16"
    state = model.state_dict()
    for name, value in tiny().state_dict().items():
        if value.is_floating_point():
            assert state[name].dtype == torch.float32 and torch.equal(state[name], value.half().float())


def _change(folder: Path, **changes: Any) -> None:
    config = json.loads((folder / "config.json").read_text("utf-8"))
    (folder / "config.json").write_text(json.dumps({**config, **changes}))


def _truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-40])


def _flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[-10] ^= 1
    path.write_bytes(bytes(data))


def _weights(folder: Path, change: Callable[[dict[str, torch.Tensor]], Any]) -> None:
    tensors = load_file(folder / "model.safetensors")
    change(tensors)
    save_file(tensors, folder / "model.safetensors")


def _rename_one(tensors: dict[str, torch.Tensor]) -> None:
    tensors["foreign.weight"] = tensors.pop(sorted(tensors)[0])


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda f: (f / "model.safetensors").unlink(), "lacks model.safetensors; take"),
        (lambda f: [(f / n).unlink() for n in ("config.json", "tokenizer.model")], "lacks config.json, tok"),
        (lambda f: (f / "config.json").write_text("{"), "config.json is not JSON"),
        (lambda f: (f / "config.json").write_text('{"architectures": ["Bert"]}'), "of another program"),
        (lambda f: (f / "config.json").write_text("[]"), "of another program"),
        (lambda f: _change(f, format_version=99), "has format version 99, this program reads 1"),
        (lambda f: _change(f, weights={}), "config.json lacks weights.sha256"),
        (lambda f: _change(f, task=3, card=None), "config.json lacks task, card"),
        (lambda f: _change(f, model={"layers": 3}), "sizes do not fit .layers: Extra inputs"),
        (lambda f: _truncate(f / "model.safetensors"), "model.safetensors is truncated or no safetensors"),
        (lambda f: (f / "model.safetensors").write_bytes(b"\x80\x02}q\x00."), "truncated or no safetensors"),
        (lambda f: _flip(f / "model.safetensors"), "model.safetensors differs from the checksum"),
        (lambda f: _truncate(f / "tokenizer.model"), "tokenizer.model"),
        (lambda f: _weights(f, _rename_one), "missing: .*; unexpected: foreign.weight. The two"),
        (lambda f: _weights(f, dict.clear), r"missing: .*, .* and \d+ more"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_named(folder: Path, damage: Callable[[Path], Any], said: str) -> None:
    damage(folder)
    with pytest.raises(ValueError, match=said) as raised:
        load_checkpoint(folder)
    assert str(folder) in str(raised.value)


def test_another_shape_is_named(folder: Path) -> None:
    _change(folder, model={**tiny().config.model_dump(), "embed_dim": 16})
    with pytest.raises(ValueError, match=r"of another shape: .* is \[.*8.*\], needed \[.*16.*\]"):
        load_checkpoint(folder)


@pytest.mark.parametrize(
    ("sizes", "said"),
    [
        ({"hidden_size": 2**20}, "of another shape: "),
        ({"vocab_size": 10**30}, "no model can be of the sizes"),
    ],
)
def test_sizes_that_fit_no_memory_are_refused_before_it_is_taken(
    folder: Path, sizes: dict[str, int], said: str
) -> None:
    _change(folder, model=tiny().config.model_dump() | sizes)
    with pytest.raises(ValueError, match=f"{said}.*; take the checkpoint from its source again"):
        load_checkpoint(folder)


def test_another_tokenizer_is_refused(folder: Path, tmp_path: Path, tokenizer: Tokenizer) -> None:
    other = Tokenizer.train(["ko ka ki mo ma mi"] * 3, tmp_path / "o.model", 280)
    with pytest.raises(ValueError, match="vocab_size=300, the tokenizer has 280 entries"):
        save_checkpoint(tmp_path / "new", tiny(), other, CARD)
    other.save(folder / "tokenizer.model")
    with pytest.raises(ValueError, match="not the tokenizer that the model was trained with"):
        load_checkpoint(folder)


def test_no_folder(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"no checkpoint at .*none: give a folder that holds config.json"):
        load_checkpoint(tmp_path / "none")


@pytest.mark.parametrize("call", ["fsync", "rename"])
def test_a_full_disk_keeps_the_former_checkpoint(
    folder: Path, tokenizer: Tokenizer, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(files.os, call, full)
    monkeypatch.setattr(files, "_exchange", lambda *_: False)
    with pytest.raises(OSError, match="the disk is full"):
        save_checkpoint(folder, tiny(2), tokenizer, CARD)
    monkeypatch.undo()
    model, _, _ = load_checkpoint(folder)
    assert all(torch.equal(v, model.state_dict()[n]) for n, v in tiny().state_dict().items())
    assert [path.name for path in folder.parent.iterdir()] == ["tiny"]


@pytest.mark.parametrize(
    ("value", "dtype", "said"),
    [(float("nan"), "float32", "are not finite"), (1e6, "float16", "are too large for float16"),
     (0.0, "int8", "dtype='int8': allowed are float32, float16")],
)  # fmt: skip
def test_weights_that_would_be_lost_are_not_saved(
    folder: Path, tokenizer: Tokenizer, value: float, dtype: Any, said: str
) -> None:
    before = read_config(folder)
    broken = tiny()
    with torch.no_grad():
        next(broken.parameters()).view(-1)[0] = value
    with pytest.raises(ValueError, match=said):
        save_checkpoint(folder, broken, tokenizer, CARD, dtype=dtype)
    assert read_config(folder) == before


def test_other_files_are_never_deleted(folder: Path, tmp_path: Path, tokenizer: Tokenizer) -> None:
    (folder / "notes.txt").write_text("mine")
    with pytest.raises(ValueError, match=r"holds other files \(notes.txt\), which saving .* would delete"):
        save_checkpoint(folder, tiny(), tokenizer, CARD)
    (folder / "notes.txt").rename(tmp_path / "notes.txt")
    (folder / ".DS_Store").write_text("a file manager's")
    save_checkpoint(folder, tiny(), tokenizer, CARD)
    (tmp_path / "file").write_text("mine")
    with pytest.raises(ValueError, match="is a file: a checkpoint is a folder"):
        save_checkpoint(tmp_path / "file", tiny(), tokenizer, CARD)
    assert (tmp_path / "notes.txt").read_text() == (tmp_path / "file").read_text() == "mine"


def test_tied_weights_are_stored_once(
    folder: Path, tokenizer: Tokenizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def tie(model: Seq2Seq) -> Seq2Seq:
        first = next(iter(model.parameters()))
        model.register_parameter("zz_tied", first)
        return model

    untied = read_config(folder)["weights"]["parameters"]
    assert save_checkpoint(folder, tie(tiny()), tokenizer, CARD)["weights"]["parameters"] == untied
    monkeypatch.setattr("lstm_models.seq2seq.Seq2Seq", lambda config: tie(Seq2Seq(config)))
    model, _, _ = load_checkpoint(folder)
    first = next(iter(tiny().parameters()))
    assert torch.equal(model.state_dict()["zz_tied"], first)


def test_reading_the_config_needs_no_torch(folder: Path) -> None:
    program = (
        "import sys; from lstm_models.checkpoint import load_tokenizer, model_config, read_config\n"
        "c = read_config(sys.argv[1]); load_tokenizer(sys.argv[1], c); model_config(sys.argv[1], c)\n"
        "assert 'torch' not in sys.modules"
    )
    root = Path(checkpoint.__file__).parents[1]
    subprocess.run([sys.executable, "-c", program, folder], check=True, cwd=root)
