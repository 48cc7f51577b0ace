"""The model walked through slowly, so that everything inside can be seen, and single units switched off.

What `encoder.py`, `decoder.py` and `attention.py` compute in few calls is done here one position at a time
with
the layers' own `gates`; tests hold the results equal. Nothing is hooked onto a model: which units are off
is an argument, so no other conversation can be touched by it.

B conversations, S tokens of a segment, N rows, M memory tokens, H hidden, V vocabulary.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from lstm_models.attention import Memory
from lstm_models.config import ModelConfig
from lstm_models.decoder import DecoderOutput
from lstm_models.layers import BidirectionalLayer, Gates, LSTMLayer, LSTMState
from lstm_models.loss import mixed_log_probs
from lstm_models.seq2seq import Seq2Seq
from lstm_models.state import ContextState

UnitsOff = Mapping[str, Sequence[int]]  # layer name -> units whose cell and output are held at 0
NONE_OFF: UnitsOff = {}


def layer_names(config: ModelConfig) -> list[str]:
    """Encoder and decoder layers; of those that read both ways the first half of the units reads ahead."""
    return [
        *config.encoder_names,
        *(f"decoder {number}" for number in range(config.decoder_layers)),
    ]


def check_units(config: ModelConfig, off: UnitsOff) -> None:
    """Raises: ValueError naming a layer or unit that the model does not have."""
    for name, units in off.items():
        if name not in layer_names(config):
            raise ValueError(f"layer {name!r}: the model has {', '.join(layer_names(config))}")
        for unit in units:
            if not 0 <= unit < config.hidden_size:
                raise ValueError(f"unit {unit} of {name}: the model has 0 to {config.hidden_size - 1}")


@dataclass(frozen=True)
class Reading:
    """What reading one segment did."""

    summary: Tensor  # [H]
    keys: Tensor  # [A, S, D]
    values: Tensor  # [A, S, D]
    carried: list[LSTMState]  # (hidden, cell) [1, H] of the upper layers
    inside: dict[str, Gates]  # of each encoder layer, [S, H] each


def read_inside(
    model: Seq2Seq, tokens: Tensor, states: Sequence[LSTMState], off: UnitsOff = NONE_OFF
) -> Reading:
    """One segment [S] after the upper layers' states [1, H]: as `Seq2Seq.read`, and all gates on the way."""
    encoder = model.encoder
    embedded = model.embed(tokens[None])  # [1, S, E]
    both = _walk_both_ways(encoder.layer0, embedded, _mask(model, off, "encoder 0"))
    x, inside, carried = encoder.widen(embedded) + both.hidden, {"encoder 0": both}, []
    for number, (deeper, norm) in enumerate(zip(encoder.deeper, encoder.deeper_norms, strict=True), 1):
        assert isinstance(deeper, BidirectionalLayer)
        both = _walk_both_ways(deeper, norm(x), _mask(model, off, f"encoder 0.{number}"))
        inside[f"encoder 0.{number}"] = both
        x = x + both.hidden
    for number, (layer, norm, state) in enumerate(zip(encoder.upper, encoder.norms, states, strict=True), 1):
        assert isinstance(layer, LSTMLayer)
        gates, after = _walk(layer, norm(x), state, _mask(model, off, f"encoder {number}"))
        inside[f"encoder {number}"] = gates
        x = x + gates.hidden
        carried.append(after)
    encoded = encoder.final_norm(x)
    keys, values = model.decoder.attention.project(encoded)
    flat = {name: Gates(*(part[0] for part in gates)) for name, gates in inside.items()}
    return Reading(encoded[0, -1], keys[0], values[0], carried, flat)


def step_inside(
    model: Seq2Seq,
    tokens: Tensor,
    states: Sequence[LSTMState],
    memory: Memory,
    src: Tensor,
    off: UnitsOff = NONE_OFF,
) -> tuple[DecoderOutput, list[LSTMState], dict[str, Gates]]:
    """One target token for each row [N]: as `Seq2Seq.step`, and all gates, [N, H] each."""
    decoder = model.decoder
    embedded = model.embed(tokens[:, None])  # [N, 1, E]
    gates, after = _walk(decoder.layer0, embedded, states[0], _mask(model, off, "decoder 0"))
    inside, carried = {"decoder 0": gates}, [after]
    x = decoder.widen(embedded) + gates.hidden
    attended = decoder.attention(decoder.query_norm(x), memory, model.behind(tokens[:, None], src))
    for number, (layer, norm, state) in enumerate(
        zip(decoder.upper, decoder.norms, states[1:], strict=True), 1
    ):
        assert isinstance(layer, LSTMLayer)
        wide = torch.cat([norm(x), attended.context], dim=-1)  # [N, 1, 2 * H]
        gates, after = _walk(layer, wide, state, _mask(model, off, f"decoder {number}"))
        inside[f"decoder {number}"] = gates
        x = x + gates.hidden
        carried.append(after)
    both = torch.cat([decoder.final_norm(x), attended.context], dim=-1)
    copy_gate = decoder.to_copy_gate(torch.cat([both, embedded], dim=-1)).squeeze(-1)
    output = DecoderOutput(decoder.to_features(both), copy_gate, attended)
    return output, carried, {name: Gates(*(part[:, 0] for part in found)) for name, found in inside.items()}


