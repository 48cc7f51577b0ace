"""The languages of the page: every text of a tab stands in its texts.yaml, in each of them.

What a widget shows is put into the reader's language by the browser (`label`, `piece`: gr.I18n knows them);
what a request is answered with, by the server (`Wording.__call__`). Both go by the same choice: a cookie that
the page's script sets when somebody chooses, else what the browser prefers, else English.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import yaml
from gradio.context import LocalContext
from gradio.i18n import I18nData
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Receive, Scope, Send

LANGUAGES = {"en": "English", "de": "Deutsch", "fr": "Français", "es": "Español"}
COOKIE = "longshort-language"
# Thousands and decimals as each language writes them.
_MARKS = {"en": (",", "."), "de": (".", ","), "fr": ("\u202f", ","), "es": (".", ",")}
_KEY = re.compile(r"\[\[([\w.]+)\]\]")
# libyaml's, where PyYAML was built with it: ten times quicker than the one in Python.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_asked_in: ContextVar[str] = ContextVar("language", default="en")


class Wording:
    """The texts of one part of the page, by key."""

    def __init__(self, name: str, path: Path) -> None:
        """name: of the part, once on a page. path: YAML, `key: {en: ..., de: ..., fr: ..., es: ...}`."""
        self.name = name
        self.texts: dict[str, dict[str, str]] = yaml.load(path.read_text(encoding="utf-8"), _LOADER)
        self._pieces: dict[str, str] = {}  # template -> key

    def __call__(self, key: str, /, **values: Any) -> str:
        """A text in the language of whoever asked for it.

        Whole numbers are grouped and others get one decimal, as the language writes them.
        """
        shown = {name: localised(value) for name, value in values.items()}
        return self.texts[key][asked_in()].format(**shown)

    def counted(self, key: str, count: int, **values: Any) -> str:
        """The text `key.one` or `key.many`."""
        return self(f"{key}.{'one' if count == 1 else 'many'}", count=count, **values)

    def label(self, key: str) -> str:
        """A text that the browser puts into its language: for widgets, which are made once for everybody."""
        self.texts[key]  # a wrong key fails when the page is built
        return str(I18nData(f"{self.name}.{key}"))

    def piece(self, template: str) -> str:
        """As `label`, for HTML with [[key]] in it: the browser replaces one mark in a string, not several."""
        for key in _KEY.findall(template):
            self.texts[key]
        key = self._pieces.setdefault(template, f"piece{len(self._pieces)}")
        return str(I18nData(f"{self.name}.{key}"))

    def of(self, language: str) -> dict[str, str]:
        """What gr.I18n is told for one language. Texts with {values} are the server's alone."""
        texts = {key: entry[language] for key, entry in self.texts.items()}
        told = {key: text for key, text in texts.items() if "{" not in text}
        for template, key in self._pieces.items():
            told[key] = _KEY.sub(lambda found: texts[found[1]], template)
        return {f"{self.name}.{key}": text for key, text in told.items()}

    def script(self, *keys: str) -> str:
        """A <script> with texts for the page's own scripts: window.wording[key]."""
        told = {code: {key: self.texts[key][code] for key in keys} for code in LANGUAGES}
        return f"<script>Object.assign(window.wording, {json.dumps(told)}[window.wordingIn]);</script>"


def asked_in() -> str:
    """The language of the request that is being answered."""
    request = LocalContext.request.get(None)
    if request is None:
        return _asked_in.get()
    return preferred({name: request.headers.get(name) or "" for name in ("cookie", "accept-language")})


def preferred(headers: Mapping[str, str]) -> str:
    """The language of headers: the one chosen on the page, else the first of the browser's that is there."""
    chosen = cookie_parser(headers.get("cookie", "")).get(COOKIE)
    if chosen in LANGUAGES:
        return chosen
    for wanted in headers.get("accept-language", "").split(","):
        code = wanted.split(";")[0].split("-")[0].strip().lower()
        if code in LANGUAGES:
            return code
    return "en"


class Spoken:
    """ASGI middleware: remembers in which language a request is to be answered."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] == "http":
            given = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
            _asked_in.set(preferred(given))
        await self.app(scope, receive, send)


def localised(value: Any) -> Any:
    """A number as the reader's language writes it; whatever else it is as it is."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    thousands, decimal = _MARKS[asked_in()]
    text = f"{value:,}" if isinstance(value, int) else f"{value:,.1f}"
    return text.translate({ord(","): thousands, ord("."): decimal})


# Before anything of the page runs: which language, and that Gradio's own words use it, too.
CHOOSING = """<script>(() => {
  const known = LANGUAGES, name = "COOKIE";
  const chosen = document.cookie.match(new RegExp(`(?:^|; )${name}=(\\\\w+)`))?.[1];
  const wanted = (navigator.languages ?? [navigator.language]).map((one) => one.split("-")[0].toLowerCase());
  const language = known.includes(chosen) ? chosen : wanted.find((one) => known.includes(one)) ?? "en";
  Object.defineProperty(navigator, "language", { get: () => language });
  Object.defineProperty(navigator, "languages", { get: () => [language] });
  document.documentElement.lang = language;
  Object.assign(window, { wording: {}, wordingIn: language });
  new MutationObserver((_, watcher) => {
    const box = document.getElementById("language");
    if (!box) return;
    box.value = language;
    watcher.disconnect();
  }).observe(document, { childList: true, subtree: true });
  document.addEventListener("change", (event) => {
    if (event.target.id !== "language") return;
    document.cookie = `${name}=${event.target.value}; path=/; max-age=157680000; samesite=strict`;
    location.reload();
  });
})();</script>""".replace("LANGUAGES", json.dumps(list(LANGUAGES))).replace("COOKIE", COOKIE)
