"""/v1/conversations, as OpenAI's clients know them: begin one, look into it, forget a turn, delete it."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from chat.conversations import View
from chat.said import UNTITLED
from chat.store import StoredTurn
from interfaces.asking import owner_of
from interfaces.completions import conversation_id, json_of
from interfaces.reading import body_of
from interfaces.refusing import Refusal, as_openai, speaking
from interfaces.services import Services

MOST_ITEMS = 100
_ROLES = {"user": "user", "bot": "assistant", "doc": "system"}


class NewConversation(BaseModel):
    """What a new conversation may be given. metadata: only its title is kept."""

    metadata: dict[str, str] | None = None
    items: list[Any] | None = Field(None, max_length=0, description="not offered: send messages instead")


def routes(services: Services) -> APIRouter:
    """Conversations and their turns."""
    router = APIRouter(prefix="/v1/conversations", route_class=speaking(as_openai), tags=["chat"])

    def found(request: Request, conversation: str) -> View:
        owner = owner_of(services, request.headers.get("authorization"))
        return services.talking().view(owner, conversation_id(conversation))

    @router.post("", openapi_extra=body_of(NewConversation))
    async def begin(request: Request) -> Response:
        """A conversation whose id the messages to come can name."""
        owner = owner_of(services, request.headers.get("authorization"))
        wanted = NewConversation.model_validate(await json_of(request))
        title = " ".join((wanted.metadata or {}).get("title", "").split())[:60] or UNTITLED
        view = await services.workers.run(services.talking().begin, owner, title)
        return JSONResponse(_conversation(view))

    @router.get("/{conversation}")
    def look(request: Request, conversation: str) -> Response:
        """One conversation."""
        return JSONResponse(_conversation(found(request, conversation)))

    @router.delete("/{conversation}")
    def delete(request: Request, conversation: str) -> Response:
        """Delete a conversation: its text, and the bot's memory of it."""
        view = found(request, conversation)
        services.talking().delete(view)
        return JSONResponse({"id": f"conv_{view.info.id}", "object": "conversation.deleted", "deleted": True})

    @router.get("/{conversation}/items")
    def items(
        request: Request, conversation: str, limit: int = 20, order: str = "desc", after: str = ""
    ) -> Response:
        """The turns of a conversation, the newest first unless order is asc."""
        if not 1 <= limit <= MOST_ITEMS or order not in ("asc", "desc"):
            raise Refusal(400, f"limit: 1 to {MOST_ITEMS}; order: asc or desc")
        turns = list(found(request, conversation).turns)
        turns = turns if order == "asc" else turns[::-1]
        if after:
            place = [_item_id(turn) for turn in turns].index(after) if _is_there(turns, after) else -1
            turns = turns[place + 1 :]
        data = [_item(turn) for turn in turns[:limit]]
        ends = {"first_id": data[0]["id"], "last_id": data[-1]["id"]} if data else {}
        return JSONResponse({"object": "list", "data": data, "has_more": len(turns) > limit, **ends})

    @router.delete("/{conversation}/items/{item}")
    def forget(request: Request, conversation: str, item: str) -> Response:
        """Forget a turn and what repeats it: the bot goes on as if it had never stood there."""
        view = found(request, conversation)
        gone = [turn.position for turn in view.turns if _item_id(turn) == item]
        if not gone:
            raise Refusal(404, "item: this conversation has no such turn (any more)", param="item_id")
        return JSONResponse(_conversation(services.talking().forget(view, gone).view))

    return router


def _conversation(view: View) -> dict[str, Any]:
    return {
        "id": f"conv_{view.info.id}",
        "object": "conversation",
        "created_at": int(view.info.created),
        "metadata": {"title": view.info.title},
    }


def _item_id(turn: StoredTurn) -> str:
    return f"msg_{turn.position + 1}"


def _is_there(turns: list[StoredTurn], item: str) -> bool:
    return any(_item_id(turn) == item for turn in turns)


def _item(turn: StoredTurn) -> dict[str, Any]:
    kind = "output_text" if turn.speaker == "bot" else "input_text"
    content: dict[str, Any] = {"type": kind, "text": turn.text}
    if turn.speaker == "bot":
        content["annotations"] = []
    return {
        "id": _item_id(turn),
        "type": "message",
        "role": _ROLES[turn.speaker],
        "status": "completed",
        "content": [content],
    }