def memory_of(model: Seq2Seq, state: ContextState) -> tuple[list[LSTMState], Memory, Tensor]:
    """What answering begins with in a conversation: decoder states [1, H], its memory, token ids [1, M]."""
    like = model.output_bias
    keys, values, summary = (
        torch.from_numpy(part).to(like)[None] for part in (state.keys, state.values, state.summary)
    )
    age = torch.from_numpy(state.num_segments - 1 - state.token_segment)[None].to(like.device)
    ids = torch.from_numpy(state.token_ids)[None].to(like.device)
    return *model.start(summary, keys, values, ids, age), ids


class WithUnitsOff(Seq2Seq):
    """A model that shares another's weights and runs with some units held at 0. The other stays as it is.

    `Engine(WithUnitsOff(model, {"encoder 1": [17]}), ...)` translates or chats with it.
    """

    def __init__(self, model: Seq2Seq, off: UnitsOff) -> None:
        nn.Module.__init__(self)
        check_units(model.config, off)
        self.config, self.off = model.config, {name: tuple(units) for name, units in off.items()}
        self.embedding, self.output_bias = model.embedding, model.output_bias
        self.embed_dropout, self.encoder, self.decoder = model.embed_dropout, model.encoder, model.decoder
        self.training = False

    def read(
        self, tokens: Tensor, lengths: Tensor, states: list[LSTMState]
    ) -> tuple[Tensor, Tensor, Tensor, list[LSTMState]]:
        """See `Seq2Seq.read`."""
        readings = []
        for row, length in enumerate(lengths.tolist()):
            before = [(hidden[row : row + 1], cell[row : row + 1]) for hidden, cell in states]
            readings.append(read_inside(self, tokens[row, :length], before, self.off))
        missing = [tokens.shape[1] - length for length in lengths.tolist()]
        keys, values = (
            torch.stack(
                [nn.functional.pad(part, (0, 0, 0, more)) for part, more in zip(parts, missing, strict=True)]
            )
            for parts in ([r.keys for r in readings], [r.values for r in readings])
        )
        carried = [
            (torch.cat([r.carried[u][0] for r in readings]), torch.cat([r.carried[u][1] for r in readings]))
            for u in range(len(states))
        ]
        return torch.stack([r.summary for r in readings]), keys, values, carried

    def step(
        self, tokens: Tensor, states: list[LSTMState], memory: Memory, src: Tensor
    ) -> tuple[Tensor, Tensor, Tensor, list[LSTMState]]:
        """See `Seq2Seq.step`."""
        output, carried, _ = step_inside(self, tokens, states, memory, src, self.off)
        log_probs, copied = mixed_log_probs(output, src, self.embedding.weight, self.output_bias)
        return log_probs, copied, output.attended.null_weight[:, 0], carried


def half_life(forget: np.ndarray) -> np.ndarray:
    """Forget gates [T, U] -> tokens after which half of a unit's cell is gone [U], from their geometric
    mean."""
    return np.log(0.5) / np.log(np.clip(forget, 1e-12, 1 - 1e-7)).mean(0)


def _mask(model: Seq2Seq, off: UnitsOff, name: str) -> Tensor:
    mask = model.output_bias.new_ones(model.config.hidden_size)
    mask[list(off.get(name, ()))] = 0
    return mask


def _walk_both_ways(layer: BidirectionalLayer, x: Tensor, mask: Tensor) -> Gates:
    """x [N, T, I] without padding -> gates [N, T, H], those of the backward half at their places."""
    ahead, back = mask.chunk(2)
    forward, _ = _walk(layer.ahead, x, None, ahead)
    backward, _ = _walk(layer.back, x.flip(1), None, back)
    return Gates(*(torch.cat([a, b.flip(1)], -1) for a, b in zip(forward, backward, strict=True)))


def _walk(layer: LSTMLayer, x: Tensor, state: LSTMState | None, mask: Tensor) -> tuple[Gates, LSTMState]:
    """x [N, T, I] -> gates [N, T, H], state after; units whose mask is 0 keep neither cell nor output."""
    hidden, cell = state if state is not None else layer.initial_state(x.shape[0], x)
    state, rows = (hidden * mask, cell * mask), []
    for position in x.split(1, dim=1):
        inside = layer.gates(position, state)
        rows.append(inside._replace(cell=inside.cell * mask, hidden=inside.hidden * mask))
        state = rows[-1].hidden[:, 0], rows[-1].cell[:, 0]
    return Gates(*(torch.cat(field, dim=1) for field in zip(*rows, strict=True))), state
