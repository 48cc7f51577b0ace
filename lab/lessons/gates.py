"""Gates step by step: one LSTM unit, every product and sum of it, and how training finds its weights.

The example is StatQuest's (Josh Starmer, "Long Short-Term Memory (LSTM), Clearly Explained"): two companies'
prices on four days, of which the fifth is to be predicted. `two_companies.json` holds numbers and sources.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import torch
from torch import nn

from lab.finding import Check, Finding, Picture, Table, array
from lstm_models.layers import LSTMLayer

# Our layer's order of the gates, in the example's names.
GATES = ("input_gate_percent", "forget_gate", "input_gate_candidate_tanh", "output_gate")
SHOWN = dict(zip(GATES, ("input gate", "forget gate", "candidate", "output gate"), strict=True))
PLACES = 1e-4  # how close a published prediction has to be met
Weights = Mapping[str, Mapping[str, float]]


@cache
def example() -> dict[str, Any]:
    """The published numbers."""
    data: dict[str, Any] = json.loads(Path(__file__).with_name("two_companies.json").read_text("utf-8"))
    return data


def prices(company: str) -> tuple[list[float], float]:
    """The four days that are read, and the fifth."""
    for row in example()["data"]:
        if row["company"] == company:
            return [float(price) for price in row["days_1_to_4"]], float(row["day_5"])
    raise ValueError(f"company={company!r}: the example has A and B")


def one_unit(weights: Weights) -> LSTMLayer:
    """An LSTM layer of one unit and one input, in float64, with the given weights and one bias a gate."""
    layer = LSTMLayer(1, 1).double()
    input_weight, hidden_weight, input_bias, hidden_bias = layer.fused.parameters()
    with torch.no_grad():
        for row, gate in enumerate(GATES):
            input_weight[row] = weights[gate]["times_input"]
            hidden_weight[row] = weights[gate]["times_short_memory"]
            input_bias[row] = weights[gate]["bias"]
        hidden_bias.zero_()
    hidden_bias.requires_grad_(False)  # the drawing has one bias a gate, torch's layer two
    return layer


def as_weights(layer: LSTMLayer) -> dict[str, dict[str, float]]:
    """The inverse of `one_unit`."""
    input_weight, hidden_weight, input_bias, hidden_bias = layer.fused.parameters()
    bias = input_bias + hidden_bias
    return {
        gate: {
            "times_short_memory": hidden_weight[row, 0].item(),
            "times_input": input_weight[row, 0].item(),
            "bias": bias[row].item(),
        }
        for row, gate in enumerate(GATES)
    }


def predict(layer: LSTMLayer, days: Sequence[float]) -> float:
    """The short memory after the last day."""
    x = torch.tensor(days, dtype=torch.float64)[None, :, None]
    with torch.no_grad():
        return float(layer(x)[0][0, -1, 0])


def walk(
    layer: LSTMLayer, days: Sequence[float], short: float = 0.0, long: float = 0.0
) -> list[dict[str, float]]:
    """Every number of every day, in the order in which they are computed.

    short, long: the memories before the first day. The results are those of `LSTMLayer.gates`; the products
    and sums that lead to them are written out here.
    """
    weights, rows = as_weights(layer), []
    x = torch.tensor(days, dtype=torch.float64)[None, :, None]
    start = (torch.full((1, 1), short, dtype=x.dtype), torch.full((1, 1), long, dtype=x.dtype))
    with torch.no_grad():
        inside = layer.gates(x, start)
    for day, price in enumerate(days):
        row = {"day": day + 1.0, "input": price, "short memory": short, "long memory": long}
        for gate, result in zip(GATES, (inside.input, inside.forget, inside.candidate, inside.output),
                                strict=True):  # fmt: skip
            name, w = SHOWN[gate], weights[gate]
            row[f"{name}: short memory x {w['times_short_memory']:.4g}"] = short * w["times_short_memory"]
            row[f"{name}: input x {w['times_input']:.4g}"] = price * w["times_input"]
            row[f"{name}: bias"] = w["bias"]
            row[f"{name}: sum"] = short * w["times_short_memory"] + price * w["times_input"] + w["bias"]
            row[f"{name}: {'tanh' if name == 'candidate' else 'sigmoid'} of the sum"] = float(
                result[0, day, 0]
            )
        row["kept of the long memory"] = float(inside.forget[0, day, 0]) * long
        row["added to it"] = float(inside.input[0, day, 0] * inside.candidate[0, day, 0])
        long, short = float(inside.cell[0, day, 0]), float(inside.hidden[0, day, 0])
        row["new long memory"], row["new short memory"] = long, short
        rows.append(row)
    return rows


def train_by_hand(
    weights: Weights, epochs: int, keep: Sequence[int] = ()
) -> tuple[LSTMLayer, dict[int, dict[str, float]]]:
    """The example's training: Adam at 0.001, one company a step, A then B, squared error.

    Gives the unit and its predictions after each number of epochs in `keep`.
    """
    layer, told = one_unit(weights), {}
    optimizer = torch.optim.Adam([p for p in layer.parameters() if p.requires_grad], lr=0.001)
    sequences = [(prices(company), company) for company in "AB"]
    for epoch in range(epochs + 1):
        if epoch in keep:
            told[epoch] = {company: predict(layer, days) for (days, _), company in sequences}
        if epoch == epochs:
            break
        for (days, wanted), _ in sequences:
            x = torch.tensor(days, dtype=torch.float64)[None, :, None]
            loss = (layer(x)[0][0, -1, 0] - wanted) ** 2
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
    return layer, told


def without_memory(layer: LSTMLayer, days: Sequence[float]) -> float:
    """What the unit would say if it had read the last day only."""
    return predict(layer, days[-1:])


def run(weights: str = "end of training", company: str = "A", epochs: int = 5000) -> Finding:
    """The lesson. weights: which of the published ones, or "train now" (then for `epochs`)."""
    by_hand = example()["training_by_hand"]
    checks: list[Check] = []
    if weights == "train now":
        stages = {row["epochs"]: row for row in by_hand["predictions"] if row["epochs"] <= epochs}
        keep = sorted({*stages, *range(0, epochs + 1, max(1, epochs // 50)), epochs})
        layer, told = train_by_hand(by_hand["start_parameters"], epochs, keep)
        checks = [_met(f"after {at} epochs", told[at], row) for at, row in stages.items()]
        if epochs == by_hand["setting"]["epochs_total"]:
            checks.append(_weights_met(layer, by_hand["end_parameters"]))
        course = array(
            [[told[at][c] for at in keep] for c in "AB"], "prediction", company=["A", "B"], epoch=keep
        )
        pictures = [
            Picture("What is predicted for day 5, as training goes on", course, "line", "epoch", "company")
        ]
    else:
        layer, pictures = one_unit(_published(weights)), []
    days, wanted = prices(company)
    rows = walk(layer, days)
    told_now = {c: predict(layer, prices(c)[0]) for c in "AB"}
    shares = array([[row[k] for row in rows] for k in rows[0] if "sigmoid" in k],
                   "share", gate=["input gate", "forget gate", "output gate"], day=[1, 2, 3, 4])  # fmt: skip
    memories = array([[row[f"new {m} memory"] for row in rows] for m in ("long", "short")],
                     "value", memory=["long", "short"], day=[1, 2, 3, 4])  # fmt: skip
    pictures += [Picture(f"Company {company}: how far each gate opens", shares, "bar", "day", "gate"),
                 Picture(f"Company {company}: long and short memory", memories, "line", "day",
                         "memory")]  # fmt: skip
    table = pd.DataFrame(rows).T.round(6).reset_index()
    table.columns = ["", *(f"day {int(row['day'])}" for row in rows)]
    same = [without_memory(layer, prices(c)[0]) for c in "AB"]
    says = (
        f"Company {company}: the unit predicts {told_now[company]:.4f} for day 5; it was {wanted:g}.",
        f"Both companies end alike: without the earlier days it would say {same[0]:.4f} and {same[1]:.4f}.",
    )
    return Finding(says, (*checks, *_checked_sources()), tuple(pictures),
                   (Table("Every product and sum", table.iloc[1:]),))  # fmt: skip


def _published(weights: str) -> Weights:
    by_hand = example()["training_by_hand"]
    sets = {"of the diagram": example()["diagram_weights"], "start of training": by_hand["start_parameters"],
            "end of training": by_hand["end_parameters"]}  # fmt: skip
    if weights not in sets:
        raise ValueError(f"weights={weights!r}: choose one of {', '.join(sets)}, train now")
    found: Weights = sets[weights]
    return found


def _met(when: str, told: Mapping[str, float], published: Mapping[str, float]) -> Check:
    far = max(abs(told[c] - published[c]) for c in "AB")
    said = f"A {told['A']:.4f}, B {told['B']:.4f}; published {published['A']}, {published['B']}"
    return Check(f"the published predictions {when}, within {PLACES}", said, far <= PLACES + 1e-9)


def _weights_met(layer: LSTMLayer, published: Weights) -> Check:
    found = as_weights(layer)
    far = max(abs(found[gate][k] - value) for gate in GATES for k, value in published[gate].items())
    return Check(
        f"the published weights at the end, within {PLACES}", f"largest difference {far:.6f}", far <= 1.5e-4
    )


def _checked_sources() -> list[Check]:
    """What is published of single steps and of torch's own layer, against ours."""
    diagram = one_unit(example()["diagram_weights"])
    far = 0.0
    for company, rows in example()["unrolled_recomputed_from_diagram_weights"].items():
        for ours, theirs in zip(walk(diagram, prices(company)[0]), rows, strict=True):
            far = max(far, abs(ours["new long memory"] - theirs["new_long_memory"]),
                      abs(ours["new short memory"] - theirs["new_short_memory"]))  # fmt: skip
    checks = [Check("long and short memory of every day with the diagram's weights, within 1e-6",
                    f"largest difference {far:.1e}", far <= 1e-6)]  # fmt: skip
    given, wanted = example()["single_step_example"]["given"], example()["single_step_example"]["quoted"]
    (step,) = walk(diagram, [given["input"]], given["short_memory"], given["long_memory"])
    sums = {"forget gate: sum": wanted["forget_sum"], "candidate: sum": wanted["candidate_sum"],
            "input gate: sum": wanted["input_sum"]}  # fmt: skip
    far = max(abs(step[name] - value) for name, value in sums.items())
    said = ", ".join(f"{name} {step[name]:.2f}" for name in sums)
    checks.append(Check("the quoted sums 5.95, 2.03, 4.27 of one step", said, far < 1e-9))
    for place in ("start", "end"):
        published = example()["training_nn_lstm"][place]
        told = {c: predict(_torch_layer(published), prices(c)[0]) for c in "AB"}
        checks.append(_met(f"of torch's layer at the {place}", told, published["prediction"]))
    return checks


def _torch_layer(published: Mapping[str, Any]) -> LSTMLayer:
    layer = LSTMLayer(1, 1).double()
    with torch.no_grad():
        for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
            parameter: nn.Parameter = getattr(layer.fused, f"{name}_l0")
            parameter.copy_(torch.tensor(published[name], dtype=torch.float64).view_as(parameter))
    return layer
