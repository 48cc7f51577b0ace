"""Generated dialogues: right English, right answers, honest refusals, nothing of the tests in training."""

import random
import re

import pytest

from chat.refusals import REFUSAL_STARTS, is_refusal
from chat.segments import Dialogue
from chat.words import is_question
from data_prep.dialogues import DialogueMaker, generate
from data_prep.dialogues.attributes import Attribute, AttributeFact
from data_prep.dialogues.declare import declare
from data_prep.dialogues.facts import Draw, Fact
from data_prep.dialogues.generate import splits_of
from data_prep.dialogues.inflect import participle, past, present_participle, put_behind, third_person
from data_prep.dialogues.made_up import is_test_word
from data_prep.dialogues.natural import from_passages, from_questions
from data_prep.dialogues.smalltalk import Pool
from data_prep.dialogues.speech import Speech
from data_prep.dialogues.steps import Step
from data_prep.dialogues.subjects import SELF, Subject, shift_person
from data_prep.dialogues.tables import load_table
from data_prep.dialogues.values import Values, core
from data_prep.dialogues.wording import Wordings, ask, contract, is_held_out, render, sentence
from data_prep.dialogues.world import clashes, relation_groups
from lstm_models.encoded import NOWHERE

SISTER = Subject("f", "my sister", "your sister")
PARENTS = Subject("p", "my parents", "your parents")


def draw(seed: int, held: bool = False) -> Draw:
    return Draw(random.Random(seed), Values(unseen=held), Wordings(held))


def rows() -> dict[str, list[dict]]:
    """A handful of rows in the corpora's own schemas."""
    said = ["Do you like boats?", "I love boats, they are fun.", "Me too, let us go sailing.", "Good idea!"]
    turns = [{"speaker": "AB"[i % 2], "text": text} for i, text in enumerate(said)]
    story = "The mill was old. Then Ada carried a blue jug to the old miller. The miller was asleep."
    asked = [("What did Ada carry to the old miller?", "a blue jug"), ("Who was asleep?", "the miller")]
    return {
        "self_dialogue": [{"turns": turns}],
        "open_trivia_qa": [
            {"question": "Who built the Long Bridge?", "answer": "Otto Karsh"},
            {"question": "What is the capital of Ruritania?", "answer": "Strelsau"},
        ],
        "mctest": [{"story": story, "question": q, "answer": a} for q, a in asked],
        "babi_qa": [{"story": ["Ada is in the mill."], "question": "Where is Ada?", "answer": "mill"}],
        "dialog_babi": [
            {"turns": [{"speaker": "user", "text": "hi"}, {"speaker": "system", "text": "hello"}]},
            {"turns": [{"speaker": "kb", "text": "inn R_phone 12"}]},
        ],
    }


@pytest.mark.parametrize(
    ("verb", "forms"),
    [
        ("rent", "rents rented rented renting"),
        ("carry", "carries carried carried carrying"),
        ("plan", "plans planned planned planning"),
        ("write", "writes wrote written writing"),
        ("watch", "watches watched watched watching"),
        ("play", "plays played played playing"),
        ("dig up", "digs up dug up dug up digging up"),
        ("must", "must"),
    ],
)
def test_verbs(verb: str, forms: str) -> None:
    made = [third_person(verb), past(verb), participle(verb), present_participle(verb)]
    assert " ".join(made).startswith(forms)


@pytest.mark.parametrize(
    ("word", "value", "said"),
    [
        ("a", "espresso", "an espresso"),
        ("an", "rug", "a rug"),
        ("A", "atlas", "An atlas"),
        ("a", "ukulele", "a ukulele"),
        ("a", "one-eyed cat", "a one-eyed cat"),
        ("a", "umbrella", "an umbrella"),
        ("a", "8", "a 8"),  # left as the table has it
        ("the", "the violin", "the violin"),
        ("my", "a rug", "my rug"),
        ("with", "a rug", "with a rug"),
        ("her", "a rug", "her a rug"),  # "I gave her a rug"
    ],
)
def test_articles_fit_what_stands_behind_them(word: str, value: str, said: str) -> None:
    assert " ".join(put_behind(word, value)) == said


def test_agreement_and_persons() -> None:
    template = "{S} [live] with {his} dog and [be] {v}"
    slots = {"v": "happy"}
    assert render(template, SELF, slots) == "I live with my dog and am happy"
    assert render(template, SELF, slots, bot=True) == "you live with your dog and are happy"
    assert render(template, SISTER, slots, bot=True) == "your sister lives with her dog and is happy"
    assert render(template, PARENTS, slots) == "my parents live with their dog and are happy"
    assert shift_person("I was late, so I'm sorry and my aunt hit me") == (
        "you was late, so you're sorry and your aunt hit you".replace("you was", "you were")
    )


