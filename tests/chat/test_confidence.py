"""How sure the bot is: what is measured, what is kept back, what the page says about it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from chat.bot import Bot
from chat.confidence import ASKED, DOUBT, FEATURES, REFUSE, ReplyCalibration, copied_earlier, features
from chat.evidence import Evidence
from chat.provenance import provenance
from chat.refusals import is_refusal
from chat.reply import CopiedToken, Reply
from chat.sources import about_reply, reply_of
from chat.store import StoredTurn
from chat.words import asks_whether
from lstm_models.search import Hypothesis, SearchOptions
from lstm_models.tokenizer import EOS_ID
from tests.chat.conftest import make_bot


def sure(share: float) -> ReplyCalibration:
    """Always as sure."""
    return ReplyCalibration(
        "tiny", (float(np.log(share / (1 - share))), *[0.0] * (len(FEATURES) - 1)), "by hand"
    )


@pytest.fixture(scope="module")
def copying(tmp_path_factory: pytest.TempPathFactory) -> Bot:
    """A bot that copies nearly all of what it says, and ends by itself."""
    bot = make_bot(tmp_path_factory.mktemp("copying"))
    with torch.no_grad():
        bot.engine.model.decoder.to_copy_gate.bias += 3
        bot.engine.model.output_bias[EOS_ID] += 12
    return bot


def test_an_answer_that_is_hardly_ever_right_is_kept_back(
    copying: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chat.confidence.ASKED", 0.0)  # refusals are words like others to an untrained bot
    state = copying.replay([], copying.hear("My name is Ada.", copying.new_state()))
    options = SearchOptions(max_length=12, min_length=3)
    plain, _ = copying.reply("What is my name?", state, options)
    assert plain.confidence is None and not is_refusal(plain.text)
    low, high = (Bot(copying.engine, sure(share)) for share in (REFUSE - 0.05, REFUSE + 0.05))
    kept, _ = high.reply("What is my name?", state, options)
    assert kept.text == plain.text and kept.confidence == pytest.approx(REFUSE + 0.05)
    refused, after = low.reply("What is my name?", state, options)
    assert is_refusal(refused.text) and refused.confidence is None
    assert copying.turns_in(after)[-1].text == refused.text, "it reads its own refusal back"
    *grown, (last, _) = low.stream("What is my name?", state, options)
    assert last == refused and not grown, "nothing is shown of what is kept back"


def test_what_copies_nothing_from_earlier_has_no_confidence(copying: Bot) -> None:
    reply, _ = Bot(copying.engine, sure(0.01)).reply("My name is Ada.", copying.new_state())
    assert reply.confidence is None and not is_refusal(reply.text)


def test_where_nothing_was_asked_nothing_is_refused(copying: Bot) -> None:
    state = copying.hear("My name is Ada.", copying.new_state())
    reply, _ = Bot(copying.engine, sure(0.01)).reply("Ada has a red boat.", state)
    assert reply.never_told < ASKED
    assert reply.confidence is None and not is_refusal(reply.text)


def test_small_talk_is_sampled_and_questions_are_not(copying: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    bot = Bot(copying.engine, sure(0.9))
    heard = [bot.hear(text, bot.new_state()) for text in ("I like rain.", "We went out.", "It is late.")]
    varied, again = bot.answers(heard), [bot.answers([state])[0] for state in heard]
    assert varied == again, "what is said decides, and no neighbour"
    *parts, (streamed, _) = bot.stream("I like rain.", bot.new_state())
    assert streamed.text == varied[0].text and not parts, "thanks are judged before they are shown"
    *parts, (streamed, _) = bot.stream("How are you?", bot.new_state())
    assert len(parts) > 3 and parts[3].text, "shown as it grows"
    likeliest = Bot(copying.engine).answers(heard)
    assert [one.text for one in varied] != [one.text for one in likeliest]
    assert bot.answers(heard, SearchOptions(max_length=8)) == likeliest, (
        "who gives options gets what they say"
    )
    monkeypatch.setattr("chat.confidence.ASKED", 0.0)
    asked = Bot(copying.engine).answers(heard, bot.asking)
    assert [one.text for one in bot.answers(heard)] == [one.text for one in asked], "the same every time"


def test_only_earlier_turns_count(copying: Bot) -> None:
    seen = copying.hear("What?", copying.hear("Ada.", copying.new_state()))
    earlier = int((seen.token_segment == 0).sum())
    weights = np.zeros((2, seen.num_tokens), np.float32)
    weights[0, 0], weights[1, earlier] = 0.75, 0.5
    best = Hypothesis([290, 291], -1.0, -2.0, [-0.5, -1.5], weights, np.array([0.25, 0.75]), True)
    copied = copied_earlier(best, seen)
    assert copied.tolist() == [0.75, 0.0]
    found = dict(zip(FEATURES, features(best, copied, 0.16, Evidence(copying.engine, seen)), strict=True))
    assert found["square root of the probability of a refusal"] == pytest.approx(0.4)
    assert (found["mean of the tokens"], found["mean of the copied tokens"]) == (-1.0, -0.5)
    assert found["most attention on the null slot"] == 0.75


def test_a_calibration_is_kept_beside_its_weights(tmp_path: Path) -> None:
    assert ReplyCalibration.load(tmp_path, "tiny") is None
    sure(0.3).save(tmp_path)
    assert ReplyCalibration.load(tmp_path, "tiny") == sure(0.3)
    assert ReplyCalibration.load(tmp_path, "other weights") is None
    replace(sure(0.3), weights=(1.0, 2.0)).save(tmp_path)
    with pytest.raises(
        ValueError, match=r"damaged \(2 weights in the place of 22\): run `longshort calibrate"
    ):
        ReplyCalibration.load(tmp_path, "tiny")


@pytest.mark.parametrize(
    ("confidence", "doubted"), [(None, False), (DOUBT + 0.1, False), (DOUBT - 0.1, True)]
)
def test_the_page_says_what_is_doubtful(confidence: float | None, doubted: bool) -> None:
    reply = Reply("Ada.", -0.1, (CopiedToken("Ada.", 0.9, 0, 1),), 0.1, 0.2, (), confidence)
    stored = reply_of(StoredTurn(1, "bot", "Ada.", about_reply(reply, [])))
    assert stored is not None and stored.confidence == confidence
    shown = provenance(stored, [])
    assert ("not sure" in shown) == doubted
    assert ("Sure: 60 %" in shown) == (confidence == DOUBT + 0.1)


@pytest.mark.parametrize(
    ("text", "whether"),
    [
        ("Is my cat black?", True),
        ("So do I live in Porto?", True),
        ("Did Petra rent a kayak?", True),
        ("Do you like music?", False),  # small talk
        ("Is it cold where you are?", False),
        ("Did I live there once upon a time.", False),
        ("What is my name?", False),
    ],
)
def test_what_wants_a_yes_or_a_no(text: str, whether: bool) -> None:
    assert asks_whether(text) == whether
