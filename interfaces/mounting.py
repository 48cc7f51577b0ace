"""The MCP server at /mcp, where the package for it is installed; else a word about how to get it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import APIRouter, FastAPI
from starlette.routing import Route

from interfaces.asking import bearer, owner_of
from interfaces.refusing import Refusal, in_short, speaking
from interfaces.services import Services

PATH = "/mcp"
MISSING = "the MCP server needs a package that is not installed: pip install 'longshort[mcp]'"


def mount(server: FastAPI, services: Services) -> None:
    """Adds the MCP server to the application, and its beginning and end to the application's."""
    try:
        from interfaces.agents import build
    except ModuleNotFoundError as error:
        if not (error.name or "").startswith("mcp"):
            raise
        server.include_router(_missing())
        return

    def owner(context: Any) -> str:
        authorization = (context.headers or {}).get("authorization")
        known = bool(services.keys is not None or bearer(authorization))
        return owner_of(services, authorization) if known else ""

    tools = build(services, owner)
    # Whoever sends a token is known by it; there is no session whose id would have to be believed.
    app = tools.streamable_http_app(streamable_http_path=PATH, stateless_http=True, json_response=True)
    server.router.routes.extend(route for route in app.routes if isinstance(route, Route))
    before = server.router.lifespan_context

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[Any]:
        async with before(app) as state, tools.session_manager.run():
            yield state

    server.router.lifespan_context = lifespan


def _missing() -> APIRouter:
    router = APIRouter(route_class=speaking(in_short), include_in_schema=False)

    @router.api_route(PATH, methods=["GET", "POST"])
    async def missing() -> None:
        raise Refusal(404, MISSING)

    return router
