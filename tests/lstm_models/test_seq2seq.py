"""The whole model: teacher forcing equals stepping, and a row does not notice the rest of its batch."""

import numpy as np
import pytest
import torch

from lstm_models.batching import collate
from lstm_models.config import ModelConfig
from lstm_models.encoded import EncodedExample
from lstm_models.seq2seq import Seq2Seq
from lstm_models.tokenizer import Tokenizer
from tests.toys import conversations, tiny_config, tiny_model, toy_examples, train_tokenizer


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Tokenizer:
    return train_tokenizer(tmp_path_factory.mktemp("tokenizer") / "t.model")


def nll_of(model: Seq2Seq, examples: list[EncodedExample]) -> float:
    with torch.inference_mode():
        return float(model(collate(examples)).nll)


def stepped_nll(model: Seq2Seq, example: EncodedExample) -> float:
    """Segment by segment and word by word, as serving does it."""
    total = 0.0
    heads, width = model.config.num_heads, model.config.hidden_size // model.config.num_heads
    states = [layer.initial_state(1, model.output_bias) for layer in model.encoder.upper]
    keys, values = torch.zeros(1, heads, 0, width), torch.zeros(1, heads, 0, width)
    ids: list[int] = []
    ages: list[int] = []
    for number, segment in enumerate(example.segments):
        tokens, lengths = torch.tensor([segment]), torch.tensor([len(segment)])
        summary, k, v, states = model.read(tokens, lengths, states)
        keys, values = torch.cat([keys, k], 2), torch.cat([values, v], 2)
        ids, ages = ids + segment, [age + 1 for age in ages] + [0] * len(segment)
        for target in example.targets:
            if target.segment != number:
                continue
            src = torch.tensor([ids])
            layers, memory = model.start(summary, keys, values, src, torch.tensor([ages]))
            for word, following in zip(target.ids[:-1], target.ids[1:], strict=True):
                log_probs, _, _, layers = model.step(torch.tensor([word]), layers, memory, src)
                assert log_probs.exp().sum().item() == pytest.approx(1, abs=1e-4), "the mixture is normalised"
                total -= log_probs[0, following].item()
    return total


def test_teacher_forcing_equals_reading_and_stepping(tokenizer: Tokenizer) -> None:
    for layers, embed_dim in ((2, 12), (3, 16)):
        model = tiny_model(
            encoder_layers=layers,
            decoder_layers=layers,
            embed_dim=embed_dim,
            deeper_layers=2 * (layers - 2),
            match_size=4 * (layers - 2),
            reread_size=6 * (layers - 2),
            uncovered=layers > 2,
            follow=layers > 2,
        )
        if model.decoder.reread:
            torch.nn.init.normal_(model.decoder.reread.to_bias.weight)
            torch.nn.init.normal_(model.decoder.reread.uncovered.leave.weight)
        if model.decoder.attention.to_follow:
            torch.nn.init.normal_(model.decoder.attention.to_follow.weight)
        for example in conversations(tokenizer, 6):
            with torch.inference_mode():
                assert nll_of(model, [example]) == pytest.approx(stepped_nll(model, example), rel=1e-4)


def test_batch_size_neighbours_and_padding_change_nothing(tokenizer: Tokenizer) -> None:
    model = tiny_model()
    examples = conversations(tokenizer, 12) + toy_examples(tokenizer, "copy", 4, longest=20)
    alone = [nll_of(model, [example]) for example in examples]
    assert nll_of(model, examples) == pytest.approx(sum(alone), rel=1e-5)
    assert nll_of(model, examples[::-1]) == pytest.approx(sum(alone), rel=1e-5)
    for i in range(0, 16, 4):
        assert nll_of(model, examples[i : i + 4]) == pytest.approx(sum(alone[i : i + 4]), rel=1e-5)


