"""The translator: what comes back, in which order, and what is refused."""

from itertools import pairwise
from pathlib import Path

import pytest

from tests.translate.conftest import ShoutingEngine
from translate import Translator
from translate.translator import LONGEST_SENTENCE


def test_one_translation_for_each_text_in_order(translator: Translator, engine: ShoutingEngine) -> None:
    texts = ["I would like to buy a ticket, please.", "ok", "", "Where is the station? Where is the station?"]
    found = translator.translate(texts, source="en", target="de")
    assert [one.text for one in found] == [text.upper() for text in texts]
    assert all((one.source, one.target, one.complete) == ("en", "de", True) for one in found)
    assert [len(one.sentences) for one in found] == [1, 1, 0, 2]
    assert engine.tags == {"<2de>"}


def test_batches_are_sorted_by_length_and_nothing_is_translated_twice(
    translator: Translator, engine: ShoutingEngine
) -> None:
    texts = [f"It is {'very ' * (number % 7)}good number {number}." for number in range(80)]
    found = translator.translate([*texts, *texts])
    assert [one.text for one in found] == [text.upper() for text in texts] * 2
    lengths = [len(engine.tokenizer.encode(said)) for batch in engine.batches for said in batch]
    assert lengths == sorted(lengths) and len(lengths) == len(texts)
    assert max(map(len, engine.batches)) > 1


def test_paragraphs_bullets_and_blanks_stay(translator: Translator) -> None:
    text = "Title\n\n  - Where is it?  There!\r\n\r\n\tEnd. 😀 12:30\n"
    assert translator.translate([text])[0].text == text.upper()


@pytest.mark.parametrize(
    "text",
    ["", " ", "\n\n", "\t \r\n", "12:30", "😀", "日本語です。", "https://a.example/b", "a" * 1_000_000],
)
def test_what_is_nothing_to_translate_comes_back(
    translator: Translator, engine: ShoutingEngine, text: str
) -> None:
    found = translator.translate([text])[0]
    assert found.text == text and found.score == 0 and engine.batches == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Where\x00 is it?", "WHERE IS IT?"),
        ("\u202eWhere is it?\u202c", "WHERE IS IT?"),
        ("Where is it \ud83d?", "WHERE IS IT ?"),
        ("I like it 😀 so much", "I LIKE IT 😀 SO MUCH"),
    ],
)
def test_hidden_characters_and_emoji(translator: Translator, text: str, expected: str) -> None:
    assert translator.translate([text])[0].text.strip("\u202e\u202c") == expected


def test_a_long_sentence_is_cut_and_joined(translator: Translator, engine: ShoutingEngine) -> None:
    text = "well, " * 300 + "good"
    found = translator.translate([text])[0]
    assert found.text == text.upper()
    assert len(found.sentences) > 2
    assert all(
        len(engine.tokenizer.encode(said)) <= LONGEST_SENTENCE for batch in engine.batches for said in batch
    )


def test_an_empty_answer_is_never_given(translator: Translator) -> None:
    assert translator.translate(["Say nothing."])[0].text == "Say nothing."


def test_no_texts(translator: Translator) -> None:
    assert translator.translate([]) == []


def test_auto(translator: Translator) -> None:
    german, english, number = translator.translate(
        ["Wo ist der nächste Bahnhof?", "Where is the nearest station?", "12"], source="auto", target="en"
    )
    assert (german.source, german.text) == ("de", "WO IST DER NÄCHSTE BAHNHOF?")
    assert (english.source, english.text) == ("en", "Where is the nearest station?")
    assert number.text == "12" and number.detection is not None and number.detection.language is None
    assert german.detection is not None and german.detection.confidence > 0.8


