"""The direction of imports (CONTRIBUTING.md): who may import whom, and no circles. Nothing runs."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ALLOWED = {
    "lstm_models": set(),
    "chat": {"lstm_models", "wording"},
    "translate": {"lstm_models", "wording"},
    "wording": set(),
    "front": {"lstm_models", "wording"},
    "data_prep": {"lstm_models", "chat", "translate"},
    "lab": {"lstm_models", "chat", "translate", "wording"},
    "web": set(),
    "interfaces": {"lstm_models", "chat", "translate"},
    "page": {"lstm_models", "chat", "translate", "lab", "web", "wording", "front", "interfaces"},
    "app": {"lstm_models", "chat", "translate", "web", "front", "interfaces", "page"},
    "cli": {"lstm_models", "chat", "translate", "lab", "data_prep", "front", "interfaces", "app"},
    "benchmarks": {"lstm_models", "chat", "translate", "lab", "data_prep", "interfaces", "app"},
}
# Reading text, tags and languages must work where torch is not installed.
WITHOUT_TORCH = (
    "app.py",
    "page.py",
    "interfaces",
    "chat/bot.py",
    "lstm_models/config.py",
    "lstm_models/runtimes/base.py",
    "lstm_models/runtimes/files.py",
    "lstm_models/runtimes/onnx.py",
    "lstm_models/search",
    "lstm_models/shards.py",
    "lstm_models/tokenizer.py",
    "chat/segments.py",
    "chat/splitting.py",
    "chat/forgetting.py",
    "chat/words.py",
    "lstm_models/state.py",
    "translate",
    "front",
    "wording.py",
)


def sources(place: str) -> list[Path]:
    """The Python files of a package, or the one module of that name."""
    module = ROOT / f"{place}.py"
    return [module] if module.exists() else sorted((ROOT / place).rglob("*.py"))


def imports_of(path: Path, everywhere: bool = True) -> Iterator[str]:
    """Full names of the modules that a file imports; only those run at import time unless `everywhere`."""
    package = path.relative_to(ROOT).with_suffix("").parts[:-1]
    tree = ast.parse(path.read_text(encoding="utf-8"))
    nodes = list(ast.walk(tree)) if everywhere else list(_at_import_time(tree.body))
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join([*base, *([node.module] if node.module else [])])
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)


def _at_import_time(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements outside functions, and outside `if TYPE_CHECKING:`."""
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        yield node
        for block in ("body", "orelse", "finalbody"):
            yield from _at_import_time(getattr(node, block, []))
        for handler in getattr(node, "handlers", []):
            yield from _at_import_time(handler.body)


@pytest.mark.parametrize("place", sorted(ALLOWED))
def test_no_wrong_arrow(place: str) -> None:
    files = sources(place)
    assert files, f"{place} is gone: mend the table above"
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in files
        for name in imports_of(path)
        if (top := name.split(".")[0]) in ALLOWED and top != place and top not in ALLOWED[place]
    ]
    assert not wrong, "\n".join(wrong)


def test_tests_are_imported_by_nobody() -> None:
    for path in (path for place in ALLOWED for path in sources(place)):
        assert not any(name.split(".")[0] == "tests" for name in imports_of(path)), path


def test_no_circles() -> None:
    names = {}
    for place in ALLOWED:
        for path in sources(place):
            parts = path.relative_to(ROOT).with_suffix("").parts
            names[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    graph = {
        # `from package import name` also names package.name: whichever of them is a module of ours.
        name: {other for other in imports_of(path, everywhere=False) if other in names and other != name}
        for name, path in names.items()
    }
    for name, path in names.items():
        if path.name == "__init__.py":  # its own modules may import the package's name for free
            graph[name] = {other for other in graph[name] if not other.startswith(name + ".")}
    assert not (circle := find_circle(graph)), " -> ".join(circle)


def find_circle(graph: dict[str, set[str]]) -> list[str]:
    """A path that comes back to where it began, or an empty list. Depth first, each module once."""
    done: set[str] = set()

    def visit(name: str, path: list[str]) -> list[str]:
        if name in path:
            return [*path[path.index(name) :], name]
        if name in done:
            return []
        for other in sorted(graph[name]):
            if circle := visit(other, [*path, name]):
                return circle
        done.add(name)
        return []

    return next((circle for name in sorted(graph) if (circle := visit(name, []))), [])


def test_the_search_for_circles_finds_one() -> None:
    assert find_circle({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ["b", "c", "b"]
    assert find_circle({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == []


@pytest.mark.parametrize("place", WITHOUT_TORCH)
def test_no_torch_where_only_text_is_read(place: str) -> None:
    files = sorted((ROOT / place).rglob("*.py")) or [ROOT / place]
    for path in files:
        heavy = {name for name in imports_of(path) if name.split(".")[0] in {"torch", "lightning"}}
        assert not heavy, f"{path.relative_to(ROOT)} imports {sorted(heavy)}"
