"""The model card: what a checkpoint was trained on, under which licences, its scores and its limits."""

from collections.abc import Sequence
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

PIPELINES = {"translate": "translation", "chat": "text-generation"}  # the hub's words for the tasks
BY_DATA = "other"  # the hub's word for a licence that it does not list: here, what the data's licences allow


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class CardCorpus(_Strict):
    """A corpus that the model was trained on."""

    name: str = Field(min_length=1)
    licence: str = Field(min_length=1)
    attribution: str = Field(
        min_length=1, description="who made it, as its licence asks: authors, year, place"
    )
    url: str | None = None


class CardScore(_Strict):
    """A figure, measured on data that the model was not trained on."""

    dataset: str = Field(min_length=1)
    metric: str = Field(min_length=1, description="such as 'sacrebleu, cased, beam 5'")
    value: float
    split: str = "test"


class ModelCard(_Strict):
    """What is said about a model; `markdown` is the page for people and for the hub."""

    name: str = Field(min_length=1)
    task: Literal["translate", "chat"]
    description: str = Field(min_length=1)
    languages: tuple[str, ...] = ()
    licence: str = "apache-2.0"
    data: tuple[CardCorpus, ...] = ()
    scores: tuple[CardScore, ...] = ()
    limits: tuple[str, ...] = ()
    abilities: tuple[str, ...] = Field(
        (), description="beside its task: context (sentences in order), fix (grammar), messages in parts"
    )
    recipe: str | None = Field(None, description="the recipe that trains it again")
    training: str | None = Field(None, description="how it was trained: machine, time, updates")
    usage: str | None = Field(None, description="a short piece of Python")

    @classmethod
    def parse(cls, card: "dict[str, Any] | ModelCard") -> "ModelCard":
        """Checks a card. ValueError names each field that does not fit and the fields there are."""
        if isinstance(card, ModelCard):
            return card
        try:
            return cls.model_validate(card)
        except ValidationError as error:
            faults = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
            fields = ", ".join(cls.model_fields)
            raise ValueError(f"the model card does not fit: {faults}. Its fields are {fields}") from error

    def markdown(self) -> str:
        """The card as README.md: YAML front matter as the hub reads it, then a page for people."""
        front = yaml.safe_dump(self._front_matter(), sort_keys=False, allow_unicode=True, width=100)
        parts = [f"---\n{front}---\n", f"# {self.name}\n", self.description + "\n"]
        if self.usage:
            parts += ["## Use\n", f"```python\n{self.usage.strip()}\n```\n"]
        parts += ["## Training data\n", self._corpora()]
        if self.training or self.recipe:
            by_recipe = f"Trained by the recipe `{self.recipe}`." if self.recipe else ""
            parts += ["## Training\n", " ".join(filter(None, [self.training, by_recipe])) + "\n"]
        parts += ["## Scores\n", self._scores()]
        parts += [
            "## Limits\n",
            "\n".join(f"- {limit}" for limit in self.limits or ["None were noted."]) + "\n",
        ]
        parts += ["## Licence\n", self._terms()]
        return "\n".join(parts)

    def _front_matter(self) -> dict[str, Any]:
        front: dict[str, Any] = {
            "license": self.licence,
            "language": list(self.languages),
            "library_name": "longshort",
            "pipeline_tag": PIPELINES[self.task],
            "tags": ["lstm", "encoder-decoder", "pointer-generator", self.task],
            "datasets": [corpus.name for corpus in self.data],
            "model-index": [{"name": self.name, "results": [self._result(score) for score in self.scores]}],
        }
        empty = [key for key, value in front.items() if not value]
        if not self.scores:
            empty.append("model-index")
        return {key: value for key, value in front.items() if key not in empty}

    def _result(self, score: CardScore) -> dict[str, Any]:
        return {
            "task": {"type": PIPELINES[self.task]},
            "dataset": {"name": score.dataset, "type": score.dataset, "split": score.split},
            "metrics": [{"type": score.metric.split(",")[0], "name": score.metric, "value": score.value}],
        }

    def _terms(self) -> str:
        if self.licence == BY_DATA:
            return "Not all of the licences above allow the weights to be given away: they decide.\n"
        return f"The weights are under {self.licence}; the data under the licences above.\n"

    def _corpora(self) -> str:
        if not self.data:
            return "None was named.\n"
        rows = [(f"[{c.name}]({c.url})" if c.url else c.name, c.licence, c.attribution) for c in self.data]
        return _table(("corpus", "licence", "by"), rows)

    def _scores(self) -> str:
        if not self.scores:
            return "None was measured.\n"
        rows = [(s.dataset, s.split, s.metric, f"{s.value:g}") for s in self.scores]
        return _table(("data", "split", "measure", "score"), rows)


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "".join(f"| {' | '.join(_cell(cell) for cell in line)} |\n" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())
