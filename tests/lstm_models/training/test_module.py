"""One update: the schedule, the moving average, weight decay's groups, one batch learnt by heart."""

from pathlib import Path

import pytest
import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel

from lstm_models.batching import collate
from lstm_models.config import TrainingConfig
from lstm_models.shards import ShardedDataset
from lstm_models.training.module import TrainingModule, _moving_average, learning_rate_factor
from tests.toys import conversations, tiny_config, train_tokenizer, training_config, write_data


@pytest.fixture(scope="module")
def module(tmp_path_factory: pytest.TempPathFactory) -> TrainingModule:
    folder = tmp_path_factory.mktemp("data")
    tokenizer = train_tokenizer(folder / "t.model")
    write_data(folder, tokenizer, conversations(tokenizer, 20), conversations(tokenizer, 4, 9))
    data, held_out = (ShardedDataset(folder, split) for split in ("train", "validation"))
    return TrainingModule(tiny_config(embed_dim=24, hidden_size=24), training_config(), data, held_out)


def factors(schedule: str, at: list[int]) -> list[float]:
    config = TrainingConfig(max_updates=110, warmup_updates=10, final_learning_rate=0.1, schedule=schedule)  # type: ignore[arg-type]
    return [learning_rate_factor(update, config) for update in at]


def test_schedules_by_hand() -> None:
    for schedule in ("linear", "cosine", "inverse_sqrt"):
        assert factors(schedule, [0, 4, 9, 10]) == pytest.approx([0.1, 0.5, 1.0, 1.0])
    assert factors("linear", [60, 110, 999]) == pytest.approx([0.55, 0.1, 0.1])
    assert factors("cosine", [60, 110, 999]) == pytest.approx([0.55, 0.1, 0.1])
    assert factors("inverse_sqrt", [40, 90]) == pytest.approx([0.5, 1 / 3])
    for schedule in ("linear", "cosine", "inverse_sqrt"):
        found = factors(schedule, list(range(10, 111)))
        assert found == sorted(found, reverse=True)


def test_the_average_forgets_the_start_and_then_moves_slowly() -> None:
    model = nn.Linear(1, 1, bias=False)
    average = AveragedModel(model, multi_avg_fn=_moving_average(0.9))
    wanted = 0.0
    for update in range(200):
        with torch.no_grad():
            model.weight.fill_(float(update))
        average.update_parameters(model)
        decay = min(0.9, (1 + update) / (10 + update))
        wanted = float(update) if update == 0 else decay * wanted + (1 - decay) * update
        assert average.module.weight.item() == pytest.approx(wanted, rel=1e-4)
    assert 199 - average.module.weight.item() == pytest.approx(9, rel=0.01)  # lags by decay / (1 - decay)


def test_vectors_do_not_decay(module: TrainingModule) -> None:
    matrices, others = module.configure_optimizers()["optimizer"].param_groups
    assert others["weight_decay"] == 0 < matrices["weight_decay"]
    assert all(p.ndim > 1 for p in matrices["params"]) and all(p.ndim <= 1 for p in others["params"])
    assert len(matrices["params"]) + len(others["params"]) == len(list(module.model.parameters()))


def test_the_same_seed_gives_the_same_weights(module: TrainingModule) -> None:
    again = TrainingModule(module.model.config, module.config, module.data, module.held_out)
    other = TrainingModule(module.model.config, training_config(seed=2), module.data, module.held_out)
    mine = module.model.decoder.bridge.weight
    assert torch.equal(again.model.decoder.bridge.weight, mine)
    assert not torch.equal(other.model.decoder.bridge.weight, mine)


def test_one_batch_is_learnt_by_heart(module: TrainingModule) -> None:
    batch = collate([module.data[i] for i in range(4)])
    optimizer = torch.optim.AdamW(module.model.parameters(), 0.02)
    for _ in range(60):
        loss = module.model(batch)
        optimizer.zero_grad()
        (loss.smoothed / loss.tokens).backward()
        optimizer.step()
    assert float(module.model(batch).nll.detach() / loss.tokens) < 0.05


def test_path_of_the_tokenizer(module: TrainingModule) -> None:
    assert Path(module.data.folder / "tokenizer.model").is_file()
    assert module.tokenizer.vocab_size == module.model.config.vocab_size
