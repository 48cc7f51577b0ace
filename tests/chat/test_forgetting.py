"""Orders to forget: what is one, which turns it means, and what goes with them."""

import pytest

from chat.forgetting import meant_by, order_in, with_quotes
from chat.segments import Turn
from chat.words import content_words, is_question, names


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("Forget that.", "last"),
        ("please forget what I just said", "last"),
        ("Could you forget this, please?", "last"),
        ("Forget turn 3", "turn"),
        ("Forget that my name is Ada.", "about"),
        ("forget about my sister", "about"),
        ("Forget what I told you about the boat!", "about"),
        ("Forget everything about Nora.", "about"),
        ("Forget everything.", "all"),
        ("Forget my wifi password.", "about"),
        ("Please, can you delete the code of Nora's bike?", "about"),
        ("I want you to forget my brother's address now", "about"),
        ("You can forget Nora's birthday.", "about"),
        ("Forget everything I said about Nora.", "about"),
        ("Forget all that I've told you.", "all"),
    ],
)
def test_orders(message: str, kind: str) -> None:
    order = order_in(message)
    assert order is not None and order.kind == kind


@pytest.mark.parametrize(
    "message",
    [
        "Don't forget that I live in Lisbon.",
        "I forget my keys often.",
        "Forget what I said before: I live in Rome.",
        "Forget it.",
        "Forget the traffic, I'm home at last.",
        "Forget my umbrella again and I'll scream: promise!",
        "Forget it's raining.",
        "Forget my",
        "Will you forget this tomorrow, or not?",
        "forget",
        "",
    ],
)
def test_other_messages_are_no_orders(message: str) -> None:
    assert order_in(message) is None


TALK = [
    Turn("user", "My sister Nora works at the zoo."),
    Turn("bot", "Nora must like animals."),
    Turn("user", "I live in Lisbon."),
    Turn("bot", "Lisbon is a fine city."),
    Turn("user", "Where does Nora work?"),
    Turn("bot", "Nora works at the zoo."),
]


def gone(message: str, turns: list[Turn]) -> list[int]:
    order = order_in(message)
    assert order is not None
    return meant_by(order, turns)


def test_that_is_the_last_statement_or_what_the_answer_came_from() -> None:
    assert gone("Forget that.", TALK[:4]) == [2]
    assert gone("Forget that.", TALK) == [0]
    assert gone("Forget that.", []) == []


def test_about_needs_every_word() -> None:
    assert gone("Forget what I said about my sister.", TALK) == [0]
    assert gone("Forget that I live in Lisbon.", TALK) == [2]
    assert gone("Forget that I live in Rome.", TALK) == []
    assert gone("Forget my sister's zoo.", TALK) == [0]
    pasted = [Turn("user", "My pass\u00adword is in the cafe\u0301.")]  # a soft hyphen, an accent of its own
    assert gone("Forget my password.", pasted) == gone("Forget the caf\u00e9.", pasted) == [0]


def test_what_repeats_a_turn_goes_with_it() -> None:
    assert with_quotes(TALK, [0]) == {0, 1, 4, 5}
    assert with_quotes(TALK, [2]) == {2, 3}
    assert with_quotes(TALK, []) == set()


def test_what_was_said_elsewhere_as_well_stays() -> None:
    talk = [Turn("user", "I love Lisbon."), *TALK[2:4]]
    talk = [*talk, Turn("user", "Nice."), Turn("bot", "Lisbon, yes.")]
    assert with_quotes(talk, [1]) == {1, 2}  # the reply to it goes in any case
    assert with_quotes(talk, [1], copied_from=[(), (), (), (), (1,)]) == {1, 2, 4}


def test_words() -> None:
    assert content_words("Where are my sister's 2 boats?") == {"sister", "2", "boat"}
    assert names("My code is A7. Nora lives in Rome.") == {"a7", "rome"}
    assert is_question("And who paid for it") and is_question("You live where?")
    assert not is_question("I have a boat.") and not is_question("Nobody asked.")
