"""The loss of a pointer-generator: the word may have been made or copied.

N rows of targets, T tokens of a row, M memory tokens, P target tokens that are not padding, E embedding,
V vocabulary.
"""

import math
from typing import NamedTuple

import torch
from torch import Tensor
from torch.autograd.function import FunctionCtx, once_differentiable
from torch.nn.functional import linear, log_softmax, logsigmoid

from lstm_models.attention import Attended, full
from lstm_models.batching import PAD
from lstm_models.decoder import DecoderOutput
from lstm_models.encoded import ANYWHERE, NOWHERE

FAR = -1e9  # a logit that no sum of exponentials sees


class Loss(NamedTuple):
    """Sums over P tokens, so that batches and devices can be added up."""

    smoothed: Tensor  # what training lowers
    nll: Tensor  # its likelihood part alone: perplexity = exp(nll / tokens)
    tokens: Tensor  # P


def sequence_loss(
    output: DecoderOutput,
    tgt_out: Tensor,
    src: Tensor,
    embedding: Tensor,
    bias: Tensor,
    label_smoothing: float,
    sampled_words: int = 0,
) -> Loss:
    """p = (1 - c) softmax + s attention on equal source tokens (See et al. 2017, equation 9).

    s is the copy gate; what attention leaves on the null slot goes back to the softmax: c = s (1 - null).
    The softmax alone is smoothed (Szegedy et al. 2016). tgt_out [N, T], src [N, M], embedding [V, E].
    sampled_words: see `sample_vocabulary`; 0 = the softmax over all words.
    """
    real = tgt_out != PAD  # [N, T]
    words = tgt_out[real]  # [P]
    features = output.features[real]  # [P, E]
    if sampled_words:
        classes, correction, places = sample_vocabulary(words, len(bias), sampled_words)
        log_made = WordLogProb.apply(features, embedding[classes], bias[classes] + correction, places)
    else:
        log_made = WordLogProb.apply(features, embedding, bias, words)
    # log(sum(exp(logits))) and the mean over the vocabulary without another pass over [P, V]
    log_total = linear_rows(features, embedding[words]) + bias[words] - log_made
    mean_log_prob = linear(features, embedding.mean(0, keepdim=True)).squeeze(-1) + bias.mean() - log_total

    matches = tgt_out[:, :, None] == src[:, None, :]  # [N, T, M]
    copied = full((output.attended.pointer * matches).sum(-1)[real])  # [P]
    gate = full(output.copy_gate[real])
    share = gate.sigmoid()
    kept = 1 - share * (1 - full(output.attended.null_weight[real]))
    log_prob = torch.logaddexp(
        kept.clamp_min(1e-6).log() + log_made, logsigmoid(gate) + copied.clamp_min(1e-12).log()
    )
    nll = -log_prob.sum()
    smoothed = (1 - label_smoothing) * nll - label_smoothing * mean_log_prob.sum()
    return Loss(smoothed, nll, real.sum())


def pointing_loss(attended: Attended, evidence: Tensor, src_segment: Tensor) -> Tensor:
    """-log of the attention that rests where the answer was told, summed over the tokens where that is known.

    Strong supervision of a memory (Weston et al. 2015, section 3): the pointing head is taught the segment,
    and the null slot where nobody told it. evidence [N, T] (a segment, NOWHERE or ANYWHERE),
    src_segment [N, M].
    """
    there = src_segment[:, None, :] == evidence[:, :, None]  # [N, T, M]
    mass = torch.where(evidence == NOWHERE, attended.null_weight, (attended.pointer * there).sum(-1))
    return -full(mass)[evidence != ANYWHERE].clamp_min(1e-6).log().sum()


def steps_loss(attended: Attended, steps: Tensor, src_segment: Tensor) -> Tensor:
    """As `pointing_loss`, for the hops before the last: each is taught the statement that is needed there.

    What leads to an answer is read in order, one statement a hop (Weston et al. 2015, equations 2 and 3).
    steps [MOST_STEPS, N, T] segments or ANYWHERE, the last one for the hop before the last.
    """
    losses = [src_segment.new_zeros((), dtype=torch.float32)]
    for pointer, step in zip(reversed(attended.earlier), steps.flip(0), strict=False):
        known = step != ANYWHERE  # [N, T]
        if known.any():
            there = src_segment[:, None, :] == step[:, :, None]  # [N, T, M]
            losses.append(-full((pointer * there).sum(-1))[known].clamp_min(1e-6).log().sum())
    return torch.stack(losses).sum()


