"""Every tab as axe-core sees it, light and dark: nothing serious, nothing critical."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
Visit = Callable[..., Page]
BAD = ("serious", "critical")


def faults(page: Page) -> list[str]:
    """What axe finds serious or critical: rule, and where."""
    page.wait_for_timeout(700)  # colours that fade in are measured when they have arrived
    found = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {node['html'][:200]} ({' '.join(node['failureSummary'].split())[:300]})"
        for one in found
        if one["impact"] in BAD
        for node in one["nodes"]
    ]


def opened(page: Page, *panels: str) -> None:
    for panel in panels:
        page.locator(f"{panel} > button").first.click()


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_no_tab_has_a_serious_fault(visit: Visit, colours: str) -> None:
    page = visit(color_scheme=colours)
    found = {"empty": faults(page)}
    page.fill("#text textarea", "I would like to learn how to cook. Thank you.")
    expect(page.locator("#status")).to_contain_text("2 sentences")
    opened(page, "#words", "#files", "#talk-two", "#glass-translate")
    page.locator("#others").click()
    expect(page.locator("#more button.choice").first).to_be_visible()
    page.locator("#history summary").click()
    page.fill("#talk-0 textarea", "Where is it?")
    page.press("#talk-0 textarea", "Enter")
    expect(page.locator("#talk-turns li")).to_have_count(1)
    expect(page.locator("#glass-translate svg.marks").first).to_be_visible()
    page.locator("#shown .w").nth(1).click()
    expect(page.locator("#choices.open")).to_be_visible()
    found["Translate"] = faults(page)
    page.get_by_role("tab", name="Chat").click()
    found["Chat, empty"] = faults(page)
    page.fill("#message textarea", "My name is Ada.")
    page.press("#message textarea", "Enter")
    expect(page.locator("#talk details.why")).to_have_count(1)
    page.locator("#talk details.why summary").click()
    opened(page, "#memories", "#about")
    page.locator("#memory label").first.click()
    expect(page.locator("#wording textarea, #wording input")).to_be_visible()
    found["Chat"] = faults(page)
    page.get_by_role("tab", name="Lab").click()
    page.locator("#run-lesson").click()
    expect(page.locator("#lesson-picture-0 svg.marks")).to_be_visible()
    found["Lab"] = faults(page)
    page.get_by_role("tab", name="About").click()
    expect(page.locator("#about-page h3").first).to_be_visible()
    found["About"] = faults(page)
    assert not any(found.values()), "\n".join(f"{tab}: {one}" for tab in found for one in found[tab])
