"""Corrections and what they changed."""

import pytest

from tests.translate.conftest import ShoutingEngine
from translate import Translator
from translate.grammar import SURE, Correction, can_correct, changes, correct, reason, with_marks
from translate.grammar_tab import correct_for_page, marked


def test_a_checkpoint_that_has_not_learnt_it_says_so(translator: Translator) -> None:
    assert not can_correct(translator)
    with pytest.raises(ValueError, match=r"recipes/abilities\.yaml"):
        correct(translator, ["He go."])


def test_texts_keep_their_layout(translator: Translator, engine: ShoutingEngine) -> None:
    engine.card = {"task": "translate", "abilities": ["fix"]}
    (one, empty) = correct(translator, ["Where is it?\n\n  I am here.", ""])
    assert one.text == "WHERE IS IT?\n\n  I AM HERE." and engine.tags == {"<fix>"}
    assert [one.original[c.start : c.end] for c in one.changes] == [c.before for c in one.changes]
    assert (empty.text, empty.changes) == ("", ())
    with pytest.raises(ValueError, match="list"):
        correct(translator, "He go.")


def test_a_change_that_the_model_is_not_sure_of_is_not_made(
    translator: Translator, engine: ShoutingEngine
) -> None:
    engine.card = {"task": "translate", "abilities": ["fix"]}
    engine.louder = SURE / 3.5  # so the change of a word of four letters counts, and of three not
    (one,) = correct(translator, ["what for then"])
    assert one.text == "WHAT for THEN"


def test_changes_lead_from_one_text_to_the_other() -> None:
    before, after = "He go to school in the Monday.", "He goes to school on Monday."
    found = changes(before, after)
    text = before
    for change in reversed(found):
        text = text[: change.start] + change.after + text[change.end :]
    assert text == after and changes(after, after) == ()


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        ("", "the ", "article"),
        ("a", "an", "article"),
        ("in", "on", "preposition"),
        ("go", "goes", "form of the word"),
        ("recieve", "receive", "spelling"),
        ("monday", "Monday", "upper and lower case"),
        ("", ",", "punctuation"),
        ("", "have ", "a missing word"),
        ("very", "", "a needless word"),
        ("small too", "too small", "order of the words"),
        ("went", "is", ""),
    ],
)
def test_reasons(before: str, after: str, kind: str) -> None:
    assert reason(before, after) == kind


def test_changes_are_marked_on_the_page(translator: Translator, engine: ShoutingEngine) -> None:
    engine.card = {"task": "translate", "abilities": ["fix"]}
    page = correct_for_page(translator, "Hello <b>.")
    assert "<del>Hello</del><ins>HELLO</ins>" in page and "upper and lower case" in page and "<b>" not in page
    assert "Nothing to correct" in correct_for_page(translator, "HELLO.") and not correct_for_page(
        translator, " "
    )
    assert "5,000 characters" in correct_for_page(translator, "a" * 5001)
    one = Correction("He go.", "He goes.", changes("He go.", "He goes."))
    assert with_marks(one) == "He [-go-]{+goes+}."
    assert "<li>go → goes (form of the word)</li>" in marked(one)
