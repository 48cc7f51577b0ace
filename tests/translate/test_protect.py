"""What has to survive is found, made ready for the network, and put back."""

import time

import numpy as np
import pytest

from translate.decode import Glossary, protected_only
from translate.markup import put_back
from translate.prepared import Preparer, lost, restore, strange_numbers
from translate.protect import find_names, find_spans, find_strangers, mask


@pytest.mark.parametrize(
    ("text", "kind", "span"),
    [
        ("See (https://example.org/a?b=1).", "url", "https://example.org/a?b=1"),
        ("See https://a.example/b_(c), then go.", "url", "https://a.example/b_(c)"),
        ("Write to ada.b+c@mail.example now.", "email", "ada.b+c@mail.example"),
        ("Run `make test` first.", "code", "`make test`"),
        ("Hello {name}!", "placeholder", "{name}"),
        ("You have %(count)d left", "placeholder", "%(count)d"),
        ("You have %s left", "placeholder", "%s"),
        ("It costs $1,299.99.", "price", "$1,299.99"),
        ("Es kostet 45,50 €.", "price", "45,50 €"),
        ("On 2024-05-06 we met.", "date", "2024-05-06"),
        ("At 3:45 pm", "time", "3:45"),
        ("Call +49 30 1234567 now", "phone", "+49 30 1234567"),
        ("I own 25 dogs.", "number", "25"),
        ("About 3.5 % of it", "number", "3.5 %"),
        ("The A4 page", "identifier", "A4"),
        ("I am happy 👩‍🚀!", "emoji", "👩‍🚀"),
        ('A <a href="x">link</a>', "tag", '<a href="x">'),
        ("The 3rd one", "ordinal", "3"),
    ],
)
def test_spans_by_kind(text: str, kind: str, span: str) -> None:
    assert (kind, span) in [(one.kind, one.text) for one in find_spans(text)]
    assert all(text[one.start : one.end] == one.text for one in find_spans(text))


@pytest.mark.parametrize("part", ["0", "00 ", "(00)", "+1", "0-", "a1-", "[", "{{", "<!--", "%1"])
def test_what_is_searched_takes_time_as_long_as_it_is(part: str) -> None:
    """Sixty digits before a letter once took longer than anybody waits."""
    for length in (60, 6000):
        start = time.process_time()
        find_spans(f"The number {(part * length)[:length]}a is long.")
        assert time.process_time() - start < 1


def test_phone_numbers_of_many_groups() -> None:
    def phones(text: str) -> list[str]:
        return [one.text for one in find_spans(text) if one.kind == "phone"]

    assert phones("Call 030 12 34 56 78 or (0800) 1 2 3.") == ["030 12 34 56 78", "(0800) 1 2 3"]
    assert phones("+49 (30) 1234/5") == ["+49 (30) 1234/5"] and phones("+4930 5a") == ["+4930"]
    assert phones("030 11 22 33 44 55 66 7") == ["030 11 22 33 44 55 66 7"]
    assert phones("+45") == []


def test_a_full_stop_in_code_ends_no_sentence() -> None:
    text = "Run `a. b` at www.a.example. Then <b>stop</b>."
    assert len(mask(text)) == len(text) and "a. b" not in mask(text)


def test_names_are_what_the_network_copies() -> None:
    text = "Yesterday I met Ngozi Eze near Vienna. Obviously."

    def rested(start: int, end: int) -> tuple[float, float]:
        return (0.8, 1.0) if text[start:end] in ("Ngozi", "Eze") else (0.0, 1.0)

    assert [one.text for one in find_names(text, "en", len, rested)] == ["Ngozi Eze"]
    assert find_names(text, "en", lambda word: 1, rested) == []
    dropped = find_names("I met Piotr.", "en", len, lambda start, end: (0.0, 0.0))
    assert [one.text for one in dropped] == ["Piotr"]


def test_strangers_are_no_ordinary_words_and_were_lost() -> None:
    text = "Yesterday Dragomir met Tuomas Okonkwo near Vienna at Christmas. Obviously."
    found = find_strangers(text, "en", len, "Gestern traf Okonkwo ein Auto.")
    assert [one.text for one in found] == ["Dragomir", "Tuomas"]
    assert [text[one.start : one.end] for one in found] == ["Dragomir", "Tuomas"]
    assert find_strangers(text, "en", lambda word: 1, "") == []
    assert [one.text for one in find_strangers("Das Xyzboot von Bjarne.", "de", len, "")] == ["Bjarne"]


