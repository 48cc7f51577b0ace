"""Whose request it is: a cookie that the server issues, which nobody can guess and no script can read.

Gradio knows pages by a `session_hash` that the page makes up itself. It says nothing here about whose the
request is; and a page's stream of answers is given only to the browser whose cookie first used that hash.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from collections import OrderedDict
from urllib.parse import parse_qs

from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE = "longshort"
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")  # secrets.token_urlsafe(32)
_KEPT = 400 * 24 * 3600  # seconds: browsers keep a cookie no longer, so that each visit renews it
MOST_PAGES = 10_000
_GRADIO = "/gradio_api/"
_IN_PATH = re.compile(r"/gradio_api/(?:heartbeat|stream)/([^/]+)")


def owner_of(token: str | None) -> str:
    """The name under which a browser's conversations are stored: not the token itself, which opens them.

    Raises ValueError without a token: the page was opened in a browser that refuses cookies.
    """
    if not token or not _TOKEN.fullmatch(token):
        raise ValueError("this page has no session: allow cookies for this address, then load the page again")
    return hashlib.sha256(token.encode()).hexdigest()


def token_in(cookies: str) -> str | None:
    """The session's token in a Cookie header, or None.

    Programs on other ports of this machine set cookies for the same address: whatever they are like, they are
    passed over.
    """
    found = cookie_parser(cookies).get(COOKIE, "")
    return found if _TOKEN.fullmatch(found) else None


class Sessions:
    """ASGI middleware: issues the cookie, renews it, and keeps the streams of different browsers apart."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._pages: OrderedDict[str, str] = OrderedDict()  # session_hash -> token that first used it, or ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request; one for another browser's stream gets 403."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        token = token_in(headers.get(b"cookie", b"").decode("latin-1"))
        pages = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("session_hash", [])
        if found := _IN_PATH.match(scope["path"]):
            pages = [*pages, found[1]]
        is_upload = headers.get(b"content-type", b"").startswith(b"multipart/")  # which names no page
        if scope["method"] == "POST" and scope["path"].startswith(_GRADIO) and not is_upload:
            body, receive = await whole_body(receive)
            pages = [*pages, _page_in(body)]
        if not all(self._is_of(page, token or "") for page in pages if page):
            await send({"type": "http.response.start", "status": 403, "headers": []})
            await send({"type": "http.response.body", "body": b"this page belongs to another browser\n"})
            return
        is_visit = scope["method"] == "GET" and scope["path"] == "/"

        async def send_with_cookie(message: Message) -> None:
            if is_visit and message["type"] == "http.response.start":
                cookie = f"{COOKIE}={token or secrets.token_urlsafe(32)}; Path=/; Max-Age={_KEPT}; "
                cookie += "HttpOnly; SameSite=Strict"
                message["headers"] = [*message.get("headers", []), (b"set-cookie", cookie.encode())]
            await send(message)

        await self.app(scope, receive, send_with_cookie)

    def _is_of(self, page: str, token: str) -> bool:
        known = self._pages.setdefault(page, token)
        self._pages.move_to_end(page)
        while len(self._pages) > MOST_PAGES:
            self._pages.popitem(last=False)
        return secrets.compare_digest(known, token)


def _page_in(body: bytes) -> str:
    """The session_hash in a request's JSON body, or ""."""
    try:
        page = json.loads(body).get("session_hash")
    except (ValueError, AttributeError, RecursionError):
        return ""
    return page if isinstance(page, str) else ""


async def whole_body(receive: Receive) -> tuple[bytes, Receive]:
    """A request's body, and a `receive` that gives it again; empty where the client has gone."""
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            return b"", _again(message, receive)
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body, _again({"type": "http.request", "body": body, "more_body": False}, receive)


def _again(first: Message, receive: Receive) -> Receive:
    waiting = [first]

    async def replay() -> Message:
        return waiting.pop() if waiting else await receive()

    return replay
