"""Records in a JSONL file to shards, by several processes."""

from __future__ import annotations

import json
import multiprocessing
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

from data_prep.examples import cut, encode_record, longest_part
from lstm_models.encoded import EncodedExample
from lstm_models.shards import ShardInfo, write_shard
from lstm_models.tokenizer import Tokenizer


@dataclass(frozen=True)
class Chunk:
    """`lines` lines of a records file from byte `offset`: one shard's worth."""

    records: Path
    offset: int
    lines: int
    shard: Path


@dataclass(frozen=True)
class Rules:
    """How the examples of a split are encoded."""

    max_tokens: int  # of the longest part of an example
    drop_longer: bool  # True: leave longer examples out (training); False: cut them (evaluation)
    bpe_dropout: float = 0.0  # share of the merges that are left out, see Tokenizer.dropping
    variants: int = 1  # how often each example is encoded: with bpe_dropout, each time in other pieces
    seed: int = 0


@dataclass(frozen=True)
class ChunkResult:
    """The shard of a chunk (None if every example was left out) and how many were too long."""

    shard: ShardInfo | None
    too_long: int


def chunks_of(records: Path, out: Path, split: str, shard_examples: int) -> list[Chunk]:
    """Cuts a records file into chunks, in order: shard names are <split>-00000.safetensors and on."""
    chunks: list[Chunk] = []
    offset = start = lines = 0
    with open(records, "rb") as file:
        for line in file:
            offset += len(line)
            lines += 1
            if lines == shard_examples:
                chunks.append(_chunk(records, out, split, len(chunks), start, lines))
                start, lines = offset, 0
    if lines or not chunks:
        chunks.append(_chunk(records, out, split, len(chunks), start, lines))
    return chunks


def _chunk(records: Path, out: Path, split: str, index: int, offset: int, lines: int) -> Chunk:
    return Chunk(records, offset, lines, out / f"{split}-{index:05d}.safetensors")


def encode_chunk(tokenizer: Tokenizer, chunk: Chunk, rules: Rules) -> ChunkResult:
    """Encodes one chunk and writes its shard."""
    examples: list[EncodedExample] = []
    too_long = 0
    if rules.bpe_dropout:  # a chunk's pieces depend on its name alone, whichever process encodes it
        tokenizer = tokenizer.dropping(rules.bpe_dropout, crc32(f"{rules.seed} {chunk.shard.name}".encode()))
    with open(chunk.records, "rb") as file:
        file.seek(chunk.offset)
        for record in (json.loads(file.readline()) for _ in range(chunk.lines)):
            for _ in range(rules.variants):
                example = encode_record(tokenizer, record)
                if longest_part(example) > rules.max_tokens:
                    too_long += 1
                    if rules.drop_longer:
                        continue
                    example = cut(example, rules.max_tokens)
                examples.append(example)
    return ChunkResult(write_shard(chunk.shard, examples) if examples else None, too_long)


_worker_tokenizer: Tokenizer | None = None  # one for each worker process, set by _start_worker


def _start_worker(model: Path) -> None:
    global _worker_tokenizer
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    _worker_tokenizer = Tokenizer.load(model)


def _work(chunk: Chunk, rules: Rules) -> ChunkResult:
    assert _worker_tokenizer is not None
    return encode_chunk(_worker_tokenizer, chunk, rules)


def encode_chunks(
    tokenizer: Path, jobs: list[tuple[Chunk, Rules]], processes: int, advance: Callable[[int], None]
) -> list[ChunkResult]:
    """Encodes all chunks and gives their results in order; `advance` hears of the examples done.

    Raises: OSError for a full disk, ValueError if a worker was killed.
    """
    if processes <= 1 or len(jobs) == 1:
        loaded = Tokenizer.load(tokenizer)
        return list(_one_by_one(loaded, jobs, advance))
    # spawn, not fork: the parent holds threads of `datasets` and pyarrow
    pool = ProcessPoolExecutor(
        min(processes, len(jobs)), multiprocessing.get_context("spawn"), _start_worker, (tokenizer,)
    )
    try:
        futures: dict[Future[ChunkResult], int] = {
            pool.submit(_work, chunk, rules): i for i, (chunk, rules) in enumerate(jobs)
        }
        for future in as_completed(futures):
            future.result()
            advance(jobs[futures[future]][0].lines)
        return [future.result() for future in futures]
    except BrokenProcessPool as error:
        raise ValueError(
            f"one of {processes} preparing processes was killed, perhaps for want of memory; nothing was "
            f"left behind: try again with fewer --processes or a smaller data.shard_examples"
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)


def _one_by_one(
    tokenizer: Tokenizer, jobs: list[tuple[Chunk, Rules]], advance: Callable[[int], None]
) -> Iterator[ChunkResult]:
    for chunk, rules in jobs:
        yield encode_chunk(tokenizer, chunk, rules)
        advance(chunk.lines)
