"""What may be shipped: weights whose every corpus the registry allows, by whatever way it came into them."""

from argparse import Namespace
from pathlib import Path
from typing import Any

import pytest

from benchmarks.ship import ship
from lstm_models.checkpoint import save_checkpoint
from tests.toys import tiny_model, train_tokenizer

ALLOWED = {"name": "tatoeba_en_de", "licence": "CC BY 2.0 FR", "attribution": "Tatoeba"}


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (
            {"data": [ALLOWED, {**ALLOWED, "name": "multi30k_en_de"}]},
            "learnt from multi30k_en_de: it may not",
        ),
        (
            {"data": [{**ALLOWED, "name": "mine.tsv"}]},
            "learnt from mine.tsv: it may not be shipped; train one",
        ),
        ({"data": [ALLOWED], "licence": "other"}, "learnt from data of your own: it may not be shipped"),
    ],
)
def test_what_may_not_be_shipped(said: dict[str, Any], why: str, tmp_path: Path) -> None:
    card = {"name": "toy", "task": "translate", "description": "A toy.", **said}
    save_checkpoint(tmp_path / "toy", tiny_model(), train_tokenizer(tmp_path / "t.model"), card)
    with pytest.raises(ValueError, match=why):
        ship(Namespace(checkpoint=tmp_path / "toy"))
