"""The forgetting curve of a fact: how likely the right answer stays while other things are said."""

from __future__ import annotations

import numpy as np

from lab.finding import Finding, Picture, array
from lab.glass.models import bot
from lab.glass.turns import forgetting_curve, log_prob_of

FILLERS = (
    "It is raining today.",
    "I watched a film last night.",
    "The train was late again.",
    "I like this song.",
    "We had soup for lunch.",
    "The shop was closed.",
    "I went for a walk.",
    "My coffee is cold.",
)
SPACED = (0, 1, 2, 4, 8, 16, 32)


def run(
    fact: str = "My name is Ada.",
    question: str = "What is my name?",
    answer: str = "Your name is Ada.",
    longest: int = 32,
) -> Finding:
    """The lesson. longest: turns between telling and asking, at most."""
    model, spaced = bot(), [space for space in SPACED if space <= longest]
    curve = forgetting_curve(model, fact, question, answer, FILLERS, spaced)
    untold = np.exp(log_prob_of(model.engine, model.hear(question, model.new_state()), answer))
    values = array(
        [curve, np.full(len(spaced), untold)],
        "probability of the answer",
        fact=["told", "never told"],
        turns=spaced,
    )
    half = next((space for space, p in zip(spaced, curve, strict=True) if p < curve[0] / 2), None)
    return Finding(
        (
            f"'{answer}' has probability {curve[0]:.3f} right after it was told, {curve[-1]:.3f} after "
            f"{spaced[-1]} turns, {untold:.3g} if it was never told.",
            f"It has fallen to half after {half} turns." if half else "It has not fallen to half.",
        ),
        (),
        (Picture("The forgetting curve", values, "line", "turns", "fact"),),
    )
