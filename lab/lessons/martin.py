"""Sentences in which only the gender, the number or the kind of one thing differs, made from word lists."""

from __future__ import annotations

from itertools import islice, product

OWN = "own sentences"
_VERBS = ("bought", "wanted", "found", "took", "sold")
_THINGS = ("apples", "books", "flowers", "shoes")
QUESTIONS = {
    "he or she": ("He {0} the {1}.", "She {0} the {1}."),
    "Martin or Jennifer": ("Martin {0} the {1}.", "Jennifer {0} the {1}."),
    "one or many": ("The dog {0} the {1}.", "The dogs {0} the {1}."),
    "question or statement": ("He {0} the {1}?", "He {0} the {1}."),
    "quote open or closed": ('He said "I {0} the {1}', 'He said "I" {0} the {1}'),
}


def groups(question: str, count: int = 20) -> tuple[list[str], list[str]]:
    """Two groups of `count` sentences, alike but for what is asked. Raises: ValueError naming the
    questions."""
    if question not in QUESTIONS:
        raise ValueError(f"question={question!r}: choose one of {', '.join(QUESTIONS)}")
    first, second = QUESTIONS[question]
    pairs = list(islice(product(_VERBS, _THINGS), count))
    return [first.format(*pair) for pair in pairs], [second.format(*pair) for pair in pairs]
