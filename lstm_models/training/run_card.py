"""The card of a run's checkpoints: it names what the run learnt from, and its first weights before it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from lstm_models.card import BY_DATA, CardCorpus, ModelCard
from lstm_models.checkpoint import read_config
from lstm_models.training.module import TrainingModule


class Origin(BaseModel):
    """The checkpoint that a run began with. The run keeps it: the folder may be gone when it is resumed."""

    model_config = ConfigDict(frozen=True)

    name: str
    sha256: str
    licence: str
    data: tuple[CardCorpus, ...]

    @classmethod
    def of(cls, folder: str | Path) -> Origin:
        """What a checkpoint's card says. ValueError where the folder is none, or its card does not fit."""
        config = read_config(folder)
        card = ModelCard.parse(config["card"])
        licence = card.licence if card.data else BY_DATA  # who names nothing may claim nothing
        return cls(name=card.name, sha256=config["weights"]["sha256"], licence=licence, data=card.data)


# Of a run of before, which noted nothing, where the checkpoint is gone: no licence may be claimed for it.
UNKNOWN = Origin(name="a checkpoint that was not noted", sha256="unknown", licence=BY_DATA, data=())


def run_card(
    module: TrainingModule, name: str, metrics: dict[str, float], origin: Origin | None
) -> ModelCard:
    """What a checkpoint's card says of this run; `metrics` of its validation, where there was one.

    Raises ValueError where what the data's manifest says does not fit a card.
    """
    manifest = module.data.manifest
    corpora = manifest.get("corpora", [])
    begun = f"; begun with the weights of {origin.name} (sha256 {origin.sha256})" if origin else ""
    card: dict[str, Any] = {
        "name": name,
        "task": manifest["task"],
        "description": f"Longshort's encoder-decoder, trained for {manifest['task']}.",
        "data": _corpora(corpora, origin),
        "scores": [
            {"dataset": "validation examples of the recipe", "split": "validation",
             "metric": metric, "value": round(metrics[metric], 2)}
            for metric in ("bleu", "chrf", "exact", "perplexity")
            if metric in metrics
        ],
        "abilities": manifest.get("abilities", ()),
        "training": f"{module.trainer.global_step:,} updates, seed {module.config.seed}{begun}",
    }  # fmt: skip
    if not all(corpus.get("may_ship") for corpus in corpora):
        card["licence"] = BY_DATA
    elif origin:
        card["licence"] = origin.licence
    return ModelCard.parse(card)


def _corpora(corpora: list[dict[str, Any]], origin: Origin | None) -> list[CardCorpus]:
    """Those of the first weights, then the run's own; none twice under one licence."""
    own = [
        CardCorpus(
            name=corpus["name"],
            licence=corpus["licence"] or "not stated",
            attribution=corpus["citation"] or corpus["name"],
        )
        for corpus in corpora
    ]
    named = [*(origin.data if origin else ()), *own]
    return list({(corpus.name, corpus.licence): corpus for corpus in named}.values())
