"""The pointer-generator's loss: against its definition, its gradients, its padding, its sampled softmax."""

import math
from collections.abc import Callable

import pytest
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, kl_div, linear, log_softmax

from lstm_models.attention import Attended
from lstm_models.decoder import DecoderOutput
from lstm_models.encoded import ANYWHERE, MOST_STEPS, NOWHERE
from lstm_models.loss import (
    WordLogProb,
    answer_loss,
    disagreement,
    mixed_log_probs,
    pointing_loss,
    sample_vocabulary,
    sequence_loss,
    steps_loss,
)

N, T, M, E, V = 3, 4, 5, 6, 11
SRC = torch.tensor([[3, 4, 5, 3, 2], [7, 8, 2, 0, 0], [9, 9, 9, 2, 0]])
TGT = torch.tensor([[3, 5, 10, 2], [7, 2, 0, 0], [4, 9, 2, 0]])


def parts(dtype: torch.dtype = torch.float64) -> list[Tensor]:
    """features, copy gate, scores of memory and null slot, embedding, bias."""
    torch.manual_seed(1)
    shapes = ((N, T, E), (N, T), (N, T, M + 1), (V, E), (V,))
    return [torch.randn(shape, dtype=dtype, requires_grad=True) for shape in shapes]


def output(features: Tensor, gate: Tensor, scores: Tensor) -> DecoderOutput:
    weights = scores.masked_fill(
        torch.cat([SRC == 0, torch.zeros(N, 1).bool()], 1)[:, None], -torch.inf
    ).softmax(-1)
    pointer, null = weights[..., :M], weights[..., M]
    return DecoderOutput(features, gate, Attended(features, pointer, null, weights[:, None]))


def by_definition(features: Tensor, gate: Tensor, scores: Tensor, embedding: Tensor, bias: Tensor) -> Tensor:
    """log p of each target word: the whole mixed distribution, built the slow way [N, T]."""
    out = output(features, gate, scores)
    made = linear(features, embedding, bias).softmax(-1)  # [N, T, V]
    share = gate.sigmoid()[..., None]
    mixed = (1 - share * (1 - out.attended.null_weight[..., None])) * made
    onehot = torch.nn.functional.one_hot(SRC, V).to(made.dtype)  # [N, M, V]
    mixed = mixed + share * out.attended.pointer @ onehot
    torch.testing.assert_close(mixed.sum(-1), torch.ones(N, T, dtype=mixed.dtype))
    return mixed.gather(-1, TGT[..., None]).squeeze(-1).log()


def test_value_and_gradient_equal_the_definition() -> None:
    found, wanted = parts(), parts()
    loss = sequence_loss(output(*found[:3]), TGT, SRC, *found[3:], label_smoothing=0.1)
    log_probs = by_definition(*wanted)
    nll = -log_probs[TGT != 0].sum()
    all_words = log_softmax(linear(wanted[0], *wanted[3:]), -1)[TGT != 0]
    smoothed = 0.9 * nll - 0.1 * all_words.mean(-1).sum()
    torch.testing.assert_close(loss.nll, nll)
    torch.testing.assert_close(loss.smoothed, smoothed)
    assert loss.tokens == (TGT != 0).sum() == 9
    loss.smoothed.backward()
    smoothed.backward()
    for a, b in zip(found, wanted, strict=True):
        torch.testing.assert_close(a.grad, b.grad)


def test_gradcheck_of_copying() -> None:
    def smoothed(*given: Tensor) -> Tensor:
        return sequence_loss(output(*given[:3]), TGT, SRC, *given[3:], label_smoothing=0.1).smoothed

    check_gradient(smoothed, parts())


def check_gradient(function: Callable[..., Tensor], inputs: list[Tensor]) -> None:
    """As torch.autograd.gradcheck, which goes backward twice through one graph; this loss allows once."""
    found = torch.autograd.grad(function(*inputs), inputs)
    for given, grad in zip(inputs, found, strict=True):
        flat = given.detach().view(-1)
        for i in range(len(flat)):
            with torch.no_grad():
                kept, ends = flat[i].item(), []
                for at in (kept + 1e-6, kept - 1e-6):
                    flat[i] = at
                    ends.append(function(*inputs))
                flat[i] = kept
            slope = (ends[0] - ends[1]) / 2e-6
            torch.testing.assert_close(grad.reshape(-1)[i], slope, atol=1e-6, rtol=1e-5)


