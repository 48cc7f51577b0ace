"""Looks inside the shipped translator and bot: gates, attention, copying, units, what turns left behind."""

from typing import TYPE_CHECKING

from lab.glass.look import inspect

if TYPE_CHECKING:
    from lstm_models.engine import Engine

__all__ = ["inspect", "switched_off"]


def switched_off(engine: "Engine", off: "dict[str, list[int]]") -> "Engine":
    """As `lab.glass.inside.switched_off`, which needs PyTorch."""
    from lab.glass import inside

    return inside.switched_off(engine, off)
