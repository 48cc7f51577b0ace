"""OpenAI's interface: /v1/models, /v1/chat/completions and /v1/conversations, over this machine's bot.

Without a conversation nothing is kept: the messages sent are the conversation. With one, the newest message
is answered from what was said in it before, and it is remembered here.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

from fastapi import APIRouter, Response
from fastapi import Request as HttpRequest
from fastapi.responses import JSONResponse, StreamingResponse

from chat.conversations import Conversations, Forgotten, View
from chat.documents import read_document
from chat.exchange import MOST_DOCUMENTS
from chat.forgetting import FORGOTTEN
from chat.reply import Reply
from chat.sources import sources_of
from interfaces.asking import owner_of
from interfaces.completing import Answering, Request
from interfaces.reading import body_of, is_json, read_json
from interfaces.refusing import Refusal, as_openai, openai_error, refusal_of, speaking
from interfaces.services import Deadline, Services
from interfaces.telling import GIVEN, about, handed_over, kept_here, read_anew, telling
from lstm_models.search import SearchOptions

DONE = "data: [DONE]\n\n"
_UNFINISHED = "\ufffd"  # bytes of a character that is not complete yet


@dataclass(frozen=True)
class Finished:
    """A whole answer. extra: what this program knows besides."""

    text: str
    extra: dict[str, Any]


def routes(services: Services) -> APIRouter:
    """The models, and answers."""
    router = APIRouter(prefix="/v1", route_class=speaking(as_openai), tags=["chat"])

    @router.get("/models")
    async def models(request: HttpRequest) -> dict[str, Any]:
        """The bot, in OpenAI's form."""
        owner_of(services, request.headers.get("authorization"))
        found = [_model(services)] if services.conversations else []
        return {"object": "list", "data": found}

    @router.get("/models/{name}")
    async def model(request: HttpRequest, name: str) -> dict[str, Any]:
        """One model, in OpenAI's form."""
        owner_of(services, request.headers.get("authorization"))
        _check_model(services, name)
        return _model(services)

    @router.post("/chat/completions", openapi_extra=body_of(Request))
    async def complete(request: HttpRequest) -> Response:
        """Answer the newest message; stream: as server-sent events."""
        owner = owner_of(services, request.headers.get("authorization"))
        asked = Request.model_validate(await json_of(request))
        asked.check()
        _check_model(services, asked.model)
        texts = [message.text(n) for n, message in enumerate(asked.messages)]
        services.limits.check_length(sum(map(len, texts)))
        tokenizer = services.talking().bot.engine.tokenizer
        answering = Answering(asked.model, tokenizer, sum(len(tokenizer.encode(text)) for text in texts))
        parts = _parts(services, owner, asked)
        if not asked.stream:
            return JSONResponse(await services.workers.run(_whole, parts, answering, asked.options()))
        first = await services.workers.run(next, parts)  # what is refused is refused with its status
        usage = bool(asked.stream_options and asked.stream_options.include_usage)
        events = _events(chain([first], parts), answering, asked.options(), usage)
        headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
        return StreamingResponse(events, media_type="text/event-stream", headers=headers)

    return router


async def json_of(request: HttpRequest) -> dict[str, Any]:
    """The body. Only JSON that says so: no site's form can send that unasked. Raises Refusal."""
    if not is_json(request):
        raise Refusal(415, "send JSON, with the header Content-Type: application/json")
    return await read_json(request)


def _model(services: Services) -> dict[str, Any]:
    name = model_name(services)
    return {"id": name, "object": "model", "created": 0, "owned_by": "longshort"}


def model_name(services: Services) -> str:
    """What the bot is called."""
    return str(services.talking().bot.engine.card.get("name") or "longshort-chat")


def _check_model(services: Services, name: str) -> None:
    if name != (known := model_name(services)):
        message = f"the model {name[:80]!r} is not here: there is {known!r}"
        raise Refusal(404, message, param="model", code="model_not_found")


def conversation_id(asked: str | dict[str, Any] | None) -> str:
    """The id of a conversation, which OpenAI's clients may also wrap into an object."""
    found = asked.get("id") if isinstance(asked, dict) else asked
    if found is not None and not isinstance(found, str):
        raise Refusal(400, "conversation: give an id of /v1/conversations", param="conversation")
    return (found or "").removeprefix("conv_")


