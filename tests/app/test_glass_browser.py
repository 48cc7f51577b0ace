"""The panels under glass in a real browser, with pictures that are really drawn."""

import re
import zipfile
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
Visit = Callable[..., Page]


def choose(page: Page, box: str, name: str) -> None:
    page.locator(f"{box} input").click()
    page.locator("ul[role=listbox]").get_by_role("option", name=name, exact=True).click()
    expect(page.locator("ul[role=listbox]")).to_have_count(0)


def test_a_translation_and_a_reply_under_glass(visit: Visit) -> None:
    page = visit()
    panel = page.locator("#glass-translate")
    page.get_by_role("button", name="Under glass").first.click()
    expect(panel.get_by_role("alert")).to_contain_text("there is no translation to look at")
    page.fill("#text textarea", "Ada buys apples. She comes.")
    expect(page.locator("#status")).to_contain_text("2 sentences")
    panel.get_by_role("button", name="Look", exact=True).click()
    expect(panel.locator("svg.marks").first).to_be_visible()
    expect(panel.locator("#glass-translation-tables")).to_contain_text("Token by token")
    choose(page, "#glass-translate .glass-part", "Gates and cell")
    title = re.compile(r"units that change\s*most")  # it is broken where the picture is narrow
    expect(panel.locator("#glass-translation-picture-0 svg.marks")).to_contain_text(title)
    with page.expect_download() as download:
        panel.get_by_role("link", name="Save pictures").click()
    endings = {name.split(".")[-1] for name in zipfile.ZipFile(download.value.path()).namelist()}
    assert endings == {"svg", "png", "parquet"}
    page.get_by_role("tab", name="Chat").click()
    page.fill("#message textarea", "My name is Ada.")
    page.press("#message textarea", "Enter")
    expect(page.locator("#talk details.why")).to_have_count(1)
    page.get_by_role("button", name="Under glass").last.click()
    expect(page.locator("#glass-chat svg.marks").first).to_be_visible()
    choose(page, "#glass-chat .glass-part", "Forgetting curve")
    expect(page.locator("#glass-chat").get_by_role("alert")).to_contain_text("nothing could be forgotten yet")
