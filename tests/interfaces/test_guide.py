"""What docs/interfaces.md tells people to type works as it is written there, but for the address."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
GUIDE = (ROOT / "docs" / "interfaces.md").read_text(encoding="utf-8")
ADDRESS = "http://127.0.0.1:7860"


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", GUIDE, flags=re.MULTILINE | re.DOTALL)


LINES = [line for block in blocks("bash") for line in block.splitlines()]


@pytest.mark.parametrize("line", LINES, ids=lambda line: line[:60])
def test_commands(server: str, tmp_path: Path, line: str) -> None:
    if line.startswith("curl") and not shutil.which("curl"):
        pytest.skip("there is no curl here")
    (tmp_path / "letter.txt").write_text("Dear Ada.\n", encoding="utf-8")
    command = line.replace(ADDRESS, server).replace("curl ", "curl -sS --fail-with-body ", 1)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        command, shell=True, cwd=tmp_path, env={**os.environ, "PATH": path}, capture_output=True, text=True
    )
    assert done.returncode == 0 and done.stdout.strip(), done.stdout + done.stderr


def test_python(server: str, capsys: pytest.CaptureFixture[str]) -> None:
    (block,) = blocks("python")
    exec(compile(block.replace(ADDRESS, server), "interfaces.md", "exec"), {})
    assert capsys.readouterr().out.strip()
