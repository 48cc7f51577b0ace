"""A request's body as a checked value: JSON or a form, whatever a client sends."""

from __future__ import annotations

import json
from typing import Any, NoReturn, TypeVar

from fastapi import Request
from pydantic import BaseModel
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from interfaces.refusing import Refusal

Given = TypeVar("Given", bound=BaseModel)
MOST_FIELDS = 32


async def read(request: Request, model: type[Given], files: bool = False) -> Given:
    """The body as `model`: JSON, a form, or (as LibreTranslate's clients may) the query. Raises Refusal.

    files: whether an uploaded file is wanted; else one is refused before it is kept anywhere.
    """
    if is_json(request):
        return model.model_validate(await read_json(request))
    try:
        form = await request.form(max_files=1 if files else 0, max_fields=MOST_FIELDS)
    except HTTPException as error:
        raise Refusal(400, f"Invalid request: {error.detail}") from error
    values: dict[str, Any] = dict(request.query_params)
    values |= {name: value for name, value in form.items() if files or not isinstance(value, UploadFile)}
    return model.model_validate(cleaned(values))


def is_json(request: Request) -> bool:
    """Whether the body says that it is JSON."""
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    return kind == "application/json" or kind.endswith("+json")


async def read_json(request: Request) -> dict[str, Any]:
    """A JSON object. Raises Refusal for anything else, however deep or broken."""
    body = await request.body()
    try:
        found = cleaned(json.loads(body, parse_constant=_no_number))
    except RecursionError as error:
        raise Refusal(400, "Invalid JSON: it is nested too deeply") from error
    except UnicodeDecodeError as error:
        raise Refusal(400, f"Invalid JSON: it is not UTF-8 (byte {error.start})") from error
    except ValueError as error:
        where = (
            f" (line {error.lineno}, column {error.colno})" if isinstance(error, json.JSONDecodeError) else ""
        )
        raise Refusal(400, f"Invalid JSON format{where}") from error
    if not isinstance(found, dict):
        raise Refusal(400, f"Invalid JSON format: a {type(found).__name__}, where an object is wanted")
    return found


def cleaned(value: Any) -> Any:
    """Halves of characters, which no answer could repeat, become question marks."""
    match value:
        case str():
            return value.encode("utf-8", "replace").decode("utf-8")
        case list():
            return [cleaned(part) for part in value]
        case dict():
            return {cleaned(name): cleaned(part) for name, part in value.items()}
    return value


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")


def body_of(model: type[BaseModel], forms: tuple[str, ...] = ("application/json",)) -> dict[str, Any]:
    """What the OpenAPI description says of a body that `read` reads."""
    schema = model.model_json_schema()
    whole = _inlined(schema, schema.pop("$defs", {}))
    return {"requestBody": {"required": True, "content": {form: {"schema": whole} for form in forms}}}


def _inlined(schema: Any, parts: dict[str, Any]) -> Any:
    """A schema whose parts stand where they are meant: references would lead out of the description."""
    match schema:
        case {"$ref": str(name)}:
            return _inlined(parts[name.rpartition("/")[2]], parts)
        case dict():
            return {name: _inlined(part, parts) for name, part in schema.items()}
        case list():
            return [_inlined(part, parts) for part in schema]
    return schema
