"""What the README tells people to type works: every command and every Python block, in order, as written."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lstm_models.config import TrainingConfig

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
GUIDE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
PAIRS = [
    (f"{who} {does} the {what}.", f"{wer} {tut} {was}.")
    for who, wer in [("Ada", "Ada"), ("He", "Er"), ("She", "Sie"), ("The child", "Das Kind"), ("Tom", "Tom")]
    for does, tut in [("sees", "sieht"), ("buys", "kauft"), ("paints", "malt"), ("finds", "findet")]
    for what, was in [
        ("house", "das Haus"),
        ("tree", "den Baum"),
        ("red boat", "das rote Boot"),
        ("sun", "die Sonne"),
    ]
]

SHORTER = " training.max_updates=20 training.warmup_updates=5 training.validate_every=20"


def blocks(text: str, language: str) -> list[str]:
    """The code blocks of one language."""
    return re.findall(rf"^```{language}\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)


def commands(text: str) -> list[str]:
    """Every line of the bash blocks without its comment."""
    lines = [line.split(" #")[0].strip() for block in blocks(text, "bash") for line in block.splitlines()]
    return [line for line in lines if line]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a reader would stand: the recipes and the files that the README speaks of."""
    folder = tmp_path_factory.mktemp("readme")
    shutil.copytree(ROOT / "recipes", folder / "recipes")
    lines = [f"{source}\t{target}\n" for source, target in PAIRS]
    (folder / "pairs.tsv").write_text("".join(lines), encoding="utf-8")
    (folder / "letter.txt").write_text("Dear Ada,\n\nthe house is red.\n", encoding="utf-8")
    return folder


def run(command: str, folder: Path) -> str:
    """Run a line in a shell with this environment's `longshort`; what it prints."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path}
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", command],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
    return done.stdout


def test_make_targets_exist() -> None:
    targets = {command for command in commands(README) + commands(GUIDE) if command.startswith("make ")}
    assert {"make app", "make test"} <= targets
    for command in targets:
        subprocess.run(["bash", "-c", command.replace("make ", "make --dry-run ", 1)], cwd=ROOT, check=True)


def test_every_longshort_command_named_is_one(folder: Path) -> None:
    named = set(re.findall(r"longshort ([a-z-]+)", README + GUIDE))
    known = run("longshort --help", folder)
    assert {"translate", "chat", "serve", "prepare", "train", "evaluate", "check-data"} <= named
    assert all(re.search(rf"\b{name}\b", known) for name in named), named


def test_every_command_runs(folder: Path) -> None:
    """In the README's order, since later commands use what earlier ones made; the training is cut short."""
    lines = [command for command in commands(README) if not command.startswith("make ")]
    assert len(lines) >= 8
    printed = {line: run(line + SHORTER if "longshort train " in line else line, folder) for line in lines}
    assert all(text.strip() for line, text in printed.items() if "--output" not in line)
    assert len((folder / "carta.txt").read_text(encoding="utf-8").splitlines()) == 3


@pytest.mark.parametrize("block", blocks(README, "python"), ids=lambda block: block.split()[1])
def test_python_blocks_run(block: str, capsys: pytest.CaptureFixture[str]) -> None:
    exec(compile(block, "README.md", "exec"), {})
    assert capsys.readouterr().out.strip()


def test_settings_named_in_the_readme_exist() -> None:
    for name in re.findall(r"training\.(\w+)=", README):
        assert name in TrainingConfig.model_fields
