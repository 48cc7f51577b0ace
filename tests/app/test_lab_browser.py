"""The laboratory in a real browser: lessons that are chosen, run and changed, with plots that are drawn."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
Visit = Callable[..., Page]


def choose(page: Page, box: str, name: str) -> None:
    page.locator(f"{box} input").click()
    page.get_by_role("option", name=name).click()
    expect(page.get_by_role("option")).to_have_count(0)


def assert_fits(page: Page) -> None:
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 0, f"{wide} pixels too wide"


def test_lessons_are_run_and_changed(visit: Visit) -> None:
    page = visit("Lab")
    run = page.get_by_role("button", name="Run")
    expect(page.locator("#lesson-text")).to_contain_text("You should see")
    run.click()
    expect(page.locator("#lesson-words")).to_contain_text("predicts 0.0022 for day 5")
    expect(page.locator("#lesson-words li.holds").first).to_be_visible()
    expect(page.locator("#lesson-picture-0 svg.marks")).to_be_visible()
    assert_fits(page)
    page.set_viewport_size({"width": 390, "height": 844})
    choose(page, "#lab-company", "B")
    run.click()
    expect(page.locator("#lesson-words")).to_contain_text("predicts 0.9693 for day 5")
    assert_fits(page)
    choose(page, "#lesson", "The history")  # renders other controls, which have functions of their own
    expect(page.locator("#lesson-text")).to_contain_text("Hopfield")
    run.click()
    expect(page.locator("#lesson-picture-0 svg.marks")).to_contain_text("A pattern settles")
    assert_fits(page)
