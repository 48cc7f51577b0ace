"""Copying, reversing and sorting are learnt in seconds, by the way that every model is trained."""

from pathlib import Path

import pytest

from lstm_models.checkpoint import load_checkpoint
from lstm_models.tokenizer import Tokenizer
from lstm_models.training import fit
from tests.toys import tiny_config, toy_examples, train_tokenizer, training_config, write_data


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Tokenizer:
    return train_tokenizer(tmp_path_factory.mktemp("tokenizer") / "t.model")


@pytest.mark.parametrize(("task", "updates"), [("copy", 150), ("reverse", 160), ("sort", 300)])
def test_toy(task: str, updates: int, tokenizer: Tokenizer, tmp_path: Path) -> None:
    size = (6, 4) if task == "sort" else (8, 5)  # different words, and words in a segment
    train, held_out = (toy_examples(tokenizer, task, n, seed, *size) for n, seed in ((2000, 1), (64, 2)))
    write_data(tmp_path / "data", tokenizer, train, held_out)
    model = tiny_config(vocab_size=0, embed_dim=32, hidden_size=32)
    config = training_config(
        max_updates=updates, batch_tokens=256, learning_rate=0.02, warmup_updates=20, ema_decay=0.9,
        label_smoothing=0.0, monitor="exact", validate_every=updates, validation_examples=64,
    )  # fmt: skip
    best = fit(model, config, tmp_path / "data", tmp_path / "run", progress=False)
    scores = {score["metric"]: score["value"] for score in load_checkpoint(best)[2]["card"]["scores"]}
    assert scores["exact"] >= 90, scores
