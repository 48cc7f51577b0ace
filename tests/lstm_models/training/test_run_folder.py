"""What a run finds in its folder and on its machine is refused before the first update, and never lost."""

import os
import signal
from pathlib import Path

import pytest

from lstm_models.checkpoint import load_checkpoint, read_config
from lstm_models.training import fit
from lstm_models.training.module import TrainingModule
from tests.toys import conversations, tiny_config, train_tokenizer, training_config, write_data

MODEL = tiny_config(vocab_size=0)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    tokenizer = train_tokenizer(folder / "t.model")
    return write_data(
        folder / "data", tokenizer, conversations(tokenizer, 30), conversations(tokenizer, 6, 9)
    )


def test_a_best_checkpoint_without_its_state_is_not_replaced(data: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    before = read_config(fit(MODEL, training_config(), data, run, progress=False))
    (run / "state.safetensors").unlink()
    settings = (run / "settings.json").read_bytes()
    for resume in (False, True):
        with pytest.raises(ValueError, match=r"best is from a run that cannot go on.*another folder"):
            fit(MODEL, training_config(seed=2), data, run, resume=resume, progress=False)
    assert read_config(run / "best") == before and (run / "settings.json").read_bytes() == settings


def test_ctrl_c_leaves_the_runs_own_best(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run, step = tmp_path / "run", TrainingModule.training_step
    (run / "best").mkdir(parents=True)
    (run / "best" / ".DS_Store").write_text("a file manager's")

    def interrupted(self: TrainingModule, *args: object) -> object:
        os.kill(os.getpid(), signal.SIGINT)
        return step(self, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(TrainingModule, "training_step", interrupted)
    with pytest.raises(KeyboardInterrupt):
        fit(MODEL, training_config(), data, run, progress=False)
    assert load_checkpoint(run / "best")[2]["card"]["training"] == "1 updates, seed 1"


def test_a_best_checkpoint_that_was_deleted_is_written_again(
    data: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    run = tmp_path / "run"
    best = fit(MODEL, training_config(), data, run, progress=False)
    weights = read_config(best)["weights"]
    for path in best.iterdir():
        path.unlink()
    best.rmdir()
    assert fit(MODEL, training_config(), data, run, resume=True, progress=False) == best
    assert read_config(best)["weights"] == weights and "was gone" in caplog.text


def test_other_files_are_named_before_the_first_update(data: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    (run / "best").mkdir(parents=True)
    (run / "best" / "notes.txt").write_text("mine")
    with pytest.raises(ValueError, match=r"best holds other files \(notes\.txt\)"):
        fit(MODEL, training_config(), data, run, progress=False)
    assert [path.name for path in run.iterdir()] == ["best"], "nothing was begun"


def test_a_machine_without_a_gpu_is_named(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for accelerator in ("cuda.CUDAAccelerator", "mps.MPSAccelerator"):
        name = f"lightning.pytorch.accelerators.{accelerator}.is_available"
        monkeypatch.setattr(name, staticmethod(lambda: False))
    with pytest.raises(ValueError, match=r"training\.accelerator=gpu.*accelerator=auto") as raised:
        fit(MODEL, training_config(accelerator="gpu"), data, tmp_path / "run", progress=False)
    assert "\n" not in str(raised.value) and not (tmp_path / "run").exists()
