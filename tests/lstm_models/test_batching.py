"""Batches hold every example in its place, and their order is a function of seed and number."""

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from lstm_models.batching import (
    LENGTHS,
    PAD,
    BatchPlan,
    TrainingStream,
    collate,
    evaluation_batches,
    round_up,
)
from lstm_models.encoded import ANYWHERE, NOWHERE, EncodedExample, EncodedTarget
from lstm_models.shards import ShardedDataset
from lstm_models.tokenizer import Tokenizer
from tests.toys import conversations, train_tokenizer, write_data

words = st.lists(st.integers(1, 99), min_size=1, max_size=7)


@st.composite
def examples(draw: st.DrawFn) -> EncodedExample:
    segments = draw(st.lists(words, min_size=1, max_size=4))
    segment = st.integers(0, len(segments) - 1)
    ids = st.lists(st.integers(1, 99), min_size=2, max_size=6)
    return EncodedExample(
        segments, draw(st.lists(st.builds(EncodedTarget, ids, segment), min_size=1, max_size=3))
    )


@given(st.lists(examples(), min_size=1, max_size=6))
@settings(deadline=None, max_examples=15)
def test_everything_is_in_its_place(given: list[EncodedExample]) -> None:
    batch = collate(given)
    number = 0  # of the target in the batch
    assert batch.src.shape[1] % LENGTHS == 0 and batch.tgt_in.shape[1] % LENGTHS == 0
    for row, example in enumerate(given):
        flat = [token for segment in example.segments for token in segment]
        assert batch.src[row].tolist() == flat + [PAD] * (batch.src.shape[1] - len(flat))
        assert batch.src_lengths[row] == len(flat)
        segments = [n for n, segment in enumerate(example.segments) for _ in segment]
        assert batch.src_segment[row, : len(flat)].tolist() == segments
        place = 0
        for target in example.targets:
            here = slice(place, place + len(target.ids) - 1)
            assert batch.tgt_in[row, here].tolist() == target.ids[:-1]
            assert batch.tgt_out[row, here].tolist() == target.ids[1:]
            assert set(batch.tgt_row[row, here].tolist()) == {number}
            assert batch.tgt_conversation[number] == row and batch.tgt_segment[number] == target.segment
            assert batch.tgt_last[number] == sum(map(len, example.segments[: target.segment + 1])) - 1
            place, number = here.stop, number + 1
        assert not batch.tgt_in[row, place:].any() and not batch.tgt_out[row, place:].any()
    assert number == len(batch.tgt_last)


def test_where_the_words_stand_that_answer() -> None:
    talk = EncodedExample(
        [[5, 6], [7, 8, 9], [4]],
        [EncodedTarget([1, 2], 2, 1, (1, 3)), EncodedTarget([1, 2], 2, NOWHERE), EncodedTarget([1, 2], 2, 0)],
    )
    other = EncodedExample([[3], [5]], [EncodedTarget([1, 2], 1, 0, (0, 1)), EncodedTarget([1, 2], 1)])
    places = [[3, 5], [NOWHERE, NOWHERE], [0, 0], [0, 1], [0, 0]]
    assert collate([talk, other]).tgt_answer.tolist() == places


def test_what_each_hop_is_to_look_at() -> None:
    talk = EncodedExample(
        [[5, 6], [7, 8, 9], [4]],
        [EncodedTarget([1, 2], 1), EncodedTarget([1, 7, 2], 2, 1, steps=(2, 0))],
    )
    steps = collate([talk, EncodedExample([[3], [5]], [EncodedTarget([1, 2], 1, 0, steps=(1,))])]).tgt_steps
    last, before, first = steps.flip(0)[:, :, :3].tolist()
    assert last == [[ANYWHERE, 0, 0], [1, ANYWHERE, ANYWHERE]], "of the hop before that of the evidence"
    assert before == [[ANYWHERE, 2, 2], [ANYWHERE] * 3]
    assert first == [[ANYWHERE] * 3] * 2


