"""A toy checkpoint, and it on each runtime."""

from pathlib import Path

import pytest
import torch

from lstm_models.checkpoint import save_checkpoint
from lstm_models.engine import Engine
from lstm_models.export import export_checkpoint
from lstm_models.tokenizer import EOS_ID
from tests.toys import tiny_model, train_tokenizer

CARD = {"name": "toy", "task": "chat", "description": "A toy.",
        "data": [{"name": "none", "licence": "CC0-1.0", "attribution": "nobody"}]}  # fmt: skip


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three layers each way, an embedding of another width, answers that sometimes end; exported in fp32."""
    folder = tmp_path_factory.mktemp("runtimes")
    tokenizer = train_tokenizer(folder / "t.model")
    model = tiny_model(
        encoder_layers=3,
        deeper_layers=1,
        decoder_layers=3,
        num_hops=3,
        match_size=6,
        reread_size=10,
        follow=True,
        bank_size=24,
        max_segment=8,
    )
    with torch.no_grad():
        for weight in model.decoder.attention.to_follow.parameters():  # type: ignore[union-attr]
            weight.normal_()  # it begins with nothing
        for weight in model.decoder.reread.to_bias.parameters():  # type: ignore[union-attr]
            weight.normal_()
        model.output_bias[EOS_ID] += 2
    save_checkpoint(folder / "toy", model, tokenizer, CARD)
    export_checkpoint(folder / "toy", int8=False)
    return folder / "toy"


@pytest.fixture(scope="session")
def plain(checkpoint: Path) -> Engine:
    return Engine.load(checkpoint, "torch")


@pytest.fixture(scope="session")
def quick(checkpoint: Path) -> Engine:
    return Engine.load(checkpoint, "onnx", threads=1)
