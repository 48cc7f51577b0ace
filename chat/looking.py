"""One reply of a conversation with all that led to it, for whoever wants to look at it more closely."""

from __future__ import annotations

from dataclasses import dataclass

from chat.bot import Bot
from chat.conversations import Conversations, View
from chat.said import before_turn
from chat.segments import Turn
from lstm_models.state import ContextState

LONGEST = 24  # turns before the message that come with it


@dataclass(frozen=True)
class Exchange:
    """A message and its reply; states[n] is the one behind the first n of `turns`, which came before.

    What was said before the first of them is in states[0] only. Of a message that was read in several
    segments the first ones stand among the turns.
    """

    bot: Bot
    turns: tuple[Turn, ...]
    states: tuple[ContextState, ...]
    message: str
    reply: str
    position: int
    replies: tuple[tuple[int, str], ...]  # position and text of every reply of the conversation


def exchange(conversations: Conversations, view: View, position: int | None = None) -> Exchange:
    """The reply at a position (None: the last), as it was given.

    Raises: ValueError where there is no such reply, or another model gave it.
    """
    replies = [turn for turn in view.turns if turn.speaker == "bot"]
    if not replies:
        raise ValueError("there is no reply to look at yet: write a message first")
    chosen = replies[-1].position if position is None else position
    if chosen not in {turn.position for turn in replies}:
        raise ValueError(f"turn {chosen + 1} is no reply of this conversation: choose another one")
    minds = conversations.minds
    minds.check_model(view.info)
    reply = next(turn for turn in replies if turn.position == chosen)
    asked = [turn for turn in view.turns if turn.position < chosen]
    message = asked.pop()
    first = max(0, len(asked) - LONGEST)
    if first:  # a question and its passages stay together
        first = len(before_turn(asked, asked[first].position))
    mind = minds.after(view.info, asked[:first])
    turns, states = [turn.turn for turn in asked[first:]], [mind.state]
    for turn in asked[first:]:
        mind = minds.read(mind, [turn])
        states.append(mind.state)
    *parts, last = conversations.bot.parts(message.text)
    for part in parts:
        turns.append(Turn(message.speaker, part))
        states.append(conversations.bot.hear(part, states[-1], message.speaker))
    listed = tuple((turn.position, turn.text) for turn in replies)
    return Exchange(conversations.bot, tuple(turns), tuple(states), last, reply.text, chosen, listed)
