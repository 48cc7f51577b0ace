"""OpenAI's clients work unmodified: models, answers, streams, conversations that are remembered here."""

import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx
import numpy as np
import openai
import pytest
from openai import OpenAI

from chat.bot import MAX_REPLY, Bot
from chat.conversations import MOST_DOCUMENTS, Conversations, View
from chat.segments import Turn
from chat.store import open_store
from interfaces.completing import Request
from interfaces.completions import Finished, _attached, _Cut, _parts
from interfaces.keys import Keys
from interfaces.refusing import Refusal
from interfaces.services import Deadline, Services
from lstm_models.shared import SharedEngine

MODEL = "longshort-chat"
HTTP = httpx.Client(timeout=60)


def client(server: str, key: str = "mine") -> OpenAI:
    return OpenAI(base_url=f"{server}/v1", api_key=key, max_retries=0, timeout=60, http_client=HTTP)


def said(*texts: str) -> list[Any]:
    """Messages of user and assistant in turns."""
    return [{"role": ("user", "assistant")[place % 2], "content": text} for place, text in enumerate(texts)]


def asked(**values: Any) -> Request:
    return Request.model_validate({"model": MODEL, "messages": said("Hi."), **values})


def test_models(server: str) -> None:
    (model,) = client(server).models.list().data
    assert model.id == MODEL and model.object == "model"
    assert client(server).models.retrieve(MODEL).id == MODEL
    with pytest.raises(openai.NotFoundError, match=r"gpt.*longshort-chat"):
        client(server).models.retrieve("gpt")


def test_an_answer_is_the_bots_own(server: str, bot: Bot) -> None:
    """Stateless: what the client sends is read as the conversation, and nothing else is."""
    messages = said("My name is Ada.", "Hello.", "Where is the door?")
    answer = client(server).chat.completions.create(model=MODEL, messages=messages, max_tokens=6)
    state = bot.replay([Turn("user", "My name is Ada."), Turn("bot", "Hello.")])
    reply, _ = bot.reply("Where is the door?", state, asked(max_tokens=6).options())
    assert answer.choices[0].message.content == reply.text
    assert answer.choices[0].finish_reason in ("stop", "length")
    assert answer.usage and answer.usage.total_tokens > answer.usage.prompt_tokens > 0
    again = client(server).chat.completions.create(model=MODEL, messages=messages, max_tokens=6)
    assert again.choices[0].message.content == reply.text
    extra = answer.model_extra or {}
    assert 0 <= extra["longshort"]["never_told"] <= 1 and "sources" in extra["longshort"]


def test_a_stream_says_the_same(server: str) -> None:
    options: dict[str, Any] = {"model": MODEL, "messages": said("Where is the door?"), "max_tokens": 8}
    whole = client(server).chat.completions.create(**options)
    chunks = list(
        client(server).chat.completions.create(**options, stream=True, stream_options={"include_usage": True})
    )
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert text == whole.choices[0].message.content and len(chunks) > 3
    assert chunks[0].choices[0].delta.role == "assistant"
    assert chunks[-2].choices[0].finish_reason == whole.choices[0].finish_reason
    assert chunks[-1].usage == whole.usage and not chunks[-1].choices
    assert len({chunk.id for chunk in chunks}) == 1


