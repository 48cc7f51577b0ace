"""The one-unit LSTM against its published numbers, and the walk against the layer."""

import pytest
import torch

from lab.lessons import gates


@pytest.mark.parametrize("weights", ["of the diagram", "start of training", "end of training"])
@pytest.mark.parametrize("company", ["A", "B"])
def test_published_predictions(weights: str, company: str) -> None:
    finding = gates.run(weights, company)
    assert all(check.holds for check in finding.checks), finding.checks
    assert len(finding.checks) == 4


def test_a_wrong_weight_fails_the_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(gates.example()["diagram_weights"]["forget_gate"], "bias", 1.63)
    assert not all(check.holds for check in gates.run().checks)


def test_products_and_sums_lead_to_what_the_layer_says() -> None:
    layer = gates.one_unit(gates.example()["diagram_weights"])
    for row in gates.walk(layer, gates.prices("B")[0]):
        for name in ("input gate", "forget gate", "candidate", "output gate"):
            squash = torch.tanh if name == "candidate" else torch.sigmoid
            word = "tanh" if name == "candidate" else "sigmoid"
            parts = [
                value
                for key, value in row.items()
                if key.startswith(f"{name}: ") and ("x " in key or "bias" in key)
            ]
            assert len(parts) == 3
            assert sum(parts) == pytest.approx(row[f"{name}: sum"])
            result = float(squash(torch.tensor(row[f"{name}: sum"])))
            assert row[f"{name}: {word} of the sum"] == pytest.approx(result, abs=1e-6)
        made = row["kept of the long memory"] + row["added to it"]
        assert row["new long memory"] == pytest.approx(made)


def test_training_begins_as_published_and_moves_towards_the_end() -> None:
    start = gates.example()["training_by_hand"]["start_parameters"]
    _, told = gates.train_by_hand(start, 40, [0, 40])
    assert told[0]["A"] == pytest.approx(-0.0377, abs=1e-4) and told[0]["B"] == pytest.approx(
        -0.0383, abs=1e-4
    )
    assert told[40]["B"] > told[0]["B"] + 0.01


def test_without_memory_the_companies_are_the_same() -> None:
    layer = gates.one_unit(gates.example()["diagram_weights"])
    a, b = (gates.without_memory(layer, gates.prices(c)[0]) for c in "AB")
    assert a == b
    with pytest.raises(ValueError, match="company='C'"):
        gates.prices("C")
