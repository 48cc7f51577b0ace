"""The translator under glass: alignment, gates and cell of one sentence, and what changes with units off."""

from __future__ import annotations

from lab.finding import Check, Finding
from lab.glass.look import inspect
from lab.glass.models import translator
from lab.glass.pictures import alignment, of_gate, tokens_table

LANGUAGES = {"German": "de", "French": "fr", "Spanish": "es", "English": "en"}


def units_off(text: str) -> dict[str, list[int]]:
    """ "encoder 1: 3 17; decoder 0: 5" -> {"encoder 1": [3, 17], "decoder 0": [5]}. Raises: ValueError."""
    off: dict[str, list[int]] = {}
    for part in filter(None, (part.strip() for part in text.split(";"))):
        layer, _, units = part.partition(":")
        numbers = units.replace(",", " ").split()
        if not numbers or not all(number.isdigit() for number in numbers):
            raise ValueError(f"units {part!r}: write them as in 'encoder 0: 226 215; decoder 1: 5', or none")
        off[layer.strip()] = [int(number) for number in numbers]
    return off


def run(
    text: str = "Martin buys apples, and then Jennifer comes.",
    target: str = "German",
    layer: str = "encoder 1",
    gate: str = "cell",
    off: str = "none",
) -> Finding:
    """The lesson. off: units to hold at 0, as `units_off` reads them, or "none"."""
    model, goal = translator(), LANGUAGES[target]
    seen = inspect(model, text, target=goal)
    says = [f"Translation: {seen.attrs['answer']}"]
    checks = []
    if off.strip() != "none":
        chosen = units_off(off)
        changed = inspect(model, text, target=goal, off=chosen)
        forced = inspect(model, text, target=goal, off=chosen, answer=seen.attrs["answer"])
        lost = float(seen.log_prob.sum() - forced.log_prob.sum())
        again = inspect(model, text, target=goal)
        says += [
            f"With the units off: {changed.attrs['answer']}",
            f"The first translation's log-probability falls by {lost:.2f} without them.",
        ]
        checks.append(Check("afterwards the model translates as before", again.attrs["answer"],
                            again.attrs["answer"] == seen.attrs["answer"]))  # fmt: skip
        seen = changed
    return Finding(
        tuple(says), tuple(checks), (*alignment(seen), of_gate(seen, layer, gate)), (tokens_table(seen),)
    )
