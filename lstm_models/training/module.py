"""What one update does, as a Lightning module: loss, optimizer, schedule, averaged weights, validation."""

import math
from typing import Any

import lightning
import sacrebleu
import torch
from torch import Tensor
from torch.optim.swa_utils import AveragedModel
from torch.utils.data import DataLoader

from lstm_models.batching import Batch, BatchPlan, TrainingStream, evaluation_batches
from lstm_models.config import ModelConfig, TrainingConfig
from lstm_models.encoded import EncodedExample
from lstm_models.engine import Engine
from lstm_models.search import SearchOptions
from lstm_models.seq2seq import Seq2Seq
from lstm_models.shards import ShardedDataset
from lstm_models.tokenizer import Tokenizer

# One number for each pair of updates and devices, so that no two draw the same dropout.
_SEED_STRIDE = 1_000_003


class TrainingModule(lightning.LightningModule):
    """Every update is a pure function of (weights, optimizer, seed, update): that makes resuming exact."""

    def __init__(
        self,
        model_config: ModelConfig,
        config: TrainingConfig,
        data: ShardedDataset,
        held_out: ShardedDataset,
    ) -> None:
        super().__init__()
        self.config, self.data, self.held_out = config, data, held_out
        torch.manual_seed(config.seed)
        self.model = Seq2Seq(model_config)
        self.average = AveragedModel(self.model, multi_avg_fn=_moving_average(config.ema_decay))
        self.average.requires_grad_(False)
        self.tokenizer = Tokenizer.load(data.folder / data.manifest["tokenizer"]["file"])
        self.plan = BatchPlan(data.src_lengths, data.tgt_lengths, config.batch_tokens, config.seed)
        self.tokens_seen = 0

    # -- updates

    def train_dataloader(self) -> DataLoader[Batch]:
        trainer = self.trainer
        first, last = trainer.global_step, self.config.max_updates
        stream = TrainingStream(self.data, self.plan, first, last, trainer.global_rank, trainer.world_size)
        return DataLoader(stream, batch_size=None)

    def on_train_batch_start(self, batch: Batch, batch_idx: int) -> None:
        number = self.trainer.global_step * self.trainer.world_size + self.trainer.global_rank
        torch.manual_seed(self.config.seed * _SEED_STRIDE + number)

    def training_step(self, batch: Batch, batch_idx: int) -> Tensor:
        config = self.config
        loss = self.model(
            batch,
            config.label_smoothing,
            config.sampled_words,
            config.pointing,
            config.r_drop,
            config.answering,
        )
        self.tokens_seen += int(loss.tokens)
        per_token = loss.smoothed / loss.tokens
        self.log("train_loss", per_token.detach(), prog_bar=True)
        self.log("train_perplexity", (loss.nll.detach() / loss.tokens).exp())
        return per_token

    def optimizer_step(self, *args: Any, **kwargs: Any) -> None:
        super().optimizer_step(*args, **kwargs)
        # Here and not when the batch ends: callbacks save the state before the module's hook of that name.
        if self.config.ema_decay:
            self.average.update_parameters(self.model)

    def configure_optimizers(self) -> Any:
        matrices = [p for p in self.model.parameters() if p.ndim > 1]
        others = [p for p in self.model.parameters() if p.ndim <= 1]
        groups = [
            {"params": matrices, "weight_decay": self.config.weight_decay},
            {"params": others, "weight_decay": 0.0},
        ]
        optimizer = torch.optim.AdamW(groups, self.config.learning_rate, betas=(0.9, 0.98), fused=True)
        schedule = torch.optim.lr_scheduler.LambdaLR(
            optimizer, lambda update: learning_rate_factor(update, self.config)
        )
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}

    def configure_gradient_clipping(self, optimizer: Any, *args: Any, **kwargs: Any) -> None:
        norm = torch.nn.utils.clip_grad_norm_(self.model.parameters(), self.config.clip_norm)
        if not norm.isfinite():
            raise ValueError(
                f"the gradient is not finite at update {self.trainer.global_step + 1}: start anew with a "
                f"lower learning_rate (now {self.config.learning_rate}) or a longer warmup_updates "
                f"(now {self.config.warmup_updates}); the last saved state is intact"
            )
        self.log("gradient_norm", norm)

    # -- validation, always with the averaged weights

    @property
    def best_model(self) -> Seq2Seq:
        """The weights that are validated and kept: the moving average, if there is one."""
        model = self.average.module if self.config.ema_decay else self.model
        assert isinstance(model, Seq2Seq)
        return model

    def val_dataloader(self) -> DataLoader[Batch]:
        batches = evaluation_batches(self.held_out, self.config.batch_tokens, self.config.validation_batches)
        return DataLoader(batches, batch_size=None)  # type: ignore[arg-type]

    def on_validation_epoch_start(self) -> None:
        self._nll, self._tokens = 0.0, 0

    def validation_step(self, batch: Batch, batch_idx: int) -> None:
        loss = self.best_model.eval()(batch)
        self._nll += float(loss.nll)
        self._tokens += int(loss.tokens)

    def on_validation_epoch_end(self) -> None:
        scores = {"perplexity": math.exp(min(50.0, self._nll / max(1, self._tokens)))}
        scores |= self._decoded_scores()
        # every device validates the same examples, so that all know when to stop
        self.log_dict(scores, prog_bar=True, sync_dist=True)

    def _decoded_scores(self) -> dict[str, float]:
        """Greedy decoding of examples spread over the split, against its targets."""
        count = min(self.config.validation_examples, len(self.held_out))
        examples = [self.held_out[i * len(self.held_out) // count] for i in range(count)]
        engine = Engine(self.best_model.eval(), self.tokenizer)
        outputs = decode_last_targets(engine, examples)
        references = [self.tokenizer.decode(example.targets[-1].ids) for example in examples]
        exact = sum(a == b for a, b in zip(outputs, references, strict=True)) / count
        return {
            "bleu": sacrebleu.corpus_bleu(outputs, [references]).score,
            "chrf": sacrebleu.corpus_chrf(outputs, [references]).score,
            "exact": 100 * exact,
        }


def decode_last_targets(engine: Engine, examples: list[EncodedExample]) -> list[str]:
    """What the model answers to the last target of each example, greedy."""
    order = sorted(range(len(examples)), key=lambda i: sum(map(len, examples[i].segments)))
    outputs = [""] * len(examples)
    for start in range(0, len(order), 64):
        rows = order[start : start + 64]
        states = [engine.new_state() for _ in rows]
        last = [examples[i].targets[-1].segment for i in rows]
        for turn in range(max(last) + 1):
            reading = [n for n, row in enumerate(rows) if turn <= last[n]]
            segments = [examples[rows[n]].segments[turn] for n in reading]
            for n, state in zip(reading, engine.read([states[n] for n in reading], segments), strict=True):
                states[n] = state
        tags = [engine.tokenizer.pieces([examples[i].targets[-1].ids[0]])[0] for i in rows]
        for i, best in zip(rows, engine.generate(states, tags, SearchOptions()), strict=True):
            outputs[i] = engine.tokenizer.decode(best[0].tokens)
    return outputs


def learning_rate_factor(update: int, config: TrainingConfig) -> float:
    """The share of the peak learning rate at an update: linear warm-up, then the chosen decay."""
    if update < config.warmup_updates:
        return (update + 1) / config.warmup_updates
    last = config.final_learning_rate
    done = (update - config.warmup_updates) / max(1, config.max_updates - config.warmup_updates)
    if config.schedule == "linear":
        return last + (1 - last) * max(0.0, 1 - done)
    if config.schedule == "cosine":
        return last + (1 - last) * (1 + math.cos(math.pi * min(1.0, done))) / 2
    return math.sqrt(max(1, config.warmup_updates) / max(1, update))


def _moving_average(decay: float) -> Any:
    """An exponential average that forgets the random start: its decay grows with the updates it has seen."""

    @torch.no_grad()
    def average(averaged: list[Tensor], current: list[Tensor], updates: Tensor) -> None:
        seen = float(updates)
        now = min(decay, (1 + seen) / (10 + seen))
        torch._foreach_lerp_(averaged, current, 1 - now)

    return average
