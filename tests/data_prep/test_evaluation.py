"""Scores: sacrebleu's own numbers, a perplexity that equals the sum by hand, and what is refused."""

import json
import math
from itertools import pairwise
from pathlib import Path

import pytest
import sacrebleu
import torch

from data_prep.evaluation import corpus_scores, perplexity, read_records, score_directions
from data_prep.examples import translation_record
from lstm_models.config import ModelConfig
from lstm_models.engine import Engine
from lstm_models.seq2seq import Seq2Seq
from lstm_models.tokenizer import Tokenizer
from translate import Translator
from translate.languages import encode_source, encode_target

PAIRS = [("The door is open.", "Die Tür ist offen."), ("Where is Ada?", "Wo ist Ada?"), ("No.", "Nein.")]


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    texts = [text for pair in PAIRS for text in pair] * 20
    tokenizer = Tokenizer.train(texts, tmp_path_factory.mktemp("tokenizer") / "t.model", 300)
    torch.manual_seed(1)
    model = Seq2Seq(ModelConfig(vocab_size=300, embed_dim=8, hidden_size=8, num_heads=2)).eval()
    return Engine(model, tokenizer)


def records(pairs: list[tuple[str, str]], source: str = "en", target: str = "de") -> list[dict[str, str]]:
    return [translation_record(a, b, (source, target), "made up") for a, b in pairs]


def test_perplexity_equals_the_steps_of_the_engine(engine: Engine) -> None:
    """Token by token through the face that decodes, one sentence at a time."""
    nll, tokens = 0.0, 0
    for source, target in PAIRS:
        (state,) = engine.read([engine.new_state()], [encode_source(engine.tokenizer, source)])
        decoding = engine.begin([state])
        ids = encode_target(engine.tokenizer, target, "de")
        for token, following in pairwise(ids):
            output, decoding = engine.step(torch.tensor([token]).numpy(), decoding)
            nll -= float(output.log_probs[0, following])
            tokens += 1
    assert perplexity(engine, records(PAIRS)) == pytest.approx(math.exp(nll / tokens), rel=1e-4)


def test_corpus_scores_are_sacrebleus() -> None:
    ours, references = ["The door is open now.", "No."], ["The door is open.", "No."]
    bleu, chrf, signatures = corpus_scores(ours, references)
    assert bleu == sacrebleu.corpus_bleu(ours, [references]).score
    assert chrf == sacrebleu.corpus_chrf(ours, [references]).score
    assert all("version:" in signature for signature in signatures) and "case:mixed" in signatures[0]


def test_directions_are_scored_apart(engine: Engine) -> None:
    there = records(PAIRS)
    back = records([(b, a) for a, b in PAIRS[:2]], "de", "en")
    scores = list(score_directions(Translator(engine), there + back, beam_size=1))
    assert [(s.source, s.target, len(s.translations)) for s in scores] == [("en", "de", 3), ("de", "en", 2)]
    (limited,) = score_directions(Translator(engine), there, beam_size=1, limit=2)
    assert limited.translations == scores[0].translations[:2]
    assert str(limited).startswith("en-de: BLEU ")


def test_prepared_data_gives_its_test_split_else_validation(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text("{}")
    for split, pairs in (("validation", PAIRS), ("test", [])):
        lines = "".join(json.dumps(record) + "\n" for record in records(pairs))
        (tmp_path / f"{split}.jsonl").write_text(lines, encoding="utf-8")
    assert len(read_records(tmp_path)) == 3
    with pytest.raises(ValueError, match=r"--split test: .* has validation"):
        read_records(tmp_path, "test")


def test_a_file_needs_its_languages(tmp_path: Path) -> None:
    file = tmp_path / "pairs.tsv"
    file.write_text("Nein.\tNo.\n", encoding="utf-8")
    (record,) = read_records(file, languages="de-en")
    assert (record["source"], record["target_language"]) == ("Nein.", "en")
    with pytest.raises(ValueError, match=r"--languages german: .*en-de"):
        read_records(file, languages="german")


def test_dialogues_are_not_scored_as_translations(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text("{}")
    (tmp_path / "test.jsonl").write_text('{"task": "chat"}\n')
    with pytest.raises(ValueError, match="task chat"):
        read_records(tmp_path)


def test_half_an_emoji_in_prepared_data_is_read_and_scored(tmp_path: Path, engine: Engine) -> None:
    (tmp_path / "manifest.json").write_text("{}")
    with open(tmp_path / "test.jsonl", "w", encoding="utf-8", errors="surrogatepass") as file:
        for record in records([("No \ud83d.", "Nein \ud83d.")]):  # as `prepare` writes it
            file.write(json.dumps(record, ensure_ascii=False) + "\n")
    (score,) = score_directions(Translator(engine), read_records(tmp_path), beam_size=1)
    assert len(score.translations) == 1


def test_a_file_without_pairs_is_refused(tmp_path: Path) -> None:
    (tmp_path / "header.tsv").write_text("en\tde\n")
    with pytest.raises(ValueError, match=r"--data .*header\.tsv: there is no sentence pair"):
        read_records(tmp_path / "header.tsv")
