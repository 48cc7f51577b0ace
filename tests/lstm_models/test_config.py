"""Settings are refused by the option's name."""

import pytest
from pydantic import ValidationError

from lstm_models.config import ModelConfig, TrainingConfig


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"hidden_size": 100}, "hidden_size=100 must be a multiple of 2 \\* num_heads = 8"),
        ({"bank_size": 64}, "bank_size=64 must be at least max_segment=256"),
        ({"uncovered": True}, "uncovered=true needs the memory to be read again: give reread_size"),
        ({"encoder_layers": 1}, "encoder_layers"),
        ({"dropout": 1.0}, "dropout"),
        ({"vocab_size": -1}, "vocab_size"),
        ({"hiden_size": 64}, "hiden_size"),
    ],
)
def test_models_that_cannot_be(changes: dict[str, float], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        ModelConfig(**changes)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"warmup_updates": 100, "max_updates": 100}, "warmup_updates=100 must be below max_updates=100"),
        ({"learning_rate": 0}, "learning_rate"),
        ({"precision": "fp16"}, "precision"),
        ({"monitor": "loss"}, "monitor"),
        ({"seed": -1}, "seed"),
        ({"ema_decay": 1.0}, "ema_decay"),
        ({"lr": 1}, "lr"),
    ],
)
def test_trainings_that_cannot_be(changes: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        TrainingConfig(**changes)


def test_settings_stay_as_they_are() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        ModelConfig().hidden_size = 8


def test_every_setting_survives_a_round_trip() -> None:
    for config in (ModelConfig(vocab_size=9, dropout=0.5), TrainingConfig(seed=7, schedule="cosine")):
        assert type(config).model_validate(config.model_dump()) == config
