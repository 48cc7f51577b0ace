"""Answers in dialogues are given from what stood before, and scored as published."""

import json

import pytest

from benchmarks.kvret import entities_of, wanted_of
from chat.segments import Dialogue, Turn
from data_prep.answering import answers, distinct, entity_f1, exact, repeats_trigram, word_f1
from data_prep.dialogue_rows import dialogue_of
from lstm_models.engine import Engine
from lstm_models.search import SearchOptions
from tests.toys import tiny_model, train_tokenizer


def test_scores_worked_out_by_hand() -> None:
    assert exact("The Kitchen!", ["kitchen"]) == 1 and exact("the bath", ["kitchen", "hall"]) == 0
    assert word_f1("in the old kitchen", ["old kitchen"]) == pytest.approx(0.8)
    assert word_f1("", ["kitchen"]) == 0 and word_f1("x", []) == 0
    assert repeats_trigram("I like it I like it") and not repeats_trigram("I like it, I like")
    assert distinct(["a b a b", "a b"]) == pytest.approx(2 / 4)
    known = ["Home", "5 miles", "Main Street"]
    pairs = [("Home is 5 miles away.", ["home"], known), ("No idea.", ["main street"], known)]
    assert entity_f1(pairs) == pytest.approx(2 * 1 / (2 + 2))


def test_kvret_knows_its_entries() -> None:
    knowledge = {"navigate": [{"poi": "Home", "distance": "5 miles"}, {"poi": "Chevron", "distance": "-"}]}
    turns = [{"speaker": "user", "text": "Where?"}, {"speaker": "system", "text": "Home is 5 miles away."}]
    row = {"source": "kvret", "knowledge": json.dumps(knowledge), "turns": turns}
    assert entities_of(row) == {"Home", "5 miles", "Chevron"}
    assert wanted_of("Home is 5 miles away.", row) == {"Home", "5 miles"}
    dialogue = dialogue_of(row, "dialogue")
    assert dialogue is not None and dialogue.turns[0] == Turn("doc", "poi: Home, distance: 5 miles")
    assert dialogue.targets == ((2, "Home is 5 miles away.", "<reply>"),)


def test_a_long_result_is_a_passage_for_each_thing() -> None:
    lines = [
        f"place_{n} R_{what} {'x' * 30}" for n in range(3) for what in ("phone", "price", "rating", "area")
    ]
    turns = [{"speaker": "user", "text": "hi"}, {"speaker": "kb", "text": "\n".join(lines)},
             {"speaker": "system", "text": "ok"}]  # fmt: skip
    dialogue = dialogue_of({"source": "dialog_babi", "turns": turns}, "dialogue")
    assert dialogue is not None and [turn.speaker for turn in dialogue.turns] == ["user", *["doc"] * 3, "bot"]
    assert dialogue.targets[0][0] == 3


def test_every_target_is_answered_from_what_stood_before(tmp_path_factory: pytest.TempPathFactory) -> None:
    tokenizer = train_tokenizer(tmp_path_factory.mktemp("t") / "t.model")
    engine = Engine(tiny_model(), tokenizer, model_hash="tiny")
    turns = (Turn("user", "bao"), Turn("bot", "deo"), Turn("user", "fio"))
    both = Dialogue(turns, ((0, "deo", "<reply>"), (2, "gao", "<answer>")))
    one = Dialogue(turns[:1], ((0, "deo", "<reply>"),))
    found = list(answers(engine, [both, one], SearchOptions(max_length=4)))
    assert [(answer.dialogue, answer.question, answer.expected) for answer in found] == [
        (0, "bao", "deo"),
        (1, "bao", "deo"),
        (0, "fio", "gao"),
    ]
    assert found[0].reply == found[1].reply
