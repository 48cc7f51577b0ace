"""What of a conversation only PyTorch shows: half-lives from the forget gates, gradients of an answer.

U upper encoder layers, H units, M memory tokens.
"""

from __future__ import annotations

import numpy as np
import torch

from chat.bot import TAG
from chat.segments import encode_turn
from lab.glass.inside import carried
from lab.glass.turns import Travelled
from lstm_models.attention import Memory
from lstm_models.engine import Engine
from lstm_models.inspect import half_life, memory_of, read_inside, step_inside
from lstm_models.loss import mixed_log_probs
from lstm_models.state import ContextState


def half_lives(engine: Engine, talk: Travelled) -> np.ndarray:
    """Tokens after which half of each carried cell is gone [U, H]: of the forget gate's geometric mean over
    all tokens of all turns."""
    forgets = []
    for turn, before in zip(talk.turns, talk.states[:-1], strict=True):
        ids = encode_turn(engine.tokenizer, turn)[: engine.config.max_segment]
        with torch.inference_mode():
            inside = read_inside(engine.model, torch.tensor(ids), carried(before)).inside
        upper = [gates.forget for name, gates in inside.items() if not name.startswith("encoder 0")]
        forgets.append(np.stack([forget.float().numpy() for forget in upper]))  # [U, S, H]
    return np.stack([half_life(layer) for layer in np.concatenate(forgets, axis=1)])


def gradient(engine: Engine, state: ContextState, answer: str) -> np.ndarray:
    """How much each segment matters for an answer [segments]: the sum over its tokens of |gradient x input|
    at the memory's keys and values (Simonyan et al. 2014; Shrikumar et al. 2017)."""
    model = engine.model
    with torch.enable_grad():
        states, memory, src = memory_of(model, state)
        memory = Memory(memory.keys.requires_grad_(), memory.values.requires_grad_(), memory.bias)
        total, last = torch.zeros(()), engine.tokenizer.tag_id(TAG)
        for token in [*engine.tokenizer.encode(answer), engine.tokenizer.eos_id]:
            output, states, _ = step_inside(model, torch.tensor([last]), states, memory, src)
            log_probs, _ = mixed_log_probs(output, src, model.embedding.weight, model.output_bias)
            total, last = total + log_probs[0, token], token
        key, value = torch.autograd.grad(total, (memory.keys, memory.values))
    size = (key * memory.keys).sum((0, 1, 3)).abs() + (value * memory.values).sum((0, 1, 3)).abs()  # [M]
    return np.bincount(state.token_segment, size.detach().numpy(), minlength=state.num_segments)
