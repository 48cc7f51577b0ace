"""ASGI middleware: so many requests a minute of one client, whole ones, none of another site's page."""

from __future__ import annotations

import json
import math
import time
from urllib.parse import urlsplit

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# What a page fetches to look right, and the streams that it listens to, are not counted.
FREE = (
    "/assets/", "/static", "/svelte/", "/theme.css", "/favicon.ico", "/health", "/metrics",
    "/gradio_api/queue/data", "/gradio_api/heartbeat/",
)  # fmt: skip


class Gate:
    """Refuses what is too much (429), from elsewhere (403) or cut off (413), before anything reads it."""

    def __init__(self, app: ASGIApp, per_minute: int = 0) -> None:
        """per_minute: requests of one address; 0 = any number."""
        self.app = app
        self._limiter = MovingWindowRateLimiter(MemoryStorage()) if per_minute else None
        self._item = RateLimitItemPerMinute(max(1, per_minute))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        if scope["method"] not in ("GET", "HEAD", "OPTIONS") and is_foreign(headers):
            said = "this request comes from another site's page, which may not use this server"
            await refuse(send, scope["path"], 403, said)
            return
        if (wait := self._wait(scope)) > 0:
            said = f"too many requests: {self._item.amount:,} a minute at most; try again in {wait} s"
            await refuse(send, scope["path"], 429, said, wait)
            return
        if "transfer-encoding" in headers:  # in chunks: only its end tells that it was not too large
            messages = await _whole(receive)
            if messages[-1]["type"] == "http.disconnect":
                await refuse(send, scope["path"], 413, "the request is too large: send less at once")
                return
            receive = _again(messages, receive)
        await self.app(scope, receive, send)

    def _wait(self, scope: Scope) -> int:
        """Seconds until the client may ask again; 0: now."""
        if self._limiter is None or (scope["method"] in ("GET", "HEAD") and scope["path"].startswith(FREE)):
            return 0
        client = (scope.get("client") or ("",))[0]
        if self._limiter.hit(self._item, client):
            return 0
        reset, _ = self._limiter.get_window_stats(self._item, client)
        return max(1, math.ceil(reset - time.time()))


async def _whole(receive: Receive) -> list[Message]:
    """What comes of a request up to the end of its body, or to where it is cut off."""
    messages = [await receive()]
    while messages[-1].get("more_body", False):
        messages.append(await receive())
    return messages


def _again(messages: list[Message], receive: Receive) -> Receive:
    waiting = iter(messages)

    async def replay() -> Message:
        return next(waiting, None) or await receive()

    return replay


def is_foreign(headers: dict[str, str]) -> bool:
    """Whether a browser says that the request was made by a page of another site."""
    if headers.get("sec-fetch-site") == "cross-site" and "origin" not in headers:
        return True
    origin = headers.get("origin")
    if origin is None:
        return False  # no browser, or a page of this very server
    parts = urlsplit(origin) if origin.isascii() else urlsplit("null")
    if parts.scheme not in ("http", "https", ""):
        return False  # an extension: its user has installed it
    return parts.netloc != headers.get("host")


async def refuse(send: Send, path: str, status: int, said: str, wait: int = 0) -> None:
    """An answer in the form that the path's clients read."""
    kind = "rate_limit_error" if status == 429 else "invalid_request_error"
    openai = {"error": {"message": said, "type": kind, "param": None, "code": None}}
    body = json.dumps(openai if path.startswith("/v1/") else {"error": f"Slowdown: {said}" if wait else said})
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    headers += [(b"retry-after", str(wait).encode())] if wait else []
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body.encode()})
