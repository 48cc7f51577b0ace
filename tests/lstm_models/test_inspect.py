"""The slow walk through the model equals the model; switched-off units touch nobody else."""

import numpy as np
import pytest
import torch

from lstm_models.engine import Engine
from lstm_models.inspect import (
    WithUnitsOff,
    half_life,
    layer_names,
    memory_of,
    read_inside,
    step_inside,
)
from lstm_models.seq2seq import Seq2Seq
from tests.toys import tiny_model, train_tokenizer


@pytest.fixture(scope="module")
def model() -> Seq2Seq:
    made = tiny_model(
        encoder_layers=3, deeper_layers=1, decoder_layers=3, num_hops=2, match_size=6, follow=True
    )
    torch.nn.init.normal_(made.decoder.attention.to_follow.weight)  # type: ignore[union-attr]
    return made


@pytest.fixture(scope="module")
def engine(model: Seq2Seq, tmp_path_factory: pytest.TempPathFactory) -> Engine:
    return Engine(model, train_tokenizer(tmp_path_factory.mktemp("t") / "t.model"), "hash", {"task": "chat"})


TOKENS = torch.tensor([270, 280, 290, 271, 2])


@torch.inference_mode()
def test_reading_equals_the_model(model: Seq2Seq) -> None:
    torch.manual_seed(1)
    states = [(torch.randn(1, 16), torch.randn(1, 16)) for _ in range(2)]
    summary, keys, values, carried = model.read(TOKENS[None], torch.tensor([5]), states)
    seen = read_inside(model, TOKENS, states)
    close = {"atol": 1e-5, "rtol": 1e-5}
    torch.testing.assert_close(
        (seen.summary, seen.keys, seen.values), (summary[0], keys[0], values[0]), **close
    )
    torch.testing.assert_close(seen.carried, carried, **close)
    assert list(seen.inside) == layer_names(model.config)[:4]
    for gates in seen.inside.values():
        assert gates.forget.shape == (5, 16)
    last = seen.inside["encoder 2"]
    torch.testing.assert_close((last.hidden[-1:], last.cell[-1:]), carried[1], **close)


@torch.inference_mode()
def test_answering_equals_the_model(model: Seq2Seq, engine: Engine) -> None:
    (state,) = engine.read([engine.new_state()], [TOKENS.tolist()])
    states, memory, src = memory_of(model, state)
    for token in (5, 270, 280):  # two of them stand in the memory: what is behind them counts
        wanted = model.step(torch.tensor([token]), states, memory, src)
        output, after, inside = step_inside(model, torch.tensor([token]), states, memory, src)
        torch.testing.assert_close(output.attended.null_weight[:, 0], wanted[2])
        torch.testing.assert_close(after, wanted[3], atol=1e-5, rtol=1e-5)
        torch.testing.assert_close(inside["decoder 2"].cell, wanted[3][2][1], atol=1e-5, rtol=1e-5)
        states = wanted[3]


def test_with_no_unit_off_nothing_changes_and_rows_do_not_mix(model: Seq2Seq, engine: Engine) -> None:
    same = Engine(WithUnitsOff(model, {}), engine.tokenizer, "hash", engine.card)
    segments = [TOKENS.tolist(), [285, 2], [291, 292, 2]]
    empty = [engine.new_state()] * 3
    for ours, theirs in zip(same.read(empty, segments), engine.read(empty, segments), strict=True):
        for part in ("hidden", "cell", "summary", "keys", "values"):
            np.testing.assert_allclose(getattr(ours, part), getattr(theirs, part), atol=1e-5)
    states = engine.read(empty, segments)
    for ours, theirs in zip(same.generate(states, ["<reply>"] * 3), engine.generate(states, ["<reply>"] * 3),
                            strict=True):  # fmt: skip
        assert ours[0].tokens == theirs[0].tokens
        assert ours[0].score == pytest.approx(theirs[0].score, abs=1e-4)


def test_a_unit_that_is_off_stays_at_0_and_leaks_into_no_other_reply(model: Seq2Seq, engine: Engine) -> None:
    before = {name: weight.clone() for name, weight in model.state_dict().items()}
    (wanted,) = engine.read([engine.new_state()], [TOKENS.tolist()])
    off = {"encoder 0": [1, 9], "encoder 1": [3], "decoder 1": [0, 4]}
    without = Engine(WithUnitsOff(model, off), engine.tokenizer, "hash", engine.card)
    (state,) = without.read([engine.new_state()], [TOKENS.tolist()])
    assert state.cell[0, 3] == 0 and not np.allclose(state.cell, wanted.cell)
    (other,) = engine.read([engine.new_state()], [TOKENS.tolist()])
    assert all(np.array_equal(getattr(other, p), getattr(wanted, p)) for p in ("hidden", "cell", "keys"))
    (said,) = without.generate([state], ["<reply>"])
    assert said[0].tokens is not None
    assert all(torch.equal(weight, before[name]) for name, weight in model.state_dict().items())
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in model.modules())
    with torch.inference_mode():
        states, memory, src = memory_of(model, wanted)
        _, after, inside = step_inside(model, torch.tensor([270]), states, memory, src, off)
    assert not inside["decoder 1"].hidden[:, [0, 4]].any() and not after[1][1][:, [0, 4]].any()


def test_unknown_units_are_refused(model: Seq2Seq) -> None:
    with pytest.raises(ValueError, match="layer 'encoder 3': the model has encoder 0, encoder 0.1, en"):
        WithUnitsOff(model, {"encoder 3": [0]})
    with pytest.raises(ValueError, match="unit 16 of decoder 0: the model has 0 to 15"):
        WithUnitsOff(model, {"decoder 0": [16]})


def test_half_life() -> None:
    forget = np.array([[0.5, 0.9, 1.0], [0.5, 0.9, 1.0]])
    found = half_life(forget)
    assert found[0] == pytest.approx(1) and found[1] == pytest.approx(6.5788, abs=1e-3) and found[2] > 1e6