@pytest.mark.parametrize(
    ("template", "subject", "direct", "indirect", "bot"),
    [
        ("where ~do {S} | live", SELF, "where do I live", "where I live", "where you live"),
        ("who ~do {S} | pay", SISTER, "who does my sister pay", "who my sister pays", "who your sister pays"),
        ("what ~be {S's} job |", SELF, "what is my job", "what my job is", "what your job is"),
        ("what ~be {S} | called", SELF, "what am I called", "what I am called", "what you are called"),
        ("who ~did {S} | pay", SELF, "who did I pay", "who I paid", "who you paid"),
        ("~did {S} | ever see {v}", SELF, "did I ever see it", "I ever saw it", "you ever saw it"),
        ("who ~must {S} | pay", SELF, "who must I pay", "who I must pay", "who you must pay"),
        ("who ~can't {S} | bear", SELF, "who can't I bear", "who I can't bear", "who you can't bear"),
        ("where ~did I | put {v}", SELF, "where did I put it", "where I put it", "where you put it"),
        ("when ~do I | have {v}", SELF, "when do I have it", "when I have it", "when you have it"),
        ("what ~do {S} | not eat", SISTER, "what does my sister not eat", "what my sister does not eat",
         "what your sister does not eat"),
        ("what ~do {S} | never eat", SISTER, "what does my sister never eat", "what my sister never eats",
         "what your sister never eats"),
        ("who runs {S}", SISTER, "who runs my sister", "who runs my sister", "who runs your sister"),
    ],
)  # fmt: skip
def test_questions_in_three_forms(
    template: str, subject: Subject, direct: str, indirect: str, bot: str
) -> None:
    asked = ask(template, subject, {"v": "it"})
    assert (asked.direct, asked.indirect, asked.bot) == (direct, indirect, bot)


def test_sentences_and_contractions() -> None:
    assert sentence("my car is a orange one") == "My car is an orange one."
    assert sentence("is it?") == "Is it?"
    always = random.Random(0)
    assert contract("what is my name", always, 1.0) == "what's my name"
    assert contract("I know what it is", always, 1.0) == "I know what it is"  # never at the end


@pytest.mark.parametrize(
    ("question", "answer", "statement"),
    [
        ("Who wrote the Zorn Papers?", "Ada Flim", "Ada Flim wrote the Zorn Papers"),
        ("What is the capital of Ruritania?", "Strelsau", "the capital of Ruritania is Strelsau"),
        ("When did the war end?", "1945", "the war ended in 1945"),
        ("Where was Ada born?", "Strelsau", "Ada was born in Strelsau"),
        ("What did the king order?", "A cake", "the king ordered a cake"),
        ("Which river flows through Strelsau?", "Elbe", None),
        ("Which actor played Zorn?", "Ada Flim", "Ada Flim is the actor that played Zorn"),
        ("How many bears were there?", "Two", "there were two bears"),
        ("What was the ball made out of?", "wool", "the ball was made out of wool"),
        ("Why did the king laugh?", "the joke", None),
    ],
)
def test_real_questions_become_statements(question: str, answer: str, statement: str | None) -> None:
    declared = declare(question, answer)
    assert (declared.clause if declared else None) == statement


def test_refusals_are_known_and_nothing_else_is_one() -> None:
    frames = load_table("frames")
    for frame in [*frames["refuse_about"], *frames["refuse_short"]]:
        said = frame.format(q="where your sister lives")
        assert is_refusal(said) and said.startswith(REFUSAL_STARTS)
    for name in ("answer", "acknowledge", "echo", "corrected"):
        for frame in frames[name]:
            assert not is_refusal(frame.format(a="your sister lives in Brim", v="Brim", old="Zorn")), frame
    assert is_refusal("I don\u2019t know that.")


@pytest.mark.parametrize("held", [False, True])
def test_every_relation_speaks_english_and_answers_rightly(held: bool) -> None:
    for group in relation_groups(held).values():
        for relation in group:
            assert relation.held == held
            for seed in range(6):
                facts = draw(seed)
                fact = relation.make(facts)
                told, question = fact.tell(facts), fact.ask(facts)
                asked = question.asked
                for text in (told.text, told.echo, asked.direct, asked.bot, question.answer):
                    marks = r"[\[\]{}|~]|  " if told.as_typed else r"[\[\]{}<>|~]|  "  # people type "->"
                    assert not re.search(marks, text), (relation.name, text)
                for text in (told.echo, question.answer, asked.bot):
                    assert not re.search(r"\b(my|I|me)\b", text), (relation.name, text)
                assert question.value.lower() in question.answer.lower(), (relation.name, question)
                assert asked.direct != question.answer


