"""Text becomes examples through the tasks' own functions, and rows become dialogues."""

from pathlib import Path
from typing import Any

import pytest

from chat.segments import Dialogue, Turn
from data_prep.dialogue_rows import dialogue_of, of_one_story
from data_prep.examples import (
    cut,
    dialogue_record,
    encode_record,
    longest_part,
    record_texts,
    translation_record,
)
from lstm_models.encoded import ANYWHERE, NOWHERE, UNKNOWN, EncodedExample, EncodedTarget
from lstm_models.tokenizer import Tokenizer
from tests.data_prep.conftest import sentence_pairs

TALK = Dialogue(
    (Turn("user", "I am Ada."), Turn("bot", "Hello, Ada."), Turn("user", "Who am I?")),
    ((0, "Hello, Ada.", "<reply>"), (2, "Ada", "<answer>")),
)


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Tokenizer:
    path = tmp_path_factory.mktemp("tokenizer") / "tokenizer.model"
    texts = (text for pair in sentence_pairs() for text in pair.values())
    return Tokenizer.train(texts, path, 400)


def test_a_pair_is_a_segment_and_a_tagged_target(tokenizer: Tokenizer) -> None:
    record = translation_record("The cat.", "Die Katze.", ("en", "de"), "made_up")
    example = encode_record(tokenizer, record)
    assert example.segments == [[*tokenizer.encode("The cat."), tokenizer.eos_id]]
    ids = [tokenizer.tag_id("<2de>"), *tokenizer.encode("Die Katze."), tokenizer.eos_id]
    assert example.targets == [EncodedTarget(ids, 0)]
    assert list(record_texts(record)) == ["The cat.", "Die Katze."]


def test_a_dialogue_is_a_segment_for_each_turn(tokenizer: Tokenizer) -> None:
    record = dialogue_record(TALK, "made_up")
    example = encode_record(tokenizer, record)
    assert [tokenizer.pieces(ids[:1])[0] for ids in example.segments] == ["<user>", "<bot>", "<user>"]
    assert [tokenizer.decode(ids) for ids in example.segments] == [turn.text for turn in TALK.turns]
    assert [(target.segment, tokenizer.pieces(target.ids[:1])[0]) for target in example.targets] == [
        (0, "<reply>"),
        (2, "<answer>"),
    ]
    assert all(ids[-1] == tokenizer.eos_id for ids in example.segments)
    assert list(record_texts(record)) == ["I am Ada.", "Hello, Ada.", "Who am I?", "Ada"]  # each once


def test_unknown_tasks_and_languages_are_refused(tokenizer: Tokenizer) -> None:
    with pytest.raises(ValueError, match="'sing'"):
        encode_record(tokenizer, {"task": "sing"})
    with pytest.raises(ValueError, match="'xx'"):
        encode_record(tokenizer, translation_record("a", "b", ("en", "xx"), "made_up"))


def test_cutting_keeps_the_end_sign() -> None:
    example = EncodedExample([[5, 6, 7, 8, 2], [5, 2]], [EncodedTarget([3, 9, 9, 9, 9, 2], 1)])
    assert longest_part(example) == 6
    assert cut(example, 4) == EncodedExample([[5, 6, 7, 2], [5, 2]], [EncodedTarget([3, 9, 9, 2], 1)])
    assert cut(example, 6) == example


@pytest.mark.parametrize(
    ("schema", "row", "turns", "targets"),
    [
        (
            "dialogue",
            {"turns": [("kb", "a b"), ("user", "hi"), ("system", "hello"), ("A", "bye"), ("B", "so long")]},
            [("doc", "a b"), ("user", "hi"), ("bot", "hello"), ("user", "bye"), ("bot", "so long")],
            [(1, "hello", "<reply>"), (3, "so long", "<reply>")],
        ),
        (
            "babi_qa",
            {"story": ["Mary left.", "Tom came."], "question": "Who came?", "answer": "Tom"},
            [("user", "Mary left."), ("user", "Tom came."), ("user", "Who came?")],
            [(2, "Tom", "<answer>")],
        ),
        (
            "passage_qa",
            {"context": "It rained.", "question": "Did it?", "answers": {"text": ["yes", "it did"]}},
            [("doc", "It rained."), ("user", "Did it?")],
            [(1, "yes", "<answer>")],
        ),
        (
            "passage_qa",
            {"story": "It rained.", "questions": ["Did it?", "When?"], "answers": ["yes", "now"]},
            [("doc", "It rained."), ("user", "Did it?"), ("bot", "yes"), ("user", "When?")],
            [(3, "now", "<answer>")],
        ),
        (
            "passage_qa",
            {"story_section": "It rained.", "question": "Did it?", "answer1": "yes", "answer2": ""},
            [("doc", "It rained."), ("user", "Did it?")],
            [(1, "yes", "<answer>")],
        ),
        (
            "multiple_choice",
            {"story": "It rained.", "question": "Did it?", "options": ["no", "yes"], "answer": "yes"},
            [("doc", "It rained."), ("user", "Did it?")],
            [(1, "yes", "<answer>")],
        ),
        (
            "questions",
            {"question": "Did it?", "answer": "yes"},
            [("user", "Did it?")],
            [(0, "yes", "<answer>")],
        ),
        (
            "questions",
            {"question": "Did it?", "answers": ["yes"]},
            [("user", "Did it?")],
            [(0, "yes", "<answer>")],
        ),
    ],
)
def test_rows_of_every_schema(schema: str, row: dict[str, Any], turns: Any, targets: Any) -> None:
    if schema == "dialogue":
        row = {"turns": [{"speaker": speaker, "text": text} for speaker, text in row["turns"]]}
    dialogue = dialogue_of(row, schema)
    assert dialogue == Dialogue(tuple(Turn(*turn) for turn in turns), tuple(targets))


