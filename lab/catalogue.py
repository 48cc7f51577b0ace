"""The lessons: their texts, controls and programs, as catalogue.yaml lists them. No torch, no plotting."""

from __future__ import annotations

import importlib
import importlib.util
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:
    from lab.finding import Finding

MISSING = "this lesson needs {}: pip install 'longshort[lab]'"


class Control(BaseModel):
    """Something to change: a slider, a choice, a text or a tick."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    label: str
    kind: Literal["slider", "choice", "text", "tick"]
    default: Any
    low: float = 0
    high: float = 1
    step: float = 1
    choices: tuple[str, ...] = ()

    def read(self, value: Any) -> Any:
        """A value from the page or the command line, checked. Raises: ValueError naming what is allowed."""
        if self.kind == "choice":
            if value not in self.choices:
                raise ValueError(f"{self.name}={value!r}: choose one of {', '.join(self.choices)}")
            return value
        if self.kind == "tick":
            if str(value).lower() not in ("true", "false", "1", "0", "yes", "no"):
                raise ValueError(f"{self.name}={value!r}: give true or false")
            return str(value).lower() in ("true", "1", "yes")
        if self.kind == "text":
            if not isinstance(value, str) or not value.strip() or len(value) > self.high:
                raise ValueError(f"{self.name}: give a text of 1 to {self.high:.0f} characters")
            return value
        try:
            number = type(self.default)(float(value))
        except (TypeError, ValueError, OverflowError) as error:
            raise ValueError(f"{self.name}={value!r}: give a number") from error
        if not self.low <= number <= self.high:
            raise ValueError(f"{self.name}={value}: give {self.low:g} to {self.high:g}")
        return number


class Lesson(BaseModel):
    """One lesson: what it is about, what to look for, what to change, what one should see."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    title: str
    about: str
    look: str
    change: str
    see: str
    module: str
    needs: tuple[str, ...] = ()
    seconds: int = 1
    controls: tuple[Control, ...] = ()

    def missing(self) -> str:
        """What has to be installed first, as a sentence; empty where nothing has."""
        absent = [name for name in self.needs if importlib.util.find_spec(name) is None]
        return MISSING.format(" and ".join(absent)) if absent else ""

    def settings(self, given: dict[str, Any]) -> dict[str, Any]:
        """Every control's value, the given ones checked. Raises: ValueError naming the control."""
        names = {control.name for control in self.controls}
        for name in given:
            if name not in names:
                allowed = ", ".join(sorted(names)) or "none"
                raise ValueError(f"{name}: the lesson {self.name} has the settings: {allowed}")
        return {c.name: c.read(given[c.name]) if c.name in given else c.default for c in self.controls}

    def run(self, **given: Any) -> Finding:
        """Runs the lesson. Raises: ValueError for a wrong setting, or where something must be installed."""
        if missing := self.missing():
            raise ValueError(missing)
        settings = self.settings(given)
        finding: Finding = importlib.import_module(self.module).run(**settings)
        return finding


@cache
def lessons() -> dict[str, Lesson]:
    """Every lesson by name, in teaching order."""
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times quicker, where it was built
    entries = yaml.load(Path(__file__).with_name("catalogue.yaml").read_text(encoding="utf-8"), loader)
    return {entry["name"]: Lesson(**entry) for entry in entries}


def lesson(name: str) -> Lesson:
    """Raises: ValueError naming the lessons that there are."""
    if name not in lessons():
        raise ValueError(f"no lesson {name!r}; there are {', '.join(lessons())}")
    return lessons()[name]