@given(st.lists(examples(), min_size=1, max_size=6))
@settings(deadline=None, max_examples=15)
def test_one_segment_and_one_target_each_need_no_index(given: list[EncodedExample]) -> None:
    batch = collate(given)
    assert (batch.segments is None) == all(len(example.segments) == 1 for example in given)
    assert (batch.targets is None) == all(len(example.targets) == 1 for example in given)


def lengths(count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.integers(1, 40, count), rng.integers(2, 50, count)


@pytest.mark.parametrize("count", [1, 15, 16, 500])
@pytest.mark.parametrize("budget", [16, 256, 2048])
def test_an_epoch_has_every_example_once_within_the_budget(count: int, budget: int) -> None:
    src, tgt = lengths(count)
    plan = BatchPlan(src, tgt, budget, seed=3)
    for epoch in range(2):
        batches = [plan.batch(epoch * len(plan) + i) for i in range(len(plan))]
        assert sorted(np.concatenate(batches).tolist()) == list(range(count))
        for rows in batches:
            padded = round_up(int(src[rows].max()), LENGTHS) + round_up(int(tgt[rows].max()), LENGTHS)
            assert len(rows) == 1 or len(rows) * padded <= budget


def test_large_batches_are_multiples_of_sixteen() -> None:
    plan = BatchPlan(*lengths(2000), 4096, seed=1)
    sizes = [len(plan.batch(i)) for i in range(len(plan))]
    assert sum(size % 16 == 0 for size in sizes) >= len(sizes) - 1  # the last one takes what is left


def test_a_batch_is_a_function_of_seed_and_number() -> None:
    src, tgt = lengths(300)
    plan, other = BatchPlan(src, tgt, 256, seed=3), BatchPlan(src, tgt, 256, seed=4)
    numbers = [7, 2 * len(plan) + 1, 0, 7]
    first = [plan.batch(number).tolist() for number in numbers]
    again = BatchPlan(src, tgt, 256, seed=3)
    assert [again.batch(number).tolist() for number in sorted(numbers)] == [
        first[2],
        first[0],
        first[3],
        first[1],
    ]
    assert first[0] == first[3]
    assert [other.batch(number).tolist() for number in numbers] != first
    epochs = [[plan.batch(e * len(plan) + i).tolist() for i in range(len(plan))] for e in range(2)]
    assert epochs[0] != epochs[1], "each epoch has an order of its own"


def test_no_examples_are_refused() -> None:
    with pytest.raises(ValueError, match="no examples"):
        BatchPlan(np.zeros(0, int), np.zeros(0, int), 256, seed=1)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> ShardedDataset:
    folder = tmp_path_factory.mktemp("data")
    tokenizer: Tokenizer = train_tokenizer(folder / "t.model")
    write_data(folder / "data", tokenizer, conversations(tokenizer, 50), [])
    return ShardedDataset(folder / "data", "train")


def test_a_stream_goes_on_from_any_update(data: ShardedDataset) -> None:
    plan = BatchPlan(data.src_lengths, data.tgt_lengths, 128, seed=5)
    whole = [batch.src.tolist() for batch in TrainingStream(data, plan, 0, 12)]
    rest = [batch.src.tolist() for batch in TrainingStream(data, plan, 7, 12)]
    assert len(whole) == 12 and rest == whole[7:]


def test_devices_share_the_batches(data: ShardedDataset) -> None:
    plan = BatchPlan(data.src_lengths, data.tgt_lengths, 128, seed=5)
    one = [batch.src.tolist() for batch in TrainingStream(data, plan, 0, 8)]
    two = [list(TrainingStream(data, plan, 0, 4, rank, 2)) for rank in range(2)]
    assert [two[i % 2][i // 2].src.tolist() for i in range(8)] == one


def test_evaluation_takes_the_same_batches_every_time(data: ShardedDataset, tmp_path: Path) -> None:
    first, again = (evaluation_batches(data, 128, 3) for _ in range(2))
    assert len(first) == 3
    assert all(torch.equal(a.src, b.src) for a, b in zip(first, again, strict=True))
    everything = evaluation_batches(data, 128, 10_000)
    assert sum(len(batch.src) for batch in everything) == 50
