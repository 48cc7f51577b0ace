"""Models that search as one: the mean of their probabilities, whatever their sizes and runtimes."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lstm_models.engine import Engine
from lstm_models.ensemble import joined
from lstm_models.search import SearchOptions
from lstm_models.state import ContextState
from lstm_models.tokenizer import EOS_ID, Tokenizer
from tests.toys import conversations, tiny_checkpoint, tiny_model

OPTIONS = SearchOptions(max_length=8, beam_size=3, n_best=2, avoid_loops=False)
TARGETS = [[7, 9, 12, EOS_ID], [20, EOS_ID]]


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Compares segments and reads them again; exported in fp32."""
    model = tiny_model(encoder_layers=3, match_size=6, reread_size=10, bank_size=40, max_segment=12)
    return tiny_checkpoint(tmp_path_factory.mktemp("ensemble"), model)


@pytest.fixture(scope="module")
def large(checkpoint: Path) -> Engine:
    return Engine.load(checkpoint, "torch")


@pytest.fixture(scope="module")
def small(large: Engine) -> Engine:
    """Of other sizes in all that a state holds."""
    sizes = {"encoder_layers": 2, "hidden_size": 24, "num_heads": 1, "bank_size": 32, "max_segment": 10}
    return Engine(tiny_model(seed=2, **sizes), large.tokenizer, "small")


def told(engine: Engine) -> list[ContextState]:
    """Two conversations of two segments each, of other lengths."""
    examples = conversations(engine.tokenizer, 2, seed=3)
    states = [engine.new_state() for _ in examples]
    for place in (0, -1):
        states = engine.read(states, [example.segments[place] for example in examples])
    return [states[0], engine.read([states[1]], [[5, 6, 7, 8, 9]])[0]]


def scores(engine: Engine) -> np.ndarray:
    return np.concatenate(engine.score(told(engine), ["<answer>", "<reply>"], TARGETS))


def test_the_next_word_has_the_mean_of_the_probabilities(large: Engine, small: Engine) -> None:
    one, two, together = map(scores, (large, small, joined({"large": large, "small": small})))
    assert np.abs(one - two).min() > 1e-3, "models that agree would show nothing"
    np.testing.assert_allclose(np.exp(together), (np.exp(one) + np.exp(two)) / 2, rtol=1e-4)


def test_two_runtimes_of_one_model_are_that_model(checkpoint: Path, large: Engine) -> None:
    """ONNX Runtime gives only the likeliest few words where it is asked to, and moves its memories about."""
    together = joined({"torch": large, "onnx": Engine.load(checkpoint, "onnx", threads=1)})
    assert together.model_hash != large.model_hash
    tags = ["<answer>", "<reply>"]
    ours, theirs = (engine.generate(told(engine), tags, OPTIONS) for engine in (together, large))
    for row, other in zip(ours, theirs, strict=True):
        assert [one.tokens for one in row] == [one.tokens for one in other]
        for one, two in zip(row, other, strict=True):
            assert one.log_prob == pytest.approx(two.log_prob, abs=1e-3)
            np.testing.assert_allclose(one.copy_weights, two.copy_weights, atol=1e-3)
            np.testing.assert_allclose(one.null_weights, two.null_weights, atol=1e-3)


def test_what_is_searched_is_what_is_scored(large: Engine, small: Engine) -> None:
    together = joined({"large": large, "small": small})
    states = told(together)
    for state in states:
        for found in together.generate([state], ["<reply>"], replace(OPTIONS, beam_size=4))[0]:
            end = [EOS_ID] if found.finished else []
            (again,) = together.score([state], ["<reply>"], [[*found.tokens, *end]])
            assert found.log_prob == pytest.approx(again.sum(), abs=1e-3)


def test_it_reads_what_all_its_models_can(large: Engine, small: Engine) -> None:
    config = joined({"large": large, "small": small}).config
    assert (config.max_segment, config.bank_size) == (10, 32)


def test_one_alone_is_no_ensemble(large: Engine) -> None:
    assert joined({"large": large}) is large


def test_a_state_of_one_model_is_refused(large: Engine, small: Engine) -> None:
    with pytest.raises(ValueError, match="a context state of another model"):
        joined({"large": large, "small": small}).generate(told(large), ["<reply>", "<reply>"])


def test_models_must_share_their_tokenizer(large: Engine, tmp_path: Path) -> None:
    texts = ["Other words than those of the toy.", "Quite other words."] * 3
    other = Engine(large.model, Tokenizer.train(texts, tmp_path / "t.model", 300, threads=1), "other")
    with pytest.raises(ValueError, match=r"b has another tokenizer than a: .* the same data\.tokenizer"):
        joined({"a": large, "b": other})
    with pytest.raises(ValueError, match="name at least one checkpoint"):
        joined({})
