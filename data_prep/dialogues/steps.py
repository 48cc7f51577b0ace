"""What happens in a dialogue, before it is put into words."""

from __future__ import annotations

from dataclasses import dataclass

from data_prep.dialogues.facts import Fact, Question


@dataclass(frozen=True)
class Step:
    """One exchange: tell, change, ask, or unknown (a question that nothing told answers).

    `before`: the fact that a change replaced, also in a question about it since. `short`: a change put in few
    words behind the fact. `also`: a second fact told in the same message. `pronoun`: told of "her" or "it",
    right behind a fact that named whom it is about.
    """

    kind: str
    fact: Fact | None = None
    before: Fact | None = None
    also: Fact | None = None
    question: Question | None = None
    short: bool = False
    pronoun: bool = False