def test_a_statement_may_follow_a_sentence_that_names_its_subject() -> None:
    (job,) = (relation for relation in relation_groups(False)["people"] if relation.name == "job")
    assert isinstance(job, Attribute)
    said = [AttributeFact(job, SISTER, "a pilot").tell(draw(seed)).text for seed in range(200)]
    assert any(re.match(r".*sister.*[.?] She (works|is)", text) for text in said)
    assert any("my sister" in text for text in said)


def test_questions_are_turned_round() -> None:
    (city,) = (relation for relation in relation_groups(False)["people"] if relation.name == "home_city")
    assert isinstance(city, Attribute)
    asked = [AttributeFact(city, SISTER, "Brim").ask(draw(seed)) for seed in range(300)]
    turned = [question for question in asked if question.asked.direct == "who lives in Brim"]
    assert turned and turned[0].answer == "your sister lives in Brim" and turned[0].value == "sister"


def test_stories_become_facts_about_people_the_user_knows() -> None:
    (fact, _) = from_passages(rows()["mctest"], "mctest")
    told = [told for seed in range(20) if (told := fact.personal(draw(seed)))]
    assert {one.answer for one in told} == {"a blue jug"}
    assert any("Ada" not in one.statement + one.asked.direct and "your" in one.clause for one in told)
    assert from_questions(rows()["open_trivia_qa"], "open_trivia_qa")[0].personal(draw(3)) is None


def some_facts(count: int, held: bool = False) -> list[tuple[Draw, Fact]]:
    relations = [
        one
        for name, group in relation_groups(held).items()
        for one in group
        if name not in ("episodes", "plain")
    ]  # those have tests of their own
    drawn = [draw(seed, held) for seed in range(count)]
    return [(one, one.rng.choice(relations).make(one)) for one in drawn]


def test_changes_siblings_and_open_questions() -> None:
    seen = {"changed": 0, "sibling": 0, "unknown": 0}
    for one, fact in some_facts(200):
        changed, sibling, unknown = fact.changed(one), fact.sibling(one), fact.unknown(one)
        if changed:
            assert clashes(changed, [fact])
            seen["changed"] += 1
        if sibling:
            assert sibling.key != fact.key
            seen["sibling"] += 1
        if unknown:
            assert unknown.topic.startswith(fact.key) and not unknown.answer
            seen["unknown"] += 1
    assert min(seen.values()) > 20, seen


def test_a_change_replaces_the_old_value() -> None:
    for one, fact in some_facts(60):
        changed = fact.changed(one)
        if changed and fact.relation != "event":
            speech = Speech(one, lambda: "", plain=True)
            said, _ = speech.perform(Step("change", changed, before=fact))
            assert core(changed.value).lower() in said.lower()


def test_test_words_and_wordings_are_not_trained_on() -> None:
    for held in (False, True):
        words = {word for seed in range(300) for word in [Values(unseen=held).word(random.Random(seed))]}
        assert {is_test_word(word) for word in words} == {held}
        names = [Values(unseen=held).name(random.Random(seed)) for seed in range(2000)]
        marked = [name for name in names if not name.isascii()]
        assert 0.01 < len(marked) / len(names) < 0.1 and all(name.isalpha() for name in marked)
    options = [text for row in load_table("people").values() for text in row["ask"]]
    assert 0.03 < sum(map(is_held_out, options)) / len(options) < 0.25
    kept = {Wordings(False).pick(random.Random(seed), options) for seed in range(500)}
    held_out = {Wordings(True).pick(random.Random(seed), options) for seed in range(500)}
    assert not kept & held_out
    groups = ("people", "favourites", "things", "events")
    sides = [{r for group in groups for r in relation_groups(held)[group]} for held in (False, True)]
    assert not sides[0] & sides[1] and len(sides[0]) > 10 * len(groups)


def answers_of(dialogue: Dialogue) -> list[tuple[str, str]]:
    return [(dialogue.turns[turn].text, reply) for turn, reply, _ in dialogue.targets]


def test_dialogues_are_the_same_for_the_same_arguments_in_any_order() -> None:
    maker = DialogueMaker(rows(), seed=5)
    forward = [maker.make(index) for index in range(30)]
    assert [DialogueMaker(rows(), seed=5).make(index) for index in (29, 3)] == [forward[29], forward[3]]
    assert list(generate("train", 5, 5, rows())) == forward[:5]
    assert list(generate("train", 5, 6, rows())) != forward[:5]