def test_rows_with_nothing_to_learn() -> None:
    assert dialogue_of({"context": "x", "question": "y?", "answers": {"text": []}}, "passage_qa") is None
    assert dialogue_of({"turns": [{"speaker": "user", "text": "hi"}]}, "dialogue") is None


@pytest.mark.parametrize(
    ("supporting", "evidence", "steps"),
    [([0, 1], (1,), ((0,),)), ([1], (1,), ((),)), ([], (), ()), ([0, 1, 0, 1, 0], (), ())],
)
def test_babi_says_which_statements_lead_to_the_answer(
    supporting: list[int], evidence: tuple[int, ...], steps: tuple[tuple[int, ...], ...]
) -> None:
    story = ["John took the milk.", "John went to the kitchen."]
    row = {"story": story, "question": "Where is the milk?", "answer": "kitchen", "supporting": supporting}
    dialogue = dialogue_of(row, "babi_qa")
    assert dialogue and (dialogue.evidence, dialogue.steps) == (evidence, steps)


def test_questions_about_one_story_become_one_dialogue() -> None:
    def asked(told: int, question: str, *supporting: int) -> Dialogue:
        story = ["John took the milk.", "John went home.", "Mary slept."][:told]
        row = {"story": story, "question": question, "answer": "x", "supporting": supporting}
        found = dialogue_of(row, "babi_qa")
        assert found
        return found

    rows = [asked(1, "Who?", 0), asked(3, "Where?", 0, 1), asked(3, "What?")]
    (story,) = of_one_story(rows, 8)
    assert [turn.text for turn in story.turns] == [
        "John took the milk.", "Who?", "John went home.", "Mary slept.", "Where?", "What?"
    ]  # fmt: skip
    assert [turn for turn, _, _ in story.targets] == [1, 4, 5]
    assert story.evidence == (0, 2, ANYWHERE) and story.steps == ((), (0,), ())
    assert list(of_one_story(rows, 1)) == rows
    assert [len(one.targets) for one in of_one_story(rows, 2)] == [2, 1]
    assert [len(one.targets) for one in of_one_story([*rows[1:], rows[0]], 8)] == [2, 1], "told less: another"
    talk = Dialogue((Turn("user", "hi"), Turn("bot", "hello")), ((0, "hello", "<reply>"),))
    assert list(of_one_story([talk, talk], 8)) == [talk, talk]


def test_rows_that_do_not_fit() -> None:
    with pytest.raises(ValueError, match=r"does not fit the schema 'babi_qa'.*story.*\{'question': 'y\?'\}"):
        dialogue_of({"question": "y?"}, "babi_qa")
    with pytest.raises(ValueError, match="'translation' corpus holds no dialogues"):
        dialogue_of({}, "translation")


@pytest.mark.parametrize(
    ("row", "schema", "why"),
    [
        (
            {"turns": [{"speaker": "user", "text": "hi"}, {"speaker": "bot", "text": None}]},
            "dialogue",
            "None is",
        ),
        ({"source": "kvret", "knowledge": "{bad", "turns": []}, "dialogue", "Expecting property.*'{bad'"),
        ({"story": [], "question": "y?", "answer": 3}, "babi_qa", "3 is no text"),
        ({"questions": [], "answers": [], "story": "x"}, "passage_qa", "IndexError"),
    ],
)
def test_what_is_no_text_is_named(row: dict[str, Any], schema: str, why: str) -> None:
    with pytest.raises(ValueError, match=rf"a row does not fit the schema '{schema}': .*{why}"):
        dialogue_of(row, schema)


def test_loaded_rows_fit_their_schema(corpora: Path) -> None:
    from data_prep.corpora import get_corpus
    from data_prep.loading import load_rows

    for name in ("dialog_babi", "babi_qa"):
        corpus = get_corpus(name)
        assert all(dialogue_of(row, corpus.schema_) for row in load_rows(corpus, "test", corpora))


@pytest.mark.parametrize(
    ("text", "words", "found"),
    [
        ("The old cat sees the House.", "the house", "the House"),
        ("The cathouse, the cat.", "cat", "cat"),  # not a part of another word
        ("The king\u2019s old cat.", "king's old cat", "king's old cat"),
        ("The old cat.", "house", None),
        ("The user finds the user.", "user", "user"),  # and not the speaker's tag
    ],
)
def test_the_words_that_answer_are_found(
    tokenizer: Tokenizer, text: str, words: str, found: str | None
) -> None:
    turns = (Turn("user", text), Turn("user", "The cat sees?"))
    dialogue = Dialogue(turns, ((1, "Yes.", "<reply>"),), (0,), (words,))
    example = encode_record(tokenizer, dialogue_record(dialogue, "made_up"))
    (begin, end), segment = example.targets[0].answer, example.segments[0]
    assert tokenizer.decode(segment[begin:end]).strip() == (found or "")
    assert cut(example, 3).targets[0].answer == (UNKNOWN if end >= 3 else (begin, end))


def test_without_evidence_no_words_answer(tokenizer: Tokenizer) -> None:
    dialogue = Dialogue((Turn("user", "Ada"),), ((0, "Yes.", "<reply>"),), (NOWHERE,), ("Ada",))
    assert encode_record(tokenizer, dialogue_record(dialogue, "made_up")).targets[0].answer == UNKNOWN
