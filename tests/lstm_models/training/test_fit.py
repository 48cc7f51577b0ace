"""What `fit` does with its folder, its settings, a full disk, several devices and a signal."""

import errno
import gc
import json
import os
import signal
import subprocess
import sys
import warnings
from pathlib import Path

import pytest
import torch

from lstm_models import files
from lstm_models.checkpoint import load_checkpoint
from lstm_models.engine import Engine
from lstm_models.shards import ShardedDataset, read_manifest, write_manifest
from lstm_models.tokenizer import Tokenizer
from lstm_models.training import fit
from lstm_models.training.checkpoint_io import load_state
from lstm_models.training.module import TrainingModule
from tests.toys import conversations, tiny_config, toy_examples, train_tokenizer, training_config, write_data

MODEL = tiny_config(vocab_size=0)


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Tokenizer:
    return train_tokenizer(tmp_path_factory.mktemp("tokenizer") / "t.model")


@pytest.fixture
def data(tmp_path: Path, tokenizer: Tokenizer) -> Path:
    return write_data(
        tmp_path / "data", tokenizer, conversations(tokenizer, 30), conversations(tokenizer, 6, 9)
    )


def test_a_run_and_what_it_leaves(data: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    run = tmp_path / "run"
    gc.collect()  # what other tests left behind is not warned of here
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        best = fit(MODEL, training_config(), data, run, name="toy")
    assert not [str(warning.message) for warning in caught]
    said = capfd.readouterr()
    assert said.out == "" and "update 12 of 12: validation: bleu" in said.err
    assert len(said.err.splitlines()) <= 5, said.err
    assert sorted(path.name for path in run.iterdir()) == [
        "best",
        "log",
        "settings.json",
        "state.safetensors",
    ]
    model, _, config = load_checkpoint(best)
    assert config["card"]["name"] == "toy" and config["card"]["training"] == "12 updates, seed 1"
    assert {score["metric"] for score in config["card"]["scores"]} == {"bleu", "chrf", "exact", "perplexity"}
    assert model.config.vocab_size == 300
    assert model.config.max_age == ShardedDataset(data, "train").usual_age() > 1
    assert any("tfevents" in path.name for path in (run / "log").iterdir())

    with pytest.raises(ValueError, match="holds a run already: go on with it by --resume"):
        fit(MODEL, training_config(), data, run)
    changed = training_config(learning_rate=0.1, patience=3), tiny_config(vocab_size=0, dropout=0.5)
    with pytest.raises(
        ValueError, match=r"model\.dropout was 0\.0, now 0\.5; training\.learning_rate was 0\.005"
    ):
        fit(changed[1], changed[0], data, run, resume=True)
    settings = run / "settings.json"
    text = settings.read_text()
    old = json.loads(text)
    del old["training"]["sampled_words"]  # as if by a version that did not know it
    settings.write_text(json.dumps(old))
    assert fit(MODEL, training_config(), data, run, resume=True, progress=False) == best
    settings.write_text("{}")
    with pytest.raises(ValueError, match=r"settings\.json is missing or damaged"):
        fit(MODEL, training_config(), data, run, resume=True)
    settings.write_text(text)
    state = run / "state.safetensors"
    state.write_bytes(state.read_bytes()[:-100])
    with pytest.raises(ValueError, match=r"state\.safetensors is not a whole training state.*start anew"):
        fit(MODEL, training_config(), data, run, resume=True, progress=False)


def test_what_cannot_begin(data: Path, tmp_path: Path, tokenizer: Tokenizer) -> None:
    run = tmp_path / "run"
    with pytest.raises(ValueError, match="nothing to resume in .*run"):
        fit(MODEL, training_config(), data, run, resume=True)
    with pytest.raises(ValueError, match=r"model\.vocab_size=77, but .* vocabulary of 300"):
        fit(tiny_config(vocab_size=77), training_config(), data, run)
    with pytest.raises(ValueError, match="no prepared data in"):
        fit(MODEL, training_config(), tmp_path / "nowhere", run)
    for split in ("train", "validation"):
        parts = {"train": conversations(tokenizer, 3), "validation": conversations(tokenizer, 3), split: []}
        empty = write_data(tmp_path / split, tokenizer, parts["train"], parts["validation"])
        with pytest.raises(ValueError, match=f"the split '{split}' of .* is empty"):
            fit(MODEL, training_config(), empty, run)
    Tokenizer.train([f"{a}{b}a" for a in "bcdf" for b in "klmn"], data / "tokenizer.model", 285)
    with pytest.raises(ValueError, match="not the one that its shards were encoded with"):
        fit(MODEL, training_config(), data, run)
    assert not run.exists()


def test_starting_from_a_checkpoint(data: Path, tmp_path: Path) -> None:
    best = fit(MODEL, training_config(), data, tmp_path / "first", progress=False)
    # a learning rate so small that nothing moves
    still = training_config(start_from=str(best), learning_rate=1e-12, weight_decay=0)
    again = fit(MODEL, still, data, tmp_path / "second", progress=False)
    before, after = (load_checkpoint(folder)[0].state_dict() for folder in (best, again))
    for name, weight in before.items():
        torch.testing.assert_close(after[name], weight)
    added = {"deeper_layers": 1, "num_hops": 2, "match_size": 4, "reread_size": 6, "follow": True}
    larger = MODEL.model_copy(update={**added, "uncovered": True})
    more = fit(larger, still, data, tmp_path / "larger", progress=False)
    grown = load_checkpoint(more)[0].state_dict()
    assert len(grown) == len(before) + 10 + 2 + 4 + 22 + 2
    torch.testing.assert_close({name: grown[name] for name in before}, before)
    line, length = torch.arange(270, 276)[None], torch.tensor([6])
    read = [m.encoder(m.embed(line), length) for m in (load_checkpoint(best)[0], load_checkpoint(more)[0])]
    torch.testing.assert_close(*read)  # a layer that was added reads along, and adds nothing yet
    other = MODEL.model_copy(update={"hidden_size": 2 * MODEL.hidden_size, "dropout": 0.5})
    with pytest.raises(ValueError, match=r"start_from=.*the sizes differ: model.hidden_size=\d+ \(the chec"):
        fit(other, still, data, tmp_path / "third", progress=False)
    Tokenizer.train([f"{a}{b}a" for a in "bcdfg" for b in "klmno"], tmp_path / "t.model", 285)
    another = Tokenizer.load(tmp_path / "t.model")
    examples = toy_examples(another, "copy", 6, words=6)
    foreign = write_data(tmp_path / "foreign", another, examples, examples)
    with pytest.raises(ValueError, match=r"another tokenizer; prepare it again with data.tokenizer=.*model"):
        fit(MODEL, still, foreign, tmp_path / "fourth", progress=False)


def test_other_data_is_refused(data: Path, tmp_path: Path, tokenizer: Tokenizer) -> None:
    run = tmp_path / "run"
    fit(MODEL, training_config(max_updates=3), data, run, progress=False)
    write_data(data, tokenizer, conversations(tokenizer, 31), conversations(tokenizer, 6, 9))
    with pytest.raises(ValueError, match="is not what the run began with"):
        fit(MODEL, training_config(max_updates=6), data, run, resume=True)
    manifest = read_manifest(data)
    manifest["splits"]["train"][0]["sha256"] = "0" * 64
    write_manifest(data, manifest)
    with pytest.raises(ValueError, match="was changed after it was written"):
        fit(MODEL, training_config(max_updates=6), data, run, resume=True)


def test_a_full_disk_leaves_the_former_state(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, sync, saves = tmp_path / "run", os.fsync, []

    def full(descriptor: int) -> None:
        name = os.readlink(f"/proc/self/fd/{descriptor}")
        saves.append("state.safetensors." in name)
        if sum(saves) > 1 and saves[-1]:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        sync(descriptor)

    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(
        OSError, match=r"state\.safetensors: the disk is full. Nothing that existed was changed"
    ):
        fit(MODEL, training_config(), data, run, progress=False)
    monkeypatch.undo()
    assert load_state(run / "state.safetensors")["global_step"] == 4
    assert not [path for path in run.iterdir() if path.name.endswith(".tmp")]
    fit(MODEL, training_config(), data, run, resume=True, progress=False)
    assert load_state(run / "state.safetensors")["global_step"] == 12


def test_stops_early_and_keeps_the_best(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scores = iter([5.0, 9.0, 8.0, 9.0, 7.0])
    monkeypatch.setattr(
        TrainingModule, "_decoded_scores", lambda self: {"bleu": 0.0, "chrf": next(scores), "exact": 0.0}
    )
    config = training_config(max_updates=50, validate_every=2, patience=2, monitor="chrf")
    best = fit(MODEL, config, data, tmp_path / "run", progress=False)
    state = load_state(tmp_path / "run" / "state.safetensors")
    assert state["global_step"] == 8
    assert state["callbacks"]["Keeper"] == {"best_score": 9.0, "waited": 2}
    assert load_checkpoint(best)[2]["card"]["training"] == "4 updates, seed 1"
    longer = config.model_copy(update={"patience": 3})
    fit(MODEL, longer, data, tmp_path / "run", resume=True, progress=False)
    assert load_state(tmp_path / "run" / "state.safetensors")["global_step"] == 10


def test_bf16_is_close(data: Path, tmp_path: Path) -> None:
    perplexities, embeddings = [], []
    for precision in ("fp32", "bf16"):
        best = fit(MODEL, training_config(precision=precision), data, tmp_path / precision, progress=False)
        model, _, config = load_checkpoint(best)
        assert all(weight.dtype == torch.float32 for weight in model.parameters())
        scores = {score["metric"]: score["value"] for score in config["card"]["scores"]}
        perplexities.append(scores["perplexity"])
        embeddings.append(model.embedding.weight)
    assert not torch.equal(*embeddings)
    assert perplexities[1] == pytest.approx(perplexities[0], rel=0.02)


def test_a_gradient_that_is_not_finite_ends_the_run(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    step = TrainingModule.training_step

    def broken(self: TrainingModule, *args: object) -> torch.Tensor:
        return step(self, *args) * (float("nan") if self.trainer.global_step == 6 else 1)  # type: ignore[arg-type]

    monkeypatch.setattr(TrainingModule, "training_step", broken)
    with pytest.raises(ValueError, match=r"not finite at update 7: .* learning_rate \(now 0.005\)"):
        fit(MODEL, training_config(), data, tmp_path / "run", progress=False)
    assert load_state(tmp_path / "run" / "state.safetensors")["global_step"] == 6


def test_validation_leaves_no_trace_in_training(data: Path, tmp_path: Path) -> None:
    model = tiny_config(vocab_size=0, dropout=0.3)
    for run, every in (("often", 2), ("seldom", 6)):
        fit(model, training_config(max_updates=6, validate_every=every), data, tmp_path / run, progress=False)
    often, seldom = (load_state(tmp_path / run / "state.safetensors") for run in ("often", "seldom"))
    assert all(torch.equal(often["state_dict"][name], value) for name, value in seldom["state_dict"].items())


def test_signals_have_their_handlers_back(data: Path, tmp_path: Path) -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    fit(MODEL, training_config(max_updates=3), data, tmp_path / "run", progress=False)
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before


TWO_DEVICES = """
import sys, torch
from pathlib import Path
torch.set_num_threads(1)
from tests.toys import tiny_config, training_config
from lstm_models.training import fit
config = training_config(max_updates=4, validate_every=2, devices=2, strategy="ddp", batch_tokens=64)
fit(tiny_config(vocab_size=0), config, Path(sys.argv[1]), Path(sys.argv[2]))
"""


def test_two_devices(data: Path, tmp_path: Path, tokenizer: Tokenizer) -> None:
    """By Lightning's ddp: the program is started once more for the second device."""
    script = tmp_path / "two.py"
    script.write_text(TWO_DEVICES)
    environment = {**os.environ, "PYTHONPATH": os.getcwd(), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, str(script), str(data), str(tmp_path / "run")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=500, env=environment)
    assert done.returncode == 0, done.stderr
    state = load_state(tmp_path / "run" / "state.safetensors")
    assert state["global_step"] == 4
    assert Engine.load(tmp_path / "run" / "best").tokenizer.sha256 == tokenizer.sha256
    assert done.stderr.count("update 4 of 4: validation") == 1, "one of the two speaks"
