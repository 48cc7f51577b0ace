"""What goes on: /metrics for Prometheus, and a line of JSON for each request. Never a word of a message.

A request is known by its route's pattern, method, status and time: no query, body, header or address.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request, Response
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from interfaces.asking import check_key
from interfaces.refusing import LOG, in_short, refusal_of, speaking
from interfaces.services import Services

_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_FIELDS = ("route", "method", "status", "milliseconds", "fault", "kind", "place")


class Metrics:
    """The numbers of one application."""

    def __init__(self, services: Services) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "longshort_requests", "Requests answered", ["route", "method", "status"], registry=self.registry
        )
        self.seconds = Histogram(
            "longshort_request_seconds", "Seconds to the end of an answer", ["route"],
            buckets=_SECONDS, registry=self.registry,
        )  # fmt: skip
        self.now = Gauge("longshort_requests_now", "Requests being answered", registry=self.registry)
        waiting = Gauge(
            "longshort_waiting", "Sentences and replies in the model's queue", registry=self.registry
        )
        waiting.set_function(lambda: _waiting(services))
        ProcessCollector(registry=self.registry)

    def note(self, route: str, method: str, status: int, seconds: float) -> None:
        """One request that was answered."""
        self.requests.labels(route, method, str(status)).inc()
        self.seconds.labels(route).observe(seconds)


@dataclass(frozen=True)
class Watched:
    """The numbers, and the route that shows them."""

    metrics: Metrics
    router: APIRouter


def watch_routes(services: Services) -> Watched:
    """/metrics; with keys, for whoever has one."""
    metrics, router = Metrics(services), APIRouter(route_class=speaking(in_short), tags=["monitoring"])

    @router.get("/metrics", response_class=Response)
    async def numbers(request: Request) -> Response:
        """Numbers for Prometheus."""
        check_key(services, None, request.headers.get("authorization"))
        return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)

    return Watched(metrics, router)


class Watch:
    """ASGI middleware: counts, times and logs requests, and answers for faults that nobody foresaw."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app, self.metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        status, started = 0, time.monotonic()

        async def send_noting(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        self.metrics.now.inc()
        try:
            await self.app(scope, receive, send_noting)
        except Exception as error:
            refusal = refusal_of(error)  # logs it, without its words
            if not status:
                await in_short(refusal)(scope, receive, send_noting)
        finally:
            self.metrics.now.dec()
            seconds = time.monotonic() - started
            method = scope["method"] if scope["method"] in _METHODS else "other"
            route = _route(scope)
            self.metrics.note(route, method, status, seconds)
            about = {
                "route": route,
                "method": method,
                "status": status,
                "milliseconds": round(1000 * seconds),
            }
            LOG.info("request", extra=about)


class JsonLines(logging.Formatter):
    """A log line as JSON: time, level, what happened, and the fields that are known to hold no text."""

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        found: dict[str, Any] = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created)),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
        }
        found |= {name: getattr(record, name) for name in _FIELDS if hasattr(record, name)}
        return json.dumps(found)


def log_requests(quiet: bool) -> None:
    """Writes the lines to stderr; quiet: only faults."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    LOG.handlers, LOG.propagate = [handler], False
    LOG.setLevel(logging.WARNING if quiet else logging.INFO)


def _route(scope: Scope) -> str:
    """The pattern of the route that answered: there are only so many of them."""
    return str(getattr(scope.get("route"), "path", "other"))


def _waiting(services: Services) -> int:
    models = services.translator, services.conversations.bot if services.conversations else None
    schedulers = {getattr(model.engine, "scheduler", None) for model in models if model is not None}
    return sum(scheduler.waiting for scheduler in schedulers if scheduler is not None)
