"""The tab About: everything that a card says is on it, and nothing of a card comes to life."""

import json
from pathlib import Path

import pytest

from front.about import about_page

SHIPPED = sorted(Path(__file__).parent.parent.parent.glob("pretrained/*/config.json"))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.parent.name)
def test_the_whole_card_is_shown(path: Path) -> None:
    told = json.loads(path.read_text(encoding="utf-8"))
    card = told["card"]
    page = about_page([(card, told["weights"]["sha256"])], "the/talks.sqlite3", 6).replace("<wbr>", "")
    said = [card["name"], told["weights"]["sha256"][:16], "the/talks.sqlite3", "6 hours"]
    said += [text for one in card["data"] for text in (one["name"], one["licence"])]
    said += [str(one["value"]) for one in card["scores"]]
    assert card["limits"] and card["scores"] and card["data"]
    assert [text for text in said if text not in page] == []
    assert page.count("<li>") == len(card["limits"])


def test_a_card_is_words_and_may_be_empty() -> None:
    page = about_page([({"name": "<b>x</b>", "limits": ["<script>1</script>"]}, "")], "", 1)
    assert "&lt;b&gt;x" in page and "&lt;script&gt;" in page and "<script>" not in page
    assert "The card names nothing" in about_page([({}, "")], "", 1)
    assert "No model is loaded" in about_page([], "", 1) and "Conversations" not in about_page([], "", 1)
