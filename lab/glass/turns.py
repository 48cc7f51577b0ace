"""What turns leave in a bot: the cell over a conversation, half-lives, forgetting, saliency, going back.

A conversation is a list of states, one behind each turn, so any of them can be taken up again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
import xarray as xr

from chat.bot import Bot
from chat.segments import Turn, encode_turn
from lab.glass.look import _carried
from lstm_models.attention import Memory
from lstm_models.engine import Engine
from lstm_models.inspect import half_life, memory_of, read_inside, step_inside
from lstm_models.loss import mixed_log_probs
from lstm_models.state import ContextState

TAG = "<reply>"


@dataclass(frozen=True)
class Travelled:
    """A conversation with the state behind each turn; states[0] is the empty one."""

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


def cell_timeline(engine: Engine, turns: Sequence[Turn]) -> tuple[xr.DataArray, np.ndarray]:
    """The carried cell behind each turn, [layer, turn, unit], and each unit's half-life in tokens [layer,
    unit].

    The half-life is that of the forget gate's geometric mean over all tokens of all turns.
    """
    state, cells, forgets = engine.new_state(), [], []
    for turn in turns:
        ids = encode_turn(engine.tokenizer, turn)[: engine.config.max_segment]
        with torch.inference_mode():
            inside = read_inside(engine.model, torch.tensor(ids), _carried(state)).inside
        upper = [gates for name, gates in inside.items() if name != "encoder 0"]
        cells.append(np.stack([gates.cell[-1].float().numpy() for gates in upper]))
        forgets.append(np.stack([gates.forget.float().numpy() for gates in upper]))  # [U, S, H]
        (state,) = engine.read([state], [ids])
    forget = np.concatenate(forgets, axis=1)
    layers = [f"encoder {number}" for number in range(1, len(cells[0]) + 1)]
    axes = {"layer": layers, "turn": np.arange(1, len(turns) + 1), "unit": np.arange(cells[0].shape[-1])}
    array = xr.DataArray(np.stack(cells, axis=1), dims=list(axes), coords=axes, name="cell")
    return array, np.stack([half_life(layer) for layer in forget])


def log_prob_of(engine: Engine, state: ContextState, answer: str) -> float:
    """Log-probability of an answer, all of its tokens and the end, to the newest turn of a state."""
    with torch.inference_mode():
        return float(_forced(engine, state, answer)[0])


def _forced(engine: Engine, state: ContextState, answer: str) -> tuple[torch.Tensor, Memory]:
    model = engine.model
    states, memory, src = memory_of(model, state)
    if torch.is_grad_enabled():
        memory = Memory(memory.keys.requires_grad_(), memory.values.requires_grad_(), memory.bias)
    total, last = torch.zeros(()), engine.tokenizer.tag_id(TAG)
    for token in [*engine.tokenizer.encode(answer), engine.tokenizer.eos_id]:
        output, states, _ = step_inside(model, torch.tensor([last]), states, memory)
        log_probs, _ = mixed_log_probs(output, src, model.embedding.weight, model.output_bias)
        total, last = total + log_probs[0, token], token
    return total, memory


def forgetting_curve(
    bot: Bot, fact: str, question: str, answer: str, fillers: Sequence[str], spaced: Sequence[int]
) -> np.ndarray:
    """Probability of `answer` to `question` when `fact` was told so many turns before: [len(spaced)].

    fillers: what is said between, over and over. The same without the fact is the yardstick: see `run` of the
    lesson.
    """
    found, state, told = [], bot.hear(fact, bot.new_state()), 0
    for space in sorted(spaced):
        while told < space:
            state, told = bot.hear(fillers[told % len(fillers)], state), told + 1
        found.append(np.exp(log_prob_of(bot.engine, bot.hear(question, state), answer)))
    return np.array(found)


def saliency(engine: Engine, state: ContextState, answer: str, method: str = "gradient") -> np.ndarray:
    """How much each segment read so far matters for an answer to the newest: [segments].

    gradient: the sum over a segment's tokens of |gradient x input| at the memory's keys and values
    (Simonyan et
    al. 2014; Shrikumar et al. 2017). occlusion: by how much the answer's log-probability falls when the
    segment's tokens are taken out of the memory.
    """
    if method == "occlusion":
        whole = log_prob_of(engine, state, answer)
        without = [
            whole - log_prob_of(engine, state.forget(number), answer)
            if (state.token_segment == number).any() and len(np.unique(state.token_segment)) > 1
            else 0.0
            for number in range(state.num_segments)
        ]
        return np.array(without)
    if method != "gradient":
        raise ValueError(f"method={method!r}: choose gradient or occlusion")
    with torch.enable_grad():
        total, memory = _forced(engine, state, answer)
        key, value = torch.autograd.grad(total, (memory.keys, memory.values))
    size = (key * memory.keys).sum((0, 1, 3)).abs() + (value * memory.values).sum((0, 1, 3)).abs()  # [M]
    weights = size.detach().numpy()
    return np.bincount(state.token_segment, weights, minlength=state.num_segments)
