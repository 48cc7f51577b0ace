"""A toy checkpoint, and it on each runtime."""

from pathlib import Path

import pytest
import torch

from lstm_models.engine import Engine
from tests.toys import tiny_checkpoint, tiny_model


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three layers each way, an embedding of another width, answers that sometimes end; exported in fp32."""
    model = tiny_model(
        seed=2,
        encoder_layers=3,
        deeper_layers=1,
        decoder_layers=3,
        num_hops=3,
        match_size=6,
        reread_size=10,
        uncovered=True,
        follow=True,
        bank_size=24,
        max_segment=8,
    )
    with torch.no_grad():
        for weight in model.decoder.attention.to_follow.parameters():  # type: ignore[union-attr]
            weight.normal_()  # it begins with nothing
        for weight in model.decoder.reread.to_bias.parameters():  # type: ignore[union-attr]
            weight.normal_()
        for weight in model.decoder.reread.uncovered.leave.parameters():  # type: ignore[union-attr]
            weight.normal_()
    return tiny_checkpoint(tmp_path_factory.mktemp("runtimes"), model)


@pytest.fixture(scope="session")
def plain(checkpoint: Path) -> Engine:
    return Engine.load(checkpoint, "torch")


@pytest.fixture(scope="session")
def quick(checkpoint: Path) -> Engine:
    return Engine.load(checkpoint, "onnx", threads=1)
