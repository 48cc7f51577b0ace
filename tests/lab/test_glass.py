"""Looks inside a translator and a bot: named axes, equality with the engine, units, turns, going back."""

import numpy as np
import pandas as pd
import pytest
import torch

from chat.bot import Bot
from chat.segments import Turn
from lab.catalogue import lesson
from lab.charts import draw
from lab.glass import inspect, switched_off
from lab.glass.across import half_lives
from lab.glass.findings import units_off
from lab.glass.pictures import most_changed, numbered
from lab.glass.turns import cell_timeline, forgetting_curve, log_prob_of, reread, saliency, travel
from lab.glass.units import search_units
from lab.lessons.glass_units import overwritten
from lab.lessons.martin import OWN, groups
from lstm_models.engine import Engine
from lstm_models.inspect import half_life
from lstm_models.search import SearchOptions
from translate.languages import encode_source, target_tag
from translate.translator import Translator


def test_a_translation_as_named_arrays_equals_the_engines(engines: dict[str, Engine]) -> None:
    engine = engines["translate"]
    seen = inspect(Translator(engine), "He bought the apples.", target="de")
    ids = encode_source(engine.tokenizer, "He bought the apples.")
    (state,) = engine.read([engine.new_state()], [ids])
    (hypothesis,) = engine.generate([state], [target_tag("de")], SearchOptions())[0]
    assert seen.encoder.dims == ("encoder_layer", "gate", "source", "unit")
    assert seen.decoder.dims == ("decoder_layer", "gate", "target", "unit")
    assert seen.sizes["source"] == len(ids) and seen.sizes["target"] == len(hypothesis.tokens) + 1
    upper = seen.encoder.sel(encoder_layer="encoder 1", source=len(ids) - 1)
    np.testing.assert_allclose(upper.sel(gate="cell"), state.cell[0], atol=1e-5)
    np.testing.assert_allclose(upper.sel(gate="hidden"), state.hidden[0], atol=1e-5)
    size = len(hypothesis.tokens)
    np.testing.assert_allclose(seen.copied.values[:size], hypothesis.copy_weights, atol=1e-5)
    np.testing.assert_allclose(seen["null"].values[:size], hypothesis.null_weights, atol=1e-5)
    np.testing.assert_allclose(seen.log_prob.values[:size], hypothesis.token_log_probs, atol=1e-4)
    sums = seen.attention.sum("memory").isel(head=0) + seen["null"]
    np.testing.assert_allclose(sums, 1, atol=1e-5)
    assert (seen.copied.sum("memory") <= seen.copy_gate + 1e-6).all()


def test_a_reply_in_a_conversation(engines: dict[str, Engine]) -> None:
    bot = Bot(engines["chat"])
    talk = travel(bot, ["My name is Ada."])
    seen = inspect(bot, "What is my name?", talk.states[-1])
    assert sorted(set(seen.memory_segment.values.tolist())) == [0, 1, 2]
    heard = bot.hear("What is my name?", talk.states[-1])
    assert seen.sizes["memory"] == heard.num_tokens
    forced = inspect(bot, "What is my name?", talk.states[-1], answer="Ada")
    total = log_prob_of(engines["chat"], heard, "Ada")
    # the bot rounds a state that it hands on, so the two are close, not equal
    assert float(forced.log_prob.sum()) == pytest.approx(total, abs=0.05)
    with pytest.raises(ValueError, match="the text is empty"):
        inspect(bot, "  ")
    with pytest.raises(ValueError, match="48 can be looked at"):
        inspect(bot, "apples " * 60)


def test_units_switched_off_for_one_are_on_for_all_others(engines: dict[str, Engine]) -> None:
    engine, text = engines["translate"], "He bought the apples."
    before = inspect(engine, text)
    off = {"encoder 1": list(range(8)), "decoder 0": [3]}
    without = inspect(engine, text, off=off)
    assert not without.encoder.sel(encoder_layer="encoder 1", gate="cell", unit=list(range(8))).any()
    assert not without.decoder.sel(decoder_layer="decoder 0", gate="hidden", unit=3).any()
    same = inspect(switched_off(engine, off), text)
    assert same.attrs["answer"] == without.attrs["answer"]
    assert inspect(engine, text).drop_attrs().identical(before.drop_attrs())


def test_the_search_finds_a_unit_that_was_planted(engines: dict[str, Engine]) -> None:
    engine = engines["translate"]
    first, second = groups("question or statement", 4)
    table = search_units(engine, first, second)
    assert len(table) == 2 * engine.config.hidden_size
    assert table.t.abs().is_monotonic_decreasing
    assert ((table.p_corrected >= 0) & (table.p_corrected <= 1)).all()
    assert table.separation.between(0.5, 1).all() and table.separation[0] == 1
    swapped = search_units(engine, second, first)
    assert swapped.t[0] == pytest.approx(-table.t[0])
    with pytest.raises(ValueError, match="a group of 2 sentences"):
        search_units(engine, first[:2], second)


