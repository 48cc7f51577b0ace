"""ASGI middleware: the script that has to run before Gradio's own, which loads `head` too late for it."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_START = b"<head>"


class First:
    """Puts a script at the top of the page's head."""

    def __init__(self, app: ASGIApp, script: str) -> None:
        self.app, self.script = app, script.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request; only the page itself is changed."""
        if scope["type"] != "http" or scope["path"] != "/" or scope["method"] != "GET":
            await self.app(scope, receive, send)
            return
        # Uncompressed: there is something to put in, and it goes no further than this machine.
        headers = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
        start: Message = {}
        body = b""

        async def send_with_script(message: Message) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start":
                start = message
                return
            body += message.get("body", b"")
            if message.get("more_body"):
                return
            body = body.replace(_START, _START + self.script, 1)
            kept = [(name, value) for name, value in start["headers"] if name != b"content-length"]
            await send({**start, "headers": [*kept, (b"content-length", str(len(body)).encode())]})
            await send({"type": "http.response.body", "body": body})

        await self.app({**scope, "headers": headers}, receive, send_with_script)
