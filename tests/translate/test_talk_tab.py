"""The conversation of two: what the page gets back, and what it may send."""

import json
from pathlib import Path

import pytest

from tests.translate.conftest import ShoutingEngine
from translate import Translator
from translate.talk_tab import LONGEST_TURN, read_turns, take_turn


def test_each_writes_in_their_own_language(translator: Translator, engine: ShoutingEngine) -> None:
    box, told, page = take_turn(translator, 0, "Where is it?", "[]", "en-de")
    assert (
        box == ""
        and 'class="side0"><p lang="en">Where is it?</p><p lang="de" class="other">WHERE IS IT?' in page
    )
    box, told, page = take_turn(translator, 1, "Hier <b>ist</b> es.", told, "en-de")
    assert [turn["side"] for turn in json.loads(told)] == [0, 1] and engine.tags == {"<2de>", "<2en>"}
    assert "Hier &lt;b&gt;ist&lt;/b&gt; es." in page and "<b>" not in page


def test_a_checkpoint_that_learnt_it_reads_the_turns_before(checkpoint: Path) -> None:
    translator = Translator.load(checkpoint)
    translator.engine.card["abilities"] = ["context"]
    told, read = "[]", []
    original = translator.engine.read
    translator.engine.read = lambda states, ids: read.append(states[0].num_segments) or original(states, ids)  # type: ignore
    for side, text in enumerate(("Where is it?", "Hier ist es.")):
        _, told, _ = take_turn(translator, side, text, told, "en-de")
    assert max(read) == 1 and len(json.loads(told)) == 2, "the second turn is read behind the first"


@pytest.mark.parametrize(
    ("text", "languages", "said"),
    [
        ("a" * (LONGEST_TURN + 1), "en-de", "1,001"),
        ("Hello.", "de-fr", "choose the languages"),
        ("Hi", None, "choose"),
    ],
)
def test_what_cannot_be_said_stays_in_the_box(
    translator: Translator, text: str, languages: str, said: str
) -> None:
    box, told, page = take_turn(translator, 0, text, "[]", languages)
    assert box == text and told == "[]" and said in page


@pytest.mark.parametrize(
    "told", ["", "{", "3", '{"a": 1}', '[1, {"side": 2}]', None, '[{"side": 0, "text": 3}]']
)
def test_what_the_page_sends_is_checked(translator: Translator, told: str) -> None:
    assert read_turns(told) == []
    assert len(json.loads(take_turn(translator, 0, "Hello.", told, "en-de")[1])) == 1
