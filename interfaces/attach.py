"""The interfaces, put onto the application that carries the page."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

from fastapi import FastAPI
from fastapi_offline import FastAPIOffline

from interfaces import completions, libre, libre_files, mounting, remembering
from interfaces.gate import Gate
from interfaces.libre_files import LARGEST_UPLOAD, UPLOAD
from interfaces.services import Services
from interfaces.watching import Watch, watch_routes

# Requests that may be larger than others, and how large (bytes).
PATHS = {UPLOAD: LARGEST_UPLOAD}


def new_server() -> FastAPI:
    """An application whose interfaces describe themselves: /openapi.json, and /docs for people.

    The page /docs is served with all its parts: nothing of it is fetched elsewhere.
    """
    try:
        number = version("longshort")
    except PackageNotFoundError:  # run from its folder
        number = "0"
    return FastAPIOffline(
        title="Longshort", version=number, docs_url="/docs", redoc_url=None, openapi_url="/openapi.json"
    )


def attach(server: FastAPI, services: Services) -> None:
    """Adds every interface, what watches them, and what keeps them within their limits."""
    for module in (libre, libre_files, completions, remembering):
        server.include_router(module.routes(services))
    mounting.mount(server, services)
    watch = watch_routes(services)
    server.include_router(watch.router)
    server.add_middleware(Gate, per_minute=services.limits.per_minute)
    server.add_middleware(Watch, metrics=watch.metrics)
