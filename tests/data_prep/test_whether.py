"""Questions that want a yes or a no, and what is answered to them."""

import random
from dataclasses import replace

import pytest

from data_prep.dialogues.attributes import Attribute, AttributeFact
from data_prep.dialogues.episodes import Answerable, Episode, EpisodeFact, Scene
from data_prep.dialogues.facts import Draw, Question
from data_prep.dialogues.subjects import SELF, Subject
from data_prep.dialogues.values import Values
from data_prep.dialogues.whether import answered, asked_whether, turned_round
from data_prep.dialogues.wording import Wordings
from data_prep.dialogues.world import World, relation_groups

SISTER = Subject("f", "my sister", "your sister")


def _draw(seed: int) -> Draw:
    return Draw(random.Random(seed), Values(), Wordings())


@pytest.mark.parametrize(
    ("say", "subject", "direct", "bot"),
    [
        ("{S} [live] in {v}", SELF, "do I live in Porto", "whether you live in Porto"),
        ("{S} [live] in {v}", SISTER, "does my sister live in Porto", "whether your sister lives in Porto"),
        ("{S} [be] from {v}", SELF, "am I from Porto", "whether you are from Porto"),
        ("{S} [was] in {v}", SISTER, "was my sister in Porto", "whether your sister was in Porto"),
        ("{S's} home is {v}", SELF, "is my home Porto", "whether your home is Porto"),
        ("the name of {S} is {v}", SISTER, "is the name of my sister Porto",
         "whether the name of your sister is Porto"),
    ],
)  # fmt: skip
def test_statements_become_questions(say: str, subject: Subject, direct: str, bot: str) -> None:
    asked = asked_whether(say, subject, {"v": "Porto"})
    assert asked and (asked.direct, asked.bot) == (direct, bot)


def test_other_forms_do_not() -> None:
    assert asked_whether("{v} wrote {w}", SISTER, {"v": "Ada", "w": "it"}) is None


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("You are learning {s}.", "Am I learning {s}?"),
        ("Your car is *{c}*.", "Is my car *{c}*?"),
        ("{n} was with you.", "Was {n} with me?"),
        ("The keys are in your bag.", "Are the keys in my bag?"),
        ("It is in June.", None),  # who would know what "it" is?
        ("In June.", None),
        ("{n} is the one you like.", None),
        ("{n} likes it.", None),
        ("Yes, {n} is ill.", None),  # it has its verdict
        ("Yours is *blue*.", None),
        ("What helps is *{x}*.", None),
        ("{n} is not coming.", None),
    ],
)
def test_answers_become_questions(said: str, asked: str | None) -> None:
    assert turned_round(said) == asked


def test_answers_say_yes_or_no_and_how_it_is() -> None:
    assert answered(True, "You are thirty.") == "Yes, you are thirty."
    assert answered(False, "Ada is the cook.") == "No, Ada is the cook."


def _fits(question: Question, told: str) -> bool:
    """Whether the yes or no is right: what is so says again what was asked."""
    claimed = told.lower() in question.asked.direct.lower()
    return question.answer.startswith("Yes" if claimed else "No") and told in question.answer


def test_facts_ask_for_what_is_so_and_what_is_not() -> None:
    attribute = Attribute("home", "city", ("{S} [live] in {v}",), ("where ~do {S} | live",), who=("self",))
    fact = AttributeFact(attribute, SELF, "Porto")
    found = [question for seed in range(40) if (question := fact.whether(_draw(seed)))]
    assert all(_fits(question, "Porto") and question.value == "Porto" for question in found)
    assert {question.answer[:2] for question in found} == {"Ye", "No"}


