"""Recipes: one short YAML file for a model, overrides only, checked by name before anything starts."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict

from data_prep.data_config import DataConfig
from lstm_models.config import ModelConfig, TrainingConfig


class Recipe(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    name: str
    task: Literal["translate", "chat"]
    data: DataConfig
    model: ModelConfig = ModelConfig()
    training: TrainingConfig = TrainingConfig()


def load_recipe(path: str | Path, overrides: list[str] | None = None) -> Recipe:
    return Recipe(**yaml.safe_load(Path(path).read_text()))
