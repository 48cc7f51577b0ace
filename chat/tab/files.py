"""Files in and out of the page: documents and conversations go straight to memory, never through a folder."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated
from urllib.parse import quote, unquote

from fastapi import FastAPI, Query, Request
from fastapi.responses import JSONResponse, Response

from chat.documents import LARGEST_FILE
from chat.exchange import LARGEST, MOST_DOCUMENTS
from chat.store import StoreError
from chat.tab.desk import Desk, Here
from chat.tab.sessions import COOKIE, owner_of
from chat.texts import TEXTS

ROUTE = "/chat/"  # requests below it may be as large as an exported conversation
LARGEST_REQUEST = LARGEST
OURS = "x-longshort"  # a header that no other site's page can send


def add_routes(server: FastAPI, desk: Desk) -> None:
    """POST /chat/attach and /chat/import (the file is the body), GET /chat/export/ID, POST /chat/leave."""

    @server.post(f"{ROUTE}attach")
    async def attach(request: Request) -> Response:
        return await _received(request, desk, "attach")

    @server.post(f"{ROUTE}import")
    async def import_file(request: Request) -> Response:
        return await _received(request, desk, "import")

    @server.post(f"{ROUTE}leave")
    def leave(
        request: Request, conversation: str = "", visit: Annotated[str, Query(max_length=16)] = ""
    ) -> Response:
        try:
            desk.leave(_sender(request), Here(conversation, temporary=True, visit=visit))
        except ValueError as error:
            return JSONResponse({"problem": str(error)}, 400)
        return Response(status_code=204)

    @server.get(f"{ROUTE}export/{{conversation}}")
    def export(request: Request, conversation: str, temporary: int = 0) -> Response:
        try:
            conversations = desk.conversations(Here(temporary=bool(temporary)))
            view = conversations.view(owner_of(request.cookies.get(COOKIE)), conversation)
            data = conversations.export(view)
        except ValueError as error:
            return JSONResponse({"problem": str(error)}, 404)
        name = quote(f"{view.info.title[:40].strip() or 'conversation'}.json")
        headers = {
            "content-disposition": f"attachment; filename*=UTF-8''{name}",
            "cache-control": "no-store",
        }
        return Response(data, media_type="application/json", headers=headers)


def _sender(request: Request) -> str:
    """Whose page sent it. Raises ValueError where no page of ours did."""
    owner = owner_of(request.cookies.get(COOKIE))
    if OURS not in request.headers:
        raise ValueError("this request does not come from this page")
    return owner


async def _received(request: Request, desk: Desk, what: str) -> Response:
    """Attaches or imports the body; what happened waits for the page as a note."""
    from starlette.concurrency import run_in_threadpool

    try:
        owner = _sender(request)
        name = unquote(request.headers.get("x-name", ""))
        data = await _body(request, name, LARGEST if what == "import" else LARGEST_FILE)
        query = request.query_params
        here = Here.new(query.get("temporary") == "1")
        here = replace(here, id=query.get("conversation", ""), version=int(query.get("version") or 0))
        note, after = await run_in_threadpool(_take, desk, owner, here, what, name, data)
    except ValueError as error:
        return JSONResponse({"problem": str(error)}, 400)
    desk.leave_note(owner, note, after)
    return JSONResponse({"said": note})


async def _body(request: Request, name: str, most: int) -> bytes:
    """Raises ValueError as soon as there are more bytes than may be."""
    data = bytearray()
    async for part in request.stream():
        data += part
        if len(data) > most:
            raise ValueError(f"{name or 'the file'} has more than {most >> 20} MB: take a part of it")
    return bytes(data)


def _take(desk: Desk, owner: str, here: Here, what: str, name: str, data: bytes) -> tuple[str, Here]:
    if what == "import":
        view = desk.kept.import_file(owner, data)
        return TEXTS("imported", title=view.info.title), Here.new().at(view)
    view = desk.view_or_new(owner, here)
    conversations = desk.conversations(here)
    try:
        after = conversations.attach(view, name, data)
    except ValueError as error:
        if not view.turns and not isinstance(error, StoreError):
            desk.discard_if_empty(owner, here.at(view))
        raise
    count = len(conversations.store.documents(after.info.id))
    note = TEXTS("attached", name=name[:80], count=count, most=MOST_DOCUMENTS)
    return note, here.at(after)
