"""One LSTM encoder-decoder for translation and chat. Read this file first.

    segment -> embedding -> layer 0, both ways, fresh -> upper layers, state carried on -> memory bank
    reply   <- softmax mixed with copying <- upper decoder layers <- attention <- query of decoder layer 0

B conversations, L tokens of a conversation, S tokens of a segment, Q tokens of its targets, N targets or
rows of a search, M memory tokens, E embedding, H hidden, A heads, D head width, V vocabulary.

The model holds no conversation: what carries over is an argument and a result.
"""

import math

import torch
from torch import Tensor, nn

from lstm_models.attention import Memory, stands_behind
from lstm_models.batching import PAD, Batch
from lstm_models.config import ModelConfig
from lstm_models.decoder import Decoder, DecoderOutput
from lstm_models.encoder import Encoder, last_position
from lstm_models.layers import LockedDropout, LSTMState
from lstm_models.loss import (
    Loss,
    answer_loss,
    disagreement,
    mixed_log_probs,
    pointing_loss,
    sequence_loss,
    steps_loss,
)
from lstm_models.runtimes.base import ABSENT


class Seq2Seq(nn.Module):
    """Encoder, memory, decoder and the tied embedding between them."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        if config.vocab_size < 1:
            raise ValueError(f"vocab_size={config.vocab_size}: give the number of the tokenizer's entries")
        self.config = config
        self.embedding = nn.Embedding(config.vocab_size, config.embed_dim, padding_idx=PAD)
        nn.init.normal_(self.embedding.weight, std=config.embed_dim**-0.5)
        with torch.no_grad():
            self.embedding.weight[PAD] = 0
        self.output_bias = nn.Parameter(torch.zeros(config.vocab_size))
        self.embed_dropout = LockedDropout(config.embed_dropout)
        self.encoder = Encoder(config)
        self.decoder = Decoder(config)

    def forward(
        self,
        batch: Batch,
        label_smoothing: float = 0.0,
        sampled_words: int = 0,
        pointing: float = 0.0,
        r_drop: float = 0.0,
        answering: float = 0.0,
    ) -> Loss:
        """Teacher forcing over whole conversations, every target seeing the segments up to its own.

        pointing, r_drop, answering: the weights of `pointing_loss` (with `steps_loss`), `disagreement` and
        `answer_loss` in what training lowers.
        """
        weights = (label_smoothing, sampled_words, pointing, answering)
        age = _age(batch)
        output, expected = self.decode(batch, age)
        loss = self._loss(batch, age, output, expected, *weights)
        if not r_drop:
            return loss
        again, expected = self.decode(batch, age)
        second = self._loss(batch, age, again, expected, *weights)
        real = batch.tgt_out != PAD
        features, others = output.features[real], again.features[real]
        weight, bias = self.embedding.weight, self.output_bias
        apart = disagreement(features, others, batch.tgt_out[real], weight, bias, sampled_words)
        smoothed = (loss.smoothed + second.smoothed) / 2 + r_drop / 2 * apart
        return Loss(smoothed, (loss.nll + second.nll) / 2, loss.tokens)

    def decode(self, batch: Batch, age: Tensor) -> tuple[DecoderOutput, Tensor]:
        """What the decoder makes of every target of a batch; the bias of attention of each, [N, A, L].

        age [N, L] in segments of each token to each target, ABSENT where it may not be seen.
        """
        encoded = self.encoder(self.embed(batch.src), batch.src_lengths, batch.segments)  # [B, L, H]
        rows = batch.tgt_conversation
        summary = encoded[rows, batch.tgt_last]  # [N, H]
        keys, values = self.decoder.attention.project(encoded)
        bias = self._bias(batch, age, keys)
        memory = Memory(keys, values, _for_tokens(bias, batch))
        behind = self.behind(batch.tgt_in, batch.src)
        start = self.decoder.start(summary)
        return self.decoder(self.embed(batch.tgt_in), start, memory, batch.targets, behind), bias

    def _loss(
        self,
        batch: Batch,
        age: Tensor,
        output: DecoderOutput,
        expected: Tensor,
        label_smoothing: float,
        sampled_words: int,
        pointing: float,
        answering: float,
    ) -> Loss:
        weight, bias = self.embedding.weight, self.output_bias
        loss = sequence_loss(output, batch.tgt_out, batch.src, weight, bias, label_smoothing, sampled_words)
        smoothed = loss.smoothed
        if pointing:
            pointed = pointing_loss(output.attended, batch.tgt_evidence, batch.src_segment)
            led = steps_loss(output.attended, batch.tgt_steps, batch.src_segment)
            smoothed = smoothed + pointing * (pointed + led)
        if answering:
            smoothed = smoothed + answering * answer_loss(expected[:, 0], age, batch.tgt_answer)
        return loss._replace(smoothed=smoothed)

    def behind(self, said: Tensor, src: Tensor) -> Tensor | None:
        """What stands behind the words just said, [N, Q] in [N, M] -> [N, Q, M], where the model follows."""
        return stands_behind(said, src) if self.config.follow else None

    def _bias(self, batch: Batch, age: Tensor, keys: Tensor) -> Tensor:
        """What every target may see, how old it is to it, how well it matches, what it seems to answer:
        [N, A, L]."""
        rows = batch.tgt_conversation
        bias = self.decoder.attention.bias(age[:, None].clamp_min(0), (age >= 0)[:, None])  # [N, A, 1, L]
        if self.decoder.match:
            match = self.decoder.match(keys, batch.src_segment, batch.src != PAD)  # [B, G, G]
            match = match[rows, batch.tgt_segment].gather(1, batch.src_segment[rows])  # [N, L]
            bias = bias + self.decoder.match.bias(match, age)
        if self.decoder.reread:
            bias = bias + self.decoder.reread(keys, batch.src, age, rows)[:, :, None]
        return bias.squeeze(2)

    def embed(self, tokens: Tensor) -> Tensor:
        """[B, L] -> [B, L, E]; in training, some words are blanked and some units dropped."""
        x = self.embedding(tokens) * math.sqrt(self.config.embed_dim)
        if self.training and self.config.word_dropout:
            x = x * torch.empty_like(x[:, :, :1]).bernoulli_(1 - self.config.word_dropout)
        return self.embed_dropout(x)

    def read(
        self, tokens: Tensor, lengths: Tensor, states: list[LSTMState]
    ) -> tuple[Tensor, Tensor, Tensor, list[LSTMState]]:
        """One more segment for each conversation: tokens [B, S], lengths [B], upper layers' states.

        Returns its summary [B, H], keys and values [B, A, S, D] for the bank, and the states to carry on.
        """
        encoded, states = self.encoder.carry(self.embed(tokens), lengths, states)  # [B, S, H]
        summary = last_position(encoded, lengths[:, None] - 1)[:, 0]
        keys, values = self.decoder.attention.project(encoded)
        return summary, keys, values, states

    def start(
        self, summary: Tensor, keys: Tensor, values: Tensor, src: Tensor, age: Tensor
    ) -> tuple[list[LSTMState], Memory]:
        """The decoder's first state for each conversation, and the memory that it reads.

        summary [B, H] of the newest segment, keys and values [B, A, M, D], token ids [B, M], age in segments
        [B, M], below 0 where there is no token.
        """
        bias = self.decoder.attention.bias(age[:, None].clamp(min=0), (age >= 0)[:, None])  # [B, A, 1, M]
        if self.decoder.match:
            segment = age.clamp(min=0)
            newest = self.decoder.match(keys, segment, age >= 0)[:, 0]  # [B, G]
            bias = bias + self.decoder.match.bias(newest.gather(1, segment), age)
        if self.decoder.reread:
            rows = torch.arange(len(age), device=age.device)
            bias = bias + self.decoder.reread(keys, src, age, rows)[:, :, None]
        return self.decoder.start(summary), Memory(keys, values, bias)

    def step(
        self, tokens: Tensor, states: list[LSTMState], memory: Memory, src: Tensor
    ) -> tuple[Tensor, Tensor, Tensor, list[LSTMState]]:
        """One target token for each row: tokens [N], decoder states, memory, its token ids [N, M].

        Returns log-probabilities [N, V], the share copied from each memory token [N, M], the weight of the
        null slot [N], and the next states.
        """
        said = tokens[:, None]
        output, states = self.decoder.step(self.embed(said)[:, 0], states, memory, self.behind(said, src))
        log_probs, copied = mixed_log_probs(output, src, self.embedding.weight, self.output_bias)
        return log_probs, copied, output.attended.null_weight[:, 0], states


def _age(batch: Batch) -> Tensor:
    """How many segments old each token is to each target, ABSENT where it may not be seen: [N, L]."""
    rows = batch.tgt_conversation
    age = batch.tgt_segment[:, None] - batch.src_segment[rows]
    return age.masked_fill((age < 0) | (batch.src == PAD)[rows], ABSENT)


def _for_tokens(bias: Tensor, batch: Batch) -> Tensor:
    """The bias of each target [N, A, L] for each of its tokens: [B, A, Q or 1, L]."""
    if batch.targets is None:  # N = B: every token of a row sees the same
        return bias[:, :, None]
    every = bias.index_select(0, batch.tgt_row.flatten())  # [B * Q, A, L]
    return every.unflatten(0, batch.tgt_row.shape).transpose(1, 2)
