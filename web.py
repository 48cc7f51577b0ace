"""What stands between the network and the page: headers for every answer, and a limit for every request."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST_REQUEST = 256 * 1024  # bytes; the longest text that a tab takes is a tenth of it
SECURITY_HEADERS = {
    # Whatever a page were made to ask for, the browser asks only this server.
    "content-security-policy": "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
    "media-src 'self' blob:; worker-src 'self' blob:; object-src 'none'; base-uri 'self'; "
    "form-action 'self'; frame-ancestors 'none'",
    # Other sites learn nothing. This server does: with no-referrer browsers send forms as from nowhere.
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
}


class Guard:
    """ASGI middleware: security headers on every answer, and no request larger than its path allows."""

    def __init__(self, app: ASGIApp, larger: Mapping[str, int] | None = None) -> None:
        """larger: bytes that requests to paths with a beginning may have instead."""
        self.app, self.larger = app, dict(larger or {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request. Too large a body gets 413 before anything reads it, or ends where the limit is."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        length = dict(scope["headers"]).get(b"content-length", b"0")
        fitting = (size for start, size in self.larger.items() if scope["path"].startswith(start))
        largest = next(fitting, LARGEST_REQUEST)
        if not length.isdigit() or int(length) > largest:
            await _refuse(send, largest)
            return
        size = 0

        async def receive_some() -> Message:
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            # Sent in chunks, without a length: the handler sees a client that has gone.
            return message if size <= largest else {"type": "http.disconnect"}

        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                extra = [(name.encode(), value.encode()) for name, value in SECURITY_HEADERS.items()]
                message["headers"] = [*message.get("headers", []), *extra]
            await send(message)

        await self.app(scope, receive_some, send_safely)


async def _refuse(send: Send, largest: int) -> None:
    body = f"the request is too large: {largest} bytes at most\n".encode()
    size = str(len(body)).encode()
    headers = [(b"content-type", b"text/plain"), (b"content-length", size), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": body})