def preparer(**options: object) -> Preparer:
    return Preparer("en", len, **options)  # type: ignore[arg-type]


def test_stand_ins_come_and_go() -> None:
    prepared = preparer().first("Tom, see (https://a.example) and `x.y`")
    assert prepared.text == "Tom, see (Mary) and Boston." and prepared.required == ("Mary", "Boston")
    assert restore(prepared, "Tom, sieh ( Mary) und Boston.") == "Tom, sieh (https://a.example) und `x.y`"
    assert lost(prepared, "Tom, sieh") == ("https://a.example", "`x.y`")


def test_amounts_are_left_to_the_network_first() -> None:
    first = preparer().first("It costs $1,299.99 for 12 of them.")
    assert first.required == () and lost(first, "Es kostet 12.") == ("$1,299.99",)
    second = preparer().second(first, [])
    assert second.required == ("300", "12") and "300 for 12" in second.text
    assert strange_numbers(first, "Es kostet 13") and not strange_numbers(first, "Es kostet 12")


def test_capitals_are_read_in_small_letters() -> None:
    prepared = preparer().first("WHERE IS {name} NOW?")
    assert prepared.text == "Where is Tom now?"
    assert restore(prepared, "Wo ist Tom jetzt?") == "WO IST {name} JETZT?"
    assert preparer().first("OK").text == "OK."


def test_terms_and_kept_words() -> None:
    prepared = preparer(terms={"house": "Gebäude"}, keep=["Longshort Ltd"]).first(
        "The House of Longshort Ltd."
    )
    assert prepared.required == ("Tom", "Gebäude") and prepared.text == "The House of Tom."
    assert lost(prepared, "Das Haus von Longshort Ltd.") == ("Gebäude",)


def test_terms_in_letters_that_fold_to_something_else() -> None:
    for text in ("I live in İstanbul.", "I live in ıstanbul.", "I live in ISTANBUL."):
        assert preparer(terms={"Istanbul": "Istanbul"}).first(text).required == ("Istanbul",)
    both = preparer(terms={"polish": "polieren", "Polish": "polnisch"})
    assert both.first("I polish it.").required == ("polieren",)
    assert both.first("A Polish one.").required == ("polnisch",)


def test_names_and_numbers_that_are_terms_need_not_come_through() -> None:
    prepared = preparer(terms={"Dragomir": "Drago", "A4": "Letter"}).first("Dragomir and Tuomas buy A4.")
    assert prepared.required == ("Drago", "Letter") and lost(prepared, "Drago, Letter") == ()
    strangers = Preparer("en", len, (), {"Dragomir": "Drago"}).strangers(prepared, "Drago")
    assert [one.text for one in strangers] == ["Tuomas"]
    kept = preparer(terms={"A4": "Letter"}, keep=["A4"]).first("Buy A4.")
    assert kept.required == ("Tom",) and kept.terms == {}


def test_a_glossary_is_read_as_sentences_are() -> None:
    """Accents may come in a character of their own (NFD)."""
    glossary = Glossary({"Mu\u0308ller": "Geba\u0308ude"}, ("New  Yo\u0308rk",))
    assert glossary == Glossary({"Müller": "Gebäude"}, ("New Yörk",))
    with pytest.raises(ValueError, match="not empty"):
        Glossary(keep=("\u200b",))
    assert not protected_only("New Yo\u0308rk", glossary.keep).strip()


def test_tags_go_where_their_words_went() -> None:
    prepared = preparer().first("Press <b>red</b> button 😀!")
    assert prepared.text == "Press red button!"
    weights = np.array([[0, 0, 1], [0, 1, 0], [1, 0, 0]], float)  # the order is turned round
    assert put_back(prepared, "Knopf roten drücken!", weights) == "Knopf <b>roten</b> drücken 😀!"


def test_nested_tags_stay_nested() -> None:
    prepared = preparer().first("<p>One <i>two <b>three</b></i> four</p>")
    rng = np.random.default_rng(0)
    for _ in range(50):
        out = put_back(prepared, "eins zwei drei vier fünf", rng.random((5, 4)))
        places = [out.index(tag) for tag in ("<p>", "<i>", "<b>", "</b>", "</i>", "</p>")]
        assert places == sorted(places), out


def test_no_words_at_all() -> None:
    prepared = preparer().first("<b></b> ok <br/>")
    assert put_back(prepared, "gut", None).count("<") == 3