def test_whoever_leaves_a_stream_is_no_longer_answered(
    server: str, bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, steps, gone = bot.engine, 0, threading.Event()
    assert isinstance(engine, SharedEngine)
    compute = engine.runtime.step

    def slow(tokens: np.ndarray, state: Any, few: int = 0, tag: str = "") -> Any:
        nonlocal steps
        steps += 1
        time.sleep(1.0 if gone.is_set() else 0.05)
        output, state = compute(tokens, state, few, tag)
        output.log_probs[:, engine.tokenizer.eos_id] = -np.inf  # it goes on to the longest reply there is
        return output, state

    monkeypatch.setattr(engine.runtime, "step", slow)
    body = {"model": MODEL, "messages": said("Where is the door?"), "stream": True}
    with HTTP.stream("POST", f"{server}/v1/chat/completions", json=body) as answer:
        next(line for line in answer.iter_lines() if '"content": "' in line and '"content": ""' not in line)
        assert engine.scheduler._groups
        gone.set()
    end = time.monotonic() + 2 * MAX_REPLY
    while engine.scheduler._groups and time.monotonic() < end:
        time.sleep(0.01)
    assert not engine.scheduler._groups
    assert steps < MAX_REPLY, "it was answered to the end, with nobody there"


def test_sampling_follows_the_seed(server: str) -> None:
    def sample(seed: int) -> str | None:
        answer = client(server).chat.completions.create(
            model=MODEL, messages=said("Hi."), temperature=1.5, top_p=0.9, seed=seed, max_tokens=8
        )
        return answer.choices[0].message.content

    assert sample(1) == sample(1)
    assert len({sample(seed) for seed in range(4)}) > 1


def test_a_conversation_is_remembered_here(server: str) -> None:
    mine = client(server)
    conversation = mine.conversations.create(metadata={"title": "Doors"})
    assert conversation.metadata == {"title": "Doors"}
    extra = {"conversation": conversation.id}
    first = mine.chat.completions.create(
        model=MODEL, messages=said("My name is Ada."), max_tokens=4, extra_body=extra
    )
    assert (first.model_extra or {})["longshort"]["conversation"] == conversation.id
    history = said("My name is Ada.", "Something that was never said.", "Where is the door?")
    mine.chat.completions.create(
        model=MODEL, messages=history, max_tokens=4, extra_body={"conversation": {"id": conversation.id}}
    )
    items = mine.conversations.items.list(conversation.id, order="asc").data
    texts = [item.content[0].text for item in items]  # type: ignore[union-attr]
    assert texts[0] == "My name is Ada." and texts[2] == "Where is the door?" and len(texts) == 4
    assert texts[1] == first.choices[0].message.content
    newest = mine.conversations.items.list(conversation.id, limit=1)
    assert newest.has_more and newest.data[0].id == items[-1].id
    assert mine.conversations.retrieve(conversation.id).id == conversation.id


def test_what_is_forgotten_and_deleted_is_gone(server: str) -> None:
    mine = client(server)
    conversation = mine.conversations.create()
    extra = {"conversation": conversation.id}
    for text in ("The key is under the mat.", "Ada has a boat."):
        mine.chat.completions.create(model=MODEL, messages=said(text), max_tokens=3, extra_body=extra)
    (told, *_) = mine.conversations.items.list(conversation.id, order="asc").data
    mine.conversations.items.delete(str(told.id), conversation_id=conversation.id)
    items = mine.conversations.items.list(conversation.id, order="asc").data
    texts = [item.content[0].text for item in items]  # type: ignore[union-attr]
    assert "The key is under the mat." not in texts and "Ada has a boat." in texts
    with pytest.raises(openai.NotFoundError, match="no such turn"):
        mine.conversations.items.delete(str(told.id), conversation_id=conversation.id)
    order = mine.chat.completions.create(model=MODEL, messages=said("Forget everything."), extra_body=extra)
    assert order.choices[0].message.content == "I have forgotten that."
    assert not mine.conversations.items.list(conversation.id).data
    assert mine.conversations.delete(conversation.id).deleted
    with pytest.raises(openai.NotFoundError, match="no such conversation"):
        mine.conversations.retrieve(conversation.id)


def test_nobody_reaches_the_conversation_of_another(server: str) -> None:
    conversation = client(server, "mine").conversations.create()
    other = client(server, "another")
    for reach in (
        lambda: other.conversations.retrieve(conversation.id),
        lambda: other.conversations.items.list(conversation.id),
        lambda: other.conversations.delete(conversation.id),
        lambda: other.chat.completions.create(
            model=MODEL, messages=said("Hi."), extra_body={"conversation": conversation.id}
        ),
    ):
        with pytest.raises(openai.NotFoundError, match="no such conversation"):
            reach()


def test_an_order_to_forget_in_what_is_sent_is_obeyed() -> None:
    history = said(
        "The key is under the mat.", "Good.", "Ada has a boat.", "Fine.",
        "Forget what I said about the key.", "I have forgotten that.", "Where is it?",
    )  # fmt: skip
    turns, _, message = asked(messages=history).turns()
    assert [turn.text for turn in turns] == ["Ada has a boat.", "Fine.", "I have forgotten that."]
    assert message == "Where is it?"


def test_what_is_handed_over_is_read_as_a_document() -> None:
    messages = [
        {"role": "system", "content": "The mill was built by Jonas."},
        {"role": "user", "content": [{"type": "text", "text": "Who built"}, {"type": "text", "text": "it?"}]},
    ]
    turns, given, message = asked(messages=messages).turns()
    assert not turns and given == ["The mill was built by Jonas."] and message == "Who built\nit?"
    later = asked(messages=[*messages, *said("x", "Jonas.", "When?")[1:]]).turns()
    assert later[0][0] == Turn("doc", "The mill was built by Jonas.") and later[2] == "When?"


@pytest.fixture
def kept(bot: Bot) -> Iterator[Conversations]:
    conversations = Conversations(bot, open_store(":memory:"))
    yield conversations
    conversations.store.close()


def texts_of(kept: Conversations, view: View) -> list[str]:
    return [document.text for document in kept.store.documents(view.info.id)]


def test_a_page_that_is_handed_over_again_is_attached_once(kept: Conversations) -> None:
    view = kept.begin("me")
    for _ in range(2):
        view = _attached(kept, view, ["<html><body>The mill opens\x07 at nine.</body></html>"] * 2)
    assert texts_of(kept, view) == ["The mill opens at nine."]


def test_the_oldest_that_was_handed_over_makes_room(kept: Conversations) -> None:
    view = kept.attach(kept.begin("me"), "mine.txt", b"My own file.")
    for minute in range(MOST_DOCUMENTS + 1):
        view = _attached(kept, view, [f"It is 10:{minute}.", "You are helpful."])
    found = texts_of(kept, view)
    assert len(found) == MOST_DOCUMENTS and {"My own file.", "You are helpful."} < set(found)
    assert "It is 10:2." not in found and found[-1] == f"It is 10:{MOST_DOCUMENTS}."


def test_what_one_request_hands_over_never_makes_room_for_the_rest(kept: Conversations) -> None:
    with pytest.raises(ValueError, match="20 documents are attached"):
        _attached(kept, kept.begin("me"), [f"Text {number}." for number in range(MOST_DOCUMENTS + 1)])


def test_what_another_model_has_read_is_read_anew(kept: Conversations) -> None:
    view = kept.begin("me")
    *_, view = kept.say(view, "The key is under the mat.")  # type: ignore[assignment]
    kept.store.write(view.info, model_hash="another")
    kept.minds.drop(view.info.id)
    services = Services.of(None, kept)
    wanted = asked(messages=said("Where is the key?"), conversation=f"conv_{view.info.id}", max_tokens=3)
    *_, whole = _parts(services, "me", wanted)
    assert isinstance(whole, Finished) and whole.extra["turn"] == 4


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"n": 2}, "n: 2"),
        ({"tools": [{"type": "function"}]}, "tools"),
        ({"logprobs": True}, "logprobs"),
        ({"response_format": {"type": "json_object"}}, "response_format"),
        ({"messages": []}, "messages"),
        ({"messages": said("Hi.", "Hello.")}, "messages: the last one"),
        ({"messages": [{"role": "wizard", "content": "x"}]}, "messages.0.role"),
        ({"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}, "image_url"),
        ({"temperature": 3}, "temperature"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"conversation": "conv_1"}, "no such conversation"),
        ({"conversation": {"id": 5}}, "conversation"),
        ({"model": "gpt-4o"}, "longshort-chat"),
        ({"messages": said("x" * 2001)}, "2,001 characters"),
    ],
)
def test_what_is_wrong_is_said_in_openais_form(server: str, values: dict[str, Any], words: str) -> None:
    body = {"model": MODEL, "messages": said("Hi."), **values}
    for stream in (False, True):
        answer = HTTP.post(f"{server}/v1/chat/completions", json={**body, "stream": stream})
        error = answer.json()["error"]
        assert answer.status_code in (400, 404) and words in error["message"], error
        assert set(error) == {"message", "type", "param", "code"} and error["type"] == "invalid_request_error"