def answer_loss(bias: Tensor, age: Tensor, answer: Tensor) -> Tensor:
    """-log of the share of the words that answer among all that were told, summed over the targets where
    they are known.

    What a reader is taught that marks an answer in a text (Wang & Jiang 2017; Chen et al. 2017), here for
    what the pointing head expects of each token before a word is said: bias [N, M] are its logits, 0 is that
    of "nobody told me". age [N, M] in segments, 0 or less what was not told before; answer [N, 2] as in
    `Batch`.
    """
    told = full(bias).masked_fill(age <= 0, float("-inf"))
    nothing = told.new_zeros(len(told), 1)
    log_total = torch.cat([nothing, told], dim=1).logsumexp(1)  # [N]
    place = torch.arange(told.shape[1], device=told.device)
    right = (place >= answer[:, :1]) & (place < answer[:, 1:]) & (age > 0)  # [N, M]
    found = right.any(1)
    log_right = told.masked_fill(~right, FAR).logsumexp(1)
    unanswered = answer[:, 0] == NOWHERE
    return (log_total - log_right)[found].sum() + log_total[unanswered].sum()


def disagreement(
    one: Tensor, other: Tensor, words: Tensor, embedding: Tensor, bias: Tensor, sampled_words: int = 0
) -> Tensor:
    """How far two softmaxes are apart: the mean of both Kullback-Leibler divergences, summed over P tokens.

    What R-Drop lowers between two passes with different dropout (Liang et al. 2021, equation 2).
    one, other: features [P, E]. words [P]. sampled_words: as in `sequence_loss`, the same words for both.
    """
    if sampled_words:
        classes, correction, _ = sample_vocabulary(words, len(bias), sampled_words)
        embedding, bias = embedding[classes], bias[classes] + correction
    first, second = (log_softmax(full(linear(features, embedding, bias)), -1) for features in (one, other))
    return ((first.exp() - second.exp()) * (first - second)).sum() / 2


def sample_vocabulary(words: Tensor, vocab_size: int, count: int) -> tuple[Tensor, Tensor, Tensor]:
    """A part of the vocabulary that estimates the softmax's sum without bias: words [P] are all in it.

    Importance sampling (Bengio & Senecal 2003; Jean et al. 2015): every word of the batch, and `count` of the
    others, drawn evenly, which stand for all others: log(others / count) is added to their logits.
    Returns the classes [C], what to add to their logits [C], and where in the classes each word is [P].
    """
    own = words.unique()
    outside = torch.ones(vocab_size, dtype=torch.bool, device=words.device)
    outside[own] = False
    others = outside.nonzero().squeeze(-1)
    drawn = others[torch.randperm(len(others), device=words.device)[:count]]
    correction = torch.zeros(len(own) + len(drawn), device=words.device)
    if len(drawn):
        correction[len(own) :] = math.log(len(others) / len(drawn))
    return torch.cat([own, drawn]), correction, torch.searchsorted(own, words)


class WordLogProb(torch.autograd.Function):
    """log softmax(features W' + b) of one word each: [P, E], [V, E], [V], [P] -> [P].

    Written out because [P, V] is by far the largest array in training: it is passed over as rarely as
    possible, and turned into its own gradient in place: there is one backward for each forward.
    """

    @staticmethod
    def forward(ctx: FunctionCtx, features: Tensor, weight: Tensor, bias: Tensor, words: Tensor) -> Tensor:
        log_probs = log_softmax(full(torch.addmm(bias, features, weight.t())), dim=-1)  # [P, V]
        ctx.save_for_backward(features, weight, words)
        ctx.log_probs = log_probs  # type: ignore[attr-defined]
        return log_probs.gather(-1, words[:, None]).squeeze(-1)

    @staticmethod
    @once_differentiable
    def backward(ctx: FunctionCtx, grad: Tensor) -> tuple[Tensor, Tensor, Tensor, None]:
        features, weight, words = ctx.saved_tensors  # type: ignore[attr-defined]
        log_probs, ctx.log_probs = ctx.log_probs, None  # type: ignore[attr-defined]
        if log_probs is None:
            raise RuntimeError("this loss was differentiated before: compute it again for another backward")
        by_logit = log_probs.exp_().mul_(-grad[:, None])
        by_logit.scatter_add_(1, words[:, None], grad[:, None])
        by_bias = by_logit.sum(0)
        by_logit, weight = by_logit.to(features.dtype), weight.to(features.dtype)
        return by_logit @ weight, by_logit.t() @ features, by_bias, None


def linear_rows(features: Tensor, rows: Tensor) -> Tensor:
    """The product of each row of features [P, E] with its own row [P, E] -> [P]."""
    return (features * rows).sum(-1)


def mixed_log_probs(
    output: DecoderOutput, src: Tensor, embedding: Tensor, bias: Tensor
) -> tuple[Tensor, Tensor]:
    """One step's log-probabilities [N, V] and the share copied from each memory token [N, M] (T = 1)."""
    made = full(linear(output.features[:, 0], embedding, bias)).softmax(-1)  # [N, V]
    share = full(output.copy_gate).sigmoid()  # [N, 1]
    pointer = full(output.attended.pointer[:, 0]) * share  # [N, M]
    mixed = made * (1 - pointer.sum(-1, keepdim=True))
    mixed = mixed.scatter_add(-1, src, pointer)
    return mixed.clamp_min(1e-30).log(), pointer
