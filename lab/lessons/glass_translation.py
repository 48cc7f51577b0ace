"""The translator under glass: alignment, gates and cell of one sentence, and what changes with units off."""

from __future__ import annotations

from lab.finding import Finding
from lab.glass.findings import NONE, silenced
from lab.glass.look import inspect
from lab.glass.models import translator
from lab.glass.pictures import alignment, of_gate, tokens_table

LANGUAGES = {"German": "de", "French": "fr", "Spanish": "es", "English": "en"}


def run(
    text: str = "Martin buys apples, and then Jennifer comes.",
    target: str = "German",
    layer: str = "encoder 1",
    gate: str = "cell",
    off: str = NONE,
) -> Finding:
    """The lesson. off: units to hold at 0, as `units_off` reads them, or "none"."""
    model, goal = translator(), LANGUAGES[target]
    seen = inspect(model, text, target=goal)
    answer = seen.attrs["answer"]
    if off.strip() != NONE:
        return silenced(model, text, answer, off, goal)
    pictures = (*alignment(seen), of_gate(seen, layer, gate))
    return Finding((f"Translation: {answer}",), (), pictures, (tokens_table(seen),))
