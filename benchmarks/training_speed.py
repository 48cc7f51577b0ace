"""Training speed: our update against that of JoeyNMT's recurrent model, same sizes, same batches, one run.

    make bench ARGS="--only training_speed"                       random batches, sizes of the shipped models
    make bench ARGS="--only training_speed --data data/translate" batches of prepared data
    PYTHONPATH=.venv/peers python -m benchmarks.training_speed --hidden 320     with more options, after those

An update is forward, backward, clipping and AdamW; the moving average of the weights, which JoeyNMT has not,
is left out. The models take turns, batch by batch, so that a machine that slows down slows both; the ratio is
the median over the rounds. Ours runs in fp32, in fp32 with the sampled softmax that the shipped recipes train
with, and with --bf16 in bf16; JoeyNMT has neither a sampled softmax nor bf16 on CPU.
"""

import argparse
import platform
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from benchmarks.joeynmt_peer import JoeyNMT
from benchmarks.table import Row, compared
from lstm_models.batching import PAD, Batch, BatchPlan, collate
from lstm_models.config import ModelConfig
from lstm_models.encoded import EncodedExample, EncodedTarget
from lstm_models.seq2seq import Seq2Seq
from lstm_models.shards import ShardedDataset

SMOOTHING = 0.1
SAMPLED_WORDS = 1000  # as in recipes/translate.yaml
FIRST_WORD = 300  # random tokens are words: behind the special tokens, tags and bytes
Update = Callable[[Batch], None]


def main() -> None:
    """Measure and print a table: target tokens a second, and the ratio."""
    options = parse()
    contenders, batches, sizes = contest(options)
    print(f"{platform.machine()}, {options.threads} threads, torch {torch.__version__}")
    print("JoeyNMT {:.1f} M parameters, Longshort {:.1f} M".format(*sizes))
    report(measure(contenders, batches, options.rounds))


def rows(arguments: Sequence[str]) -> list[Row]:
    """The table's rows: each way in which ours trains."""
    options = parse(arguments)
    contenders, batches, _ = contest(options)
    rates = measure(contenders, batches, options.rounds)
    drawn = options.data.name if options.data else "random words"
    return [
        compared(
            f"training, {name.removeprefix('Longshort, ')}, {drawn}",
            f"{statistics.median(rates[name]):,.0f} target tokens/s",
            "JoeyNMT, recurrent, fp32",
            ratios,
            "at least 2",
        )
        for name, ratios in ratios_of(rates).items()
        if name != next(iter(rates))
    ]


