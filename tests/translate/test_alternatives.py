"""Other translations of a sentence, and other ways to go on from a word."""

import pytest

from tests.translate.conftest import ShoutingEngine
from translate import Translator
from translate.alignment import words_of
from translate.alternatives import MOST

TEXT = "I would like to buy a ticket, please."


@pytest.fixture(scope="module")
def real() -> Translator:
    """The shipped weights: random ones hardly ever come to an end."""
    return Translator.load()


def said(text: str) -> list[str]:
    return [word.text.casefold() for word in words_of(text)]


def test_alternatives_differ_in_words_and_are_ranked(real: Translator) -> None:
    (one,) = real.translate([TEXT], beam_size=2, alternatives=3)
    (sentence,) = one.sentences
    assert one.alternatives == tuple(other.text for other in sentence.alternatives) and one.alternatives
    every = [said(text) for text in (one.text, *one.alternatives)]
    assert all(first != second for i, first in enumerate(every) for second in every[:i])
    scores = [other.score for other in sentence.alternatives]
    assert scores == sorted(scores, reverse=True)
    assert real.translate([TEXT], beam_size=2)[0].alternatives == ()


def test_alternatives_of_several_sentences_keep_the_layout(real: Translator) -> None:
    (one,) = real.translate([f"{TEXT}\n\nWhere is the station?"], beam_size=2, alternatives=2)
    assert all(other.count("\n\n") == 1 for other in one.alternatives)
    assert real.translate(["12:30"], alternatives=2)[0].alternatives == ()


def test_choices_go_on_after_the_prefix(real: Translator) -> None:
    best = real.translate([TEXT], beam_size=2)[0].text
    first, second = words_of(best)[:2]
    prefix = best[: second.start] if best[second.start - 1].isspace() else ""
    word = (second if prefix else first).text
    found = real.choices(TEXT, prefix, count=3, avoid=word)
    assert 0 < len(found) <= 3
    for choice in found:
        assert choice.word.casefold() != word.casefold()
        assert choice.sentence.text.startswith(prefix.rstrip())
        assert words_of(choice.sentence.text)[len(words_of(prefix))].text == choice.word
    assert len({choice.word.casefold() for choice in found}) == len(found)


def test_what_was_protected_stays(real: Translator) -> None:
    text = "See www.a.example/b now."
    for one in real.translate([text], beam_size=2, alternatives=3)[0].sentences[0].alternatives:
        assert "www.a.example/b" in one.text
    for choice in real.choices(text, "", count=2):
        assert "www.a.example/b" in choice.sentence.text


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"count": MOST + 1}, "alternatives=11"),
        ({"source": "auto"}, "source='auto'"),
        ({"sentence": "One. Two."}, "2 sentences"),
        ({"sentence": ""}, "0 sentences"),
    ],
)
def test_bad_arguments_of_choices(translator: Translator, arguments: dict, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        translator.choices(**{"sentence": TEXT, "prefix": "", **arguments})
    with pytest.raises(ValueError, match="alternatives=-1"):
        translator.translate([], alternatives=-1)


def test_words_know_their_origin(translator: Translator) -> None:
    (one,) = translator.translate(["Where is the station?\n\n  I am here."])
    assert [one.text[start:][: len(s.text)] for s, start in zip(one.sentences, one.starts, strict=True)] == [
        s.text for s in one.sentences
    ]
    assert [
        one.original[place:][: len(s.source)] for s, place in zip(one.sentences, one.places, strict=True)
    ] == [s.source for s in one.sentences]
    (first, *_), words = one.sentences, one.sentences[0].words
    assert [word.text for word in words] == ["WHERE", "IS", "THE", "STATION"]
    for word in words:
        assert word.text == first.text[word.start : word.end]
        assert word.text.lower() in [first.source[start:end].lower() for start, end in word.sources]


def test_words_of_what_came_through_have_no_confidence_of_their_own(translator: Translator) -> None:
    (one,) = translator.translate(["Where is www.a.example?"])
    address = one.sentences[0].words[-1]
    assert address.text == "www.a.example" and address.confidence is None
    assert [one.original[start:end] for start, end in address.sources] == ["www.a.example"]


def test_translated_back(translator: Translator, engine: ShoutingEngine) -> None:
    back = translator.check_back(translator.translate(["Where is it?"])[0])
    assert back.text == "WHERE IS IT?" and back.agreement == 1 and not back.missing
    assert engine.tags == {"<2de>", "<2en>"}
    nothing = translator.check_back(translator.translate(["12:30"])[0])
    assert (nothing.text, nothing.agreement) == ("12:30", 1.0)
