"""What is so or not so: how it is told, asked, changed, and with what it clashes."""

import random
from dataclasses import replace

import pytest

from data_prep.dialogues.attributes import Attribute, AttributeFact
from data_prep.dialogues.facts import Draw
from data_prep.dialogues.polar import PolarFact, polars
from data_prep.dialogues.speech import Speech
from data_prep.dialogues.steps import Step
from data_prep.dialogues.subjects import SELF, Subject
from data_prep.dialogues.values import Values
from data_prep.dialogues.wording import Wordings
from data_prep.dialogues.world import clashes

POLARS = {polar.name: polar for polar in polars()}
MEAT = PolarFact(POLARS["eat"], SELF, "meat", so=False)


def _draw(seed: int = 1) -> Draw:
    return Draw(random.Random(seed), Values(), Wordings())


def _answer(fact: PolarFact, asked: str) -> str:
    """The answer to the question that has these words."""
    found = (fact.whether(_draw(seed)) for seed in range(200))
    return next(one.answer for one in found if asked in one.asked.direct)


def test_it_is_so_or_it_is_not() -> None:
    assert _answer(MEAT, "do I eat meat") == "No, you do not eat meat"
    assert _answer(replace(MEAT, so=True), "do I eat meat") == "Yes, you eat meat"


def test_a_yes_may_say_that_something_is_not_so() -> None:
    jazz = PolarFact(POLARS["like"], Subject("f", "my aunt", "your aunt"), "jazz", so=False)
    assert _answer(jazz, "does my aunt hate jazz") == "Yes, your aunt does not like jazz"
    assert _answer(jazz, "is my aunt fond of jazz") == "No, your aunt does not like jazz"


def test_it_is_asked_what_is_not_so() -> None:
    found = [MEAT.ask(_draw(seed)) for seed in range(60)]
    what = [one for one in found if one.topic.endswith("/what")]
    assert 5 < len(what) < 40
    assert {one.answer for one in what} == {"you do not eat meat"} and {one.value for one in what} == {"meat"}


def test_a_change_says_how_it_is_now() -> None:
    now = MEAT.changed(_draw())
    assert now and now.so and now.key == MEAT.key
    said = {
        Speech(_draw(seed), lambda: "", plain=True).perform(Step("change", now, before=MEAT, short=short))
        for seed in range(30)
        for short in (False, True)
    }
    assert all("meat" in user and "{" not in user + bot for user, bot in said)
    assert all("instead" not in bot for _, bot in said)


@pytest.mark.parametrize("name", POLARS)
def test_every_relation_is_told_and_asked_in_words(name: str) -> None:
    for seed in range(40):
        draw = _draw(seed)
        fact = POLARS[name].make(draw)
        told, question = fact.tell(draw), fact.ask(draw)
        for text in (told.text, told.echo, question.asked.direct, question.asked.bot, question.answer):
            assert not set(text) & set("{}[]|~!") and "  " not in text
        assert question.value.lower() in told.text.lower() + question.answer.lower()
        assert name == "work" or question.value.lower() in told.text.lower()


def test_two_people_in_one_sentence() -> None:
    aunt = PolarFact(POLARS["eat"], Subject("f", "my aunt", "your aunt"), "meat", so=True)
    both = replace(MEAT, beside=aunt)
    told = {both.tell(_draw(seed)).text for seed in range(60)}
    assert {"I do not eat meat, but my aunt does", "I do not eat meat, while my aunt does"} <= told
    assert {both.tell(_draw()).echo} == {"you do not eat meat, but your aunt eats meat"}
    asked = {both.whether(_draw(seed)).answer for seed in range(20)}
    assert asked == {"No, you do not eat meat", "Yes, your aunt eats meat"}
    neither = replace(MEAT, beside=replace(aunt, so=False))
    assert {
        "I do not eat meat. Neither does my aunt",
        "I do not eat meat and my aunt doesn't either",
    } <= {neither.tell(_draw(seed)).text for seed in range(60)}
    changed = both.changed(_draw())
    assert changed and not changed.beside
    assert not any(one.beside for seed in range(20) if (one := both.sibling(_draw(seed))))
    assert clashes(aunt, [both]) and clashes(both, [aunt])
    asked_so = Speech(_draw(), lambda: "", plain=True)
    for _ in range(60):  # "is it true that" asks of one of them
        user, _ = asked_so.perform(Step("ask", both))
        assert not ("meat" in user and " but " in user)


def test_of_the_second_it_may_be_said_in_other_words() -> None:
    aunt = PolarFact(POLARS["have a thing"], Subject("f", "my aunt", "your aunt"), "boat", so=True)
    both = replace(aunt, beside=replace(aunt, subject=SELF, so=False))
    told = [both.tell(_draw(seed)).text for seed in range(300)]
    assert "my aunt has a boat, but I don't" in told and "my aunt has a boat, but I never had one" in told
    assert any(one.startswith("my aunt has a boat, but I") and one.endswith("a boat") for one in told)


def test_either_of_two_is_asked_for_as_often() -> None:
    aunt = PolarFact(POLARS["eat"], Subject("f", "my aunt", "your aunt"), "meat", so=True)
    both = replace(MEAT, beside=aunt)
    asked = [both.ask(_draw(seed)).answer for seed in range(400)]
    assert 160 < sum("aunt" in answer for answer in asked) < 240


def test_what_is_easily_confused_is_another_fact() -> None:
    found = [MEAT.sibling(_draw(seed)) for seed in range(40)]
    assert all(one is None or one.key != MEAT.key for one in found)
    assert {one.so for one in found if one} == {True, False}


def test_what_other_facts_answer_is_not_asked_as_never_told() -> None:
    cat = Subject("n", "my cat", "your cat", "thing")
    named = AttributeFact(Attribute("pet_name", "name", ("{S's} name is {v}",), ("",)), cat, "Mogwai")
    assert clashes(PolarFact(POLARS["have a thing"], SELF, "cat", so=False), [named])
    assert clashes(PolarFact(POLARS["have any"], SELF, "pets", so=False), [named])
    assert not clashes(PolarFact(POLARS["have a thing"], SELF, "sauna", so=False), [named])
    assert clashes(named, [PolarFact(POLARS["have a thing"], SELF, "cat", so=False)])


def test_one_alone_answers_what_is_not_eaten() -> None:
    assert clashes(replace(MEAT, value="fish"), [MEAT])
    assert not clashes(replace(MEAT, value="fish", so=True), [MEAT])
    assert not clashes(replace(MEAT, subject=Subject("f", "Ada", "Ada"), value="fish"), [MEAT])
