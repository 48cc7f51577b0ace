"""Makes docs/images again: `make app` in one terminal, `python -m tests.app.screenshots` in another."""

import sys
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.app.conftest import FLAGS, TIMEOUT
from tests.browser import find_browser

FOLDER = Path(__file__).parent.parent.parent / "docs" / "images"
TEXT = "I am tired. I would like to go home.\n\nThank you!"
TALK = ("My name is Ada.", "My sister lives in Lisbon.", "What is my name?")
DESKTOP, PHONE, HALF = (1280, 900), (390, 844), (720, 720)


def take(browser: Browser, address: str, tab: str, size: tuple[int, int], colours: str) -> bytes:
    """A PNG of one tab, after a translation or a short talk."""
    width, height = size
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=colours)  # type: ignore[arg-type]
    context.set_default_timeout(TIMEOUT)
    page = context.new_page()
    page.goto(address)
    page.get_by_role("tab", name=tab).click()
    if tab == "Translate":
        page.fill("#text textarea", TEXT)
        expect(page.locator("#status")).to_contain_text("3 sentences")
    else:
        talk(page)
    image = page.screenshot()
    context.close()
    return image


def talk(page: Page) -> None:
    """Says TALK, then opens where the words of the last reply came from."""
    for number, message in enumerate(TALK, 1):
        page.fill("#message textarea", message)
        page.press("#message textarea", "Enter")
        expect(page.locator("#talk details.why")).to_have_count(number)
    page.locator("#talk details.why summary").last.click()
    page.locator("#talk details.why").last.scroll_into_view_if_needed()
    page.wait_for_timeout(500)


def beside(left: bytes, right: bytes) -> Image.Image:
    """Two pictures of the same height, one beside the other."""
    first, second = (Image.open(BytesIO(image)) for image in (left, right))
    both = Image.new("RGB", (first.width + second.width, first.height))
    both.paste(first, (0, 0))
    both.paste(second, (first.width, 0))
    return both


def main(address: str) -> None:
    """Every picture in docs/images."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=FLAGS)
        halves = [take(browser, address, tab, HALF, "light") for tab in ("Chat", "Translate")]
        beside(*halves).save(FOLDER / "app.png", optimize=True)
        for tab in ("Chat", "Translate"):
            for place, size, colours in (("desktop", DESKTOP, "dark"), ("phone", PHONE, "light")):
                (FOLDER / f"{tab.lower()}-{place}.png").write_bytes(
                    take(browser, address, tab, size, colours)
                )
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:7860")
