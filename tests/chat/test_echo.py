"""Thanks that repeat what was told, rightly or not; and what they may look at."""

from dataclasses import replace

import numpy as np
import pytest

from chat.attending import JUST_SAID, attend
from chat.bot import TAG, Bot
from chat.confidence import FEATURES, ReplyCalibration
from chat.echo import repeats_rightly
from chat.reply import CopiedToken
from lstm_models.state import ContextState

MESSAGE = "My brother Idris gets married in Lisbon. Catarina gave me a book about lighthouses, and I read it."


def reply(text: str, copied: str) -> list[CopiedToken]:
    return [CopiedToken(f" {word}", float(word in copied.split()), 0) for word in text.split()]


@pytest.mark.parametrize(
    ("text", "copied", "right"),
    [
        ("Good to know, thanks.", "", True),
        ("What a pity!", "", True),
        ("Noted: Idris gets married in Lisbon.", "Idris Lisbon.", True),
        ("I'll remember that Catarina gave you a book.", "Catarina book.", True),
        ("So your brother is Catarina.", "Catarina.", False),
        ("So Catarina gave you Lisbon.", "Lisbon.", False),
        ("So lighthouses gave Catarina.", "Catarina.", False),
        ("You are coming with Idris.", "Idris.", False),
        ("Got it: Catarina gave me a book.", "Catarina gave me book.", False),
        ("I got it: Catarina gave you a book.", "Catarina gave book.", True),
    ],
)
def test_an_echo_says_what_one_part_of_the_message_says(text: str, copied: str, right: bool) -> None:
    assert repeats_rightly(reply(text, copied), MESSAGE) is right


def remembering(bot: Bot, *messages: str) -> ContextState:
    state = bot.new_state()
    for message in messages[:-1]:
        state = bot.say("Good.", bot.hear(message, state))
    return bot.hear(messages[-1], state)


def test_thanks_look_at_what_was_just_said(small_bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chat.confidence.ASKED", 2.0)  # nothing is asked
    messages = ["Ada has a red boat.", "My name is Ada.", "The mill was built.", "My name is Bo."]
    state = remembering(small_bot, *messages)
    near = attend(small_bot.engine, state, TAG, thanks=True)
    assert near.told == messages[-1]
    assert len(np.unique(near.seen.token_segment)) == 1 + JUST_SAID < state.num_segments
    question = remembering(small_bot, *messages, "What is my name?")
    for one in (
        attend(small_bot.engine, state, TAG, thanks=False),
        attend(small_bot.engine, question, TAG, thanks=True),
    ):
        assert not one.told
        assert len(np.unique(one.seen.token_segment)) == one.seen.num_segments


def test_wrong_thanks_are_not_given(small_bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chat.confidence.ASKED", 2.0)
    bot = Bot(small_bot.engine, ReplyCalibration("tiny", (0.0,) * len(FEATURES), "by hand"))
    told = attend(bot.engine, remembering(bot, "My name is Ada."), TAG, thanks=True)
    found = [replace(one, finished=True) for one in bot.engine.generate([told.seen], [TAG], bot.asking)[0]]
    texts = [bot.engine.tokenizer.decode(one.tokens).strip() for one in found]

    def is_third(copied: tuple[CopiedToken, ...], message: str) -> bool:
        return "".join(token.text for token in copied).strip() == texts[2]

    monkeypatch.setattr("chat.bot.is_refusal", lambda text: text == texts[0])
    monkeypatch.setattr("chat.bot.repeats_rightly", lambda copied, message: True)
    thanks = bot._thanks(told)
    assert thanks is not None and thanks.text == next(text for text in texts if text != texts[0])
    monkeypatch.setattr("chat.bot.is_refusal", lambda text: False)
    monkeypatch.setattr("chat.bot.repeats_rightly", is_third)
    assert bot._settled(found[:1], told).text == texts[2]
    monkeypatch.setattr("chat.bot.repeats_rightly", lambda copied, message: False)
    assert bot._settled(found[:1], told).text == texts[0], "where all are wrong, the likeliest"
