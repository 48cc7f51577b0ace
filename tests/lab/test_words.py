"""Words: training on a corpus, suggestions while one types, grammar by probability."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from lab.lessons import grammar as grammar_lesson
from lab.lessons import next_word
from lab.text import grammar
from lab.text import words as of_words
from lab.text.corpus import Vocabulary, words
from lab.text.model import LanguageModel, LanguageModelConfig, bits_of, load_model, save_model
from lab.text.training import LanguageTraining
from lab.text.words import score_words, suggestions, tokens, train_words

LINES = ["the dog sees the cat", "the cats see the <unk>", "a dog sleeps"] * 30


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("words")
    (folder / "wikitext-2").mkdir()
    for split in ("train", "valid", "test"):
        pd.DataFrame({"text": LINES}).to_parquet(folder / "wikitext-2" / f"{split}.parquet")
    sizes = LanguageModelConfig(vocab_size=2, embed_dim=12, hidden_size=12, tied=True)
    training = LanguageTraining(updates=60, rows=4, cut=10, learning_rate=0.03)
    said: list[str] = []
    found = train_words(folder, folder / "model", sizes=sizes, training=training, report=said.append)
    assert found["valid"] == pytest.approx(found["test"]) and 1 < found["valid"] < 6
    assert "perplexity" in said[-1]
    return folder


def test_a_short_training_is_not_worse_than_counting(tmp_path: Path) -> None:
    rng, kinds = np.random.default_rng(1), 500
    shares = 1 / np.arange(1, kinds + 1)
    (tmp_path / "wikitext-2").mkdir()
    drawn = {}
    for split, lines in (("train", 1000), ("valid", 100), ("test", 100)):
        numbers = rng.choice(kinds, (lines, 20), p=shares / shares.sum())
        drawn[split] = [" ".join(f"w{number}" for number in line) for line in numbers]
        pd.DataFrame({"text": drawn[split]}).to_parquet(tmp_path / "wikitext-2" / f"{split}.parquet")
    sizes = LanguageModelConfig(vocab_size=2, embed_dim=16, hidden_size=16, tied=True)
    training = LanguageTraining(updates=60, rows=8, cut=16)
    found = train_words(
        tmp_path, tmp_path / "model", sizes=sizes, training=training, report=lambda line: None
    )
    _, vocabulary, _ = load_model(tmp_path / "model")
    ids = {split: vocabulary.encode(words(lines)) for split, lines in drawn.items()}
    counts = np.bincount(ids["train"], minlength=len(vocabulary)) + 1
    counted = 2 ** -np.log2(counts[ids["valid"]] / counts.sum()).mean()
    assert found["valid"] < 1.02 * counted


def test_suggestions(trained: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model, vocabulary, about = load_model(trained / "model")
    assert about["words_known"] == len(vocabulary) == 10  # 8 words, the end, the unknown
    assert tokens("Don't go, Ada-May.") == ["Don't", "go", ",", "Ada-May", "."]
    first = suggestions(model, vocabulary, "a ")
    assert first[0][0] == "dog" and 0 < first[0][1] <= 1
    under_way = suggestions(model, vocabulary, "the c")
    assert {word for word, _ in under_way} == {"cat", "cats"}
    assert sum(share for _, share in under_way) == pytest.approx(1)
    assert suggestions(model, vocabulary, "the zz") == []
    monkeypatch.setattr(next_word, "FOLDER", trained / "model")
    finding = next_word.run("the dog s")
    assert "may be: " in finding.says[0] and finding.tables[0].rows["word"].tolist()[0] == "the"
    with pytest.raises(ValueError, match="the text has no word"):
        next_word.run("  ")
    with pytest.raises(ValueError, match="corpus='brown': choose one of wikitext-2, ptb"):
        train_words(trained, trained / "x", "brown")
    monkeypatch.setattr(next_word, "FOLDER", trained / "nothing")
    with pytest.raises(ValueError, match="longshort lab train-words"):
        next_word.run("the")


def unwanted(*arguments: object) -> None:
    raise AssertionError("this was to be refused before")


@pytest.mark.parametrize("split", ["valid", "test"])
def test_what_a_training_lacks_is_said_before_the_first_update(
    split: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(of_words, "train_language_model", unwanted)
    (tmp_path / "wikitext-2").mkdir()
    for other in {"train", "valid", "test"} - {split}:
        pd.DataFrame({"text": LINES}).to_parquet(tmp_path / "wikitext-2" / f"{other}.parquet")
    with pytest.raises(ValueError, match=rf"no corpus at .*{split}\.parquet"):
        train_words(tmp_path, tmp_path / "model")
    assert not (tmp_path / "model").exists()


def test_a_folder_that_cannot_be_written_is_said_before_the_first_update(
    trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(of_words, "train_language_model", unwanted)
    (tmp_path / "file").write_text("")
    with pytest.raises(ValueError, match=r"--folder .*file: File exists"):
        train_words(trained, tmp_path / "file")


def test_a_model_is_saved_before_it_is_scored(
    trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(of_words, "perplexity", unwanted)
    training = LanguageTraining(updates=1, rows=4, cut=10)
    sizes = LanguageModelConfig(vocab_size=2, embed_dim=4, hidden_size=4)
    with pytest.raises(AssertionError):
        train_words(trained, tmp_path, sizes=sizes, training=training, report=lambda line: None)
    assert load_model(tmp_path, "word")[2]["words_read"] == 40


def test_scores_are_those_of_a_model_of_words(trained: Path, tmp_path: Path) -> None:
    scores = score_words(trained, trained / "model")
    assert list(scores) == ["2-grams", "3-grams", "4-grams", "LSTM"]
    assert scores["LSTM"] == pytest.approx(load_model(trained / "model")[2]["perplexity"]["test"], rel=0.02)
    config = LanguageModelConfig(unit="letter", vocab_size=3, embed_dim=4, hidden_size=4)
    save_model(tmp_path, LanguageModel(config), Vocabulary(("?", "a", "b")), {})
    with pytest.raises(ValueError, match=r"holds a model of letters, and one of words is needed: .*-words`"):
        score_words(trained, tmp_path)


def test_probabilities_of_texts_do_not_depend_on_their_neighbours() -> None:
    torch.manual_seed(0)
    vocabulary = Vocabulary(("?", "\n", "a", "b", " "))
    model = LanguageModel(LanguageModelConfig(vocab_size=5, embed_dim=4, hidden_size=4)).eval()
    texts = ["ab", "a b a", "b", "bbbbbbb"]
    together = grammar.log_probs_of(model, vocabulary, texts)
    for text, value in zip(texts, together, strict=True):
        ids = torch.from_numpy(vocabulary.encode("\n" + text))[None]
        with torch.no_grad():
            direct = -bits_of(model(ids[:, :-1])[0], ids[:, 1:]).sum()
        assert value == pytest.approx(float(direct), abs=1e-4)


def test_published_sets_are_scored(trained: Path, tmp_path: Path) -> None:
    model, vocabulary, _ = load_model(trained / "model")
    with pytest.raises(ValueError, match="no test in"):
        grammar.score_grammar(model, vocabulary, tmp_path)
    (tmp_path / "linzen-agreement").mkdir()
    pd.DataFrame({"sentence": ["the dog sees the cat"] * 3, "target_index": [2] * 3, "correct": ["sees"] * 3,
                  "wrong": ["see"] * 3, "n_attractors": [0, 0, 1]}).to_parquet(
        tmp_path / "linzen-agreement" / "test_filtered.parquet")  # fmt: skip
    table = grammar.score_grammar(model, vocabulary, tmp_path, most=1)
    assert table["test"].tolist() == ["Linzen, 0 attractors", "Linzen, 1 attractors"]
    assert table["pairs"].tolist() == [1, 1] and set(table["right"]) <= {0.0, 1.0}


def test_pairs_differ_in_the_verb_alone() -> None:
    right, wrong = grammar_lesson.pairs(1)
    assert "The album of the games is " in right and "The album of the games are " in wrong
    for one, two in zip(right, wrong, strict=True):
        assert one.split()[:-1] == two.split()[:-1] and one != two
    assert len(right) == 180 and np.unique(right).size == 180
