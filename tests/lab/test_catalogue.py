"""The catalogue of lessons, its settings, the pictures and the command around it."""

import importlib
import inspect
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import cli
from lab.catalogue import Lesson, lesson, lessons
from lab.charts import LARGEST, draw, save
from lab.finding import Check, Finding, Picture, Table, array


@pytest.mark.parametrize("name", lessons())
def test_a_lesson_says_everything_and_its_defaults_fit_its_program(name: str) -> None:
    entry = lesson(name)
    for text in (entry.about, entry.look, entry.change, entry.see):
        assert len(text) > 20
    assert entry.settings({}) == {
        control.name: control.read(control.default) for control in entry.controls
    }, "a default that its own control refuses"
    parameters = inspect.signature(importlib.import_module(entry.module).run).parameters
    assert set(parameters) == {control.name for control in entry.controls}
    for control in entry.controls:
        assert parameters[control.name].default == control.default, control.name


def test_wrong_settings_are_refused_by_name() -> None:
    with pytest.raises(ValueError, match="no lesson 'gate'; there are gates"):
        lesson("gate")
    with pytest.raises(ValueError, match="company='C': choose one of A, B"):
        lesson("gates").run(company="C")
    with pytest.raises(ValueError, match="epochs=-1: give 100 to 5000"):
        lesson("gates").run(epochs="-1")
    for number in ("inf", "nan", "1e999", 10**400):
        with pytest.raises(ValueError, match=f"epochs={number!r}: give a number"):
            lesson("gates").run(epochs=number)
    with pytest.raises(ValueError, match="speed: the lesson gates has the settings: company, epochs"):
        lesson("gates").run(speed=1)


def test_what_is_not_installed_is_named() -> None:
    entry = Lesson(**{**lesson("gates").model_dump(), "needs": ("torch", "no_such_package")})
    assert entry.missing() == "this lesson needs no_such_package: pip install 'longshort[lab]'"
    with pytest.raises(ValueError, match="no_such_package"):
        entry.run()


def test_importing_the_tab_and_the_catalogue_brings_neither_torch_nor_plots() -> None:
    heavy = "[name for name in ('torch', 'altair', 'xarray') if name in sys.modules]"
    code = f"import sys, lab.tab, lab.command; print({heavy})"
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def pictures() -> list[Picture]:
    values = np.arange(12.0).reshape(3, 4) + 1
    two = array(values, "gradient", net=["a", "b", "c"], step=range(4))
    cube = array(
        np.ones((2, 2, 3, 3)), "light", who=["truth", "net"], time=[1, 2], row=range(3), column=range(3)
    )
    return [
        Picture("Lines & more", two, "line", "step", "net", log=True),
        Picture("Bars", two, "bar", "step", "net"),
        Picture("Points", two, "points", "step", "net"),
        Picture("Heat", two, "heat", "step", "net", middle=0.0),
        Picture("Frames", cube, "frames", "column", "row", down="who"),
    ]


def test_a_film_lies_side_by_side_and_its_rows_keep_their_order() -> None:
    spec = draw(pictures()[-1]).to_dict()
    assert spec["encoding"]["row"]["sort"] == ["truth", "net"]
    (rows,) = spec["datasets"].values()
    lefts = {time: {row["left"] for row in rows if row["time"] == time} for time in (1, 2)}
    assert lefts == {1: {0, 1, 2}, 2: {4, 5, 6}}  # with a gap between
    assert {row["top"] for row in rows} == {0, 1, 2}


def test_pictures_become_files_and_the_numbers_come_back(tmp_path: Path) -> None:
    rows = Table("Rows", pd.DataFrame({"net": ["a"], "error": [0.5]}))
    finding = Finding((), (), tuple(pictures()), (rows,))
    written = save(finding, tmp_path)
    assert len(written) == 3 * len(pictures()) + 1 and all(path.stat().st_size for path in written)
    assert (tmp_path / "01-lines-more.svg").read_text().startswith("<svg")
    assert (tmp_path / "02-bars.png").read_bytes().startswith(b"\x89PNG")
    frame = pd.read_parquet(tmp_path / "04-heat.parquet")
    assert frame.set_index(["net", "step"]).loc[("b", 2), "value"] == 7.0
    assert pd.read_parquet(tmp_path / "table-01-rows.parquet").equals(rows.rows)
    assert set(finding.arrays()) == {picture.title for picture in pictures()}


def test_a_picture_asks_nobody_and_is_bounded() -> None:
    options = draw(pictures()[0]).to_dict()["usermeta"]["embedOptions"]["actions"]
    assert options == {"export": True, "source": False, "compiled": False, "editor": False}
    for picture in pictures():
        wide = draw(picture, on_page=True).to_dict().get("width")
        assert (wide == "container") == (picture.kind in ("line", "bar", "points")), picture.kind
        assert draw(picture).to_dict().get("width") != "container", "a file has no place to fit into"
    large = array(np.zeros((2, LARGEST)), "x", a=range(2), b=range(LARGEST))
    with pytest.raises(ValueError, match="12,000 values"):
        draw(Picture("Large", large, "heat", "b", "a"))
    with pytest.raises(ValueError, match="x: 1 axes of values and 2 names"):
        array([1], "x", a=[1], b=[1])


def command(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["longshort", "lab", *arguments])
    with pytest.raises(SystemExit) as end:
        cli.main()
    return int(end.value.code or 0)


def test_the_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert command(monkeypatch, "gates", "company=B", "--save", str(tmp_path)) == 0
    printed = capsys.readouterr().out
    assert "the unit predicts 0.9693 for day 5" in printed and "FAILS" not in printed
    assert len(list(tmp_path.glob("*.svg"))) == 2
    assert command(monkeypatch, "gates", "company") == 2
    assert "'company' is no setting" in capsys.readouterr().err
    assert command(monkeypatch, "--help") == 0
    assert "Gates step by step" in capsys.readouterr().out
    assert command(monkeypatch, "nothing") == 2


def test_a_check_that_fails_ends_with_1(monkeypatch: pytest.MonkeyPatch) -> None:
    failed = Finding((), (Check("one is two", "1", False),))
    monkeypatch.setattr(Lesson, "run", lambda self, **given: failed)
    assert command(monkeypatch, "gates") == 1
