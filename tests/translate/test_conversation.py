"""The state that is carried from sentence to sentence, and from one speaker to the other."""

from pathlib import Path

import numpy as np
import pytest

from tests.translate.conftest import ShoutingEngine
from translate import Translator
from translate.conversation import Carried, carries_context, say, translate_in_order


def test_the_state_goes_on_whoever_speaks(checkpoint: Path) -> None:
    translator = Translator.load(checkpoint)
    first, one = say(translator, "Where is the station? I am here.", "en", "de")
    assert len(first.sentences) == one.sentences == 2 and one.state is not None
    assert one.state.num_segments == 2
    _, two = say(translator, "Das Wetter ist schön.", "de", "en", one)
    assert two.state is not None and (two.sentences, two.state.num_segments) == (3, 3)
    assert one.state.num_segments == 2, "the value that was given stays"
    again, _ = say(translator, "Das Wetter ist schön.", "de", "en", one)
    alone, _ = say(translator, "Das Wetter ist schön.", "de", "en")
    assert again.sentences[0].draft is not None and alone.sentences[0].draft is not None
    weights = [turn.sentences[0].draft.hypothesis.copy_weights for turn in (again, alone)]  # type: ignore[union-attr]
    assert weights[0].shape[1] > weights[1].shape[1], "what was said before can be pointed at"


def test_the_first_turn_is_that_of_the_translator(checkpoint: Path) -> None:
    translator = Translator.load(checkpoint)
    turn, _ = say(translator, "Where is the station?", "en", "de")
    assert turn == translator.translate(["Where is the station?"])[0]


def test_a_window_begins_anew(checkpoint: Path) -> None:
    translator = Translator.load(checkpoint)
    turns = [("Where is the station?", "en", "de")] * 3
    anew = translate_in_order(translator, turns, window=1)
    assert len({turn.text for turn in anew}) == 1
    scores = [turn.score for turn in translate_in_order(translator, turns)]
    assert scores[0] == anew[0].score and not np.allclose(scores[1], scores[0])


def test_what_is_refused(translator: Translator, engine: ShoutingEngine) -> None:
    with pytest.raises(ValueError, match="source='auto'"):
        say(translator, "Where?", "auto", "de", Carried())
    assert not carries_context(translator)
    engine.card = {"task": "translate", "abilities": ["context"]}
    assert carries_context(translator)
