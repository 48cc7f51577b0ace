"""What turns leave in a bot: the cell over a conversation, forgetting, what mattered, going back. No torch.

A conversation is a list of states, one behind each turn, so any of them can be taken up again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr

from chat.bot import TAG, Bot
from chat.segments import Turn
from lstm_models.engine import Engine
from lstm_models.state import ContextState

MOST_STATES = 32  # whose answers are computed at once


@dataclass(frozen=True)
class Travelled:
    """A conversation with the state behind each turn; states[0] is the one before the first of them."""

    turns: tuple[Turn, ...]
    states: tuple[ContextState, ...]

    def back_to(self, turn: int) -> Travelled:
        """The conversation as it was behind that many turns. Raises: ValueError for a turn that was not."""
        if not 0 <= turn <= len(self.turns):
            raise ValueError(f"turn={turn}: the conversation has had 0 to {len(self.turns)} turns")
        return Travelled(self.turns[:turn], self.states[: turn + 1])


def travel(bot: Bot, messages: Sequence[str], start: Travelled | None = None) -> Travelled:
    """The bot answers each message; every state is kept. start: a conversation to go on with."""
    turns, states = (start.turns, start.states) if start else ((), (bot.new_state(),))
    for message in messages:
        heard = bot.hear(message, states[-1])
        reply, state = bot.reply(message, states[-1])
        turns = (*turns, Turn("user", message), Turn("bot", reply.text))
        states = (*states, heard, state)
    return Travelled(turns, states)


def reread(bot: Bot, turns: Sequence[Turn], start: ContextState) -> Travelled:
    """What was said already, read again from a state on, every state kept."""
    states = [start]
    for turn in turns:
        states.append(bot.replay([turn], states[-1]))
    return Travelled(tuple(turns), tuple(states))


def cell_timeline(talk: Travelled) -> xr.DataArray:
    """The carried cell behind each turn, [layer, turn, unit]."""
    cells = np.stack([state.cell for state in talk.states[1:]], axis=1)  # [U, turns, H]
    axes = {
        "layer": [f"encoder {number}" for number in range(1, len(cells) + 1)],
        "turn": np.arange(1, cells.shape[1] + 1),
        "unit": np.arange(cells.shape[2]),
    }
    return xr.DataArray(cells.astype(np.float32), dims=list(axes), coords=axes, name="cell")


def log_probs_of(engine: Engine, states: Sequence[ContextState], answer: str) -> np.ndarray:
    """Log-probability of an answer, all of its tokens and the end, to each state's newest turn [states]."""
    target = [*engine.tokenizer.encode(answer), engine.tokenizer.eos_id]
    found: list[float] = []
    for at in range(0, len(states), MOST_STATES):
        some = states[at : at + MOST_STATES]
        scored = engine.score(some, [TAG] * len(some), [target] * len(some))
        found += [float(part.sum()) for part in scored]
    return np.array(found)


def log_prob_of(engine: Engine, state: ContextState, answer: str) -> float:
    """That of one state."""
    return float(log_probs_of(engine, [state], answer)[0])


def probability_behind(bot: Bot, states: Sequence[ContextState], question: str, answer: str) -> np.ndarray:
    """Probability of `answer`, were `question` asked in each of the states [states]."""
    return np.exp(log_probs_of(bot.engine, [bot.hear(question, state) for state in states], answer))


def forgetting_curve(
    bot: Bot, fact: str, question: str, answer: str, fillers: Sequence[str], spaced: Sequence[int]
) -> np.ndarray:
    """Probability of `answer` to `question` when `fact` was told so many turns before: [len(spaced)].

    fillers: what is said between, over and over. The same without the fact is the yardstick: see `run` of the
    lesson.
    """
    states, state, told = [], bot.hear(fact, bot.new_state()), 0
    for space in sorted(spaced):
        while told < space:
            state, told = bot.hear(fillers[told % len(fillers)], state), told + 1
        states.append(state)
    return probability_behind(bot, states, question, answer)


def saliency(engine: Engine, state: ContextState, answer: str, method: str = "gradient") -> np.ndarray:
    """How much each segment read so far matters for an answer to the newest: [segments].

    gradient: see `across.gradient`; needs PyTorch. occlusion: by how much the answer's log-probability falls
    when the segment's tokens are taken out of the memory.
    """
    if method == "gradient":
        from lab.glass import across

        return across.gradient(engine, state, answer)
    if method != "occlusion":
        raise ValueError(f"method={method!r}: choose gradient or occlusion")
    held = np.unique(state.token_segment)
    found = np.zeros(state.num_segments)
    if len(held) > 1:
        without = [state.forget(int(number)) for number in held]
        whole, *left = log_probs_of(engine, [state, *without], answer)
        found[held] = whole - np.array(left)
    return found
