"""The card of a run names what it and its first weights learnt from, and claims no licence too many."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from lstm_models.checkpoint import CARD, read_config
from lstm_models.shards import read_manifest, write_manifest
from lstm_models.tokenizer import Tokenizer
from lstm_models.training import fit
from tests.toys import conversations, tiny_config, train_tokenizer, training_config, write_data

MODEL = tiny_config(vocab_size=0)
SHORT = {"max_updates": 2, "warmup_updates": 0, "validate_every": 2}
FREE = {"name": "talk", "licence": "CC BY-SA 4.0", "citation": "Them 2020", "may_ship": True}
CLOSED = {"name": "captions", "licence": "research only", "citation": "Those 2016", "may_ship": False}


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Tokenizer:
    return train_tokenizer(tmp_path_factory.mktemp("tokenizer") / "t.model")


def data_of(folder: Path, tokenizer: Tokenizer, *corpora: dict[str, Any]) -> Path:
    write_data(folder, tokenizer, conversations(tokenizer, 20), conversations(tokenizer, 4, 9))
    write_manifest(folder, {**read_manifest(folder), "corpora": list(corpora)})
    return folder


def card_of(best: Path) -> dict[str, Any]:
    card: dict[str, Any] = read_config(best)["card"]
    return card


def test_the_card_names_what_the_first_weights_learnt_from(tmp_path: Path, tokenizer: Tokenizer) -> None:
    free = data_of(tmp_path / "free", tokenizer, FREE, {**FREE, "name": "facts"})
    closed = data_of(tmp_path / "closed", tokenizer, CLOSED, FREE)
    first = fit(MODEL, training_config(**SHORT), free, tmp_path / "first", progress=False)
    assert "licence" not in card_of(first), "the usual one"
    config = training_config(start_from=str(first), **SHORT)
    tuned = fit(MODEL, config, closed, tmp_path / "tuned", progress=False)
    card, weights = card_of(tuned), read_config(first)["weights"]["sha256"]
    assert [one["name"] for one in card["data"]] == ["talk", "facts", "captions"], "none twice"
    assert card["training"] == f"2 updates, seed 1; begun with the weights of first (sha256 {weights})"
    page = (tuned / CARD).read_text(encoding="utf-8")
    assert str(tmp_path) not in page and "| facts | CC BY-SA 4.0 | Them 2020 |" in page
    assert yaml.safe_load(page.split("---\n")[1])["license"] == card["licence"] == "other"
    assert "apache" not in page and "Not all of the licences above allow" in page

    again = training_config(start_from=str(tuned), **SHORT)
    onwards = fit(MODEL, again, free, tmp_path / "again", progress=False)
    assert card_of(onwards)["licence"] == "other", "what was learnt once stays learnt"
    assert {one["name"] for one in card_of(onwards)["data"]} == {"talk", "facts", "captions"}


def test_a_resumed_run_still_knows_its_first_weights(tmp_path: Path, tokenizer: Tokenizer) -> None:
    data, run = data_of(tmp_path / "data", tokenizer, FREE), tmp_path / "run"
    closed = data_of(tmp_path / "closed", tokenizer, CLOSED)
    first = fit(MODEL, training_config(**SHORT), closed, tmp_path / "first", progress=False)
    config = training_config(start_from=str(first), **SHORT)
    noted = card_of(fit(MODEL, config, data, run, progress=False))
    shutil.rmtree(first)
    shutil.rmtree(run / "best")
    resumed = card_of(fit(MODEL, config, data, run, resume=True, progress=False))
    del noted["scores"]  # nothing was validated again
    assert resumed == noted
    settings = json.loads((run / "settings.json").read_text())
    del settings["begun_with"]  # as if by a version that did not note it
    (run / "settings.json").write_text(json.dumps(settings))
    shutil.rmtree(run / "best")
    unknown = card_of(fit(MODEL, config, data, run, resume=True, progress=False))
    assert unknown["licence"] == "other" and "a checkpoint that was not noted" in unknown["training"]


def test_who_names_no_data_claims_no_licence(tmp_path: Path, tokenizer: Tokenizer) -> None:
    first = fit(MODEL, training_config(**SHORT), data_of(tmp_path / "none", tokenizer), tmp_path / "first")
    data = data_of(tmp_path / "data", tokenizer, FREE)
    config = training_config(start_from=str(first), **SHORT)
    assert card_of(fit(MODEL, config, data, tmp_path / "run", progress=False))["licence"] == "other"
