"""The engine: serving equals training, a conversation does not notice its neighbours, beams are honest."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from lstm_models.batching import collate
from lstm_models.checkpoint import save_checkpoint
from lstm_models.encoded import EncodedExample
from lstm_models.engine import Engine
from lstm_models.search import Hypothesis, SearchOptions
from lstm_models.state import ContextState
from lstm_models.tokenizer import EOS_ID, Tokenizer
from tests.toys import CARD, VOCAB, conversations, tiny_model, train_tokenizer

SHORT = SearchOptions(max_length=8)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    folder = tmp_path_factory.mktemp("engine")
    tokenizer = train_tokenizer(folder / "t.model")
    model = tiny_model(encoder_layers=3, bank_size=24, max_segment=8)
    with torch.no_grad():
        model.output_bias[EOS_ID] += 2  # so that some answers end
    save_checkpoint(folder / "toy", model, tokenizer, CARD)
    return Engine.load(folder / "toy")


@pytest.fixture(scope="module")
def examples(engine: Engine) -> list[EncodedExample]:
    return conversations(engine.tokenizer, 8, seed=3)


def told(engine: Engine, segments: Sequence[Sequence[int]]) -> ContextState:
    state = engine.new_state()
    for segment in segments:
        (state,) = engine.read([state], [segment])
    return state


def scored(engine: Engine, state: ContextState, tag: str, tokens: Sequence[int]) -> list[float]:
    """The log-probability of each token, given its forerunners."""
    decoding, found = engine.begin([state]), []
    last = engine.tokenizer.tag_id(tag)
    for token in tokens:
        output, decoding = engine.step(np.array([last]), decoding)
        assert np.exp(output.log_probs).sum() == pytest.approx(1, abs=1e-4)
        found.append(float(output.log_probs[0, token]))
        last = token
    return found


def test_serving_equals_training(engine: Engine, examples: list[EncodedExample]) -> None:
    """Whole conversations teacher-forced, against reading each segment and asking word by word."""
    for example in examples:
        with torch.inference_mode():
            nll = float(engine.model(collate([example])).nll)
        total = 0.0
        for target in example.targets:
            state = told(engine, example.segments[: target.segment + 1])
            total -= sum(scored(engine, state, "<answer>", target.ids[1:]))
        assert nll == pytest.approx(total, rel=1e-4)


def test_conversations_read_together_are_as_alone(engine: Engine, examples: list[EncodedExample]) -> None:
    states = [engine.new_state() for _ in examples]
    together = engine.read(states, [example.segments[0] for example in examples])
    together = engine.read(together, [example.segments[-1] for example in examples])
    for state, example in zip(together, examples, strict=True):
        alone = told(engine, [example.segments[0], example.segments[-1]])
        for name in ("hidden", "cell", "summary", "keys", "values"):
            np.testing.assert_allclose(getattr(state, name), getattr(alone, name), atol=1e-5)
        assert state.token_ids.tolist() == example.segments[0] + example.segments[-1]
        assert state.num_segments == 2 and state.model_hash == engine.model_hash
    assert all(state.num_tokens == 0 for state in states), "a state that was given stays as it is"


@pytest.mark.parametrize("beam", [1, 3])
def test_answers_in_a_batch_are_as_alone(engine: Engine, examples: list[EncodedExample], beam: int) -> None:
    options = replace(SHORT, beam_size=beam)
    states = [told(engine, example.segments) for example in examples]
    tags = ["<answer>", "<reply>"] * 4
    together = engine.generate(states, tags, options)
    for row, state, tag in zip(together, states, tags, strict=True):
        (alone,) = engine.generate([state], [tag], options)
        assert row[0].tokens == alone[0].tokens
        assert row[0].log_prob == pytest.approx(alone[0].log_prob, abs=1e-4)
        np.testing.assert_allclose(row[0].copy_weights, alone[0].copy_weights, atol=1e-4)
        assert row[0].copy_weights.shape == (len(row[0].tokens), state.num_tokens)


def test_beam_scores_equal_rescoring(engine: Engine, examples: list[EncodedExample]) -> None:
    for beam, penalty in ((1, 0.6), (4, 0.0), (4, 1.0)):
        options = replace(
            SHORT, beam_size=beam, n_best=min(beam, 3), length_penalty=penalty, avoid_loops=False
        )
        for example in examples[:4]:
            state = told(engine, example.segments)
            for hypothesis in engine.generate([state], ["<reply>"], options)[0]:
                end = [EOS_ID] if hypothesis.finished else []
                again = scored(engine, state, "<reply>", hypothesis.tokens + end)
                assert hypothesis.log_prob == pytest.approx(sum(again), abs=1e-3)
                assert hypothesis.token_log_probs[: len(hypothesis.tokens)] == pytest.approx(
                    again[: len(hypothesis.tokens)], abs=1e-3
                )


def test_a_beam_of_one_is_greedy(engine: Engine, examples: list[EncodedExample]) -> None:
    banned = [0, 1, *(engine.tokenizer.tag_id(tag) for tag in engine.tokenizer.TAGS)]
    for example in examples[:4]:
        state = told(engine, example.segments)
        decoding, last, greedy = engine.begin([state]), engine.tokenizer.tag_id("<reply>"), []
        for _ in range(8):
            output, decoding = engine.step(np.array([last]), decoding)
            output.log_probs[:, banned if greedy else [*banned, EOS_ID]] = -np.inf  # never an empty answer
            last = int(output.log_probs[0].argmax())
            if last == EOS_ID:
                break
            greedy.append(last)
        found = engine.generate([state], ["<reply>"], replace(SHORT, avoid_loops=False))[0][0]
        assert found.tokens == greedy


def test_a_stream_ends_with_what_generate_gives(engine: Engine, examples: list[EncodedExample]) -> None:
    options = replace(SHORT, avoid_loops=False)
    for example in examples[:4]:
        state = told(engine, example.segments)
        *shown, final = engine.stream(state, "<reply>", options)
        whole = engine.generate([state], ["<reply>"], options)[0][0]
        assert final.tokens == whole.tokens and final.finished == whole.finished
        assert [len(part.tokens) for part in shown] == list(range(1, len(whole.tokens) + 1))


def test_an_answer_has_no_tags(engine: Engine, examples: list[EncodedExample]) -> None:
    state = told(engine, examples[0].segments)
    options = SearchOptions(temperature=5.0, max_length=30, seed=4)
    tokens = engine.generate([state], ["<reply>"], options)[0][0].tokens
    assert tokens and min(tokens) >= 3 + len(engine.tokenizer.TAGS)


def test_the_length_is_capped_by_the_newest_segment(engine: Engine) -> None:
    state = told(engine, [[40, 41, 42, 43, 44, 2], [50, 2]])
    never_ends = SearchOptions(avoid_loops=False, banned_tokens=(EOS_ID,))
    answer = engine.generate([state], ["<reply>"], never_ends)[0][0]
    assert len(answer.tokens) == 2 * 2 + 16 and not answer.finished


def test_the_bank_is_bounded(engine: Engine) -> None:
    state = told(engine, [[40 + i, 41 + i, 42 + i, 2] for i in range(6)])
    assert state.num_tokens == 24
    (state,) = engine.read([state.with_usage(np.eye(1, 24, 0, np.float32))], [[60, 61, 62, 2]])
    assert sorted(set(state.token_segment.tolist())) == [0, 2, 3, 4, 5, 6], "the one in use stays"
    assert state.num_tokens == 24 and state.num_segments == 7
    assert engine.generate([state], ["<reply>"], SHORT)[0][0].copy_weights.shape[1] == 24


def test_a_forgotten_segment_cannot_be_copied(engine: Engine) -> None:
    state = told(engine, [[250, 251, 2], [260, 2]])
    less = state.forget(0)
    assert not {250, 251} & set(less.token_ids.tolist())
    before, after = (scored(engine, one, "<reply>", [250])[0] for one in (state, less))
    assert after < before


def test_a_stored_state_goes_on_as_if_nothing_had_happened(engine: Engine, tmp_path: Path) -> None:
    state = told(engine, [[40, 41, 2]])
    state.save(tmp_path / "state")
    again = ContextState.load(tmp_path / "state")
    (one,), (two,) = (engine.read([s], [[42, 43, 2]]) for s in (state, again))
    assert np.array_equal(one.keys, two.keys) and np.array_equal(one.cell, two.cell)
    assert scored(engine, one, "<reply>", [40, 42]) == scored(engine, two, "<reply>", [40, 42])


def test_saving_and_loading_changes_no_score(engine: Engine, tmp_path: Path) -> None:
    save_checkpoint(tmp_path / "again", engine.model, engine.tokenizer, CARD)
    other = Engine.load(tmp_path / "again")
    assert other.model_hash == engine.model_hash
    segments = [[40, 41, 2], [42, 2]]
    mine, its = (scored(e, told(e, segments), "<reply>", [40, 42, 2]) for e in (engine, other))
    assert mine == its


def test_the_state_of_another_model_is_refused(engine: Engine) -> None:
    other = replace(told(engine, [[40, 2]]), model_hash="f00d" * 16)
    for call in (
        lambda: engine.read([other], [[41, 2]]),
        lambda: engine.generate([other], ["<reply>"]),
        lambda: list(engine.stream(other, "<reply>")),
    ):
        with pytest.raises(ValueError, match=r"another model \(f00df00df00d.*replay"):
            call()


@pytest.mark.parametrize(
    "wrong",
    [
        {"token_ids": np.array([40, VOCAB])},
        {"token_ids": np.array([-1, 2])},
        {"hidden": np.zeros((5, 16), np.float32), "cell": np.zeros((5, 16), np.float32)},
        {"keys": np.zeros((1, 2, 16), np.float32), "values": np.zeros((1, 2, 16), np.float32)},
    ],
)
def test_a_state_that_only_claims_to_be_of_this_model_is_refused(
    engine: Engine, wrong: dict[str, np.ndarray]
) -> None:
    other = ContextState.from_bytes(replace(told(engine, [[40, 2]]), **wrong).to_bytes())
    for call in (lambda: engine.read([other], [[41, 2]]), lambda: engine.generate([other], ["<reply>"])):
        with pytest.raises(ValueError, match="a damaged context state.*replay"):
            call()


@pytest.mark.parametrize(
    ("segment", "message"),
    [
        ([], "0 tokens: allowed are 1 to 8"),
        ([40] * 9, "9 tokens: allowed are 1 to 8"),
        ([40, VOCAB], "token ids 40 to 300"),
        ([0, 40], "token ids 0 to 40"),
        ([-1], "token ids -1"),
    ],
)
def test_segments_that_cannot_be_read(engine: Engine, segment: list[int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        engine.read([engine.new_state()], [segment])


def test_what_does_not_match(engine: Engine) -> None:
    state = told(engine, [[40, 2]])
    with pytest.raises(ValueError, match="2 states and 1 segments"):
        engine.read([state, state], [[40, 2]])
    with pytest.raises(ValueError, match="1 states and 2 tags"):
        engine.generate([state], ["<reply>", "<reply>"])
    with pytest.raises(ValueError, match="unknown tag '<2xx>'"):
        engine.generate([state], ["<2xx>"])
    with pytest.raises(ValueError, match="beam_size=4"):
        list(engine.stream(state, "<reply>", SearchOptions(beam_size=4)))
    assert engine.read([], []) == [] and engine.generate([], []) == []


def test_nothing_was_told_yet(engine: Engine) -> None:
    (answers,) = engine.generate([engine.new_state()], ["<reply>"])
    assert [answer.tokens for answer in answers] == [[]]
    final: list[Hypothesis] = list(engine.stream(engine.new_state(), "<reply>"))
    assert final[-1].tokens == []
    assert isinstance(engine.tokenizer, Tokenizer)
