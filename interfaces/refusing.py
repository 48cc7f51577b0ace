"""Saying no: what went wrong, as a status and a sentence, in the form that each interface's clients read."""

from __future__ import annotations

import logging
import secrets
import traceback
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from pydantic import BaseModel, ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from chat.store import NotThere, StoreConflict, StoreError
from lstm_models.records import Damaged
from lstm_models.scheduler import Busy, Late

LOG = logging.getLogger("longshort.requests")
_SHOWN = 40  # characters of a wrong value
_PRIVATE = ("q", "messages", "content", "input", "text", "file", "api_key")  # never shown


@dataclass
class Refusal(Exception):
    """A request that is refused. retry: seconds; param, code: what OpenAI's form says besides."""

    status: int
    message: str
    param: str | None = None
    code: str | None = None
    retry: int = 0

    @property
    def headers(self) -> dict[str, str]:
        """Headers of the answer."""
        found = {"retry-after": str(self.retry)} if self.retry else {}
        return found | ({"www-authenticate": "Bearer"} if self.status == 401 else {})


class Problem(BaseModel):
    """What LibreTranslate's clients are told."""

    error: str


def refusal_of(error: Exception) -> Refusal:
    """Any fault as a refusal. What nobody foresaw is logged by place and kind, without its words."""
    match error:
        case Refusal():
            return error
        case ValidationError() | RequestValidationError():
            return _wrong_field(error.errors()[0])
        case HTTPException():
            return Refusal(error.status_code, str(error.detail))
        case ClientDisconnect():
            return Refusal(413, "the request is too large: send less at once")
        case Busy():
            return Refusal(503, str(error), retry=error.seconds)
        case Late():
            return Refusal(503, str(error), retry=10)
        case NotThere():
            return Refusal(404, str(error))
        case StoreConflict():
            return Refusal(409, str(error))
        case StoreError():
            return Refusal(503, str(error), retry=10)
        case Damaged():  # its own words say where the file lies
            said = f"the file of {error.what} is damaged: whoever runs this server has to mend it"
            return Refusal(503, said, retry=10)
        case ValueError():
            return Refusal(400, str(error))
    number = secrets.token_hex(4)
    place = traceback.extract_tb(error.__traceback__)[-1]
    LOG.error(
        "fault", extra={"fault": number, "kind": type(error).__name__, "place": f"{place[0]}:{place[1]}"}
    )
    return Refusal(500, f"something went wrong here, and the log says where: look for {number}")


def _wrong_field(fault: Mapping[str, Any]) -> Refusal:
    where = [str(part) for part in fault["loc"]]
    name = ".".join(where)
    if fault["type"] == "missing":
        return Refusal(400, f"Invalid request: missing {name} parameter", param=name)
    value = fault.get("input")
    shown = repr(value) if not isinstance(value, dict | list) else f"a {type(value).__name__}"
    if any(part in _PRIVATE for part in where) or not where:
        shown = f"a {type(value).__name__}"
    elif len(shown) > _SHOWN:
        shown = shown[:_SHOWN] + "…"
    return Refusal(400, f"Invalid request: {name}: {fault['msg']} (received {shown})", param=name or None)


def in_short(refusal: Refusal) -> Response:
    """LibreTranslate's form."""
    return JSONResponse({"error": refusal.message}, refusal.status, headers=refusal.headers)


def as_openai(refusal: Refusal) -> Response:
    """OpenAI's form."""
    return JSONResponse(openai_error(refusal), refusal.status, headers=refusal.headers)


def openai_error(refusal: Refusal) -> dict[str, Any]:
    """The body of OpenAI's form."""
    kinds = {401: "authentication_error", 429: "rate_limit_error"}
    kind = kinds.get(refusal.status, "server_error" if refusal.status >= 500 else "invalid_request_error")
    return {"error": {"message": refusal.message, "type": kind, "param": refusal.param, "code": refusal.code}}


def speaking(form: Callable[[Refusal], Response]) -> type[APIRoute]:
    """Routes whose faults are answered in a form."""

    class Route(APIRoute):
        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            handler = super().get_route_handler()

            async def safely(request: Request) -> Response:
                try:
                    return await handler(request)
                except Exception as error:  # whatever it is, the client gets an answer in its own form
                    return form(refusal_of(error))

            return safely

    return Route
