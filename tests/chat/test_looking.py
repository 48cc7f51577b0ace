"""A reply with all that led to it: the states are those of the conversation, as it was."""

import numpy as np
import pytest

from chat.bot import Bot
from chat.conversations import Conversations, View
from chat.looking import LONGEST, exchange
from chat.store import open_store


def talked(bot: Bot, messages: int) -> tuple[Conversations, View]:
    conversations = Conversations(bot, open_store(":memory:"))
    view = conversations.begin("me")
    for number in range(messages):
        for part in conversations.say(view, f"number {number}"):
            if isinstance(part, View):
                view = part
    return conversations, view


def test_the_last_reply_and_an_earlier_one(small_bot: Bot) -> None:
    conversations, view = talked(small_bot, 3)
    found = exchange(conversations, view)
    assert (found.message, found.reply) == ("number 2", view.turns[-1].text)
    assert [turn.text for turn in found.turns] == [turn.text for turn in view.turns[:4]]
    assert len(found.states) == 5 and found.states[0].num_tokens == 0
    expected = conversations.minds.after(view.info, view.turns[:4]).state
    assert np.array_equal(found.states[-1].cell, expected.cell)
    earlier = exchange(conversations, view, 3)
    assert (earlier.message, len(earlier.turns)) == ("number 1", 2)
    assert [position for position, _ in found.replies] == [1, 3, 5]


def test_a_long_conversation_comes_with_its_newest_turns(small_bot: Bot) -> None:
    conversations, view = talked(small_bot, LONGEST // 2 + 3)
    found = exchange(conversations, view)
    assert len(found.turns) == LONGEST and found.states[0].num_segments == 4
    whole = conversations.minds.of(view.info, view.turns)
    assert found.states[-1].num_segments == whole.state.num_segments - 2


def test_what_is_no_reply_is_said(small_bot: Bot) -> None:
    conversations, view = talked(small_bot, 1)
    with pytest.raises(ValueError, match="turn 1 is no reply of this conversation"):
        exchange(conversations, view, 0)
    with pytest.raises(ValueError, match="there is no reply to look at yet"):
        exchange(conversations, View(view.info, ()))
