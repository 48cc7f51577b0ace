"""The bot under glass: where an answer came from, the cell across turns, half-lives, saliency, going back."""

from __future__ import annotations

from lab.finding import Check, Finding
from lab.glass.findings import across
from lab.glass.look import inspect
from lab.glass.models import bot
from lab.glass.pictures import alignment, of_gate
from lab.glass.turns import travel

_TALK = "My name is Ada.\nMy brother Tom lives in Oslo.\nIt is raining today.\nWhat is my name?"


def run(
    talk: str = _TALK,
    layer: str = "encoder 1",
    gate: str = "forget",
    back: int = -1,
    instead: str = "My name is Eve.",
) -> Finding:
    """The lesson. talk: a message a line, the last one is looked at. back: the turn (two a message) to which
    the state is put back, to say `instead` there and go on with the last message; -1: not."""
    model = bot()
    messages = [line.strip() for line in talk.splitlines() if line.strip()]
    before = travel(model, messages[:-1])
    seen = inspect(model, messages[-1], before.states[-1])
    answer = seen.attrs["answer"]
    says = [f"You: {messages[-1]} Bot: {answer}"]
    checks = []
    if back >= 0:
        other = travel(model, [instead], before.back_to(back))
        changed = inspect(model, messages[-1], other.states[-1]).attrs["answer"]
        says.append(f"Back at turn {back}, with '{instead}' said there: {changed}")
        again = inspect(model, messages[-1], before.states[-1]).attrs["answer"]
        checks.append(Check("the first conversation is untouched by it", again, again == answer))
    turns = across(model, before, messages[-1], answer)
    pictures = (*alignment(seen)[:2], of_gate(seen, layer, gate), *turns.pictures)
    return Finding(tuple(says), tuple(checks), pictures, turns.tables)
