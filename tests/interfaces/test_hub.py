"""longshort push and pull with the hub's own client, against a stand-in: no hub is asked."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import cli
from tests.interfaces.hub_stand_in import TOKEN, hub

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """run("push", ..., token="...") -> exit code, stdout, stderr. Other tests keep the client offline."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)

    def run(*arguments: object, token: str = TOKEN) -> tuple[int, str, str]:
        monkeypatch.setenv("HF_TOKEN", token)
        monkeypatch.setattr(sys, "argv", ["longshort", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            cli.main()
            raise SystemExit(0)
        printed = capsys.readouterr()
        return int(end.value.code or 0), printed.out, printed.err

    return run


def files_of(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_a_checkpoint_goes_there_and_comes_back(run: Run, tiny: dict[str, Path], tmp_path: Path) -> None:
    folder = tiny["translate"]
    with hub() as (address, repos):
        code, out, error = run("push", folder, "ada/tiny", "--hub", address)
        assert code == 0 and out.startswith(f"{address}/ada/tiny/commit/"), error
        assert repos["ada/tiny"] == files_of(folder) and "README.md" in repos["ada/tiny"]
        repos["ada/tiny"]["evil.py"] = repos["ada/tiny"]["model.pkl"] = b"print('hello')"
        code, out, error = run("pull", "ada/tiny", tmp_path / "back", "--hub", address)
        assert code == 0 and out.strip() == str(tmp_path / "back"), error
        assert files_of(tmp_path / "back") == files_of(folder)
        code, _, error = run("pull", "ada/tiny", tmp_path / "back", "--hub", address)
        assert code == 2 and "is there already" in error


def test_what_is_damaged_does_not_arrive(run: Run, tiny: dict[str, Path], tmp_path: Path) -> None:
    with hub() as (address, repos):
        repos["ada/tiny"] = files_of(tiny["chat"])
        repos["ada/tiny"]["model.safetensors"] = b"\0" + repos["ada/tiny"]["model.safetensors"][1:]
        code, _, error = run("pull", "ada/tiny", tmp_path / "back", "--hub", address)
        assert code == 2 and "checksum" in error and "ada/tiny" in error
        assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("pull", "ada/nothing"), "is not on http"),
        (("pull", "ada/tiny", "--revision", "old"), "no such --revision"),
        (("pull", "../etc"), "USER/NAME"),
        (("push", "/nowhere", "ada/tiny"), "/nowhere"),
    ],
)
def test_what_is_wrong_is_said(
    run: Run, tiny: dict[str, Path], tmp_path: Path, arguments: tuple[str, ...], words: str
) -> None:
    with hub() as (address, repos):
        repos["ada/tiny"] = files_of(tiny["chat"])
        target = [tmp_path / "back"] if arguments[0] == "pull" else []
        code, out, error = run(*arguments[:2], *target, *arguments[2:], "--hub", address)
        assert code == 2 and not out and error.count("\n") == 1 and words in error, error
        assert not list(tmp_path.iterdir())


def test_a_token_that_may_not_write(run: Run, tiny: dict[str, Path]) -> None:
    with hub() as (address, repos):
        code, _, error = run("push", tiny["chat"], "ada/tiny", "--hub", address, token="hf_wrong")
        assert code == 2 and "HF_TOKEN" in error and not repos


def test_a_hub_that_is_not_there(run: Run, tiny: dict[str, Path], tmp_path: Path) -> None:
    for command in (("pull", "ada/tiny", tmp_path / "back"), ("push", tiny["chat"], "ada/tiny")):
        code, _, error = run(*command, "--hub", "http://127.0.0.1:9")
        assert code == 2 and "cannot be reached" in error and error.count("\n") == 1
        for address in ("nonsense", "http://127.0.0.1:abc"):
            code, _, error = run(*command, "--hub", address)
            assert code == 2 and f"--hub {address}: give an address" in error and error.count("\n") == 1