def _parts(services: Services, owner: str, asked: Request) -> Iterator[str | Finished]:
    """The text so far, again and again; last of all the whole answer."""
    conversations, deadline = services.talking(), services.limits.deadline()
    cut = _Cut(asked.stops(), deadline)
    before, given, message = asked.turns()
    if conversation := conversation_id(asked.conversation):
        view = _attached(conversations, kept_here(conversations, owner, conversation), given)
        yield from _kept(conversations, view, message, asked, cut)
        return
    turns = [*before, *(turn for text in given for turn in handed_over(text))]
    mind, stored = read_anew(conversations, turns)
    for part in telling(
        conversations.bot, mind, stored, message, asked.options(), stop=cut.over, seldom=asked.seldom
    ):
        if isinstance(part, Reply):
            yield cut.so_far(part.text)
        else:
            yield Finished(cut.at_last(part.text), part.about())


def _attached(conversations: Conversations, view: View, given: list[str]) -> View:
    """The conversation with what was handed over attached to it, each text once."""
    if not given:
        return view
    there = {document.text for document in conversations.store.documents(view.info.id)}
    read = {read_document(GIVEN, text.encode()): text for text in given}
    for text in (one for one in read if one not in there):
        view = conversations.attach(_with_room(conversations, view, read), GIVEN, read[text].encode())
    return view


def _with_room(conversations: Conversations, view: View, texts: Collection[str]) -> View:
    """The conversation with room for one more text: the oldest that an earlier request handed over goes.

    Clients have no other way to remove one. texts: handed over with this request, so they stay.
    """
    documents = conversations.store.documents(view.info.id)
    earlier = (one for one in documents if one.name == GIVEN and one.text not in texts)
    if len(documents) < MOST_DOCUMENTS or (oldest := next(earlier, None)) is None:
        return view
    return View(conversations.store.remove_document(view.info, oldest.id), view.turns)


def _kept(
    conversations: Conversations, view: View, message: str, asked: Request, cut: _Cut
) -> Iterator[str | Finished]:
    extra: dict[str, Any] = {"conversation": f"conv_{view.info.id}"}
    for part in conversations.say(view, message, asked.options(), cut.over, asked.seldom):
        if isinstance(part, Reply):
            yield cut.so_far(part.text)
        elif isinstance(part, Forgotten):
            gone = [position + 1 for position in (*part.gone, *part.repeated)]
            yield Finished(FORGOTTEN, {**extra, "forgotten": gone})
        else:
            said = part.turns[-1]
            sources = sources_of(conversations.bot, said, part.turns)
            found = about(said.about["never_told"], sources, said.about.get("confidence"))
            yield Finished(cut.at_last(said.text), {**extra, "turn": said.position + 1, **found})


class _Cut:
    """Where an answer ends: at one of the stops, or when the request has taken long enough."""

    def __init__(self, stops: tuple[str, ...], deadline: Deadline) -> None:
        self.stops, self.deadline, self.stopped = stops, deadline, False

    def over(self) -> bool:
        """Whether the answer has to end here."""
        return self.stopped or self.deadline.passed

    def at_last(self, text: str) -> str:
        """The whole text, without what begins with a stop."""
        places = [place for stop in self.stops if (place := text.find(stop)) >= 0]
        self.stopped = self.stopped or bool(places)
        return text[: min(places)].rstrip() if places else text

    def so_far(self, text: str) -> str:
        """What of it can be shown: no stop, nor what may become one."""
        text = self.at_last(text).rstrip(_UNFINISHED)
        for size in range(max(map(len, self.stops), default=1) - 1, 0, -1):
            if any(stop.startswith(text[-size:]) for stop in self.stops if len(stop) > size):
                return text[:-size]
        return text


def _finish(text: str, answering: Answering, options: SearchOptions) -> str:
    longest = options.max_length or 0
    return "length" if answering.usage(text)["completion_tokens"] >= longest else "stop"


def _whole(parts: Iterator[str | Finished], answering: Answering, options: SearchOptions) -> dict[str, Any]:
    last = deque(parts, maxlen=1).pop()
    assert isinstance(last, Finished)  # the last part always is
    return answering.whole(last.text, _finish(last.text, answering, options), last.extra)


def _events(
    parts: Iterator[str | Finished], answering: Answering, options: SearchOptions, usage: bool
) -> Iterator[str]:
    """Server-sent events. What goes wrong on the way is the last one."""
    shown = ""
    yield _event(answering.chunk("", first=True))
    try:
        for part in parts:
            text = part.text if isinstance(part, Finished) else part
            if len(text) > len(shown) and text.startswith(shown):
                yield _event(answering.chunk(text[len(shown) :]))
                shown = text
            if isinstance(part, Finished):
                finish = _finish(part.text, answering, options)
                yield _event({**answering.chunk(finish=finish), "longshort": part.extra})
        if usage:
            yield _event(answering.last(shown))
    except Exception as error:
        yield _event(openai_error(refusal_of(error)))
    yield DONE


def _event(value: dict[str, Any]) -> str:
    return f"data: {json.dumps(value, ensure_ascii=False)}\n\n"
