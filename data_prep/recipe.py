"""Recipes: one short YAML file for a model, overrides only, checked by name before anything starts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from types import UnionType
from typing import Any, Literal, Self, Union, get_args, get_origin

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails

from data_prep.corpora import suggestion
from data_prep.data_config import DataConfig
from lstm_models.config import ModelConfig, TrainingConfig


class Recipe(BaseModel):
    """All settings of one model: what it is trained on, its sizes, how it is trained."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, description="names the run and the checkpoint")
    task: Literal["translate", "chat"]
    data: DataConfig = DataConfig()
    model: ModelConfig = ModelConfig()
    training: TrainingConfig = TrainingConfig()

    @model_validator(mode="after")
    def _agree(self) -> Self:
        data, model = self.data, self.model
        if model.vocab_size and not data.tokenizer and model.vocab_size != data.vocab_size:
            raise ValueError(
                f"model.vocab_size={model.vocab_size} contradicts data.vocab_size={data.vocab_size}: "
                f"leave model.vocab_size out, it is taken from the tokenizer"
            )
        for name in ("max_tokens", "max_eval_tokens"):
            if getattr(data, name) > model.max_segment:
                raise ValueError(
                    f"data.{name}={getattr(data, name)} is more than model.max_segment={model.max_segment}: "
                    f"lower the first or raise the second"
                )
        return self


def load_recipe(path: str | Path, overrides: Sequence[str] = ()) -> Recipe:
    """Reads a recipe; overrides such as "training.learning_rate=0.001" go before what the file says.

    Raises: ValueError that names each setting at fault, its value, what is allowed and the nearest name.
    """
    settings = _read_yaml(Path(path))
    for override in overrides:
        _override(settings, override)
    return parse_recipe(settings, str(path))


def parse_recipe(settings: dict[str, Any], origin: str = "recipe") -> Recipe:
    """A recipe from plain values. Raises: see `load_recipe`."""
    try:
        return Recipe.model_validate(settings)
    except ValidationError as error:
        raise ValueError(f"{origin}: " + "; ".join(explain(error, Recipe))) from None


class _StrictLoader(yaml.SafeLoader):
    """YAML that refuses a key given twice, where the second would silently win."""


def _no_duplicates(loader: _StrictLoader, node: yaml.MappingNode) -> dict[Any, Any]:
    keys = [loader.construct_object(key) for key, _ in node.value]
    twice = {str(key) for key in keys if keys.count(key) > 1}
    if twice:
        raise ValueError(f"line {node.start_mark.line + 1}: {', '.join(sorted(twice))} is given twice")
    return loader.construct_mapping(node)


_StrictLoader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _no_duplicates)


def _read_yaml(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        folder = path.parent if path.parent.is_dir() else Path()
        known = sorted(str(file) for file in {*folder.glob("*.yaml"), *Path("recipes").glob("*.yaml")})
        listed = f"; recipes here: {', '.join(known)}" if known else ""
        raise ValueError(f"no recipe at {path}{suggestion(str(path), known)}{listed}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} cannot be read as a recipe: {error}") from error
    try:
        settings = yaml.load(text, Loader=_StrictLoader)  # a SafeLoader: plain values only
    except (yaml.YAMLError, ValueError) as error:
        raise ValueError(f"{path} is not valid YAML: {error}") from error
    if not isinstance(settings, dict):
        raise ValueError(f"{path} holds {type(settings).__name__}, not settings such as `task: translate`")
    return settings


def _override(settings: dict[str, Any], override: str) -> None:
    name, equals, text = override.partition("=")
    keys = name.strip().split(".")
    if not equals or not all(keys):
        raise ValueError(f"{override!r} is no setting: write it as training.learning_rate=0.001")
    try:
        value = yaml.load(text, Loader=_StrictLoader)
    except (yaml.YAMLError, ValueError) as error:
        raise ValueError(f"{name}={text!r}: the value is not valid YAML: {error}") from error
    place: Any = settings
    for i, key in enumerate(keys[:-1]):
        place = _step(place, key, ".".join(keys[: i + 1]), keys[i + 1].isdigit())
    if isinstance(place, list):
        place[_index(place, keys[-1], name)] = value
    elif isinstance(place, dict):
        place[keys[-1]] = value
    else:
        raise ValueError(f"{name}: {'.'.join(keys[:-1])} is {place!r}, which has no settings of its own")


def _step(place: Any, key: str, name: str, counted: bool) -> Any:
    """What stands under `key`; counted: a place in it is asked for, so one alone becomes a list of one."""
    if isinstance(place, list):
        index = _index(place, key, name)
        if isinstance(place[index], str):  # a corpus in its short form
            place[index] = {"name": place[index]}
        return place[index]
    if not isinstance(place, dict):
        raise ValueError(f"{name}: {place!r} has no settings of its own")
    if place.get(key) is None:
        place[key] = {}
    elif counted and isinstance(place[key], str | dict):
        place[key] = [place[key]]
    return place[key]


def _index(items: list[Any], key: str, name: str) -> int:
    if not key.isdigit() or int(key) >= len(items):
        raise ValueError(f"{name}: {key!r} is no place in a list of {len(items)}: give 0 to {len(items) - 1}")
    return int(key)


def explain(error: ValidationError, model: type[BaseModel]) -> list[str]:
    """One sentence for each fault: the setting, its value, what is wrong, the nearest known name."""
    return [_sentence(fault, model) for fault in error.errors()]


def _sentence(fault: ErrorDetails, model: type[BaseModel]) -> str:
    name = ".".join(str(part) for part in fault["loc"])
    if fault["type"] == "extra_forbidden":
        parent = _model_at(model, fault["loc"][:-1])
        known = sorted(parent.model_fields) if parent else []
        hint = suggestion(str(fault["loc"][-1]), known) or f": the settings there are {', '.join(known)}"
        return f"unknown setting {name!r}{hint}"
    if fault["type"] == "missing":
        return f"setting {name!r} is missing"
    message = fault["msg"].removeprefix("Value error, ")
    if fault["type"] == "value_error":  # our own words, which name the setting and the value
        return f"{name}: {message}" if name else message
    described = _description(model, fault["loc"])
    meaning = f" ({described})" if described else ""
    return f"{name}={_short(fault['input'])}: {message[:1].lower()}{message[1:]}{meaning}"


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."


def _model_at(model: type[BaseModel], location: Iterable[int | str]) -> type[BaseModel] | None:
    """The model that the settings at `location` belong to, if they do."""
    current: Any = model
    for part in location:
        if isinstance(part, int):
            continue
        field = current.model_fields.get(part) if _is_model(current) else None
        current = _model_in(field.annotation) if field else None
        if current is None:
            return None
    return current


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The model inside tuple[Model, ...], Model | None and the like."""
    if _is_model(annotation):
        return annotation
    if get_origin(annotation) in (tuple, list, dict, Union, UnionType):
        return next((found for inner in get_args(annotation) if (found := _model_in(inner))), None)
    return None


def _is_model(value: Any) -> bool:
    return isinstance(value, type) and issubclass(value, BaseModel)


def _description(model: type[BaseModel], location: tuple[int | str, ...]) -> str:
    parent = _model_at(model, location[:-1])
    field = parent.model_fields.get(str(location[-1])) if parent and location else None
    return field.description or "" if field else ""
