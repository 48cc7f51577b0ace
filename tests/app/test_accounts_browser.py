"""Accounts in a real browser: who may in, what guessing costs, and that each user meets only their own."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from playwright.sync_api import Browser, Page, expect

from front.accounts import Accounts
from tests.app.conftest import TIMEOUT, running

pytestmark = pytest.mark.browser
GOOD, BOX = "correct horse battery", "#message textarea"
CHEAP = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)


@pytest.fixture(scope="module")
def address(models: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of `python app.py --users FILE`, with three users."""
    folder = tmp_path_factory.mktemp("accounts")
    accounts = Accounts(folder / "users.json", CHEAP)
    for name in ("ada", "bob", "eve"):
        accounts.add(name, f"{GOOD} {name}")
    with running(models, folder, "--users", str(accounts.path)) as found:
        yield found


@pytest.fixture()
def visitor(browser: Browser, address: str) -> Iterator[Page]:
    """Somebody with a browser of their own, in front of the page."""
    context = browser.new_context()
    context.set_default_timeout(TIMEOUT)
    page = context.new_page()
    page.goto(address)
    yield page
    context.close()


other = visitor


def sign_in(page: Page, name: str, password: str) -> None:
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def tell(page: Page, message: str) -> None:
    page.get_by_role("tab", name="Chat").click()
    page.locator(BOX).fill(message)
    page.locator(BOX).press("Enter")
    expect(page.locator("#talk .message.user")).to_have_text(message)
    expect(page.locator("#talk details.why")).to_have_count(1)


def test_two_users_see_only_their_own_in_whichever_browser(visitor: Page, other: Page, address: str) -> None:
    sign_in(visitor, "ada", f"{GOOD} ada")
    tell(visitor, "My name is Zebulon.")
    sign_in(other, "bob", f"{GOOD} bob")
    tell(other, "My name is Quintessa.")
    expect(other.locator("#listed label")).to_have_count(1)
    assert "Zebulon" not in other.content()
    other.get_by_role("button", name="Sign out").click()
    expect(other.get_by_label("Password")).to_be_visible()
    other.goto(address)
    expect(other.get_by_label("Password")).to_be_visible()  # signed out is out
    sign_in(other, "ada", f"{GOOD} ada")
    other.get_by_role("tab", name="Chat").click()
    expect(other.locator("#talk .message.user")).to_have_text("My name is Zebulon.")
    expect(other.locator("#listed label")).to_have_count(1)
    assert "Quintessa" not in other.content()


def test_a_wrong_password_is_told_and_five_lock_the_name(visitor: Page) -> None:
    for _ in range(5):
        sign_in(visitor, "eve", "wrong horse battery")
        expect(visitor.get_by_role("alert")).to_have_text("Name or password is wrong.")
        expect(visitor.get_by_label("Password")).to_have_value("")
    sign_in(visitor, "eve", f"{GOOD} eve")
    told = re.compile(r"Too many attempts\. Try again in 1?\d min\.")  # 15, less what the test itself takes
    expect(visitor.get_by_role("alert")).to_have_text(told)
    wide = visitor.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 0
    sign_in(visitor, "ada", f"{GOOD} ada")  # others are not locked out
    expect(visitor.get_by_role("tab", name="Chat")).to_be_visible()
