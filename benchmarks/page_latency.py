"""How long somebody waits in the page: for a translation while typing, for a reply's first token.

python -m benchmarks.page_latency [--rounds 20] [--browser PATH]

The real app with the shipped models, in a headless Chromium, times taken inside the page: from the
key's event to the first change of the words shown. The key makes "apples" of "apple", or the other way round.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics

from playwright.sync_api import Page, sync_playwright

from benchmarks.server import served

FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
SENTENCE = "Yesterday my sister and I went to the old market to buy bread and apples"  # 15 words
# Notes when a key is pressed in `box`, and when the text of `place` changes for the first time afterwards.
# The dots that stand for a reply to come are no text.
WATCH = """([box, place]) => {
  window.pressed = window.shown = 0;
  const texts = () => [...document.querySelectorAll(place)].map(one => one.innerText.trim());
  const said = () => texts().filter(text => text && text !== "…").join(" ");
  let before = said();
  document.querySelector(box).addEventListener("keydown", () => {
    before = said(); window.pressed = performance.now(); window.shown = 0; }, true);
  new MutationObserver(() => {
    if (window.pressed && !window.shown && said() !== before) window.shown = performance.now();
  }).observe(document.body, { subtree: true, childList: true, characterData: true });
}"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=20)
    found = (shutil.which(name) for name in BROWSERS)
    usual = os.environ.get("LONGSHORT_BROWSER") or next((path for path in found if path), None)
    parser.add_argument(
        "--browser", default=usual, help="a Chromium or Chrome; the PATH's where none is given"
    )
    options = parser.parse_args()
    if options.browser is None:
        parser.error(f"no browser on the PATH ({', '.join(BROWSERS)}); give one with --browser PATH")
    with served() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=options.browser, args=FLAGS)
        for name, measure in (("key to translation", _translating), ("message to first token", _chatting)):
            page = browser.new_page()
            page.goto(address)
            waits = measure(page, options.rounds)
            page.close()
            middle = statistics.median(waits)
            print(f"{name}: median {middle:.0f} ms, longest {max(waits):.0f} ms, {len(waits)} times")
        browser.close()


def _translating(page: Page, rounds: int) -> list[float]:
    page.get_by_role("tab", name="Translate").click()
    box = "#text textarea"
    page.fill(box, SENTENCE)
    page.wait_for_timeout(2000)
    page.evaluate(WATCH, [box, "#shown .w"])
    return [_wait(page, box, key) for _ in range(rounds // 2) for key in ("Backspace", "s")]


def _chatting(page: Page, rounds: int) -> list[float]:
    page.get_by_role("tab", name="Chat").click()
    box, waits = "#message textarea", []
    page.fill(box, "My name is Ada.")
    page.press(box, "Enter")
    page.wait_for_timeout(2000)
    page.evaluate(WATCH, [box, "#talk .message.bot:not(.component)"])
    for _ in range(rounds):
        page.fill(box, "What is my name?")
        waits.append(_wait(page, box, "Enter"))
    return waits


def _wait(page: Page, box: str, key: str) -> float:
    page.press(box, key)
    page.wait_for_function("window.shown > 0", timeout=20_000)
    waited = float(page.evaluate("window.shown - window.pressed"))
    page.wait_for_timeout(800)
    return waited


if __name__ == "__main__":
    main()
