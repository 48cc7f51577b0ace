"""What the roofline counts is what the graphs hold, and every part of a step has a name."""

import sys

import numpy as np
import pytest

from benchmarks.roofline import Reached, Work, counted, rows, spared_of, work_of
from benchmarks.time_profile import OTHER, TAG, inside_a_step, part_of, sampled
from lstm_models.checkpoint import SHORTLIST, read_config, save_checkpoint
from lstm_models.export import export_checkpoint
from lstm_models.runtimes.files import READ, STEP, Exported
from lstm_models.shortlist import write_shortlists
from tests.toys import CARD, tiny_model, train_tokenizer


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Exported:
    folder = tmp_path_factory.mktemp("roofline")
    tokenizer = train_tokenizer(folder / "t.model")
    save_checkpoint(folder / "toy", tiny_model(num_hops=2), tokenizer, CARD)
    export_checkpoint(folder / "toy")
    return Exported.open(folder / "toy")


def test_multiply_adds_are_those_of_the_layers(exported: Exported) -> None:
    c = exported.config
    size, lstm = c.hidden_size, 4 * c.hidden_size
    queries = size * size + (c.num_hops - 1) * 2 * size * size
    features = 2 * size * (c.embed_dim + 1)
    step = lstm * size + (c.decoder_layers - 1) * lstm * 3 * size + queries + features
    assert work_of(exported.data(STEP)).products == step + c.embed_dim * c.vocab_size


def test_a_shortlist_spares_what_it_leaves_out(exported: Exported) -> None:
    c, folder = exported.config, exported.folder.parent
    before = work_of(exported.data(STEP))
    assert spared_of(folder) == 0
    pieces = np.arange(2, 50)
    write_shortlists(folder, {TAG: pieces}, read_config(folder)["tokenizer"]["sha256"])
    try:
        export_checkpoint(folder)
        after = work_of(Exported.open(folder).data(STEP), spared=spared_of(folder))
    finally:
        (folder / SHORTLIST).unlink()
        export_checkpoint(folder)
    assert before.products - after.products == c.embed_dim * (c.vocab_size - 49)


def test_rows_are_shares_of_what_the_machine_can_do(
    exported: Exported, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone, many = Reached(1, 5, 1000, [1.0]), Reached(64, 5, 3 * 10**9, [1.0, 2.0, 4.0])
    monkeypatch.setattr("benchmarks.roofline.reached", lambda *_: [alone, many])
    monkeypatch.setattr("benchmarks.roofline.product_rate", lambda *_: 6e9)
    (row,) = rows(["--model", str(exported.folder.parent)])
    assert (row.low, row.ratio, row.high) == (0.125, 0.25, 0.5)
    assert "64 sentences, beam 5" in row.what and row.ours == "1.5 x 10^9 a second"


def test_attention_counts_by_hops(exported: Exported) -> None:
    step, read = counted(exported, exported.folder.parent)
    assert step.attention == 2 * exported.config.hidden_size * exported.config.num_hops
    assert isinstance(read, Work) and read.attention == 0


def test_multiply_adds_of_reading(exported: Exported) -> None:
    c = exported.config
    size, lstm = c.hidden_size, 4 * c.hidden_size
    read = 2 * 2 * size * (size // 2) + (c.encoder_layers - 1) * 2 * lstm * size + 2 * size * size
    assert work_of(exported.data(READ)).weights == read


def test_a_step_is_taken_apart(exported: Exported) -> None:
    parts = inside_a_step(exported, 3, threads=1)
    assert {"LSTM products", "attention", "output layer and its softmax"} <= set(parts)
    assert all(part >= 0 for part in parts.values()) and sum(parts.values()) > 0


def test_samples_are_counted_for_the_part_that_runs() -> None:
    from lstm_models.search.log_probs import uniforms

    def frame() -> object:
        return sys._getframe()

    assert part_of(None) == part_of(frame()) == OTHER  # type: ignore[arg-type]
    import numpy as np

    seeds = np.arange(20_000, dtype=np.uint64)
    assert sampled(lambda: uniforms(seeds, seeds), 0.3).most_common(1)[0][0] == "search, in NumPy"
