"""The benchmark measures what it says: the same tokens on both sides, and a clear word without the peer."""

import argparse
from itertools import islice, repeat

import pytest
import torch

from benchmarks.joeynmt_peer import THEIR_PAD, JoeyNMT, as_theirs, their_config
from benchmarks.training_speed import (
    measure,
    our_loss,
    random_batches,
    ratios_of,
    report,
    rows,
    target_tokens,
    updater,
)
from lstm_models.batching import PAD, Batch, collate
from lstm_models.config import ModelConfig
from lstm_models.encoded import EncodedExample, EncodedTarget
from lstm_models.seq2seq import Seq2Seq

CONFIG = ModelConfig(vocab_size=400, embed_dim=16, hidden_size=16, num_heads=2)


def batch_of(*pairs: tuple[list[int], list[int]]) -> Batch:
    return collate([EncodedExample([src], [EncodedTarget(tgt, 0)]) for src, tgt in pairs])


def test_the_peer_gets_the_same_tokens() -> None:
    batch = batch_of(([30, 31], [4, 32, 2]), ([33, 34, 35], [4, 36, 37, 2]))
    theirs = as_theirs(batch)
    assert theirs["src"].tolist() == [[33, 34, 35], [30, 31, THEIR_PAD]]
    assert theirs["src_length"].tolist() == [3, 2]
    assert theirs["trg_input"].tolist() == [[4, 36, 37, 1], [4, 32, 1, 1]]
    assert theirs["trg"].tolist() == [[36, 37, 2, 1], [32, 2, 1, 1]]
    assert int(theirs["trg_mask"].sum()) == target_tokens(batch) == 5
    assert PAD not in theirs["src"] and torch.equal(theirs["src_mask"][:, 0], theirs["src"] != THEIR_PAD)


def test_conversations_are_refused() -> None:
    batch = collate([EncodedExample([[30], [31]], [EncodedTarget([4, 2], 1)])])
    with pytest.raises(ValueError, match="single sentences"):
        as_theirs(batch)


def test_the_peer_has_the_same_sizes() -> None:
    theirs = their_config(CONFIG)
    assert theirs["encoder"]["hidden_size"] * 2 == theirs["decoder"]["hidden_size"] == CONFIG.hidden_size
    assert theirs["decoder"]["num_layers"] == CONFIG.decoder_layers and theirs["decoder"]["input_feeding"]


def test_without_joeynmt_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "joeynmt", None)
    with pytest.raises(ValueError, match="make bench"):
        JoeyNMT(CONFIG, 0.1)


@pytest.mark.parametrize("bf16", [False, True])
def test_our_side_measures(bf16: bool, capsys: pytest.CaptureFixture[str]) -> None:
    batches, _ = random_batches(argparse.Namespace(vocab_size=400, rows=4, length=6))
    assert all(target_tokens(batch) == 24 for batch in islice(batches, 2))
    model = Seq2Seq(CONFIG).train()
    update = updater(model, lambda batch: our_loss(model, batch, bf16))
    rates = measure({"peer": update, "ours": update}, batches, rounds=2)
    assert all(len(values) == 2 and min(values) > 0 for values in rates.values())
    report(rates)
    assert "times JoeyNMT" in capsys.readouterr().out


def test_rows_are_ours_against_the_peer(monkeypatch: pytest.MonkeyPatch) -> None:
    batch = batch_of(([30, 31], [4, 32, 2]))
    names = ("JoeyNMT, fp32", "Longshort, fp32", "Longshort, sampled")
    contest = {name: lambda batch: None for name in names}, repeat(batch), (1.0, 1.0)
    monkeypatch.setattr("benchmarks.training_speed.contest", lambda options: contest)
    found = rows(["--rounds", "3"])
    assert [row.what for row in found] == ["training, fp32, random words", "training, sampled, random words"]
    assert all(row.low and row.ratio and row.high and row.against.startswith("JoeyNMT") for row in found)


def test_ratios_are_of_one_round() -> None:
    assert ratios_of({"peer": [1.0, 2.0], "ours": [3.0, 2.0]})["ours"] == [3, 1]
    with pytest.raises(ValueError, match="raise --rounds"):
        ratios_of({"peer": [], "ours": []})
