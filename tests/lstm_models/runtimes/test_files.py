"""Exports that do not fit are refused with the remedy, and serving needs no PyTorch."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import onnx
import pytest

from lstm_models.checkpoint import load_checkpoint, save_checkpoint
from lstm_models.engine import Engine
from lstm_models.files import sha256_bytes
from lstm_models.runtimes.files import Exported
from tests.toys import CARD, tiny_model

ROOT = Path(__file__).parents[3]


@pytest.fixture
def copy(checkpoint: Path, tmp_path: Path) -> Path:
    return shutil.copytree(checkpoint, tmp_path / "copy")


@pytest.mark.parametrize("name", ["read.onnx", "compare.onnx", "begin.onnx", "step.onnx"])
def test_a_file_cut_short_or_gone(copy: Path, name: str) -> None:
    path = copy / "onnx" / name
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(ValueError, match=rf"{name} is damaged or cut short .*longshort export {copy}"):
        Engine.load(copy)
    path.unlink()
    with pytest.raises(ValueError, match=f"{name} is missing.*longshort export"):
        Engine.load(copy)
    assert Engine.load(copy, "torch").runtime.name == "torch"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format_version": 99}, "format version 99, this program reads 2.*longshort export"),
        ({"weights": "0" * 64}, "exported from other weights.*longshort export"),
        ({"format": "other"}, 'does not say "format": "longshort-engine".*longshort export'),
        ({"graphs": []}, "is no export"),
    ],
)
def test_an_export_of_something_else(copy: Path, change: dict[str, object], message: str) -> None:
    about = json.loads((copy / "onnx" / "engine.json").read_text())
    (copy / "onnx" / "engine.json").write_text(json.dumps({**about, **change}))
    with pytest.raises(ValueError, match=message):
        Engine.load(copy)


def test_a_graph_that_this_runtime_cannot_run(copy: Path) -> None:
    """Whole, but of a version of ONNX that is not there yet."""
    path, about = copy / "onnx" / "step.onnx", copy / "onnx" / "engine.json"
    graph = onnx.load(path)
    graph.ir_version = 999
    path.write_bytes(graph.SerializeToString())
    told = json.loads(about.read_text())
    told["graphs"]["step.onnx"] = sha256_bytes(path.read_bytes())
    about.write_text(json.dumps(told))
    message = r"ONNX Runtime [\d.]+ cannot run.*update onnxruntime, or export again"
    with pytest.raises(ValueError, match=message):
        Engine.load(copy)


def test_one_core_is_enough(checkpoint: Path) -> None:
    code = f"""
import os
if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, [min(os.sched_getaffinity(0))])
from lstm_models.engine import Engine
from lstm_models.runtimes.session import _cores
engine = Engine.load({str(checkpoint)!r})
(state,) = engine.read([engine.new_state()], [[40, 41, 2]])
print(len(engine.generate([state], ["<reply>"])[0][0].tokens) > 0, _cores())
"""
    assert run(code).split()[0] == "True"
    if sys.platform == "linux":
        assert run(code).split()[1] == "1"


def test_a_description_that_cannot_be_read(copy: Path) -> None:
    (copy / "onnx" / "engine.json").write_text("{")
    with pytest.raises(ValueError, match="engine.json is damaged .*longshort export"):
        Exported.open(copy)
    shutil.rmtree(copy / "onnx")
    with pytest.raises(ValueError, match="engine.json is missing: there is no whole export; export it again"):
        Engine.load(copy, "onnx")
    assert Engine.load(copy).runtime.name == "torch", "without an export PyTorch serves"


def test_saving_other_weights_takes_the_export_away(copy: Path) -> None:
    _, tokenizer, _ = load_checkpoint(copy)
    save_checkpoint(copy, tiny_model(2), tokenizer, CARD)
    assert not (copy / "onnx").exists()


def test_a_runtime_that_does_not_exist(checkpoint: Path) -> None:
    with pytest.raises(ValueError, match="runtime='tensorflow': allowed are auto, onnx, torch"):
        Engine.load(checkpoint, "tensorflow")  # type: ignore[arg-type]


WITHOUT = """
import sys
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {"torch", "lightning", "onnx", "datasets"}:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Refuse())
"""


def run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", WITHOUT + code], cwd=ROOT, capture_output=True, text=True)
    assert not done.returncode, done.stderr
    return done.stdout


def test_an_exported_model_answers_without_pytorch(checkpoint: Path) -> None:
    code = f"""
from lstm_models.engine import Engine
engine = Engine.load({str(checkpoint)!r})
(state,) = engine.read([engine.new_state()], [[40, 41, 2]])
print(len(engine.generate([state], ["<reply>"])[0][0].tokens) > 0, "torch" in sys.modules)
"""
    assert run(code).split() == ["True", "False"]


def test_the_app_the_translator_and_the_bot_import_no_pytorch() -> None:
    code = "import app, page, cli, chat, translate, lstm_models.engine; print('torch' in sys.modules)"
    assert run(code).strip() == "False"


def test_without_pytorch_a_bare_checkpoint_says_what_it_needs(copy: Path) -> None:
    shutil.rmtree(copy / "onnx")
    code = f"""
from lstm_models.engine import Engine
try:
    Engine.load({str(copy)!r})
except ValueError as error:
    print(error)
"""
    assert "pip install 'longshort[train]', then run `longshort export" in run(code)
