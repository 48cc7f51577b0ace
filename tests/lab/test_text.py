"""Models of letters: Markov models against counts by hand, the LSTM's faces, training, files, completion."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from lab.command import lab
from lab.lessons import next_letter
from lab.text import letters as of_letters
from lab.text.corpus import Vocabulary, letters, read_lines, words
from lab.text.letters import score_letters, train_letters
from lab.text.model import LanguageModel, LanguageModelConfig, LanguageState, load_model, save_model
from lab.text.ngrams import MarkovModel, bits_per_letter
from lab.text.training import LanguageTraining, bits_per_symbol, train_language_model


def test_a_markov_model_against_hand_counts() -> None:
    ids = np.array([1, 2, 1, 2, 1, 3])  # a b a b a c
    model = MarkovModel(ids, 4, order=1)
    # order 0: 6 letters, 3 kinds, over uniform 1/4; order 1 behind 1: 3 times, 2 kinds
    zero = (2 + 3 * 0.25) / 9
    one = (2 + 2 * zero) / 5
    assert model.distribution(np.array([1]))[2] == pytest.approx(one)
    assert model.distribution(np.array([], np.int64))[2] == pytest.approx(zero)
    assert model.distribution(np.array([3]))[2] == pytest.approx(zero), "never seen before anything"
    for context in ([], [1], [3], [2, 1]):
        assert model.distribution(np.array(context, np.int64)).sum() == pytest.approx(1)
    scored = 2 ** model.log2_probabilities(np.array([1, 2]))
    np.testing.assert_allclose(scored[:, 0], [zero, one])


def test_higher_orders_help_where_there_is_something_to_know() -> None:
    rng = np.random.default_rng(1)
    ids = np.tile(np.array([1, 2, 1, 3]), 100)
    bits = bits_per_letter(MarkovModel(ids, 4, 2), ids)
    assert bits[0] > bits[1] > bits[2] and bits[2] < 0.1
    noise = rng.integers(0, 4, 4000)
    assert bits_per_letter(MarkovModel(noise[:2000], 4, 1), noise[2000:])[1] == pytest.approx(2, abs=0.05)
    with pytest.raises(ValueError, match="order=7 with vocabulary=256: 8 such symbols"):
        MarkovModel(ids, 256, 7)


def test_kneser_and_ney_against_hand_counts() -> None:
    ids = np.array([1, 2, 1, 2, 1, 3])  # a b a b a c; pairs: ab twice, ba twice, ac once
    model = MarkovModel(ids, 4, order=1, kneser_ney=True)
    top, low = 1 / (1 + 2 * 2), 1.0  # D: of 3 pairs one once, two twice; a, b and c each behind one kind
    zero = (0 + low * 3 * 0.25) / 3
    one = (2 - top + top * 2 * zero) / 3
    assert model.distribution(np.array([1]))[2] == pytest.approx(one)
    for context in ([], [1], [3], [2, 1]):
        assert model.distribution(np.array(context, np.int64)).sum() == pytest.approx(1)


def test_vocabulary_and_words() -> None:
    vocabulary = Vocabulary.of("aabbbc", 3)
    assert vocabulary.symbols[1:] == ("b", "a") and vocabulary.encode("abc").tolist() == [2, 1, 0]
    assert words(["a b", "c"]) == ["a", "b", "<eos>", "c", "<eos>"]
    assert letters(["a", "", "b"]) == "a\nb\n"


@pytest.mark.parametrize("extra", [{}, {"together": 3, "buckets": 50}])
def test_forward_step_and_gates_agree_also_across_a_cut(extra: dict[str, int]) -> None:
    torch.manual_seed(1)
    model = LanguageModel(
        LanguageModelConfig(vocab_size=7, embed_dim=5, hidden_size=6, num_layers=2, **extra)
    )
    if extra:
        torch.nn.init.normal_(model.table.weight)
    tokens = torch.randint(0, 7, (2, 9))
    whole, end = model(tokens)
    first, state = model(tokens[:, :4])
    second, after = model(tokens[:, 4:], state)
    torch.testing.assert_close(torch.cat([first, second], 1), whole)
    torch.testing.assert_close(after.layers, end.layers)
    at: LanguageState = model.initial_state(2)
    for t in range(9):
        logits, at = model.step(tokens[:, t], at)
        torch.testing.assert_close(logits, whole[:, t], atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(model.output(model.gates(tokens)[-1].hidden), whole, atol=1e-5, rtol=1e-5)


def test_contradicting_sizes_are_refused() -> None:
    with pytest.raises(ValueError, match="together=3 with buckets=0"):
        LanguageModel(LanguageModelConfig(vocab_size=5, together=3))
    with pytest.raises(ValueError, match="tied=True"):
        LanguageModel(LanguageModelConfig(vocab_size=5, tied=True))


@pytest.fixture(scope="module")
def corpora(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import pyarrow as pa
    import pyarrow.parquet as pq

    folder = tmp_path_factory.mktemp("corpora")
    (folder / "wikitext-2").mkdir()
    lines = ["my name is ada and i like apples", "the dog likes the cat and the cat likes ada"] * 60
    for split in ("train", "valid", "test"):
        pq.write_table(pa.table({"text": lines}), folder / "wikitext-2" / f"{split}.parquet")
    return folder


def test_training_saving_scoring_and_completing(
    corpora: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    training = LanguageTraining(updates=60, rows=8, cut=16, learning_rate=0.02)
    valid = train_letters(corpora, tmp_path / "letters", 24, 2, training, lambda line: None)
    assert valid < 2.5
    model, vocabulary, about = load_model(tmp_path / "letters")
    assert about["validation_bits_per_letter"] == round(valid, 4)
    ids = vocabulary.encode(letters(read_lines(corpora, "wikitext-2", "valid")))
    assert bits_per_symbol(model, ids) == pytest.approx(valid, abs=0.02), "float16 in the file costs little"
    scores = score_letters(corpora, tmp_path / "letters")
    assert (
        set(scores) == {*(f"order {k}" for k in range(7)), "LSTM"} and scores["order 6"] < scores["order 1"]
    )
    monkeypatch.setattr(next_letter, "FOLDER", tmp_path / "letters")
    finding = next_letter.run("my nam")
    assert "The word may go on as" in finding.says[1] and len(finding.tables[0].rows) == 6
    found = next_letter.complete(model, vocabulary, "my na")
    assert found and all(letters_.isalnum() and 0 < p <= 1 for letters_, p in found)


def test_bf16_learns_what_fp32_learns() -> None:
    ids = np.tile(np.arange(1, 6), 200)
    ends = {}
    for precision in ("fp32", "bf16"):
        torch.manual_seed(1)
        model = LanguageModel(LanguageModelConfig(vocab_size=6, embed_dim=8, hidden_size=16))
        settings = LanguageTraining(updates=40, rows=4, cut=8, learning_rate=0.03, precision=precision)
        losses = train_language_model(model, ids, settings)
        assert all(weight.dtype == torch.float32 for weight in model.parameters())
        ends[precision] = losses[-1]
        assert losses[-1] < losses[0] / 4
    assert ends["bf16"] == pytest.approx(ends["fp32"], abs=0.1)


def test_what_is_missing_is_said(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="train one with `longshort lab train-letters`"):
        load_model(tmp_path)
    with pytest.raises(ValueError, match="give --corpora a folder"):
        read_lines(tmp_path, "wikitext-2", "train")


def unwanted(*arguments: object) -> None:
    raise AssertionError("this was to be refused before")


def test_what_a_training_lacks_is_said_before_the_first_update(
    corpora: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(of_letters, "train_language_model", unwanted)
    shutil.copytree(corpora, tmp_path / "some")
    (tmp_path / "some" / "wikitext-2" / "valid.parquet").unlink()
    with pytest.raises(ValueError, match=r"no corpus at .*valid\.parquet"):
        train_letters(tmp_path / "some", tmp_path / "model")
    assert not (tmp_path / "model").exists()
    (tmp_path / "file").write_text("")
    with pytest.raises(ValueError, match=r"--folder .*file: File exists"):
        train_letters(corpora, tmp_path / "file")


def test_a_model_is_saved_before_it_is_scored(
    corpora: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(of_letters, "bits_per_symbol", unwanted)
    training = LanguageTraining(updates=1, rows=8, cut=16)
    with pytest.raises(AssertionError):
        train_letters(corpora, tmp_path, 8, 1, training, lambda line: None)
    assert load_model(tmp_path, "letter")[2]["letters_read"] == 128


def untrained(folder: Path, unit: str) -> Path:
    config = LanguageModelConfig(unit=unit, vocab_size=3, embed_dim=4, hidden_size=4, tied=True)
    save_model(folder, LanguageModel(config), Vocabulary(("?", "a", "b")), {})
    return folder


def test_a_model_of_words_is_not_scored_as_one_of_letters(corpora: Path, tmp_path: Path) -> None:
    folder = untrained(tmp_path / "model", "word")
    with pytest.raises(
        ValueError, match=r"holds a model of words, and one of letters is needed: .*-letters`"
    ):
        score_letters(corpora, folder)
    assert load_model(folder)[0].config.unit == "word", "where either will do"


def test_a_damaged_model_is_named(tmp_path: Path) -> None:
    folder = untrained(tmp_path / "model", "letter")
    weights, described = folder / "model.safetensors", folder / "model.json"
    whole, description = weights.read_bytes(), json.loads(described.read_text())
    weights.write_bytes(whole[:100])
    with pytest.raises(ValueError, match=r"model\.safetensors is truncated, or not of .* copy both again"):
        load_model(folder)
    weights.write_bytes(whole)
    description["config"]["hidden_size"] = description["config"]["embed_dim"] = 5
    described.write_text(json.dumps(description))
    with pytest.raises(ValueError, match=r"model\.safetensors is truncated, or not of the model"):
        load_model(folder)
    described.write_text("{}")
    with pytest.raises(ValueError, match=r"model\.json describes no language model: train one"):
        load_model(folder)
    weights.unlink()
    with pytest.raises(ValueError, match=r"model\.safetensors is missing: train one"):
        load_model(folder)


@pytest.mark.parametrize("command", ["train-letters", "train-words"])
def test_a_precision_that_is_none_is_refused_with_those_that_are(command: str, tmp_path: Path) -> None:
    said = CliRunner().invoke(lab, [command, "--corpora", str(tmp_path), "--precision", "fp16"])
    assert said.exit_code == 2 and "pydantic" not in said.output
    assert all(part in said.output for part in ("precision", "'fp16'", "'fp32'", "'bf16'"))
