"""The notebooks: every code cell runs, from top to bottom, with short trainings; none carries outputs."""

import ast
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from lab.finding import Check, Finding, Picture, Table, array

FOLDER = Path(__file__).parents[2] / "docs" / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))


def cells(path: Path) -> list[dict[str, Any]]:
    found = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [cell for cell in found if cell["cell_type"] == "code"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_cell_runs(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(FOLDER)  # where Jupyter starts a notebook
    names: dict[str, Any] = {}
    findings = 0
    for cell in cells(path):
        code = "".join(cell["source"])
        if "parameters" in cell["metadata"].get("tags", ()):
            code = "quick = True"
        *before, last = ast.parse(code).body
        if not isinstance(last, ast.Expr):
            exec(code, names)
            continue
        exec(compile(ast.Module(before, []), str(path), "exec"), names)
        shown = eval(compile(ast.Expression(last.value), str(path), "eval"), names)
        if isinstance(shown, Finding):
            findings += 1
            assert "<img" in shown._repr_html_() and shown.says, code
    assert findings > 10


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_outputs_are_stored(path: Path) -> None:
    for cell in cells(path):
        assert cell["outputs"] == [] and cell["execution_count"] is None
    assert path.stat().st_size < 30_000


def test_a_finding_is_shown_whole_and_escaped() -> None:
    two = array(np.eye(2), "value", net=["a", "b"], step=[1, 2])
    rows = pd.DataFrame({"word": ["<b>"]})
    finding = Finding(
        ("1 < 2",), (Check("a & b", "0", False),), (Picture("Lines", two, "line", "step", "net"),),
        (Table("Rows", rows),),
    )  # fmt: skip
    shown = finding._repr_html_()
    assert "1 &lt; 2" in shown and "✗ a &amp; b (0)" in shown and "&lt;b&gt;" in shown
    assert shown.count("data:image/svg+xml;base64,") == 1
