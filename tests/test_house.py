"""The house rules (CONTRIBUTING.md) that a machine can check, over every file that git tracks or would."""

import ast
import re
import subprocess
import tomllib
from functools import cache
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent
LONGEST_FUNCTION = 60
LONGEST_FILE = 300
LARGEST_FILE = 25 * 2**20
UNPICKLING = {"pickle", "cPickle", "dill", "joblib", "shelve", "cloudpickle"}
# A registry's address, or a folder of one machine.
ADDRESSES = re.compile(r"pypi\.org|pythonhosted\.org|registry\.npmjs|download\.pytorch|deb\.debian")
FOLDERS = re.compile(r"(?<![\w.])/(?:home|root|Users|work)/\w")


@cache
def files(*endings: str) -> list[Path]:
    """Tracked and new files (not ignored) with one of the endings; all of them without one."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if listed.returncode == 0:
        paths = [ROOT / name for name in listed.stdout.splitlines()]
    else:  # a source archive without git
        paths = [p for p in ROOT.rglob("*") if not re.search(r"/\.", p.relative_to(ROOT.parent).as_posix())]
    return [p for p in paths if p.is_file() and (not endings or p.suffix in endings)]


def sources() -> list[Path]:
    return [path for path in files(".py") if "tests" not in path.relative_to(ROOT).parts]


def test_functions_stay_short() -> None:
    long = [
        f"{path.relative_to(ROOT)}: {node.name} runs {size} lines, {LONGEST_FUNCTION} at most"
        for path in files(".py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (size := (node.end_lineno or 0) - node.lineno + 1) > LONGEST_FUNCTION
    ]
    assert not long, "\n".join(long)


def test_files_stay_short() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in sources()
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST_FILE
    }
    assert not long, f"over {LONGEST_FILE} lines: {long}"


def test_public_functions_say_what_they_do() -> None:
    silent = [
        f"{path.relative_to(ROOT)}: {node.name}"
        for path in sources()
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and ast.get_docstring(node) is None
    ]
    assert not silent, "no docstring: " + ", ".join(silent)


def test_nothing_unpickles() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"
        for path in sources()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if unpickles(node)
    ]
    assert not found, "these can run foreign code while loading; use safetensors: " + ", ".join(found)


def unpickles(node: ast.AST) -> bool:
    match node:
        case ast.Import(names=names):
            return any(alias.name.split(".")[0] in UNPICKLING for alias in names)
        case ast.ImportFrom(module=str(module)):
            return module.split(".")[0] in UNPICKLING
        case ast.Call(func=function):
            return ast.unparse(function) == "torch.load"
        case ast.keyword(arg="allow_pickle", value=value):
            return ast.unparse(value) != "False"
    return False


def test_the_search_for_pickles_finds_them() -> None:
    for line in ("import pickle", "from joblib import load", "torch.load(f)", "load(f, allow_pickle=True)"):
        assert any(unpickles(node) for node in ast.walk(ast.parse(line))), line
    assert not any(unpickles(node) for node in ast.walk(ast.parse("np.load(f, allow_pickle=False)")))


def test_every_value_error_says_something() -> None:
    bare = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in sources()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Raise)
        and node.exc is not None
        and ast.unparse(node.exc) in {"ValueError", "ValueError()", "Exception", "Exception()"}
    ]
    assert not bare, ", ".join(bare)


def test_no_registry_and_no_machine_in_the_files() -> None:
    found = []
    for path in files(".py", ".md", ".yaml", ".yml", ".toml", ".txt", ".json", ".cfg", ""):
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
            if ADDRESSES.search(line) or FOLDERS.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:80]}")
    assert not found, "\n".join(found)


def test_no_corpus_and_nothing_large_is_tracked() -> None:
    data = {".parquet", ".jsonl", ".tsv", ".csv", ".gz", ".arrow", ".pt", ".pth", ".ckpt", ".pkl", ".npy"}
    wrong = [
        f"{path.relative_to(ROOT)} ({path.stat().st_size:,} bytes)"
        for path in files()
        if path.suffix in data or path.stat().st_size > LARGEST_FILE
    ]
    assert not wrong, "\n".join(wrong)


def test_every_dependency_is_pinned_once() -> None:
    lines = [line for line in (ROOT / "constraints.txt").read_text().splitlines() if line and line[0] != "#"]
    assert all(re.fullmatch(r"[\w.-]+==[\w.!+]+", line) for line in lines), "only name==version, no addresses"
    names = [re.sub(r"[-_.]+", "-", line.split("==")[0]).lower() for line in lines]
    assert len(names) == len(set(names))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = sum(project["optional-dependencies"].values(), project["dependencies"])
    for need in wanted:
        name = re.sub(r"[-_.]+", "-", re.split(r"[^\w.-]", need)[0]).lower()
        assert name in names or name == "longshort", f"{need!r} is not pinned in constraints.txt"


def test_markdown_links_lead_somewhere() -> None:
    broken = []
    for path in files(".md"):
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8")):
            if not re.match(r"[a-z]+:", target) and not (path.parent / target).exists():
                broken.append(f"{path.relative_to(ROOT)} -> {target}")
    assert not broken, "\n".join(broken)


@pytest.mark.parametrize("number", range(1, 10))
def test_decisions_have_their_three_parts(number: int) -> None:
    (path,) = (ROOT / "docs" / "decisions").glob(f"{number:04d}-*.md")
    text = path.read_text(encoding="utf-8")
    assert re.match(rf"# {number:04d}\. ", text)
    assert all(f"## {part}" in text for part in ("Context", "Decision", "Consequences"))


LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the same, ten times as fast


def test_yaml_files_parse() -> None:
    for path in files(".yaml", ".yml"):
        assert yaml.load(path.read_text(encoding="utf-8"), Loader=LOADER) is not None, path