def test_auto_refuses_a_direction_that_is_not_offered(translator: Translator) -> None:
    with pytest.raises(ValueError, match=r"texts\[1\] seems to be German.*English"):
        translator.translate(
            ["Good morning to you.", "Wo ist der nächste Bahnhof?"], source="auto", target="fr"
        )
    assert translator.translate(["die"], source="auto", target="fr")[0].source in (
        "en",
        "fr",
    )  # too short to be sure


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"texts": "Hello."}, r"\[text\]"),
        ({"texts": ["a", None]}, r"texts\[1\] is NoneType"),
        ({"texts": [b"a"]}, "bytes"),
        ({"source": "it"}, "source='it'"),
        ({"target": "it"}, "target='it'"),
        ({"source": "auto", "target": "it"}, "'it'"),
        ({"source": "de", "target": "de"}, "different"),
        ({"source": "de", "target": "fr"}, "English"),
        ({"beam_size": 0}, "beam_size=0"),
        ({"length_penalty": -1}, "length_penalty=-1"),
    ],
)
def test_bad_arguments_are_named_even_without_texts(
    translator: Translator, arguments: dict, said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        translator.translate(**{"texts": [], **arguments})


def test_stream_grows_and_ends_with_what_translate_gives(translator: Translator) -> None:
    text = "One is here. Two is here.\n\nThree is here. Four is here. Five is here."
    parts = list(translator.stream(text))
    assert len(parts) > 2
    assert [part.complete for part in parts] == [False] * (len(parts) - 1) + [True]
    for shorter, longer in pairwise(parts):
        assert longer.text.startswith(shorter.text)
    assert parts[-1] == translator.translate([text])[0]
    assert [part.text for part in translator.stream("")] == [""]


def test_stream_refuses_at_once(translator: Translator) -> None:
    with pytest.raises(ValueError, match="different"):
        translator.stream("a", "de", "de")


def test_a_real_checkpoint(checkpoint: Path) -> None:
    translator = Translator.load(checkpoint)
    texts = ["Where is the station?", "", "I would like to buy a ticket. Where is it?\n- ok"]
    together = translator.translate(texts, beam_size=3)
    assert together[1].text == "" and together[0].text and together[2].text.count("\n- ") == 1
    assert together[0].score < 0
    alone = [translator.translate([text], beam_size=3)[0] for text in texts]
    assert [one.text for one in alone] == [one.text for one in together]
    assert [one.score for one in alone] == pytest.approx([one.score for one in together], abs=1e-4)
    assert translator.translate(["word " * 200])[0].text


def test_a_missing_or_wrong_model(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"no translation model at .*nowhere.*longshort train"):
        Translator.load(tmp_path / "nowhere")
    with pytest.raises(ValueError, match=r"config\.json"):
        Translator.load(tmp_path)


def test_a_chat_model_is_refused(checkpoint: Path, tmp_path: Path) -> None:
    from lstm_models.checkpoint import load_checkpoint, save_checkpoint

    model, tokenizer, _ = load_checkpoint(checkpoint)
    save_checkpoint(tmp_path / "chat", model, tokenizer, {"name": "c", "task": "chat", "description": "d"})
    with pytest.raises(ValueError, match="is a chat model"):
        Translator.load(tmp_path / "chat")


def test_a_name_that_was_lost_is_required_if_that_is_likelier(
    translator: Translator, engine: ShoutingEngine
) -> None:
    """The engine shouts "DRAGOMIR"; with a shorter stand-in its score rises, unless that is too little."""
    (one,) = translator.translate(["Then Dragomirus went."], "en", "de")
    assert one.text == "THEN Dragomirus WENT."
    (two,) = translator.translate(["Then Tuoma went."], "en", "de")
    assert two.text == "THEN TUOMA WENT."


def test_whoever_asks_can_end_the_work_between_sentences(
    translator: Translator, engine: ShoutingEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("translate.translator.sentence_alternatives", lambda *_: ())
    text = " ".join(f"It is a good number {number}." for number in range(100))
    left = 3

    def check() -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise TimeoutError

    with pytest.raises(TimeoutError):
        translator.translate([text], check=check)
    assert 0 < sum(map(len, engine.batches)) < 100
    left = 1000
    assert translator.translate([text], alternatives=1, check=check)[0].text == text.upper()
    assert left < 900, "alternatives cost more than their sentences: the clock is looked at for each"
