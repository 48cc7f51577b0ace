"""What a message tells, one thing after the other."""

import time

import pytest

from chat.splitting import MAX_CHARACTERS
from chat.telling import clauses, things_told


@pytest.mark.parametrize(
    ("message", "parts"),
    [
        ("I am Ada. My boat is red!", ["I am Ada.", "My boat is red!"]),
        ("I am Ada,\nwho else", ["I am Ada,", "who else"]),
        ("I moved to Ghent. Remind me where it was.", ["I moved to Ghent.", "Remind me where it was."]),
        ("Where does Eva live? I forgot. She told me.", ["Where does Eva live? I forgot. She told me."]),
        ("I forgot which one. Her cat is Miso.", ["I forgot which one. Her cat is Miso."]),
        ("Ada has a boat. It is red. Eva swims.", ["Ada has a boat. It is red.", "Eva swims."]),
        ("I like jazz. So does Ben. Eva sings.", ["I like jazz. So does Ben.", "Eva sings."]),
        ("I smoke. However, my aunt doesn't. And you?", ["I smoke. However, my aunt doesn't.", "And you?"]),
        ("ok", ["ok"]),
        (" \n", []),
    ],
)
def test_sentences_are_told_apart_and_a_question_is_not(message: str, parts: list[str]) -> None:
    assert things_told(message) == parts


@pytest.mark.parametrize(
    ("sentence", "parts"),
    [
        ("My aunt sings and my uncle plays chess.", ["My aunt sings", "and my uncle plays chess."]),
        ("Dr. Weiss is on Monday, the vet is on Friday", ["Dr. Weiss is on Monday,", "the vet is on Friday"]),
        ("Ada lives in Oslo; but I live in Bergen.", ["Ada lives in Oslo;", "but I live in Bergen."]),
        ("Mum hates tea, dad's allergic to nuts.", ["Mum hates tea,", "dad's allergic to nuts."]),
        ("I work in Lyon, in summer we go home.", ["I work in Lyon,", "in summer we go home."]),
        ("Ada's boat, Eva's car and Tom's bike are red.", None),
        ("I met Petra in Rome, at the station.", None),
        ("I sold the van and bought a bike.", None),
        ("I bought bread and a bottle of milk.", None),
        ("I take the dog and the kids to school.", None),
        ("My aunt and my uncle play chess.", None),
        ("My aunt moved and she likes it, it is warm.", None),
        ("When I was in Rome, my wallet was stolen.", None),
        ("My boss, who lives in Leeds, is called Omar.", None),
        ("My aunt eats meat, but my uncle Ben doesn't.", None),
        ("I am vegan and so is my husband.", None),
        ("Ada can't whistle; Eva and Tom can, though.", None),
        ("My aunt has no car, my uncle has one.", None),
        ("Ada has a car and Eva can sing.", ["Ada has a car", "and Eva can sing."]),
    ],
)  # fmt: skip
def test_clauses_with_a_subject_of_their_own(sentence: str, parts: list[str] | None) -> None:
    assert clauses(sentence) == (parts or [sentence])


def test_nothing_but_blanks_is_lost() -> None:
    text = "I'm Ada,  and Eva is my aunt; the\tvet is on Monday.\n\nWhat now?  Tell me. I forgot: 1, 2 and 3."
    assert "".join("".join(things_told(text)).split()) == "".join(text.split())
    assert [part for one in things_told(text) for part in things_told(one)] == things_told(text), "told again"


def test_the_longest_message_takes_no_time() -> None:
    for text in ("word and he was, ", "My aunt sings and ", "a, ", "I am. ", "Is it? "):
        start = time.perf_counter()
        things_told(text * (MAX_CHARACTERS // len(text)))
        things_told(f"I am{' ' * (MAX_CHARACTERS - 4 - len(text))}{text}")
        assert time.perf_counter() - start < 2
