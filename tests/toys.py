"""Small prepared data and models for tests: words of one token, tasks that can be learnt in seconds."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from lstm_models.checkpoint import save_checkpoint
from lstm_models.config import ModelConfig, TrainingConfig
from lstm_models.encoded import EncodedExample, EncodedTarget
from lstm_models.export import export_checkpoint
from lstm_models.seq2seq import Seq2Seq
from lstm_models.shards import shard_infos_as_dicts, write_manifest, write_shard
from lstm_models.tokenizer import EOS_ID, MIN_VOCAB_SIZE, Tokenizer

CARD = {"name": "toy", "task": "chat", "description": "A toy.",
        "data": [{"name": "none", "licence": "CC0-1.0", "attribution": "nobody"}]}  # fmt: skip
VOCAB = 300
WORDS = np.arange(MIN_VOCAB_SIZE, VOCAB)  # ids that are neither tags nor bytes
TASKS: dict[str, Callable[[Sequence[int]], list[int]]] = {
    "copy": list,
    "reverse": lambda ids: list(ids)[::-1],
    "sort": sorted,
}


def train_tokenizer(path: Path) -> Tokenizer:
    """A vocabulary of `VOCAB` entries of nonsense syllables."""
    return Tokenizer.train([f"{a}{b}o {b}{a}u" for a in "bdfglmnprst" for b in "aei"], path, VOCAB)


def toy_examples(
    tokenizer: Tokenizer, task: str, count: int, seed: int = 0, words: int = 12, longest: int = 6
) -> list[EncodedExample]:
    """One segment of random words each; the answer copies, reverses or sorts them."""
    rng = np.random.default_rng(seed)
    tag = tokenizer.tag_id("<reply>")
    examples = []
    for _ in range(count):
        ids = rng.choice(WORDS[:words], rng.integers(2, longest + 1)).tolist()
        target = EncodedTarget([tag, *TASKS[task](ids), EOS_ID], 0)
        examples.append(EncodedExample([[*ids, EOS_ID]], [target]))
    return examples


def conversations(tokenizer: Tokenizer, count: int, seed: int = 0, longest: int = 5) -> list[EncodedExample]:
    """One to four segments of random words; one to three targets each, of which the last answers the last."""
    rng = np.random.default_rng(seed)
    tag = tokenizer.tag_id("<answer>")
    examples = []
    for _ in range(count):
        segments = [
            [*rng.choice(WORDS, rng.integers(1, longest + 1)).tolist(), EOS_ID]
            for _ in range(rng.integers(1, 5))
        ]
        asked = sorted({len(segments) - 1, *rng.integers(0, len(segments), 2).tolist()})
        targets = [
            EncodedTarget([tag, *rng.choice([*segments[s][:-1], *WORDS[:3]], 3).tolist(), EOS_ID], s)
            for s in asked
        ]
        examples.append(EncodedExample(segments, targets))
    return examples


def write_data(
    folder: Path, tokenizer: Tokenizer, train: list[EncodedExample], validation: list[EncodedExample]
) -> Path:
    """A prepared folder, as `longshort prepare` leaves it."""
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(folder / "tokenizer.model")
    splits = {
        split: shard_infos_as_dicts([write_shard(folder / f"{split}-0.safetensors", examples)])
        for split, examples in (("train", train), ("validation", validation))
    }
    about = {"file": "tokenizer.model", "sha256": tokenizer.sha256, "vocab_size": tokenizer.vocab_size}
    corpora = [{"name": "toy", "licence": "CC0-1.0", "citation": ""}]
    write_manifest(
        folder, {"format": 1, "task": "chat", "tokenizer": about, "splits": splits, "corpora": corpora}
    )
    return folder


def tiny_config(**changes: Any) -> ModelConfig:
    """A model of a few thousand weights, without dropout."""
    sizes: dict[str, Any] = {"vocab_size": VOCAB, "embed_dim": 12, "hidden_size": 16, "num_heads": 2,
                             "dropout": 0.0, "embed_dropout": 0.0}  # fmt: skip
    return ModelConfig(**{**sizes, **changes})


def tiny_model(seed: int = 1, **changes: Any) -> Seq2Seq:
    """Random weights, larger than at the start of training, so that mistakes are seen; evaluation mode."""
    torch.manual_seed(seed)
    model = Seq2Seq(tiny_config(**changes))
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if not name.startswith("embedding"):
                weight.add_(0.3 * torch.randn_like(weight))
    return model.eval()


def tiny_checkpoint(folder: Path, model: Seq2Seq) -> Path:
    """The model with a tokenizer, its answers sometimes ending, exported in fp32."""
    with torch.no_grad():
        model.output_bias[EOS_ID] += 2
    save_checkpoint(folder / "toy", model, train_tokenizer(folder / "t.model"), CARD)
    export_checkpoint(folder / "toy", int8=False)
    return folder / "toy"


def training_config(**changes: Any) -> TrainingConfig:
    """Short runs, tiny batches, no average."""
    settings: dict[str, Any] = {"max_updates": 12, "batch_tokens": 128, "learning_rate": 5e-3,
                                "warmup_updates": 2,
                                "validate_every": 6, "validation_examples": 8, "validation_batches": 2,
                                "save_every": 4, "accelerator": "cpu", "monitor": "perplexity"}  # fmt: skip
    return TrainingConfig(**{**settings, **changes})
