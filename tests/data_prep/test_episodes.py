"""The episodes and passages of the tables, and the dialogues made of them."""

import random
import re
from dataclasses import replace

from chat.refusals import is_refusal
from chat.words import words
from data_prep.dialogues.episodes import Answerable, Episode, EpisodeFact, Scene, episodes
from data_prep.dialogues.facts import Draw
from data_prep.dialogues.readers import own_reading
from data_prep.dialogues.speech import Speech
from data_prep.dialogues.steps import Step
from data_prep.dialogues.tables import load_table
from data_prep.dialogues.value_makers import MAKERS
from data_prep.dialogues.values import Values
from data_prep.dialogues.wording import Wordings
from lstm_models.encoded import NOWHERE

EVERY = [
    one
    for folder in ("episodes", "plain", "passages")
    for held in (False, True)
    for one in episodes(held, folder)
]


def _draw(seed: int = 1) -> Draw:
    return Draw(random.Random(seed), Values(), Wordings())


def _slots(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))


def _faults(episode: Episode) -> list[str]:
    """What is wrong with a row of the tables."""
    faults = [] if episode.open else ["no open question"]
    texts, left_open = list(episode.open), {" ".join(words(text)) for text in episode.open}
    for scene in [episode.first, *([episode.then] if episode.then else [])]:
        texts += scene.tell
        if len(scene.tell) < 2:
            faults.append("a message needs several wordings")
        for asked in scene.asks:
            texts += [*asked.questions, asked.answer]
            faults += [f"{one} is left open" for one in asked.questions if " ".join(words(one)) in left_open]
            marks = re.findall(r"\*([^*]+)\*", asked.answer)
            wordings = (scene.tell, episode.first.tell)
            if len(marks) != 1 or not asked.questions:
                faults.append(f"needs questions and exactly one *mark*: {asked.answer}")
            elif not any(all(marks[0].lower() in text.lower() for text in tell) for tell in wordings):
                faults.append(f"{marks[0]!r} does not stand in every wording of the message")
    faults += [f"two blanks in {text!r}" for text in texts if "  " in text]
    lists = [kind for kind in episode.slots.values() if isinstance(kind, list)]
    faults += [
        f"{value} is no word: put it in quotes" for kind in lists for value in kind if isinstance(value, bool)
    ]
    unknown = set().union(*map(_slots, texts)) - set(episode.slots)
    kinds = {kind for kind in episode.slots.values() if isinstance(kind, str)}
    strange = kinds - set(MAKERS) - set(load_table("values"))
    return [f"{episode.name}: {fault}" for fault in (*faults, *unknown, *strange)]


def test_every_episode_says_what_it_asks_for() -> None:
    assert [fault for episode in EVERY for fault in _faults(episode)] == []


def test_a_fault_is_found() -> None:
    good = _moved().episode
    assert not _faults(good)
    assert _faults(replace(good, slots={"a": "city"})), "a slot that is not there"
    assert _faults(replace(good, slots={**good.slots, "a": ["yes", False]})), "YAML takes a bare no for False"
    assert _faults(replace(good, first=replace(good.first, tell=("Off to {b}!", "{a} it is.")))), "not told"
    assert _faults(replace(good, slots={**good.slots, "c": "nonsense"})), "no kind of value"
    assert _faults(replace(good, open=("Where to now?",))), "what came later answers it"


def _moved() -> EpisodeFact:
    return Episode(
        "moved",
        {"a": "city", "b": ["Rome", "Lima"]},
        Scene(("Off to {a}, finally!", "{a} it is."), (_asked("Where am I going?", "You go to *{a}*."),)),
        ("When do I leave?",),
        Scene(("Not {a} but {b}.", "Not {a} but {b}!"), (_asked("Where to now?", "You go to *{b}*."),)),
    ).make(_draw())


def _asked(question: str, answer: str) -> Answerable:
    return Answerable((question,), answer)


def test_what_came_later_is_told_and_asked_instead() -> None:
    fact = _moved()
    later = fact.changed(_draw())
    assert later and later.key == fact.key and later.changed(_draw()) is None
    question = later.ask(_draw())
    assert question.value == fact.values["b"]
    assert question.answer == f"You go to {fact.values['b']}."
    assert later.tell(_draw()).text[:-1] == f"Not {fact.values['a']} but {fact.values['b']}"


def test_a_message_is_left_as_it_was_typed() -> None:
    fact, speech = _moved(), Speech(_draw(), lambda: "", plain=True)
    told = {speech.perform(Step("tell", fact))[0] for _ in range(20)}
    assert told == {f"Off to {fact.values['a']}, finally!", f"{fact.values['a']} it is."}
    assert speech.perform(Step("ask", fact)) == ("Where am I going?", f"You go to {fact.values['a']}.")
    assert speech.wanted == fact.values["a"]
    question = fact.unknown(_draw())
    assert question
    asked, reply = speech.perform(Step("unknown", question=question))
    assert asked == "When do I leave?" and is_refusal(reply)


def test_what_is_told_is_asked_of_something_else() -> None:
    asked = Answerable(("Who has the {t}?", "With whom is my {t}?"), "*{n}* has it.")
    scene = Scene(("{n} has my {t}.", "The {t} is with {n}."), (asked,))
    slots: dict[str, str | list[str]] = {"n": "person", "t": ["drill", "saw", "ladder"]}
    fact = Episode("t", slots, scene, ("Why?",)).make(_draw())
    found = [fact.missed(_draw(seed)) for seed in range(40)]
    texts = {one.asked.direct for one in found if one}
    assert len(texts) == 4 and not any(fact.values["t"] in text for text in texts)
    assert all(not one.answer and one.as_typed for one in found if one)
    plain = replace(fact.episode, first=Scene(scene.tell, (Answerable(("Who rang?",), "*{n}* did."),)))
    assert plain.make(_draw()).missed(_draw()) is None  # there is nothing to exchange


def test_another_thing_may_be_told_of_as_if_it_were_in_the_table() -> None:
    asked = Answerable(("What is broken?",), "The *drill* is broken.")
    episode = Episode("e", {}, Scene(("My drill is broken.",), (asked,)), ("Where is the drill?",))
    facts = [episode.make(_draw(seed)) for seed in range(20)]
    told = {fact.tell(_draw()).text: fact for fact in facts}
    assert len(told) > 2 and "My drill is broken." in told
    for text, fact in told.items():
        thing = text.removeprefix("My ").removesuffix(" is broken.")
        question = fact.unknown(_draw())
        assert fact.ask(_draw()).value == thing and question.asked.direct == f"Where is the {thing}?"


def test_a_passage_is_read_and_its_gaps_are_refused() -> None:
    fact = _moved()
    dialogues = [own_reading(fact.episode, _draw(seed)) for seed in range(60)]
    assert {dialogue.turns[0].speaker for dialogue in dialogues} == {"doc", "user"}
    for dialogue in dialogues:
        for (turn, reply, _), where in zip(dialogue.targets, dialogue.evidence, strict=True):
            asks_for_a_gap = dialogue.turns[turn].text == "When do I leave?"
            assert (where == NOWHERE) == asks_for_a_gap == is_refusal(reply)


def test_some_are_held_out_and_none_is_on_both_sides() -> None:
    train, held = ({one.name for one in episodes(side)} for side in (False, True))
    assert train and held and not train & held
