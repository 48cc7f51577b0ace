"""Which pieces answers are made of: learnt from data, kept beside the weights, and obeyed by the engine."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from lstm_models import shortlist
from lstm_models.checkpoint import SHORTLIST, load_tokenizer, read_config
from lstm_models.encoded import EncodedExample, EncodedTarget
from lstm_models.engine import Engine
from lstm_models.export import export_checkpoint
from lstm_models.group import Answering
from lstm_models.search import SearchOptions
from lstm_models.shards import shard_infos_as_dicts, write_manifest, write_shard
from lstm_models.shortlist import count, read_shortlists, write_shortlists
from lstm_models.tokenizer import EOS_ID, MIN_VOCAB_SIZE, SPECIALS, TAGS, Tokenizer
from tests.lstm_models.runtimes.conftest import checkpoint, quick  # noqa: F401  fixtures
from tests.lstm_models.runtimes.test_onnx import told
from tests.toys import VOCAB, train_tokenizer

OWN = np.array([EOS_ID, *range(40, 200), 280, 285])
OTHERS = np.array([EOS_ID, *range(100, 290)])


@pytest.fixture(scope="module")
def listed(checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Engine:  # noqa: F811
    """The toy with a list for each of two tags."""
    folder = tmp_path_factory.mktemp("listed") / "toy"
    shutil.copytree(checkpoint, folder)
    sha256 = read_config(folder)["tokenizer"]["sha256"]
    write_shortlists(folder, {"<reply>": OWN, "<2de>": OTHERS}, sha256)
    export_checkpoint(folder, int8=False)
    return Engine.load(folder, "onnx", threads=1)


@pytest.mark.parametrize(("tag", "own"), [("<reply>", OWN), ("<2de>", OTHERS)])
def test_a_step_knows_its_list_and_the_source(listed: Engine, tag: str, own: np.ndarray) -> None:
    states = told(listed)
    decoding, tokens = listed.begin(states), np.arange(60, 66)
    every, _ = listed.runtime.step(tokens, decoding)
    some, _ = listed.runtime.step(tokens, decoding, few=30, tag=tag)
    assert some.tokens is not None
    np.testing.assert_allclose(some.copy_weights, every.copy_weights, atol=1e-6)
    for row, state in enumerate(states):
        found = dict(zip(some.tokens[row].tolist(), some.log_probs[row].tolist(), strict=True))
        source = set(state.token_ids.tolist())
        assert set(found) - {0} <= set(own.tolist()) | source
        assert source <= set(found), "what the source has can always be copied"
        for word in source - set(own.tolist()):  # nothing but copying brings it
            copied = every.copy_weights[row, : state.num_tokens][state.token_ids == word].sum()
            assert np.exp(found[word]) == pytest.approx(copied, abs=1e-6)
        made = sorted(set(found) - source - {0})
        ratio = np.array([found[word] - every.log_probs[row, word] for word in made])
        assert np.ptp(ratio) < 1e-3 and ratio.min() > 0, "the rest as before, sharing what others leave"
        best = sorted(set(own.tolist()) - source, key=lambda word: -every.log_probs[row, word])
        assert set(best[: 30 - len(source)]) <= set(made)


def test_an_answer_knows_no_neighbours(listed: Engine) -> None:
    options = SearchOptions(max_length=8, beam_size=3)
    together = listed.generate(told(listed), ["<reply>"] * 6, options)
    for state, expected in zip(told(listed), together, strict=True):
        (alone,) = listed.generate([state], ["<reply>"], options)
        assert alone[0].tokens == expected[0].tokens
        allowed = set(OWN.tolist()) | set(state.token_ids.tolist())
        assert set(alone[0].tokens) <= allowed


def test_what_looks_at_all_words_knows_no_list(listed: Engine, quick: Engine) -> None:  # noqa: F811
    answers = [[270, 271, EOS_ID]] * 2
    one, two = (engine.score(told(engine, 2), ["<reply>"] * 2, answers) for engine in (listed, quick))
    np.testing.assert_allclose(np.stack(one), np.stack(two), atol=1e-4)


def test_only_answers_of_one_list_are_decoded_together(listed: Engine, quick: Engine) -> None:  # noqa: F811
    def keys(engine: Engine, *tags: str) -> int:
        state = told(engine, 1)[0]
        return len({Answering(engine, state, tag, SearchOptions()).key for tag in tags})

    assert keys(listed, "<reply>", "<2de>", "<answer>", "<2fr>") == 3
    assert keys(quick, "<reply>", "<2de>", "<answer>") == 1


def prepared(folder: Path, tokenizer: Tokenizer) -> Path:
    """Answers to <2de> of pieces 270 (often) and 275 (once), to <2fr> of 290."""
    de, fr = (SPECIALS + TAGS.index(tag) for tag in ("<2de>", "<2fr>"))
    targets = [[de, 270, 270, 270, EOS_ID], [de, 270, 270, 275, EOS_ID], [fr, *[290] * 5, EOS_ID]]
    examples = [EncodedExample([[280, EOS_ID]], [EncodedTarget(ids, 0)]) for ids in targets]
    tokenizer.save(folder / "tokenizer.model")
    splits = {"train": shard_infos_as_dicts([write_shard(folder / "train-0.safetensors", examples)])}
    write_manifest(folder, {"format": 1, "task": "translate", "tokenizer": {}, "splits": splits})
    return folder


def test_lists_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tokenizer = train_tokenizer(tmp_path / "t.model")
    (tmp_path / "data").mkdir()
    data = prepared(tmp_path / "data", tokenizer)
    assert count(data, tokenizer) == {}, "a list of nearly all words is not worth its while"
    monkeypatch.setattr(shortlist, "WORTH", 1.0)
    lists = count(data, tokenizer)
    assert set(lists) == {"<2de>", "<2fr>"}
    letters = {i for i in range(MIN_VOCAB_SIZE - 1, VOCAB) if len(tokenizer.pieces([i])[0].strip("▁")) <= 1}
    spelling = {EOS_ID, *range(SPECIALS + len(TAGS), MIN_VOCAB_SIZE - 1)} | letters
    assert set(lists["<2de>"].tolist()) == spelling | {270}
    assert set(lists["<2fr>"].tolist()) == spelling | {290}
    other = Tokenizer.train(["other words than before"] * 9, tmp_path / "o.model", 285)
    with pytest.raises(ValueError, match="another tokenizer"):
        count(data, other)


def test_a_list_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    assert read_shortlists(tmp_path, "a", VOCAB) == {}
    write_shortlists(tmp_path, {"<2de>": OWN}, "a")
    assert read_shortlists(tmp_path, "a", VOCAB)["<2de>"].tolist() == OWN.tolist()
    with pytest.raises(ValueError, match="another tokenizer.*--data"):
        read_shortlists(tmp_path, "b", VOCAB)
    with pytest.raises(ValueError, match="ids from 2 to 149"):
        read_shortlists(tmp_path, "a", 150)
    ids = ([2, None], [2, [3]], [2, 2**70], {"2": 3}, None, ["two"])
    pieces = [json.dumps({"tokenizer": "a", "pieces": {"<2de>": one}}) for one in ids]
    for text in ("{", "[]", json.dumps({"tokenizer": "a"}), *pieces):
        (tmp_path / SHORTLIST).write_text(text, encoding="utf-8")
        with pytest.raises(ValueError, match=r"shortlist\.json.*remove it"):
            read_shortlists(tmp_path, "a", VOCAB)


def test_export_learns_lists_from_data(
    checkpoint: Path,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = shutil.copytree(checkpoint, tmp_path / "toy")
    (tmp_path / "data").mkdir()
    monkeypatch.setattr(shortlist, "WORTH", 1.0)
    data = prepared(tmp_path / "data", load_tokenizer(folder, read_config(folder)))
    export_checkpoint(folder, int8=False, data=data)
    assert set(Engine.load(folder, "onnx", 1).runtime.lists) == {"<2de>", "<2fr>"}
