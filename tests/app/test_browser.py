"""The app as people meet it: a real browser, the real server, a real model.

Every page opened by `visit` is also checked for requests that leave this machine and for errors.
"""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.browser
Visit = Callable[..., Page]
SOURCE, TARGET, STATUS = "#text textarea", "#output textarea", "#status"


def shown(page: Page) -> str:
    """The translation, once there is one."""
    expect(page.locator(TARGET)).not_to_have_value("")
    return page.locator(TARGET).input_value()


def choose(page: Page, box: str, name: str) -> None:
    page.locator(f"{box} input").click()
    page.locator("ul[role=listbox]").get_by_role("option", name=name, exact=True).click()
    expect(page.locator("ul[role=listbox]")).to_have_count(
        0
    )  # the list fades out; a second one must not meet it


def say(page: Page, message: str, turns: int) -> str:
    """Sends a message and waits for the reply; turns: messages on the page then."""
    page.fill("#message textarea", message)
    page.press("#message textarea", "Enter")
    expect(page.locator("#talk details.why")).to_have_count(turns // 2)
    expect(page.locator("#message textarea")).to_have_value("")
    return page.locator("#talk .message.bot:not(.component)").last.inner_text()


def test_translates_while_one_types(visit: Visit) -> None:
    page = visit()
    page.locator(SOURCE).press_sequentially("Where is the station? I am here.\n\nThank you.", delay=5)
    expect(page.locator(STATUS)).to_contain_text("3 sentences")
    assert shown(page).count("\n\n") == 1
    expect(page.locator("#found")).to_contain_text("Detected: English")
    expect(page.locator("#count")).to_have_text("44 / 5,000")
    page.get_by_role("button", name="Clear").click()
    for box in (SOURCE, TARGET):
        expect(page.locator(box)).to_have_value("")
    expect(page.locator("#count")).to_have_text("0 / 5,000")
    expect(page.locator("#found")).to_have_text("")


def test_the_button_translates_when_typing_does_not(visit: Visit) -> None:
    page = visit()
    page.get_by_label("Translate while I type").uncheck()
    page.fill(SOURCE, "Good morning.")
    page.wait_for_timeout(500)
    expect(page.locator(TARGET)).to_have_value("")
    page.get_by_role("button", name="Translate", exact=True).click()
    assert shown(page)


def test_languages_swap_and_one_side_is_english(visit: Visit) -> None:
    page = visit()
    choose(page, "#source", "German")
    expect(page.locator("#target input")).to_have_value("English")
    choose(page, "#target", "French")
    expect(page.locator("#source input")).to_have_value("English")
    choose(page, "#source", "German")
    page.fill(SOURCE, "Das Wetter ist schön.")
    translation = shown(page)
    page.locator("#swap").click()
    expect(page.locator("#source input")).to_have_value("English")
    expect(page.locator("#target input")).to_have_value("German")
    expect(page.locator(SOURCE)).to_have_value(translation)


def test_swapping_a_detected_language(visit: Visit) -> None:
    page = visit()
    page.fill(SOURCE, "Where is the nearest station?")
    shown(page)
    page.locator("#swap").click()
    expect(page.locator("#source input")).to_have_value("German")
    expect(page.locator("#target input")).to_have_value("English")


def test_a_sample_sentence_and_the_copy_button(visit: Visit) -> None:
    page = visit(permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Das Wetter ist heute").click()
    expect(page.locator("#source input")).to_have_value("German")
    expect(page.locator("#target input")).to_have_value("English")
    translation = shown(page)
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    page.wait_for_function(
        "text => navigator.clipboard.readText().then(copied => copied === text)", arg=translation
    )


def test_other_words_other_translations_and_the_way_back(visit: Visit) -> None:
    page = visit()
    page.fill(SOURCE, "I would like to learn how to cook. Thank you.")
    expect(page.locator(STATUS)).to_contain_text("2 sentences")
    before = shown(page)
    word = page.locator("#shown .w").nth(1)
    word.hover()
    expect(page.locator("#mirror mark").first).to_be_attached()
    word.click()
    choice = page.locator("#choices.open button.choice").first
    wanted = choice.locator("> span").inner_text()
    choice.click()
    expect(page.locator(TARGET)).not_to_have_value(before)
    assert wanted in shown(page) and page.locator("#shown").inner_text().strip() == shown(page)
    now = page.locator("#shown .s").first.inner_text().strip()
    page.locator("#others").click()
    offered = page.locator("#more section").first.locator("button.choice > span")
    expect(offered.first).to_be_visible()
    others = [text.strip() for text in offered.all_inner_texts()]
    assert now not in others and any(before.startswith(text) for text in others)
    page.locator("#more button.choice").filter(has_not_text=wanted).first.click()
    expect(page.locator("#shown")).not_to_contain_text(wanted)
    page.locator("#back").click()
    expect(page.locator("#more")).to_contain_text("Translated back")
    page.locator("#shown .w").first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.locator("#choices.open")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#choices.open")).to_have_count(0)


def one_past(visit: Visit) -> Page:
    """A page that has translated "Thank you.", with its history open."""
    page = visit()
    page.fill(SOURCE, "Thank you.")
    shown(page)
    page.locator("#history summary").click()
    expect(page.locator("button.past")).to_have_count(1)
    return page


def test_the_history_stays_in_the_browser_until_it_is_cleared(visit: Visit) -> None:
    page = one_past(visit)
    page.wait_for_timeout(500)  # a reload must not cut an answer off
    page.reload()
    page.locator("#history summary").click()
    page.locator("button.past").click()
    expect(page.locator(SOURCE)).to_have_value("Thank you.")
    assert shown(page)
    page.locator("#history-clear").click()
    expect(page.locator("button.past")).to_have_count(0)
    assert page.evaluate("localStorage.getItem('longshort.translations')") == "[]"
    expect(page.locator(STATUS)).to_contain_text("1 sentence")
    page.wait_for_timeout(500)


def test_an_entry_that_another_window_has_cleared_wipes_nothing(visit: Visit) -> None:
    page = one_past(visit)
    page.evaluate("localStorage.removeItem('longshort.translations')")
    page.locator("button.past").click()
    expect(page.locator("button.past")).to_have_count(0)
    expect(page.locator(SOURCE)).to_have_value("Thank you.")
    page.wait_for_timeout(500)


def test_what_cannot_be_translated_is_said(visit: Visit) -> None:
    page = visit()
    page.fill(SOURCE, "word " * 1001)
    expect(page.locator("#status [role=alert]")).to_contain_text("5,005 characters")
    expect(page.locator("#count .over")).to_have_text("5,005 / 5,000")
    page.fill(SOURCE, "")
    expect(page.locator(STATUS)).to_have_text("")
    choose(page, "#target", "French")
    page.fill(SOURCE, "Wo ist der nächste Bahnhof, bitte?")
    expect(page.locator("#status [role=alert]")).to_contain_text("German to French is not offered")
    expect(page.locator(TARGET)).to_have_value("")
    page.fill(SOURCE, "12:30 😀")
    expect(page.locator(TARGET)).to_have_value("12:30 😀")
    page.fill(SOURCE, "Où est la gare la plus proche ?")
    expect(page.locator(STATUS)).to_contain_text("already in French")


def test_a_conversation(visit: Visit) -> None:
    page = visit("Chat")
    assert say(page, "My name is Ada.", 2)
    say(page, "What is <b>my</b> *name* & ![x](http://127.0.0.1:9/x.png)?", 4)
    mine = page.locator("#talk .message.user")
    # What people write is shown as they wrote it, and nothing in it comes to life.
    expect(mine.last).to_have_text("What is <b>my</b> *name* & ![x](http://127.0.0.1:9/x.png)?")
    assert mine.locator("b, em, img, a").count() == 0
    why = page.locator("#talk details.why").last
    expect(why.locator(".words")).not_to_be_visible()
    why.locator("summary").click()
    expect(why.locator(".words")).to_be_visible()
    expect(why).to_contain_text("Never told:")
    for number in why.locator("li").all():
        assert int(number.get_attribute("value") or 0) in (1, 2, 3)
    page.get_by_role("button", name="New conversation").click()
    expect(page.locator("#talk .message.user")).to_have_count(0)
    say(page, "What is my name?", 2)
    assert "Ada" not in page.locator("#talk").inner_text()


def test_an_example_begins_a_conversation(visit: Visit) -> None:
    page = visit("Chat")
    page.get_by_role("button", name="My name is Ada").click()
    expect(page.locator("#talk details.why")).to_have_count(1)
    expect(page.locator("#talk .message.user")).to_have_text("My name is Ada and I live in Lisbon.")


def test_what_cannot_be_read_is_said_and_kept_in_the_box(visit: Visit) -> None:
    page = visit("Chat")
    for message, said in (
        ("a" * 20_001, "20,001 characters"),
        ("\u200b \u200e", "empty"),
    ):
        page.fill("#message textarea", message)
        page.press("#message textarea", "Enter")
        expect(page.locator("#note [role=alert]")).to_contain_text(said)
        expect(page.locator("#message textarea")).to_have_value(message)
        expect(page.locator("#talk .message.user")).to_have_count(0)


# Presses Enter on a second message as soon as the reply to the first has begun, and once more.
DURING = """() => {
  const box = document.querySelector("#message textarea"), talk = document.querySelector("#talk");
  const press = { key: "Enter", bubbles: true, cancelable: true };
  const enter = () => box.dispatchEvent(new KeyboardEvent("keypress", press));
  window.during = 0;
  new MutationObserver((_, watching) => {
    if (talk.querySelectorAll(".message.bot").length !== 1 || box.value !== "") return;
    watching.disconnect();
    box.value = "I live in Lisbon.";
    box.dispatchEvent(new Event("input", { bubbles: true }));
    setTimeout(() => {
      window.during = document.querySelectorAll("#talk details.why").length === 0;
      enter();
      enter();
    });
  }).observe(document.body, { childList: true, subtree: true, characterData: true, attributes: true });
}"""


def test_a_message_sent_during_a_reply_goes_after_it_once(visit: Visit) -> None:
    page = visit("Chat")
    box, mine = page.locator("#message textarea"), page.locator("#talk .message.user")
    box.fill("My name is Ada.")
    expect(box).to_have_value("My name is Ada.")
    page.evaluate(DURING)
    box.press("Enter")
    expect(page.locator("#talk details.why")).to_have_count(2)
    assert page.evaluate("window.during"), "the second was meant to be sent while the first was answered"
    expect(mine).to_have_text(["My name is Ada.", "I live in Lisbon."])
    expect(box).to_have_value("")
    for _ in range(3):  # nothing is written, so nothing is sent and nobody is told off
        box.press("Enter")
    assert say(page, "What is my name?", 6)
    expect(mine).to_have_count(3)
    expect(page.locator("#note [role=alert]")).to_have_count(0)


def test_two_people_do_not_meet(visit: Visit) -> None:
    first, second = visit("Chat"), visit("Chat")
    say(first, "My name is Zebulon.", 2)
    say(second, "My name is Quintessa.", 2)
    say(first, "What is my name?", 4)
    say(second, "What is my name?", 4)
    for page, own, other in ((first, "Zebulon", "Quintessa"), (second, "Quintessa", "Zebulon")):
        everything = page.content()
        assert own in everything and other not in everything
    first.reload()
    first.get_by_role("tab", name="Chat").click()
    expect(first.locator("#talk .message.user")).to_have_count(2)  # a reload forgets nothing
    expect(first.locator("#listed label")).to_have_count(1)
    assert "Quintessa" not in first.content()


def test_files_memories_and_branches(visit: Visit, tmp_path: Path) -> None:
    page = visit("Chat")
    say(page, "I live in Lisbon.", 2)
    big = tmp_path / "big.txt"
    big.write_bytes(b"a" * (50 * 2**20))
    page.set_input_files("input[data-to='/chat/attach']", big)
    expect(page.locator("#file-problem")).to_contain_text("big.txt has 50 MB")
    story = tmp_path / "mill.md"
    story.write_text("# The mill\n\nThe mill was built in 1823.", encoding="utf-8")
    page.set_input_files("input[data-to='/chat/attach']", story)
    expect(page.locator("#note")).to_contain_text("Read mill.md")
    expect(page.locator("#head")).to_contain_text("Reads: mill.md")
    say(page, "When was the mill built?", 4)
    page.get_by_role("button", name="What I remember").click()
    page.locator("#memory label", has_text="Lisbon").click()
    expect(page.locator("#wording textarea, #wording input")).to_have_value("I live in Lisbon.")
    page.locator("#forget").click()
    expect(page.locator("#note")).to_contain_text("Forgotten: turn 1.")
    expect(page.locator("#talk")).not_to_contain_text("Lisbon")
    page.get_by_role("button", name="This conversation").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Export as a file").click()
    page.set_input_files("input[data-to='/chat/import']", download.value.path())
    expect(page.locator("#listed label")).to_have_count(2)
    page.locator("#delete").click()
    page.locator("#really").click()
    expect(page.locator("#listed label")).to_have_count(1)


def test_a_message_is_edited_in_a_branch(visit: Visit) -> None:
    page = visit("Chat")
    say(page, "My name is Ada.", 2)
    say(page, "I live in Rome.", 4)
    page.locator("#talk .message.user").last.hover()
    page.get_by_role("button", name="Edit").last.click()
    page.locator("#talk textarea").fill("I live in Lisbon.")
    page.get_by_role("button", name="Submit").last.click()
    expect(page.locator("#listed label")).to_have_count(2)
    expect(page.locator("#talk .message.user").last).to_have_text("I live in Lisbon.")
    expect(page.locator("#talk details.why")).to_have_count(2)


def test_a_temporary_chat_is_gone_when_the_page_is_loaded_anew(visit: Visit) -> None:
    page = visit("Chat")
    page.get_by_role("button", name="Temporary chat").click()
    expect(page.locator("#here")).to_have_attribute("data-temporary", "1")
    say(page, "My code is 4417.", 2)
    address = f"/chat/export/{page.locator('#here').get_attribute('data-id')}?temporary=1"
    address = page.url.split("?")[0].rstrip("/") + address
    assert page.request.get(address).status == 200
    page.reload()
    page.get_by_role("tab", name="Chat").click()
    expect(page.locator("#here")).to_have_attribute("data-temporary", "0")
    assert page.request.get(address).status == 404


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_sticks_out_and_colours_follow_the_system(visit: Visit, width: int, colours: str) -> None:
    page = visit(viewport={"width": width, "height": 844}, color_scheme=colours)
    for tab in ("Translate", "Chat"):
        page.get_by_role("tab", name=tab).click()
        page.wait_for_timeout(200)
        wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert wide <= 0, f"{tab} is {wide} pixels too wide"
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    lightness = sum(int(part) for part in background.strip("rgba()").split(",")[:3]) / 765
    assert (lightness < 0.3) == (colours == "dark"), background


def test_keyboard_alone_is_enough(visit: Visit) -> None:
    page = visit()
    page.locator(SOURCE).focus()
    page.keyboard.type("Thank you.")
    page.keyboard.press("Shift+Enter")
    assert shown(page)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement !== document.body")


def test_a_page_without_models_says_how_to_get_them(browser: Browser, tmp_path: Path) -> None:
    import threading

    import uvicorn

    from page import build_app, web_app
    from tests.app.conftest import TIMEOUT, free_port

    port = free_port()
    page_app = web_app(build_app(None, None, ("no translation model at <here>", "no chat model there")))
    server = uvicorn.Server(uvicorn.Config(page_app, port=port, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        while thread.is_alive() and not server.started:
            thread.join(0.02)
        context = browser.new_context()
        context.set_default_timeout(TIMEOUT)
        page = context.new_page()
        page.goto(f"http://127.0.0.1:{port}")
        expect(page.get_by_role("alert").first).to_contain_text("no translation model at <here>")
        page.get_by_role("tab", name="Chat").click()
        expect(page.get_by_text("There is no chat model here yet")).to_be_visible()
        expect(page.get_by_text("--chat-model FOLDER")).to_be_visible()
        context.close()
    finally:
        server.should_exit = True
        thread.join(30)


def test_the_shipped_models_translate_and_remember(visit: Visit) -> None:
    page = visit()
    page.fill(SOURCE, "I am tired.")
    expect(page.locator(TARGET)).to_have_value("Ich bin müde.")
    page.get_by_role("tab", name="Chat").click()
    say(page, "My name is Ada.", 2)
    say(page, "It is raining again today.", 4)
    assert "Ada" in say(page, "What is my name?", 6)
    why = page.locator("#talk details.why").last
    why.locator("summary").click()
    expect(why.locator("mark", has_text="Ada")).to_be_visible()
    expect(why.locator("ol.sources li").first).to_contain_text("Ada")  # where it was said, or said again
