"""A run that was killed or stopped and then resumed is the run that nobody touched, to the bit."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from lstm_models.training import fit
from lstm_models.training.checkpoint_io import load_state
from tests.lstm_models.training.watched import Curve, curve, recorded, settings
from tests.toys import conversations, train_tokenizer, write_data

# Updates 1 to 14, saved every 4th, validated (and then saved) every 6th and at the end.
KILLED, INTERRUPTED, TERMINATED = -9, 130, 143
SCENARIOS = {
    "SIGKILL:update:8": KILLED,  # between saves, behind a validation
    "SIGKILL:validation:6": KILLED,
    "SIGKILL:save:2": KILLED,  # the new state is written, but not in its place
    "SIGINT:update:3": INTERRUPTED,
    "SIGTERM:update:12": TERMINATED,  # a validation is due
}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    tokenizer = train_tokenizer(folder / "t.model")
    return write_data(
        folder / "data", tokenizer, conversations(tokenizer, 60), conversations(tokenizer, 8, 9)
    )


@pytest.fixture(scope="module")
def untouched(data: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Curve]:
    run = tmp_path_factory.mktemp("untouched") / "run"
    with recorded(run.with_suffix(".curve")):
        fit(*settings(), data, run, progress=False)
    return run, curve(run.with_suffix(".curve"))


@pytest.fixture(scope="module")
def runs(data: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, int]]:
    """All scenarios, and how each ended."""
    folder = tmp_path_factory.mktemp("runs")
    command = [sys.executable, "-m", "tests.lstm_models.training.watched", str(data), str(folder), *SCENARIOS]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=500,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    lines = [line.split() for line in done.stdout.splitlines() if line.startswith("SIG")]
    return folder, {scenario: int(code) for scenario, code in lines}


def same(a: Any, b: Any, path: str = "state") -> None:
    """Equal to the bit, all the way down."""
    assert type(a) is type(b), path
    if isinstance(a, dict):
        assert a.keys() == b.keys(), path
        for key in a:
            same(a[key], b[key], f"{path}.{key}")
    elif isinstance(a, list | tuple):
        assert len(a) == len(b), path
        for i, pair in enumerate(zip(a, b, strict=True)):
            same(*pair, f"{path}[{i}]")
    elif isinstance(a, torch.Tensor):
        assert torch.equal(a, b), path
    elif isinstance(a, np.ndarray):
        assert np.array_equal(a, b), path
    else:
        assert a == b or a != a, path


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_resumed_run_equals_an_untouched_one(
    scenario: str, data: Path, runs: tuple[Path, dict[str, int]], untouched: tuple[Path, Curve]
) -> None:
    folder, ends = runs
    run = folder / scenario.replace(":", "-")
    assert ends[scenario] == SCENARIOS[scenario]
    if scenario.startswith("SIGKILL"):
        state = load_state(run / "state.safetensors")  # whatever happened, the state on the disk is whole
        assert state["global_step"] in (4, 6, 8, 12)
    else:
        assert load_state(run / "state.safetensors")["global_step"] == int(scenario.rsplit(":", 1)[1])
        assert (run / "best" / "model.safetensors").exists()
    with recorded(run.with_suffix(".curve")):
        best = fit(*settings(), data, run, resume=True, progress=False)
    assert curve(run.with_suffix(".curve")) == untouched[1]
    assert sorted(untouched[1]) == list(range(1, 15))
    found, wanted = (load_state(path / "state.safetensors") for path in (run, untouched[0]))
    for part in ("state_dict", "optimizer_states", "lr_schedulers", "callbacks", "global_step"):
        same(found[part], wanted[part], part)
    for name in ("model.safetensors", "config.json"):
        a, b = (path / name for path in (best, untouched[0] / "best"))
        assert a.read_bytes().replace(run.name.encode(), b"run") == b.read_bytes(), name


def test_a_finished_run_may_be_resumed_and_lengthened(data: Path, tmp_path: Path) -> None:
    model, config = settings()
    run = tmp_path / "run"
    best = fit(model, config.model_copy(update={"max_updates": 6}), data, run, progress=False)
    state = (run / "state.safetensors").read_bytes()
    again = fit(model, config.model_copy(update={"max_updates": 6}), data, run, resume=True, progress=False)
    assert again == best and (run / "state.safetensors").read_bytes() == state
    with recorded(run.with_suffix(".curve")):
        fit(model, config, data, run, resume=True, progress=False)
    assert sorted(curve(run.with_suffix(".curve"))) == list(range(7, 15))
    assert load_state(run / "state.safetensors")["global_step"] == 14


def test_the_order_of_the_data_goes_on(data: Path, untouched: tuple[Path, Curve]) -> None:
    batches = [what for _, what in untouched[1].values()]
    assert len(set(batches)) == len(batches), "no batch twice within these updates"