def contest(
    options: argparse.Namespace,
) -> tuple[dict[str, Update], Iterator[Batch], tuple[float, float]]:
    """Who takes part, the peer first; the batches; the peer's and our millions of parameters."""
    torch.set_num_threads(options.threads)
    torch.manual_seed(1)
    batches, vocab_size = prepared_batches(options) if options.data else random_batches(options)
    config = ModelConfig(
        vocab_size=vocab_size,
        embed_dim=options.hidden,
        hidden_size=options.hidden,
        encoder_layers=options.layers,
        decoder_layers=options.layers,
        dropout=0.3,
    )
    ours, theirs = Seq2Seq(config).train(), JoeyNMT(config, SMOOTHING).train()
    contenders = {
        "JoeyNMT, fp32": updater(theirs, theirs),
        "Longshort, fp32": updater(ours, partial(our_loss, ours)),
        "Longshort, sampled": updater(ours, partial(our_loss, ours, sampled_words=SAMPLED_WORDS)),
    }
    if options.bf16:
        contenders["Longshort, bf16"] = updater(ours, partial(our_loss, ours, bf16=True))
    return contenders, batches, (millions(theirs), millions(ours))


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """The options; see --help."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    sizes = {"hidden": 384, "layers": 2, "vocab_size": 8000, "rows": 128, "length": 24}
    for name, value in {**sizes, "threads": 2, "rounds": 8}.items():
        parser.add_argument("--" + name.replace("_", "-"), type=int, default=value, help=f"default {value}")
    parser.add_argument("--data", type=Path, help="a prepared folder; left out: random batches")
    parser.add_argument("--bf16", action="store_true", help="bf16 too, for CPUs with units for it")
    parser.add_argument("--batch-tokens", type=int, default=4096, help="of batches from --data; default 4096")
    options = parser.parse_args(arguments)
    if options.vocab_size <= FIRST_WORD:
        parser.error(f"--vocab-size {options.vocab_size} must be above {FIRST_WORD}")
    return options


def random_batches(options: argparse.Namespace) -> tuple[Iterator[Batch], int]:
    """Rows of words drawn at random, every row of the same length, as after sorting by length."""

    def batches() -> Iterator[Batch]:
        rng, shape = np.random.default_rng(1), (options.rows, 2, options.length + 1)
        while True:
            words = rng.integers(FIRST_WORD, options.vocab_size, shape).tolist()
            yield collate([EncodedExample([src[1:]], [EncodedTarget(tgt, 0)]) for src, tgt in words])

    return batches(), options.vocab_size


def prepared_batches(options: argparse.Namespace) -> tuple[Iterator[Batch], int]:
    """The batches that training on a prepared folder would see, in its order."""
    data = ShardedDataset(options.data, "train")
    plan = BatchPlan(data.src_lengths, data.tgt_lengths, options.batch_tokens, seed=1)
    numbers = range(len(plan))
    batches = (collate([data[int(i)] for i in plan.batch(number)]) for number in numbers)
    return batches, int(data.manifest["tokenizer"]["vocab_size"])


def our_loss(model: Seq2Seq, batch: Batch, sampled_words: int = 0, bf16: bool = False) -> Tensor:
    """The summed loss, as in training."""
    with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
        return model(batch, SMOOTHING, sampled_words).smoothed


def updater(model: nn.Module, loss_of: Callable[[Batch], Tensor]) -> Update:
    """One update of a model on a batch."""
    optimizer = torch.optim.AdamW(model.parameters(), 1e-3, fused=True)

    def update(batch: Batch) -> None:
        optimizer.zero_grad()
        (loss_of(batch) / target_tokens(batch)).backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()

    return update


def measure(contenders: dict[str, Update], batches: Iterator[Batch], rounds: int) -> dict[str, list[float]]:
    """Target tokens a second of each contender in each round, after two rounds of warming up."""
    rates: dict[str, list[float]] = {name: [] for name in contenders}
    for _, batch in zip(range(rounds + 2), batches, strict=False):
        for name, update in contenders.items():
            start = time.perf_counter()
            update(batch)
            rates[name].append(target_tokens(batch) / (time.perf_counter() - start))
    return {name: values[2:] for name, values in rates.items()}


def ratios_of(rates: dict[str, list[float]]) -> dict[str, list[float]]:
    """Each contender's speed against the peer's, which is the first one, round by round."""
    peer = next(iter(rates.values()))
    if not peer:
        raise ValueError("no batch was left to measure after warming up: raise --rounds or take more data")
    return {
        name: [ours / theirs for ours, theirs in zip(values, peer, strict=True)]
        for name, values in rates.items()
    }


def report(rates: dict[str, list[float]]) -> None:
    """Print the table; the first contender is the peer."""
    ratios = ratios_of(rates)
    print(f"{'':20}{'target tokens/s':>18}{'times JoeyNMT':>16}")
    for name, values in rates.items():
        print(f"{name:20}{statistics.median(values):18,.0f}{statistics.median(ratios[name]):16.2f}")


def target_tokens(batch: Batch) -> int:
    """Target tokens of a batch without padding, </s> counted."""
    return int((batch.tgt_out != PAD).sum())


def millions(model: nn.Module) -> float:
    """Millions of parameters."""
    return sum(parameter.numel() for parameter in model.parameters()) / 1e6


if __name__ == "__main__":
    main()