def test_gradcheck_of_the_written_out_softmax() -> None:
    torch.manual_seed(2)
    features, weight, bias = (
        torch.randn(s, dtype=torch.float64, requires_grad=True) for s in ((4, E), (V, E), V)
    )
    words = torch.tensor([1, 5, 5, 0])
    mixed = torch.tensor([0.5, -2.0, 1.0, 3.0], dtype=torch.float64)
    check_gradient(
        lambda f, w, b: (WordLogProb.apply(f, w, b, words) * mixed).sum(), [features, weight, bias]
    )
    found = torch.autograd.grad(
        WordLogProb.apply(features, weight, bias, words).sum(), (features, weight, bias)
    )
    loss = WordLogProb.apply(features, weight, bias, words).sum()
    loss.backward(retain_graph=True)
    with pytest.raises(RuntimeError, match="compute it again"):
        loss.backward()
    plain = log_softmax(linear(features, weight, bias), -1)[torch.arange(4), words]
    for a, b in zip(found, torch.autograd.grad(plain.sum(), (features, weight, bias)), strict=True):
        torch.testing.assert_close(a, b)


def test_without_copying_it_is_torchs_cross_entropy() -> None:
    features, _, scores, embedding, bias = parts()
    shut = torch.full((N, T), -100.0, dtype=torch.float64)
    loss = sequence_loss(output(features, shut, scores), TGT, SRC, embedding, bias, label_smoothing=0.2)
    logits = linear(features, embedding, bias).flatten(0, 1)
    wanted = cross_entropy(logits, TGT.flatten(), ignore_index=0, reduction="sum", label_smoothing=0.2)
    torch.testing.assert_close(loss.smoothed, wanted)


def test_an_extreme_gate_or_an_absent_word_stays_finite() -> None:
    features, _, scores, embedding, bias = parts(torch.float32)
    for gate in (-1e4, 1e4):
        loss = sequence_loss(
            output(features, torch.full((N, T), gate), scores), TGT, SRC, embedding, bias, 0.1
        )
        assert loss.smoothed.isfinite() and loss.nll.isfinite()
        grads = torch.autograd.grad(loss.smoothed, (features, scores, embedding, bias))
        assert all(grad.isfinite().all() for grad in grads)


def test_nothing_but_padding_costs_nothing() -> None:
    given = parts()
    loss = sequence_loss(output(*given[:3]), torch.zeros_like(TGT), SRC, *given[3:], label_smoothing=0.1)
    assert loss == (0, 0, 0)


def test_padding_has_no_gradient() -> None:
    given = parts()
    sequence_loss(output(*given[:3]), TGT, SRC, *given[3:], label_smoothing=0.1).smoothed.backward()
    features, gate, scores = (part.grad for part in given[:3])
    for grad in (features, gate, scores):
        assert grad is not None and not grad[TGT == 0].any() and grad[TGT != 0].any()


def test_one_step_is_the_same_mixture() -> None:
    given = parts()
    wanted = by_definition(*given)
    out = output(*given[:3])
    for t in range(T):
        attended = Attended(*(part[:, t : t + 1] for part in out.attended[:3]), out.attended.weights)
        one = DecoderOutput(out.features[:, t : t + 1], out.copy_gate[:, t : t + 1], attended)
        log_probs, copied = mixed_log_probs(one, SRC, *given[3:])
        torch.testing.assert_close(log_probs.exp().sum(-1), torch.ones(N, dtype=torch.float64))
        torch.testing.assert_close(log_probs.gather(-1, TGT[:, t : t + 1])[:, 0], wanted[:, t])
        torch.testing.assert_close(copied, out.copy_gate[:, t, None].sigmoid() * out.attended.pointer[:, t])


def test_a_sample_holds_the_batchs_words_and_stands_for_the_rest() -> None:
    torch.manual_seed(3)
    words = torch.tensor([7, 2, 7, 9])
    classes, correction, places = sample_vocabulary(words, V, 4)
    assert torch.equal(classes[places], words)
    assert len(classes) == len(classes.unique()) == 7
    assert correction.tolist() == pytest.approx([0.0] * 3 + [torch.log(torch.tensor(8 / 4)).item()] * 4)


