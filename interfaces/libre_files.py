"""/translate_file and the download that it leads to. Files stay in memory; no name of a client is a path."""

from __future__ import annotations

import secrets
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import PurePath
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.datastructures import UploadFile

from interfaces.asking import check_key
from interfaces.libre import REFUSALS
from interfaces.reading import read
from interfaces.refusing import Refusal, in_short, speaking
from interfaces.services import Services
from interfaces.translating import Direction, check_languages, translated_document
from translate.documents import FORMATS, is_document
from translate.documents.base import LARGEST

UPLOAD = "/translate_file"
LARGEST_UPLOAD = LARGEST + 64 * 1024  # bytes of the request
KEPT_SECONDS = 30 * 60
KEPT_BYTES = 128 * 2**20  # of all results together; the oldest go first
_FILE = {"type": "string", "format": "binary"}
_FORM = {
    "type": "object",
    "required": ["file", "source", "target"],
    "properties": {
        "file": _FILE,
        **{name: {"type": "string"} for name in ("source", "target", "api_key")},
    },
}


class WantedFile(BaseModel):
    """What /translate_file takes."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    file: UploadFile
    source: str = Field(min_length=1)
    target: str = Field(min_length=1)
    api_key: str = ""


class FileUrl(BaseModel):
    """Where a translated file is fetched."""

    translatedFileUrl: str


@dataclass(frozen=True)
class Kept:
    """A result that waits to be fetched."""

    name: str
    data: bytes
    until: float  # time.monotonic()


class Shelf:
    """Results by a name that nobody can guess. Only in memory, for half an hour."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Kept] = OrderedDict()
        self._lock = threading.Lock()

    def put(self, name: str, data: bytes) -> str:
        """Keeps a result; what to ask for."""
        token = secrets.token_urlsafe(32)
        with self._lock:
            self._kept[token] = Kept(name, data, time.monotonic() + KEPT_SECONDS)
            self._tidy()
        return token

    def get(self, token: str) -> Kept:
        """Raises Refusal where there is none (any more)."""
        with self._lock:
            self._tidy()
            if (kept := self._kept.get(token)) is None:
                raise Refusal(404, "there is no such file (any more): translate it again")
            return kept

    def _tidy(self) -> None:
        now, size = time.monotonic(), 0
        for token, kept in reversed(list(self._kept.items())):
            size += len(kept.data)
            if kept.until < now or size > KEPT_BYTES:
                del self._kept[token]


def routes(services: Services) -> APIRouter:
    """/translate_file and /download_file."""
    router = APIRouter(route_class=speaking(in_short), tags=["translate"], responses=REFUSALS)
    shelf = Shelf()
    body = {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": _FORM}}}}

    @router.post(UPLOAD, response_model=FileUrl, openapi_extra=body)
    async def translate_file(request: Request) -> Response:
        """Translate a whole document; the answer says where it can be fetched for half an hour."""
        wanted = await read(request, WantedFile, files=True)
        check_key(services, wanted.api_key, request.headers.get("authorization"))
        name = file_name(wanted.file.filename or "")
        check_languages(wanted.source, wanted.target)
        if not is_document(name):
            raise Refusal(
                400,
                f"Invalid request: file format not supported: there are {', '.join(FORMATS)}",
                param="file",
            )
        data = await wanted.file.read()
        result = await services.workers.run(_translated, services, data, name, wanted)
        stem, _, ending = name.rpartition(".")
        token = shelf.put(f"{stem}.{wanted.target}.{ending}", result)
        path = request.url_for("download_file", token=token)
        return JSONResponse({"translatedFileUrl": str(path)})

    @router.get("/download_file/{token}", response_class=Response)
    async def download_file(token: str) -> Response:
        """A translated document, for whoever was told its address."""
        kept = shelf.get(token)
        headers = {
            "content-disposition": f"attachment; filename*=UTF-8''{quote(kept.name)}",
            "cache-control": "no-store",
        }
        return Response(kept.data, media_type="application/octet-stream", headers=headers)

    return router


def file_name(given: str) -> str:
    """The last part of a client's file name: only ever a word in an answer, never a path."""
    name = PurePath(given.replace("\\", "/")).name[-120:]
    return "".join(letter for letter in name if letter.isprintable() and letter not in '"<>|:*?').strip()


def _translated(services: Services, data: bytes, name: str, wanted: WantedFile) -> bytes:
    if wanted.source == wanted.target:
        return data
    direction = Direction(wanted.source, wanted.target)
    return translated_document(services, data, name, direction, services.limits.deadline().check)[0]
