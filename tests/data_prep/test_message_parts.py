"""A dialogue in parts says the same; its targets and evidence stand where they belong."""

from dataclasses import replace
from pathlib import Path

import pytest

from chat.segments import Dialogue, Turn
from chat.telling import ABILITY
from data_prep.data_config import check_task
from data_prep.message_parts import in_parts, telling_part
from data_prep.prepare import prepare
from data_prep.recipe import parse_recipe
from lstm_models.encoded import ANYWHERE, NOWHERE
from lstm_models.shards import ShardedDataset
from tests.data_prep.conftest import write_parquet

TALK = Dialogue(
    (
        Turn("user", "My aunt plays chess and my uncle plays the cello. They live in Oslo."),
        Turn("bot", "I see. That is nice."),
        Turn("user", "What does my uncle play? I forgot."),
        Turn("bot", "The cello."),
        Turn("user", "Who is Eva?"),
    ),
    ((0, "I see. That is nice.", "<reply>"), (2, "Your uncle plays the cello.", "<reply>"),
     (4, "No.", "<reply>")),
    (ANYWHERE, 0, NOWHERE),
)  # fmt: skip


def test_targets_and_evidence_follow_their_parts() -> None:
    parts = in_parts(TALK)
    assert [turn.text for turn in parts.turns] == [
        "My aunt plays chess",
        "and my uncle plays the cello. They live in Oslo.",
        *(turn.text for turn in TALK.turns[1:]),
    ]
    assert [turn for turn, _, _ in parts.targets] == [1, 3, 5]
    assert parts.evidence == (ANYWHERE, 1, NOWHERE)
    assert in_parts(parts) == parts


def test_evidence_that_says_nothing_of_the_answer_teaches_nothing() -> None:
    assert telling_part(["It rained.", "Ada sold her boat."], "What did Ada sell?", "Her boat.") == 1
    assert telling_part(["It rained.", "Ada sold her boat."], "Did Ada come?", "Yes.") == 1
    assert telling_part(["It rained.", "We left."], "Was it fun?", "Yes.") is None
    assert telling_part(["All of it."], "Was it fun?", "Yes.") == 0


def test_a_recipe_asks_for_them(tmp_path: Path) -> None:
    rows = [
        {"turns": [{"speaker": turn.speaker, "text": f"{turn.text} {n}"} for turn in TALK.turns]}
        for n in (1, 2)
    ]
    for split in ("train", "validation"):
        write_parquet(tmp_path / "in" / "dialog_babi" / f"{split}.parquet", rows[split == "validation" :][:1])
    data = {
        "corpora": [{"name": "dialog_babi", "splits": {"train": "train", "validation": "validation"}}],
        "messages_in_parts": True,
        "vocab_size": 320,
    }
    recipe = parse_recipe({"name": "t", "task": "chat", "data": data})
    manifest = prepare(recipe, tmp_path / "out", tmp_path / "in", processes=1, show_progress=False)
    assert manifest["abilities"] == [ABILITY]
    assert len(ShardedDataset(tmp_path / "out", "train")[0].segments) > len(TALK.turns)


def test_sentence_pairs_have_none() -> None:
    data = {"corpora": ["tatoeba_en_de"], "messages_in_parts": True}
    recipe = parse_recipe({"name": "t", "task": "translate", "data": data})
    with pytest.raises(ValueError, match="messages_in_parts is for dialogues"):
        check_task(recipe.data, "translate")


def test_evidence_is_the_part_with_the_words_that_answer() -> None:
    parts = ["Ada sold her boat in May.", "She sold her car, a Fiat, to Tom."]
    assert telling_part(parts, "What boat or car did Ada sell in May?", "She sold her boat.") == 0
    assert telling_part(parts, "What boat or car did Ada sell in May?", "She sold her boat.", "fiat") == 1
    wanted = ("", "the cello", "")
    assert in_parts(replace(TALK, wanted=wanted)).wanted == wanted
