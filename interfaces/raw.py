"""ASGI middleware before Gradio's own HTTP interface: calls that fit no function are refused, not tried.

Gradio answers them with 500, and writes what it received into the log.
"""

from __future__ import annotations

import json
import re
from typing import Any

import gradio as gr
from starlette.types import ASGIApp, Receive, Scope, Send

from chat.tab.sessions import whole_body
from interfaces.gate import refuse

_JOIN = "/gradio_api/queue/join"
_NAMED = re.compile(r"/gradio_api/(run|api|call)/(.+?)/?")


class Raw:
    """Lets through what calls a function of the page, with as many values as it takes."""

    def __init__(self, app: ASGIApp, blocks: gr.Blocks) -> None:
        self.app, self.blocks = app, blocks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        path = scope.get("path", "")
        named = _NAMED.fullmatch(path)
        if scope["type"] != "http" or scope["method"] != "POST" or not (named or path.startswith(_JOIN)):
            await self.app(scope, receive, send)
            return
        body, receive = await whole_body(receive)
        status, said = self._fault(named[2] if named else None, body)
        if said:
            await refuse(send, path, status, said)
        else:
            await self.app(scope, receive, send)

    def _fault(self, name: str | None, body: bytes) -> tuple[int, str]:
        """The status and what to say, "" where the call fits."""
        try:
            given = json.loads(body)
        except (ValueError, RecursionError):
            return 400, "the body is no JSON"
        if not isinstance(given, dict) or not isinstance(given.get("data"), list):
            return 400, "data: give a list, in a JSON object"
        if name is None:
            number = given.get("fn_index")
            function = self._functions(given).get(number) if type(number) is int else None
            if function is None:
                return 400, "fn_index: this page has no such function"
        else:
            if given.get("fn_index") is not None:  # which Gradio would go by, whatever the name says
                return 400, "fn_index: not beside a name"
            public = [one for one in self.blocks.fns.values() if one.api_name == name and _is_public(one)]
            if not public:
                return 404, "this page offers no such function by name: /gradio_api/info lists them"
            function = public[0]
        sizes = {len(function.inputs), sum(not one.skip_api for one in function.inputs)}
        if len(given["data"]) not in sizes:
            return 400, f"data: {len(given['data'])} values, where {max(sizes)} are wanted"
        return 0, ""

    def _functions(self, given: dict[str, Any]) -> dict[int, Any]:
        """The functions of the page; one that is open may have got more while it was shown (gr.render)."""
        page, holder = given.get("session_hash"), self.blocks.state_holder
        if isinstance(page, str) and page in holder:
            return holder[page].blocks_config.fns
        return self.blocks.fns


def _is_public(function: Any) -> bool:
    return bool(function.api_visibility == "public")