def test_dialogues_alternate_and_targets_are_what_the_bot_says() -> None:
    lengths = []
    for dialogue in generate("train", 300, 2, rows(), {"facts": 1}):
        lengths.append(len(dialogue.turns))
        assert [turn.speaker for turn in dialogue.turns] == ["user", "bot"] * (len(dialogue.turns) // 2)
        assert dialogue.targets
        for turn, reply, tag in dialogue.targets:
            assert dialogue.turns[turn].speaker == "user" and tag == "<reply>"
            assert dialogue.turns[turn + 1].text == reply
    assert min(lengths) < 6 and max(lengths) > 40


def test_all_kinds_of_dialogue_are_made() -> None:
    tags = set()
    first = set()
    for dialogue in generate("train", 400, 3, rows(), {"reading": 1, "babi": 1, "booking": 1, "chat": 1}):
        tags |= {tag for _, _, tag in dialogue.targets}
        first.add(dialogue.turns[0].speaker)
        for question, reply in answers_of(dialogue):
            if "Ada carry" in question:
                assert "blue jug" in reply
    assert tags == {"<reply>", "<answer>"} and first == {"user", "doc"}


def test_without_corpora_there_are_facts_and_the_projects_own_small_talk() -> None:
    own = {reply for row in load_table("smalltalk") for reply in row["reply"]}
    replies = [reply for d in generate("validation", 60, 1, {}) for _, reply in answers_of(d)]
    assert own & set(replies) and any(map(is_refusal, replies))


def test_small_talk_leaves_out_what_looks_like_a_fact() -> None:
    said = ["My name is Ada.", "Hi Ada!", "Do you like rain?", "I do, a lot.", "¿Qué tal?", "Bien."]
    turns = [{"speaker": ("user", "system")[i % 2], "text": text} for i, text in enumerate(said)]
    (exchange,) = Pool([{"turns": turns}]).draw(random.Random(1))
    assert (exchange.user, exchange.bot) == ("Do you like rain?", "I do, a lot.")


def test_which_split_serves_which_role() -> None:
    assert splits_of(["train", "test"]) == {"train": "train", "test": "test"}
    assert splits_of(["validation", "test"]) == {"train": "validation", "test": "test"}
    assert splits_of(["test"]) == {"test": "test"}


@pytest.mark.parametrize("mix", [{"fact": 1.0}, {"facts": 0.0}, {}])
def test_unknown_shares_are_refused(mix: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="mix="):
        DialogueMaker({}, mix=mix)


def test_unknown_splits_and_values_are_refused() -> None:
    with pytest.raises(ValueError, match="train, validation, test"):
        DialogueMaker({}, split="dev")
    with pytest.raises(ValueError, match="unknown kind of value 'colours'"):
        Values().draw(random.Random(1), "colours")


def test_evidence_is_the_turn_that_told_the_answer() -> None:
    pointed = asked = said = 0
    for dialogue in generate("train", 150, 3, {}, {"facts": 1.0}):
        assert len(dialogue.evidence) == len(dialogue.wanted) == len(dialogue.targets)
        known = zip(dialogue.targets, dialogue.evidence, dialogue.wanted, strict=True)
        for (turn, reply, _), evidence, wanted in known:
            assert evidence != NOWHERE or is_refusal(reply), reply
            assert evidence >= 0 or not wanted
            if evidence >= 0:
                assert not is_refusal(reply)
                assert evidence < turn and dialogue.turns[evidence].speaker == "user"
                told = set(re.findall(r"\w+", dialogue.turns[evidence].text.lower()))
                pointed += bool(told & set(re.findall(r"\w{4,}", reply.lower())))
                asked += bool(wanted)
                said += bool(wanted) and wanted.lower() in dialogue.turns[evidence].text.lower()
    assert pointed > 150
    assert asked > 150 and said > 0.95 * asked  # "my uncle" is "your uncle" in the answer


def test_what_is_never_told_is_asked_behind_what_it_is_near() -> None:
    behind = []
    for dialogue in generate("train", 60, 3, {}, {"facts": 1}):
        for (turn, _, _), evidence in zip(dialogue.targets, dialogue.evidence, strict=True):
            if evidence == NOWHERE:
                before = dialogue.turns[:turn:2]
                behind.append(any(not is_question(one.text) for one in before))
    assert len(behind) > 100 and sum(behind) > 0.75 * len(behind)