def test_only_json_that_says_so_is_read(server: str) -> None:
    answer = HTTP.post(f"{server}/v1/chat/completions", content=b"{}", headers={"content-type": "text/plain"})
    assert answer.status_code == 415 and "application/json" in answer.json()["error"]["message"]


def test_stops_end_an_answer_and_are_never_shown() -> None:
    cut = _Cut(("END", "\n"), Deadline(float("inf"), 1))
    assert [cut.so_far(text) for text in ("Hel", "Hello E", "Hello EN", "Hello EB")] == [
        "Hel", "Hello ", "Hello ", "Hello EB",
    ]  # fmt: skip
    assert not cut.over() and cut.so_far("Hello END of") == "Hello" and cut.over()
    assert _Cut((), Deadline(0, 1)).over()


def test_a_stop_of_a_client(server: str) -> None:
    options: dict[str, Any] = {"model": MODEL, "messages": said("Where is the door?"), "max_tokens": 12}
    whole = client(server).chat.completions.create(**options).choices[0].message.content or ""
    stop = whole[3:5]
    part = client(server).chat.completions.create(**options, stop=[stop]).choices[0].message.content
    assert part == whole[: whole.index(stop)].rstrip()


def test_keys_are_asked_for_where_the_server_wants_them(guarded: str, keys: Keys) -> None:
    with pytest.raises(openai.AuthenticationError, match="longshort keys add"):
        client(guarded, "wrong").models.list()
    with pytest.raises(openai.AuthenticationError):
        client(guarded, "wrong").chat.completions.create(model=MODEL, messages=said("Hi."))
    assert HTTP.get(f"{guarded}/v1/models").headers["www-authenticate"] == "Bearer"
    first, second = client(guarded, keys.add("first")), client(guarded, keys.add("second"))
    conversation = first.conversations.create()
    with pytest.raises(openai.NotFoundError):
        second.conversations.retrieve(conversation.id)
    assert first.conversations.retrieve(conversation.id).id == conversation.id


def test_refusals_have_no_shape_of_a_picture() -> None:
    with pytest.raises(Refusal, match="only text"):
        asked(messages=[{"role": "user", "content": [{"type": "input_audio"}]}]).turns()
