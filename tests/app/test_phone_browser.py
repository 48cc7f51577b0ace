"""A phone in the dark, in each language: nothing is too wide, and what is tapped is large enough."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from front.texts import TEXTS
from wording import LANGUAGES

pytestmark = pytest.mark.browser
Visit = Callable[..., Page]
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
    "color_scheme": "dark",
}
SMALLEST = 39.5  # pixels: half of one is lost in rounding
SMALL = """(smallest) => [...document.querySelectorAll("button, summary, .file")]
  .filter((one) => one.checkVisibility() && !one.closest(".visually-hidden"))
  .filter((one) => one.getBoundingClientRect().height < smallest).map((one) => one.outerHTML.slice(0, 120))"""
TOO_WIDE = "document.documentElement.scrollWidth - window.innerWidth"
TABS = ("#text", "#message", "#run-lesson", "#about-page h3")  # something of each


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_too_wide_or_too_small_to_tap(visit: Visit, language: str) -> None:
    page = visit(TEXTS.of(language)["front.tab.translate"], locale=language, **PHONE)
    for place, inside in enumerate(TABS):
        page.get_by_role("tablist").first.get_by_role("tab").nth(place).click()
        expect(page.locator(inside).first).to_be_visible()
        assert page.evaluate(TOO_WIDE) <= 0, inside
        assert page.evaluate(SMALL, SMALLEST) == [], inside
