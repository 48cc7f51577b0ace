"""The MCP server at /mcp, where the package for it is installed; else a word about how to get it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib.util import find_spec
from typing import Any

import anyio
from anyio import to_thread
from anyio.abc import TaskGroup, TaskStatus
from fastapi import APIRouter, FastAPI
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from interfaces.asking import bearer, owner_of
from interfaces.refusing import Refusal, in_short, speaking
from interfaces.services import Services

PATH = "/mcp"
MISSING = "the MCP server needs a package that is not installed: pip install 'longshort[mcp]'"


def mount(server: FastAPI, services: Services) -> None:
    """Adds the MCP server to the application, and its beginning and end to the application's."""
    if find_spec("mcp") is None:
        server.include_router(_missing())
        return

    def owner(context: Any) -> str:
        authorization = (context.headers or {}).get("authorization")
        known = bool(services.keys is not None or bearer(authorization))
        return owner_of(services, authorization) if known else ""

    def build() -> Any:
        from interfaces.agents import build as built

        return built(services, owner)

    late = Late(build)
    server.router.routes.append(late.route)
    before = server.router.lifespan_context

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[Any]:
        async with before(app) as state, late.running():
            yield state

    server.router.lifespan_context = lifespan


class Late:
    """The MCP server as an ASGI application that is made when it is first asked for.

    Importing its package takes a fifth of the app's whole start, and most people never ask.
    """

    def __init__(self, build: Callable[[], Any]) -> None:
        """build: makes the server; it is called in a thread."""
        self.route = Route(PATH, endpoint=self)
        self._build = build
        self._lock = anyio.Lock()
        self._group: TaskGroup | None = None
        self._app: ASGIApp | None = None

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """The time in which it can be asked: its sessions end with it."""
        async with anyio.create_task_group() as self._group:
            try:
                yield
            finally:
                self._group.cancel_scope.cancel()
                self._app = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request; those that come while the server is made wait for it."""
        scope["route"] = self.route  # as FastAPI's own do: what counts requests goes by it
        async with self._lock:
            if self._app is None:
                assert self._group is not None, "asked before the application began"
                self._app = await self._group.start(self._serve)
        await self._app(scope, receive, send)

    async def _serve(self, *, task_status: TaskStatus[ASGIApp]) -> None:
        tools = await to_thread.run_sync(self._build)
        # Whoever sends a token is known by it; there is no session whose id would have to be believed.
        app = tools.streamable_http_app(streamable_http_path=PATH, stateless_http=True, json_response=True)
        async with tools.session_manager.run():
            task_status.started(next(route.app for route in app.routes if isinstance(route, Route)))
            await anyio.sleep_forever()


def _missing() -> APIRouter:
    router = APIRouter(route_class=speaking(in_short), include_in_schema=False)

    @router.api_route(PATH, methods=["GET", "POST"])
    async def missing() -> None:
        raise Refusal(404, MISSING)

    return router
