"""The comparison of a text with what came back."""

import pytest

from translate.backward import compared


def test_what_did_not_come_back() -> None:
    found = compared("I like the red house.", "I like a house, really.")
    assert [word.text for word in found.missing] == ["the", "red"]
    assert [word.text for word in found.added] == ["a", "really"]
    assert found.agreement == pytest.approx(2 * 3 / 10)


@pytest.mark.parametrize(("one", "other", "agreement"), [("", "", 1), ("a", "", 0), ("A b", "a B!", 1)])
def test_the_ends(one: str, other: str, agreement: float) -> None:
    assert compared(one, other).agreement == agreement
