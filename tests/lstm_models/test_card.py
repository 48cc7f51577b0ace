"""The model card: YAML that the hub reads, a page that people read, faults by name."""

import pytest
import yaml

from lstm_models.card import ModelCard

FULL = {
    "name": "longshort-translate",
    "task": "translate",
    "description": "Translates.",
    "languages": ["en", "de"],
    "data": [{"name": "tatoeba", "licence": "CC BY 2.0", "attribution": "Tatoeba | its\nauthors", "url": "https://t.org"}],
    "scores": [{"dataset": "tatoeba en-de", "metric": "bleu, cased, beam 5", "value": 31.25}],
    "limits": ["Short sentences only."],
    "recipe": "recipes/translate.yaml",
    "training": "40 minutes on two cores.",
    "usage": "from translate import Translator\n",
}  # fmt: skip


def test_front_matter_is_the_hubs() -> None:
    front = yaml.safe_load(ModelCard.parse(FULL).markdown().split("---\n")[1])
    assert front["license"] == "apache-2.0" and front["language"] == ["en", "de"]
    assert front["pipeline_tag"] == "translation" and front["datasets"] == ["tatoeba"]
    [result] = front["model-index"][0]["results"]
    assert result["dataset"]["name"] == "tatoeba en-de"
    assert result["metrics"] == [{"type": "bleu", "name": "bleu, cased, beam 5", "value": 31.25}]


def test_the_page_says_everything() -> None:
    page = ModelCard.parse(FULL).markdown()
    for text in (
        "# longshort-translate",
        "| [tatoeba](https://t.org) | CC BY 2.0 | Tatoeba \\| its authors |",
        "| tatoeba en-de | test | bleu, cased, beam 5 | 31.25 |",
        "- Short sentences only.",
        "40 minutes on two cores. Trained by the recipe `recipes/translate.yaml`.",
        "```python\nfrom translate import Translator\n```",
    ):
        assert text in page


def test_a_short_card() -> None:
    card = ModelCard.parse({"name": "a", "task": "chat", "description": "b"})
    front = yaml.safe_load(card.markdown().split("---\n")[1])
    assert (
        "model-index" not in front and "datasets" not in front and front["pipeline_tag"] == "text-generation"
    )
    assert ModelCard.parse(card) is card
    assert ModelCard.parse(card.model_dump(mode="json", exclude_defaults=True)) == card


def test_faults_are_named() -> None:
    with pytest.raises(
        ValueError, match=r"task: Input should be 'translate' or 'chat'.*data.0.licence.*Its fields are name"
    ):
        ModelCard.parse({**FULL, "task": "sing", "data": [{"name": "x", "attribution": "y"}]})
    with pytest.raises(ValueError, match="license: Extra inputs are not permitted"):
        ModelCard.parse({**FULL, "license": "mit"})
