"""Words exchanged for others of their kind."""

import random

import pytest

from data_prep.dialogues.exchange import another, exchange, exchanged
from data_prep.dialogues.natural import NaturalFact
from data_prep.dialogues.tables import load_table
from data_prep.dialogues.wording import Asked
from tests.data_prep.test_episodes import _draw


def test_a_word_of_its_kind_that_was_not_told() -> None:
    told, question = "I had soup for lunch, and a sandwich for dinner.", "What did I have for lunch?"
    assert another(random.Random(1), question, told) == {"lunch": "breakfast"}
    assert another(random.Random(1), "Who was that?", told) == {}
    assert another(random.Random(1), "What should a host leave out for supper?", told) == {}  # a way to ask
    told = "My brother is in the garden."
    found = [another(random.Random(seed), "Where is my Brother?", told) for seed in range(60)]
    assert all(list(one) == ["brother"] for one in found)
    assert {"brother": "brother"} not in found and {"brother": "uncle"} in found


def test_two_words_change_places() -> None:
    pairs = {"umbrella": "scarf", "scarf": "umbrella"}
    assert exchanged("I lost a scarf, not an umbrella.", pairs) == "I lost an umbrella, not a scarf."
    assert exchanged("Umbrella? A scarf!", pairs) == "Scarf? An umbrella!"
    assert exchanged("Scarfs and umbrella-stands stay.", pairs) == "Scarfs and umbrella-stands stay."
    assert exchanged("On Monday.", {"Monday": "Friday"}) == "On Friday."
    assert exchanged("Nothing to do", {}) == "Nothing to do"


def test_only_what_can_change_places_everywhere_does() -> None:
    fitting = ["My drill is broken.", "The drill has had it."], ["What is broken?", "Your drill is broken."]
    pairs = exchange(random.Random(3), *fitting)
    assert "drill" in pairs and all(pairs[other] == word for word, other in pairs.items())
    assert exchange(random.Random(3), ["My drill is broken.", "It has had it."], []) == {}
    assert exchange(random.Random(3), ["My drill is broken."], ["What about the drills?"]) == {}
    assert exchange(random.Random(3), ["I drill on Sundays."], []) == {}


def test_of_a_kind_one_word_is_in_one_row_only() -> None:
    kinds = load_table("kinds")
    every = [word.lower() for kind in kinds for word in kind]
    assert len(every) == len(set(every)) and min(map(len, kinds)) > 1


@pytest.mark.parametrize(
    ("question", "kept"), [("who did Ada marry", "who did"), ("what does the cat eat", "what does the")]
)
def test_a_question_of_another_corpus_is_missed_by_a_name_or_a_word(question: str, kept: str) -> None:
    fact = NaturalFact(
        "Ada married Ben, and the cat eats fish", Asked(question, question, question), "x", "", ""
    )
    missed = fact.unknown(_draw(1))
    assert missed and missed.asked.direct != question and missed.asked.direct.startswith(kept)
    assert not missed.answer and missed.asked.indirect == missed.asked.direct
    plain = NaturalFact("It rained", Asked("what did it do", "", ""), "rained", "", "")
    assert plain.unknown(_draw(1)) is None
