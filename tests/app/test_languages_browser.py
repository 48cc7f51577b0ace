"""The page in other languages than English: what the browser prefers, and what somebody chooses."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
Visit = Callable[..., Page]


def test_the_page_speaks_the_browsers_language_until_another_is_chosen(visit: Visit) -> None:
    page = visit("Übersetzen", locale="de-CH")
    assert page.evaluate("document.documentElement.lang") == "de"
    expect(page.locator("#go")).to_have_text("Übersetzen")
    expect(page.locator("#text textarea")).to_have_attribute("placeholder", "Text eingeben oder einfügen …")
    page.fill("#text textarea", "Where is the station? I am here.")
    expect(page.locator("#status")).to_contain_text(re.compile(r"2 Sätze · \d+,\d s"))
    expect(page.locator("#found")).to_contain_text("Erkannt: Englisch")
    expect(page.locator("#count")).to_have_text("32 / 5.000")
    expect(page.locator("#language")).to_have_value("de")
    page.wait_for_timeout(500)  # a reload must not cut an answer off
    page.locator("#language").select_option("es")
    expect(page.locator("#go")).to_have_text("Traducir")
    page.wait_for_timeout(500)
    page.reload()  # the choice stays
    expect(page.locator("#go")).to_have_text("Traducir")
    expect(page.locator("#history summary")).to_have_text("Historial")
    page.get_by_role("tab", name="Laboratorio").click()
    expect(page.locator("#lesson-text")).to_contain_text("Fíjese en")
    page.get_by_role("tab", name="Chat").click()
    page.fill("#message textarea", "La llave está debajo. " * 1000)
    page.press("#message textarea", "Enter")
    expect(page.locator("#note [role=alert]")).to_contain_text("Adjúntelo como documento.")
    shown = page.locator("body").inner_text()
    assert "__i18n__" not in shown and "[[" not in shown


def test_a_language_that_is_not_there_gives_english(visit: Visit) -> None:
    page = visit("Translate", locale="it-IT")
    expect(page.locator("#go")).to_have_text("Translate")
    assert page.evaluate("document.documentElement.lang") == "en"
