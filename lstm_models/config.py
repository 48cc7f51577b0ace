"""The settings of a model and of its training: every option documented, checked, and refused by name.

Only plain values live here (no torch), so that recipes can be read and checked anywhere.
"""

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

REREAD_LAYERS = 2  # of `Rereading`
REREAD_REACH = 2  # neighbours on each side that each of them looks at


class ModelConfig(BaseModel):
    """The sizes of one encoder-decoder. Frozen: a model never changes shape."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    vocab_size: int = Field(0, ge=0, description="entries of the tokenizer; 0 = those of the prepared data")
    embed_dim: int = Field(384, ge=8, description="width of the token embedding, tied with the softmax")
    hidden_size: int = Field(384, ge=8, description="width of every recurrent layer and of attention")
    encoder_layers: int = Field(2, ge=2, le=8, description="layer 0 reads both ways, others carry on")
    deeper_layers: int = Field(
        0, ge=0, le=6, description="more layers that read both ways, between layer 0 and those that carry on"
    )
    decoder_layers: int = Field(2, ge=2, le=8, description="layer 0 makes the query, others see context")
    num_heads: int = Field(4, ge=1, description="attention heads; the first one also points for copying")
    num_hops: int = Field(1, ge=1, le=4, description="looks into the memory for each word, one after another")
    match_size: int = Field(
        0, ge=0, description="width in which words of a question and of each segment are compared; 0 = not"
    )
    reread_size: int = Field(
        0, ge=0, description="width in which the memory is read again in the light of a question; 0 = not"
    )
    uncovered: bool = Field(
        False, description="what a segment leaves open of a question is looked at when it is read again"
    )
    follow: bool = Field(
        False, description="attention is drawn to what stands behind the word just said: copies go on"
    )
    dropout: float = Field(0.2, ge=0, lt=1, description="locked dropout between layers")
    embed_dropout: float = Field(0.1, ge=0, lt=1, description="locked dropout on embeddings")
    word_dropout: float = Field(0.0, ge=0, lt=1, description="share of words blanked in training")
    age_buckets: int = Field(16, ge=4, description="half of them linear in a segment's age, half logarithmic")
    max_age: int = Field(
        0, ge=0, description="what is more segments old counts as that old; 0 = as far as the data goes"
    )
    bank_size: int = Field(1024, ge=16, description="tokens that a conversation's memory bank may hold")
    max_segment: int = Field(256, ge=8, description="longest segment, in tokens")

    @property
    def encoder_names(self) -> list[str]:
        """The encoder's layers from below: 0, 0.1, ... read each segment both ways, 1, 2, ... carry on."""
        deeper = [f"encoder 0.{number}" for number in range(1, self.deeper_layers + 1)]
        return ["encoder 0", *deeper, *(f"encoder {number}" for number in range(1, self.encoder_layers))]

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.hidden_size % (2 * self.num_heads):
            raise ValueError(
                f"hidden_size={self.hidden_size} must be a multiple of 2 * num_heads = {2 * self.num_heads} "
                "(two directions in layer 0, equal heads in attention)"
            )
        if self.uncovered and not self.reread_size:
            raise ValueError(
                "uncovered=true needs the memory to be read again: give reread_size, such as 64, too"
            )
        if self.bank_size < self.max_segment:
            raise ValueError(
                f"bank_size={self.bank_size} must be at least max_segment={self.max_segment}: "
                "the newest segment always stays in the bank"
            )
        return self


class TrainingConfig(BaseModel):
    """How one run trains. An `update` is one optimizer step."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    seed: int = Field(1, ge=0, description="decides weights, data order, dropout: a run is a function of it")
    start_from: str = Field("", description="checkpoint folder whose weights to begin with; empty = anew")
    max_updates: int = Field(10_000, ge=1, description="updates until the learning rate is at its end")
    batch_tokens: int = Field(4096, ge=16, description="padded source + target tokens in one batch, at most")
    learning_rate: float = Field(2e-3, gt=0, description="peak of the schedule")
    final_learning_rate: float = Field(0.02, ge=0, le=1, description="share of the peak at the last update")
    warmup_updates: int = Field(400, ge=0, description="updates of linear warm-up")
    schedule: Literal["linear", "cosine", "inverse_sqrt"] = "linear"
    label_smoothing: float = Field(0.1, ge=0, lt=1, description="share of a target spread over all words")
    sampled_words: int = Field(
        0, ge=0, description="estimate the softmax from the batch's words and so many others; 0 = from all"
    )
    pointing: float = Field(
        0.0,
        ge=0,
        description="weight of teaching attention which segment told the answer, where that is known",
    )
    answering: float = Field(
        0.0,
        ge=0,
        description="weight of teaching attention which words answer, before it begins, where that is known",
    )
    r_drop: float = Field(
        0.0,
        ge=0,
        description="weight of making two passes with different dropout agree: twice the work; 0 = off",
    )
    weight_decay: float = Field(0.01, ge=0)
    clip_norm: float = Field(1.0, gt=0, description="largest norm of the gradient")
    ema_decay: float = Field(0.999, ge=0, lt=1, description="moving average of the weights; 0 = off")
    validate_every: int = Field(1000, ge=1, description="updates between validations")
    validation_examples: int = Field(256, ge=1, description="examples decoded and scored in a validation")
    validation_batches: int = Field(20, ge=1, description="batches that give the validation perplexity")
    save_every: int = Field(200, ge=1, description="updates between saves of the whole training state")
    patience: int = Field(10, ge=1, description="validations without a better score that end the run")
    monitor: Literal["chrf", "bleu", "perplexity", "exact"] = "chrf"
    precision: Literal["fp32", "bf16"] = "fp32"
    accelerator: Literal["auto", "cpu", "gpu"] = "auto"
    devices: int = Field(1, ge=1)
    strategy: str = Field("auto", description="Lightning's, for several devices: auto, ddp, fsdp, ...")
    threads: int = Field(0, ge=0, description="CPU threads; 0 = all cores")

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.warmup_updates >= self.max_updates:
            raise ValueError(
                f"warmup_updates={self.warmup_updates} must be below max_updates={self.max_updates}"
            )
        return self
