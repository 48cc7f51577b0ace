"""A browser for the tests: one that is there, or one that can be installed.

`python -m tests.browser` is what `make test` runs first: it ends with 0 and the browser's path, or with 1 and
what to do. `find_browser` is for the tests.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
VARIABLE = "LONGSHORT_BROWSER"


def find_browser() -> str | None:
    """Where a Chromium or Chrome is: $LONGSHORT_BROWSER, the PATH, the usual places, Playwright's own."""
    chosen = os.environ.get(VARIABLE)
    if chosen:
        if shutil.which(chosen) is None:
            raise ValueError(f"{VARIABLE}={chosen!r} cannot be run; give a Chromium or Chrome, or unset it")
        return chosen
    found = (shutil.which(name) for name in (*NAMES, *PLACES))
    return next((path for path in found if path), None) or _playwright_browser()


def _playwright_browser() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def install_browser() -> None:
    """Try Debian's package (as root, or where sudo asks for no password), then Playwright's download."""
    if shutil.which("apt-get"):
        sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        if not sudo or (shutil.which("sudo") and subprocess.run([*sudo, "true"], **quiet).returncode == 0):
            print("No browser found; installing Debian's chromium for the tests ...", file=sys.stderr)
            environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
            for step in (["update", "-qq"], ["install", "-qq", "-y", "--no-install-recommends", "chromium"]):
                subprocess.run([*sudo, "apt-get", *step], env=environment, stdout=subprocess.DEVNULL)
            if find_browser():
                return
    print("No browser found; asking Playwright for its Chromium ...", file=sys.stderr)
    subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"])


def main() -> int:
    """Find or install; say which browser the tests use, or what to do."""
    if find_browser() is None:
        install_browser()
    browser = find_browser()
    if browser is None:
        print(
            "The tests drive the app in a real browser, and none was found or could be installed.\n"
            "Install Chromium or Chrome (Debian, Ubuntu: sudo apt install chromium), or name one:\n"
            f"    {VARIABLE}=/path/to/chrome make test",
            file=sys.stderr,
        )
        return 1
    print(f"browser for the tests: {browser}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
