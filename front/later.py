"""Modules that a library imports and hardly ever uses, left out of the start."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
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


@contextmanager
def postponed(name: str) -> Iterator[None]:
    """What is imported inside gets a `Later` for the module `name`; who imports it afterwards, the module.

    Nothing happens where it was imported before.
    """
    if name in sys.modules:
        yield
        return
    sys.modules[name] = Later(name)
    try:
        yield
    finally:
        del sys.modules[name]