def test_a_sample_of_everything_is_exact_and_a_smaller_one_close_on_average() -> None:
    given = parts()
    exact = sequence_loss(output(*given[:3]), TGT, SRC, *given[3:], label_smoothing=0.1)
    full = sequence_loss(output(*given[:3]), TGT, SRC, *given[3:], label_smoothing=0.1, sampled_words=V)
    torch.testing.assert_close(full.nll, exact.nll, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(full.smoothed, exact.smoothed, atol=1e-5, rtol=1e-5)
    drawn = [
        sequence_loss(
            output(*given[:3]), TGT, SRC, *given[3:], label_smoothing=0.1, sampled_words=2
        ).nll.item()
        for _ in range(200)
    ]
    assert sum(drawn) / 200 == pytest.approx(exact.nll.item(), rel=0.1)


def test_pointing_counts_the_attention_on_the_evidence() -> None:
    pointer = torch.tensor([[[0.5, 0.25, 0.0], [0.1, 0.2, 0.3], [0.0, 0.0, 1.0]]])  # [1, 3, 3]
    null = torch.tensor([[0.25, 0.4, 0.0]])
    attended = Attended(torch.zeros(1, 3, 4), pointer, null, pointer[:, None])
    segment = torch.tensor([[0, 0, 1]])
    evidence = torch.tensor([[0, NOWHERE, ANYWHERE]])
    found = pointing_loss(attended, evidence, segment)
    assert found.item() == pytest.approx(-math.log(0.75) - math.log(0.4))
    assert pointing_loss(attended, torch.full((1, 3), ANYWHERE), segment) == 0


def test_steps_are_taught_to_the_hops_before_the_last() -> None:
    first, second = torch.rand(2, 1, 2, 3).softmax(-1)  # [1, 2, 3] each
    attended = Attended(*(torch.zeros(1),) * 4, earlier=(first, second))
    segment = torch.tensor([[0, 1, 1]])
    steps = torch.full((MOST_STEPS, 1, 2), ANYWHERE)
    assert steps_loss(attended, steps, segment) == 0
    steps[-2:, 0, 0] = torch.tensor([0, 1])  # in this order; nothing is known of the other token
    found = steps_loss(attended, steps, segment)
    assert found.item() == pytest.approx(-math.log(first[0, 0, 0]) - math.log(second[0, 0, 1:].sum()))
    few = attended._replace(earlier=(second,))  # one hop less: the first step is left out
    assert steps_loss(few, steps, segment).item() == pytest.approx(-math.log(second[0, 0, 1:].sum()))
    assert steps_loss(attended._replace(earlier=()), steps, segment) == 0


def test_disagreement_is_the_mean_of_both_divergences() -> None:
    torch.manual_seed(2)
    one, other = torch.randn(2, 7, E, dtype=torch.float64)
    embedding, bias = torch.randn(V, E, dtype=torch.float64), torch.randn(V, dtype=torch.float64)
    words = torch.arange(7)
    first, second = (log_softmax(linear(features, embedding, bias), -1) for features in (one, other))
    there = kl_div(second, first, reduction="sum", log_target=True)
    back = kl_div(first, second, reduction="sum", log_target=True)
    found = disagreement(one, other, words, embedding, bias)
    torch.testing.assert_close(found, (there + back) / 2)
    torch.testing.assert_close(disagreement(one, other, words, embedding, bias, V), found)
    assert disagreement(one, one, words, embedding, bias) == 0


def test_answers_are_expected_where_they_stand() -> None:
    bias = torch.tensor([[1.0, 2.0, 3.0, 9.0]]).expand(4, 4)
    age = torch.tensor([[2, 2, 1, 0]]).expand(4, 4)  # the last token is the question's own
    answer = torch.tensor([[1, 3], [NOWHERE, NOWHERE], [0, 0], [3, 4]])
    total = math.log(1 + math.exp(1) + math.exp(2) + math.exp(3))
    found = total - math.log(math.exp(2) + math.exp(3))
    assert answer_loss(bias[:1], age[:1], answer[:1]).item() == pytest.approx(found, rel=1e-5)
    assert answer_loss(bias[1:2], age[1:2], answer[1:2]).item() == pytest.approx(total, rel=1e-5)
    assert answer_loss(bias[2:], age[2:], answer[2:]) == 0  # unknown; a word of the question's
    assert answer_loss(bias, age, answer).item() == pytest.approx(total + found, rel=1e-5)


def test_what_answers_has_gradients_in_both_ways() -> None:
    bias = torch.zeros(2, 3, requires_grad=True)
    answer_loss(bias, torch.ones(2, 3), torch.tensor([[0, 1], [NOWHERE, NOWHERE]])).backward()
    assert bias.grad is not None and bias.grad.isfinite().all()
    assert bias.grad[0, 0] < 0 < bias.grad[0, 1] and (bias.grad[1] > 0).all()
