"""The recall benchmark: cases that can be judged, verdicts, and a whole run on a tiny model."""

import json
import re
import sys
from pathlib import Path

import pytest
import torch

from benchmarks import chat_recall
from data_prep.dialogues.made_up import is_test_word
from data_prep.dialogues.subjects import shift_person
from data_prep.recall_cases import GROUPS, Asked, CaseMaker
from lstm_models.checkpoint import save_checkpoint
from lstm_models.config import ModelConfig
from lstm_models.seq2seq import Seq2Seq
from lstm_models.tokenizer import Tokenizer


@pytest.mark.parametrize("group", GROUPS)
def test_cases_ask_for_what_was_told(group: str) -> None:
    maker = CaseMaker([], longest=3)
    cases = [maker.make(group, seed) for seed in range(12)]
    assert cases == [maker.make(group, seed) for seed in range(12)]
    untold, yes = 0, set()
    for case in cases:
        assert len(case.talk) >= 3 and len(case.tells) >= (1 if group == "one unseen name" else 3)
        for question in case.questions:
            untold += not question.value
            if "yes or no" in group:
                yes.add((question.value, question.wrong))
                assert not re.match(r"(who|what|when|where|why|which|how)\b", question.text, re.IGNORECASE)
            elif question.value:
                assert any(_told(said, question.value) for said in case.tells), question
                assert question.wrong.lower() != question.value.lower()
            if group == "changed" and question.value:
                assert question.wrong and any(_told(said, question.wrong) for said in case.tells)
    assert untold >= 6
    assert yes == ({("Yes", "No"), ("No", "Yes"), ("", "")} if "yes or no" in group else set())


def _told(said: str, value: str) -> bool:
    """Whether the value was said: of "me" what the bot says of "you", or inflected, as in "Wednesdays"."""
    return bool(re.search(rf"(?<!\w){re.escape(value)}", shift_person(said), re.IGNORECASE))


def test_names_are_unseen() -> None:
    told = " ".join(" ".join(CaseMaker([], 1).make("trained relations", seed).tells) for seed in range(30))
    names = [
        word.strip(".,!?:;") for word in told.split() if word.istitle() and is_test_word(word.strip(".,!?:;"))
    ]
    assert len(names) > 20


@pytest.mark.parametrize(
    ("asked", "reply", "verdict"),
    [
        (Asked("?", "Zorn"), "Your name is Zorn.", "right"),
        (Asked("?", "Zorn"), "Your name is Zorna.", "wrong"),
        (Asked("?", "Zorn"), "You haven't told me that.", "refused"),
        (Asked("?", "Zorn", "Flim"), "It was Flim, now it is Zorn.", "wrong"),
        (Asked("?", "5:30"), "At 5:30.", "right"),
        (Asked("?"), "You haven't told me that.", "honest"),
        (Asked("?"), "Your name is Zorn.", "invented"),
    ],
)
def test_verdicts(asked: Asked, reply: str, verdict: str) -> None:
    assert asked.judge(reply) == verdict


def test_unknown_groups_are_refused() -> None:
    with pytest.raises(ValueError, match="trained relations"):
        CaseMaker([], 1).make("relations", 1)


def test_a_whole_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tokenizer = Tokenizer.train(["My name is Ada.", "What is my name?"] * 20, tmp_path / "t.model", 300)
    torch.manual_seed(1)
    model = Seq2Seq(
        ModelConfig(vocab_size=300, embed_dim=8, hidden_size=8, num_heads=2, bank_size=256, max_segment=64)
    )
    save_checkpoint(
        tmp_path / "model", model.eval(), tokenizer, {"task": "chat", "name": "t", "description": "t"}
    )
    arguments = ["--model", tmp_path / "model", "--conversations", "2", "--facts", "1"]
    arguments += ["--turns", "1", "4", "--threads", "1"]
    arguments += ["--groups", "changed", "--json", tmp_path / "recall.json"]
    monkeypatch.setattr(sys, "argv", ["chat_recall", *map(str, arguments)])
    chat_recall.main()
    assert "| changed | 4 |" in capsys.readouterr().out
    report = json.loads((tmp_path / "recall.json").read_text(encoding="utf-8"))
    assert set(report["results"]["changed"]) == {"1", "4"}
    assert {reply["turns"] for reply in report["replies"]} == {1, 4}
    asked = {reply["question"] for reply in report["replies"]}
    monkeypatch.setattr(sys, "argv", [*sys.argv, "--choosing", "--plain"])
    chat_recall.main()
    other = json.loads((tmp_path / "recall.json").read_text(encoding="utf-8"))
    assert not asked & {reply["question"] for reply in other["replies"]}, "other cases than the test's"
    assert other["options"]["choosing"] and other["options"]["plain"]