def test_where_a_unit_is_overwritten(engines: dict[str, Engine]) -> None:
    model = Translator(engines["translate"])
    seen = inspect(model, "He bought the apples. She bought the apples.")
    for layer, unit, backwards in (("encoder 1", 3, False), ("encoder 0", 15, True), ("encoder 0", 0, False)):
        picture, place = overwritten(model, "He bought the apples.", "She bought the apples.", layer, unit)
        cell = seen.encoder.sel(encoder_layer=layer, unit=unit, gate="cell").values
        np.testing.assert_allclose(picture.array.sel(what="cell"), cell)
        assert ("backwards" in picture.title) == backwards
        number = int(place.split()[0]) - 1
        before = number + 1 if backwards else number - 1  # what was read before it
        assert abs(cell[number] - cell[before]) == pytest.approx(np.abs(np.diff(cell)).max())


def test_the_timeline_ends_in_the_conversations_state(engines: dict[str, Engine]) -> None:
    engine = engines["chat"]
    turns = [Turn("user", "My name is Ada."), Turn("bot", "What?"), Turn("user", "She bought books.")]
    bot = Bot(engine)
    talk = reread(bot, turns, bot.new_state())
    cells, lives = cell_timeline(talk), half_lives(engine, talk)
    assert cells.dims == ("layer", "turn", "unit") and lives.shape == (1, engine.config.hidden_size)
    state = bot.new_state()
    for turn in turns:
        state = bot.hear(turn.text, state, turn.speaker)
    np.testing.assert_allclose(cells.sel(layer="encoder 1", turn=3), state.cell[0])
    assert half_life(np.full((3, 1), 0.5))[0] == pytest.approx(1)


def test_forgetting_and_saliency(engines: dict[str, Engine]) -> None:
    bot = Bot(engines["chat"])
    curve = forgetting_curve(bot, "My name is Ada.", "What is my name?", "Ada", ["He bought apples."], [0, 2])
    direct = bot.hear("What is my name?", bot.hear("My name is Ada.", bot.new_state()))
    assert curve[0] == pytest.approx(np.exp(log_prob_of(bot.engine, direct, "Ada")))
    assert ((curve >= 0) & (curve <= 1)).all()
    heard = bot.hear("What is my name?", bot.hear("My name is Ada.", bot.new_state()))
    gradient, occlusion = (saliency(bot.engine, heard, "Ada", m) for m in ("gradient", "occlusion"))
    assert gradient.shape == occlusion.shape == (2,) and (gradient > 0).all()
    expected = log_prob_of(bot.engine, heard, "Ada") - log_prob_of(bot.engine, heard.forget(0), "Ada")
    assert occlusion[0] == pytest.approx(expected)
    assert all(weight.grad is None for weight in bot.engine.model.parameters())
    with pytest.raises(ValueError, match="method='guess'"):
        saliency(bot.engine, heard, "Ada", "guess")


def test_going_back_and_on(engines: dict[str, Engine]) -> None:
    bot = Bot(engines["chat"])
    talk = travel(bot, ["Ada.", "He bought."])
    other = travel(bot, ["He bought."], talk.back_to(2))
    assert other.turns == talk.turns
    assert np.array_equal(other.states[-1].cell, talk.states[-1].cell)
    assert travel(bot, ["She bought books."], talk.back_to(0)).states[0].num_tokens == 0
    with pytest.raises(ValueError, match="turn=9: the conversation has had 0 to 4 turns"):
        talk.back_to(9)


@pytest.mark.parametrize(
    ("name", "given"),
    [
        (
            "translation",
            {"text": "He bought.", "layer": "encoder 0", "gate": "forget", "off": "encoder 1: 3 4"},
        ),
        ("units", {"question": OWN, "first": "He\nHe a\nHe b\nHe c", "second": "She\nShe a\nShe b\nShe c"}),
        ("reply", {"talk": "Ada.\nWhat?", "back": 0, "instead": "Eve."}),
        ("forgetting", {"longest": 2}),
    ],
)
def test_lessons_on_tiny_models(tiny: None, name: str, given: dict[str, object]) -> None:
    finding = lesson(name).run(**given)
    assert finding.says and finding.pictures
    for picture in finding.pictures:
        draw(picture).to_dict()
    if name != "units":  # random weights may separate anything
        assert all(check.holds for check in finding.checks)
    for table in finding.tables:
        assert isinstance(table.rows, pd.DataFrame) and len(table.rows)


def test_units_to_switch_off_are_read() -> None:
    assert units_off("encoder 1: 3, 17; decoder 0: 5") == {"encoder 1": [3, 17], "decoder 0": [5]}
    for wrong in ("encoder 1", "encoder 1: x", "encoder 1: ²", "5"):
        with pytest.raises(ValueError, match="write them as in"):
            units_off(wrong)


def test_most_changed_first() -> None:
    import xarray as xr

    values = xr.DataArray([[0.0, 0.0, 1.0], [1.0, 0.0, -2.0]], dims=["turn", "unit"])
    assert most_changed(values, "turn", 2).tolist() == [2, 0]
    assert numbered(["a", "a"]) == ["1 a", "2 a"]
    assert torch.is_grad_enabled()
