"""What a library does on being imported and the page does not need, left out of the start."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from importlib import import_module
from types import ModuleType
from typing import Any


class Later(ModuleType):
    """Stands for a module, which is imported as soon as something of it is asked for."""

    def __getattr__(self, name: str) -> Any:
        """What only looks whether a module has a file or a path does not ask for the module."""
        if name.startswith("__") and name != "__version__":
            raise AttributeError(f"{self.__name__} was not imported yet: it has no {name}")
        return getattr(import_module(self.__name__), name)


def postponed(name: str) -> AbstractContextManager[None]:
    """What is imported inside gets a `Later` for the module `name`; who imports it afterwards, the module.

    Nothing happens where it was imported before.
    """
    return _replaced(name, Later(name))


def absent(name: str) -> AbstractContextManager[None]:
    """What is imported inside finds the package `name` not installed, and does without, if it can.

    Nothing happens where it was imported before.
    """
    return _replaced(name, None)  # Python's own way to say so


@contextmanager
def _replaced(name: str, module: ModuleType | None) -> Iterator[None]:
    if name in sys.modules:
        yield
        return
    sys.modules[name] = module  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules[name]


@contextmanager
def without_source(package: str) -> Iterator[None]:
    """Inside, `inspect.getfile` says of each class of `package` that it has no file of source code.

    Gradio writes a stub for editors beside every component each time it is imported, although its package
    brings them: it reads and parses the source and the stub, a third of the import. Where there is no source
    it writes none.
    """
    whole = inspect.getfile

    def getfile(object: Any) -> str:
        if isinstance(object, type) and object.__module__.startswith(f"{package}."):
            raise OSError(f"{object.__module__}: its source is not looked at while {package} is imported")
        return whole(object)

    inspect.getfile = getfile
    try:
        yield
    finally:
        inspect.getfile = whole