@pytest.mark.parametrize(
    ("subject", "asked"),
    [
        (Subject("n", "my cat", "your cat", "thing"), "do I have a cat"),
        (Subject("f", "my sister Ada", "your sister Ada", alias="Ada"), "do I have a sister"),
        (Subject("n", "Marta's cat", "Marta's cat", "thing"), "does Marta have a cat"),
        (Subject("n", "my uncle's cat", "your uncle's cat", "thing"), "does my uncle have a cat"),
        (Subject("p", "my twins", "your twins"), None),
        (SELF, None),
    ],
)
def test_what_was_told_of_is_there(subject: Subject, asked: str | None) -> None:
    attribute = Attribute("colour", "colour", ("{S} [be] {v}",), ("what colour ~be {S} |",))
    found = [AttributeFact(attribute, subject, "grey").whether(_draw(seed)) for seed in range(40)]
    exist = [one for one in found if one and one.topic.endswith("/exists")]
    assert bool(exist) == bool(asked)
    assert all(one.answer == f"Yes, {subject.bot} is grey" for one in exist)
    assert asked is None or asked in {one.asked.direct for one in exist}


def test_messages_too() -> None:
    scene = Scene(("Off to see {n}.",), (Answerable(("Who?",), "*{n}* is who you see."),
                                         Answerable(("When?",), "Your visit is to *{n}*.")))  # fmt: skip
    fact = EpisodeFact(Episode("visit", {"n": ["Ada", "Ben", "Cleo"]}, scene, ("Why?",)), {"n": "Ben"})
    found = [question for seed in range(40) if (question := fact.whether(_draw(seed)))]
    assert {question.asked.direct for question in found} == {
        "Is my visit to Ada?", "Is my visit to Ben?", "Is my visit to Cleo?",
    }  # fmt: skip
    assert all(_fits(question, "Ben") for question in found)


def _about(answer: str, *questions: str) -> EpisodeFact:
    scene = Scene(("{n} is ill until {d}.",), (Answerable(questions, answer),))
    slots: dict[str, str | list[str]] = {"n": ["Ada", "Ben", "Cleo"], "d": ["Monday", "Friday", "Sunday"]}
    return EpisodeFact(Episode("ill", slots, scene, ("Why?",)), {"n": "Ben", "d": "Friday"})


def test_that_one_is_does_not_say_that_another_is_not() -> None:
    fact = _about("*{n}* is ill.", "Who is ill?")
    found = [question for seed in range(40) if (question := fact.whether(_draw(seed)))]
    assert {(one.asked.direct, one.answer) for one in found} == {("Is Ben ill?", "Yes, Ben is ill.")}


def test_a_verdict_is_missed_by_whom_it_is_about_alone() -> None:
    fact = _about("Yes, *{n}* is ill.", "Is {n} ill?")
    found = [question for seed in range(40) if (question := fact.missed(_draw(seed)))]
    assert {one.asked.direct for one in found} == {"Is Ada ill?", "Is Cleo ill?"}
    fact = _about("No, {n} is ill until *{d}*.", "Is {n} ill until Monday?")
    assert not any(fact.missed(_draw(seed)) for seed in range(40))  # until when he is was told


def test_of_what_nobody_told_it_is_asked_as_well() -> None:
    world, draw = World(relation_groups(held=False)), _draw(3)
    told = world.facts(draw, 3)
    found = [one for _ in range(40) for one in world.unknown(draw, told, 2, whether=1.0)]
    assert len(found) > 20 and all(one.topic.endswith(("/whether", "/exists")) for one in found)


def test_whether_there_is_what_was_spoken_of_was_told() -> None:
    attribute = Attribute(
        "age", "number", ("{S} [be] {v}",), ("how old ~be {S} |",), of=("pet",), who=("kin",)
    )
    cat = AttributeFact(attribute, Subject("n", "my cat", "your cat", "thing"), "3")
    world = World({"things": [replace(attribute, name="colour", v="colour")]})
    found = [one for seed in range(60) for one in world.unknown(_draw(seed), [cat], 2, whether=1.0)]
    asked = {one.asked.direct for one in found if one.topic.endswith("/exists")}
    assert asked and not any(one.endswith(" cat") for one in asked)
