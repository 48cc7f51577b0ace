"""The laboratory in a real browser: lessons that are chosen, run and changed, with plots that are drawn."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
Visit = Callable[..., Page]

# Pixels of a picture beyond the left edge of its place, or beyond what can be scrolled to at the right.
CUT = """place => { place.scrollLeft = 0; const at = place.getBoundingClientRect().left + place.clientLeft;
  const drawn = [...place.querySelectorAll('svg.marks')].map(one => one.getBoundingClientRect());
  return Math.max(...drawn.map(one => Math.max(at - one.left, one.right - at - place.scrollWidth))); }"""


def choose(page: Page, box: str, name: str) -> None:
    page.locator(f"{box} input").click()
    page.locator("ul[role=listbox]").get_by_role("option", name=name).click()
    expect(page.locator("ul[role=listbox]")).to_have_count(0)


def assert_fits(page: Page) -> None:
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 0, f"{wide} pixels too wide"
    for picture in page.locator(".lab-plot:visible").all():
        cut = picture.evaluate(CUT)
        assert cut <= 0, f"{cut} pixels of a picture lie where nobody can scroll to"


def test_words_are_suggested_below_the_message_box(visit: Visit) -> None:
    page = visit("Chat")
    suggested, box = page.locator("#suggested button"), page.locator("#message textarea")
    box.press_sequentially("The game was rele")
    page.wait_for_timeout(1000)
    expect(suggested).to_have_count(0)  # nothing is suggested before somebody asks for it
    switch = page.get_by_label("Suggest words")
    expect(switch).to_have_css("appearance", "auto")  # else its tick is white on white
    switch.check()
    expect(suggested.first).to_have_text("released")
    box.press("End")
    box.press("ArrowRight")
    expect(box).to_have_value("The game was released ")
    expect(box).to_be_focused()
    page.set_viewport_size({"width": 390, "height": 844})
    assert_fits(page)
    page.wait_for_timeout(3000)  # what is still under way when a page is loaded again counts as an error
    page.reload()
    page.get_by_role("tab", name="Chat").click()
    expect(page.get_by_label("Suggest words")).to_be_checked()
    page.get_by_label("Suggest words").uncheck()


def test_the_switch_speaks_the_browsers_language(visit: Visit) -> None:
    page = visit("Chat", locale="de-CH")
    page.get_by_label("Wörter vorschlagen").check()
    expect(page.get_by_role("group", name="Vorschläge")).to_be_attached()
    page.locator("#language").select_option("fr")
    page.get_by_role("tab", name="Discussion").click()
    expect(page.get_by_label("Suggérer des mots")).to_be_checked()


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
    expect(page.locator("#lesson-wait")).to_contain_text("on this machine")
    wide = page.locator("#lesson-picture-1").evaluate("place => place.scrollWidth - place.clientWidth")
    assert wide <= 1, "bars and lines are as wide as their place"
    choose(page, "#lesson", "The history")  # renders other controls, which have functions of their own
    expect(page.locator("#lesson-text")).to_contain_text("Hopfield")
    run.click()
    expect(page.locator("#lesson-picture-0 svg.marks")).to_contain_text("A pattern settles")
    assert_fits(page)
