"""What the exported files show without PyTorch is what PyTorch shows, as far as it goes."""

import numpy as np
import pytest

import lab.glass.look
from chat.bot import Bot
from chat.segments import Turn
from lab.glass import inspect
from lab.glass.findings import ACROSS, GATES, across, forgotten, of_exchange, silenced
from lab.glass.turns import reread
from lstm_models.checkpoint import save_checkpoint
from lstm_models.engine import Engine
from lstm_models.export import export_checkpoint
from tests.toys import CARD

TURNS = [Turn("user", "My name is Ada."), Turn("bot", "Ada."), Turn("user", "He bought apples.")]


@pytest.fixture(scope="module")
def served(engines: dict[str, Engine], tmp_path_factory: pytest.TempPathFactory) -> Engine:
    folder = tmp_path_factory.mktemp("served") / "toy"
    save_checkpoint(folder, engines["chat"].model, engines["chat"].tokenizer, CARD)
    export_checkpoint(folder, int8=False)
    return Engine.load(folder, "onnx", threads=1)


@pytest.fixture()
def no_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lab.glass.look, "on_torch", lambda engine: None)
    monkeypatch.setattr("lab.glass.findings.on_torch", lambda engine: None)


def test_an_exported_model_is_looked_into_on_torch_where_it_is_there(served: Engine) -> None:
    seen = inspect(served, "My name is Ada.", answer="Ada")
    assert "encoder" in seen and seen.attrs["missing"] == ""


def test_without_torch_the_decoder_is_the_same(served: Engine, no_torch: None) -> None:
    seen = inspect(served, "My name is Ada.", answer="Ada")
    lab.glass.look._twin.cache_clear()
    plain = lab.glass.look._twin(served.runtime.exported.folder.parent, served.model_hash)  # type: ignore[attr-defined]
    assert "encoder" not in seen and "need PyTorch" in seen.attrs["missing"]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(lab.glass.look, "on_torch", lambda engine: plain)
        whole = inspect(plain, "My name is Ada.", answer="Ada")
    for name in ("attention", "copied", "copy_gate", "null", "log_prob", "decoder"):
        assert seen[name].dims == whole[name].dims
        np.testing.assert_allclose(seen[name], whole[name], atol=2e-3, err_msg=name)


def test_parts_without_torch_say_what_they_lack(served: Engine, no_torch: None) -> None:
    bot = Bot(served)
    talk = reread(bot, TURNS, bot.new_state())
    finding = across(bot, talk, "What is my name?", "Ada")
    assert list(finding.tables[0].rows) == ["turn", "occlusion"] and len(finding.pictures) == 1, ACROSS
    assert "pip install 'longshort[train]'" in finding.says[0]
    assert len(forgotten(bot, talk, "What is my name?", "Ada").pictures) == 1
    seen = inspect(bot, "What is my name?", talk.states[-1], answer="Ada")
    assert of_exchange(seen, GATES, "decoder 0", "forget").pictures
    with pytest.raises(ValueError, match="need PyTorch"):
        of_exchange(seen, GATES, "encoder 1", "forget")
    with pytest.raises(ValueError, match="need PyTorch"):
        silenced(bot, "What is my name?", "Ada", "encoder 1: 3", talk=talk)