def test_a_neighbour_changes_no_gradient_of_a_row(tokenizer: Tokenizer) -> None:
    model = tiny_model()
    examples = conversations(tokenizer, 4)

    def gradient(rows: list[EncodedExample]) -> torch.Tensor:
        model.zero_grad()
        model(collate(rows), label_smoothing=0.1).smoothed.backward()
        return torch.cat([weight.grad.flatten() for weight in model.parameters() if weight.grad is not None])

    apart = sum(gradient([example]) for example in examples)
    torch.testing.assert_close(gradient(examples), apart, atol=1e-3, rtol=1e-3)


def test_what_comes_after_a_targets_segment_is_not_seen(tokenizer: Tokenizer) -> None:
    model = tiny_model()
    (example,) = [e for e in conversations(tokenizer, 20) if len(e.segments) == 4][:1]
    target = type(example.targets[0])(example.targets[0].ids, 1)
    longer = EncodedExample(example.segments, [target])
    shorter = EncodedExample(example.segments[:2], [target])
    assert nll_of(model, [longer]) == pytest.approx(nll_of(model, [shorter]), rel=1e-5)


def test_dropout_only_in_training(tokenizer: Tokenizer) -> None:
    model = tiny_model(dropout=0.3, embed_dropout=0.3, word_dropout=0.3)
    batch = collate(conversations(tokenizer, 4))
    assert model(batch).nll == model(batch).nll
    model.train()
    assert model(batch).nll != model(batch).nll
    torch.manual_seed(1)
    first = model(batch).nll
    torch.manual_seed(1)
    assert model(batch).nll == first


def test_every_weight_learns(tokenizer: Tokenizer) -> None:
    model = tiny_model()
    model(collate(conversations(tokenizer, 8)), label_smoothing=0.1).smoothed.backward()
    idle = [name for name, weight in model.named_parameters() if weight.grad is None or not weight.grad.any()]
    assert not idle
    assert not model.embedding.weight.grad[0, :].isnan().any()


def test_bf16_autocast_is_close(tokenizer: Tokenizer) -> None:
    model, batch = tiny_model().train(), collate(conversations(tokenizer, 8))
    exact = model(batch)
    with torch.autocast("cpu", torch.bfloat16):
        rounded = model(batch, label_smoothing=0.1, sampled_words=50)
        close = model(batch)
    assert close.nll.item() == pytest.approx(exact.nll.item(), rel=0.03)
    rounded.smoothed.backward()
    assert all(
        weight.grad is not None and weight.grad.dtype == torch.float32 for weight in model.parameters()
    )


def test_moving_between_dtypes_keeps_the_model_whole(tokenizer: Tokenizer) -> None:
    model, batch = tiny_model(), collate(conversations(tokenizer, 4))
    assert model.double()(batch).nll.item() == pytest.approx(model.float()(batch).nll.item(), rel=1e-5)


def test_a_model_needs_a_vocabulary() -> None:
    with pytest.raises(ValueError, match="vocab_size=0"):
        Seq2Seq(tiny_config(vocab_size=0))


def test_the_embedding_is_tied_and_padding_is_nought() -> None:
    model = Seq2Seq(ModelConfig(vocab_size=50, embed_dim=8, hidden_size=16))
    sizes = [weight.shape for weight in model.parameters()]
    assert sizes.count(torch.Size([50, 8])) == 1
    assert np.array_equal(model.embedding.weight[0].detach().numpy(), np.zeros(8))


def test_two_passes_are_held_together_only_where_dropout_sets_them_apart(tokenizer: Tokenizer) -> None:
    batch = collate(conversations(tokenizer, 6))
    model = tiny_model(dropout=0.0, embed_dropout=0.0).train()
    plain, held = model(batch, 0.1), model(batch, 0.1, r_drop=5.0)
    torch.testing.assert_close(held.smoothed, plain.smoothed)
    dropping = tiny_model(dropout=0.3).train()
    losses = []
    for weight in (1e-9, 5.0):
        torch.manual_seed(3)
        losses.append(dropping(batch, 0.1, r_drop=weight))
    torch.testing.assert_close(losses[0].nll, losses[1].nll)
    assert losses[1].smoothed > losses[0].smoothed
