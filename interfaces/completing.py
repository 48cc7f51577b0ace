"""What OpenAI's clients send to /v1/chat/completions, checked, and what they get back."""

from __future__ import annotations

import secrets
import time
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from chat.bot import MAX_REPLY
from chat.segments import Turn
from interfaces.refusing import Refusal
from interfaces.telling import handed_over, without_forgotten
from lstm_models.search import SearchOptions
from lstm_models.tokenizer import Tokenizer

MOST_MESSAGES = 1000
_NOT_OFFERED = {
    "tools": "this model cannot call tools",
    "functions": "this model cannot call functions",
    "logprobs": "probabilities of tokens are not given out",
    "audio": "this model neither hears nor speaks",
}


class Part(BaseModel):
    """A part of a message. Only text is read."""

    type: str
    text: str = ""


class Message(BaseModel):
    """One message, as OpenAI's clients write it."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | list[Part] | None = None

    def text(self, place: int) -> str:
        """What it says. Raises Refusal for a picture or a sound."""
        if not isinstance(self.content, list):
            return self.content or ""
        for part in self.content:
            if part.type not in ("text", "input_text", "output_text"):
                raise Refusal(
                    400,
                    f"messages.{place}.content: {part.type[:20]!r} cannot be read, only text",
                    param="messages",
                )
        return "\n".join(part.text for part in self.content)


class StreamOptions(BaseModel):
    """include_usage: a last chunk that counts tokens."""

    include_usage: bool = False


class Request(BaseModel):
    """The body. Whatever else clients send has no effect here."""

    model_config = ConfigDict(extra="allow")

    model: str = Field(examples=["longshort-chat"])
    messages: Annotated[list[Message], Field(min_length=1, max_length=MOST_MESSAGES)]
    conversation: str | dict[str, Any] | None = Field(
        None, description="of /v1/conversations: then what was said before is remembered here"
    )
    stream: bool | None = False
    stream_options: StreamOptions | None = None
    temperature: float | None = Field(None, ge=0, le=2)
    top_p: float | None = Field(None, gt=0, le=1)
    seed: int | None = None
    max_tokens: int | None = Field(None, ge=1)
    max_completion_tokens: int | None = Field(None, ge=1)
    n: int | None = 1
    stop: str | list[str] | None = None
    response_format: dict[str, Any] | None = None

    def check(self) -> None:
        """Raises Refusal for what would change the form of the answer and is not offered."""
        if self.n not in (None, 1):
            raise Refusal(400, f"n: {self.n}: one answer is given, leave n out", param="n")
        if (self.response_format or {}).get("type", "text") != "text":
            raise Refusal(400, "response_format: answers are text, leave it out", param="response_format")
        for name, why in _NOT_OFFERED.items():
            if (self.model_extra or {}).get(name):
                raise Refusal(400, f"{name}: {why}, leave it out", param=name)

    def options(self) -> SearchOptions:
        """Greedy, unless a temperature is asked for: then sampled, the same for the same seed."""
        asked = self.max_completion_tokens or self.max_tokens or MAX_REPLY
        longest = min(asked, MAX_REPLY)
        if not self.temperature:
            return SearchOptions(max_length=longest)
        seed = secrets.randbits(63) if self.seed is None else self.seed % 2**64
        return SearchOptions(
            max_length=longest, temperature=self.temperature, top_p=self.top_p or 1.0, seed=seed
        )

    def stops(self) -> tuple[str, ...]:
        """Where the answer ends, not counting how the model itself ends it."""
        given = [self.stop] if isinstance(self.stop, str) else self.stop or []
        return tuple(one for one in given if one)

    @property
    def seldom(self) -> bool:
        """Whether nobody looks at the answer before it is whole: neither the client nor a stop."""
        return not self.stream and not self.stops()

    def turns(self) -> tuple[list[Turn], list[str], str]:
        """(what was said before, what is handed over with the newest message, that message).

        What the system and tools say is something to read, like a document. Raises Refusal.
        """
        said = [(one.role, text) for n, one in enumerate(self.messages) if (text := one.text(n).strip())]
        last = max((place for place, (role, _) in enumerate(said) if role == "assistant"), default=-1)
        new = said[last + 1 :]
        message = "\n".join(text for role, text in new if role == "user")
        if not message:
            raise Refusal(400, "messages: the last one has to be of the user, with a text", param="messages")
        before: list[Turn] = []
        for role, text in said[: last + 1]:
            if role == "assistant":
                before.append(Turn("bot", text))
            else:
                before += [Turn("user", text)] if role == "user" else handed_over(text)
        return without_forgotten(before), [text for role, text in new if role != "user"], message


class Answering:
    """One answer in OpenAI's form: its number, model and time, and what it cost."""

    def __init__(self, model: str, tokenizer: Tokenizer, prompt: int) -> None:
        """prompt: tokens that were read."""
        self.id, self.created = f"chatcmpl-{secrets.token_hex(12)}", int(time.time())
        self.model, self.tokenizer, self.prompt = model, tokenizer, prompt

    def usage(self, text: str) -> dict[str, int]:
        """Tokens read and written."""
        written = len(self.tokenizer.encode(text))
        return {
            "prompt_tokens": self.prompt,
            "completion_tokens": written,
            "total_tokens": self.prompt + written,
        }

    def whole(self, text: str, finish: str, extra: dict[str, Any]) -> dict[str, Any]:
        """The answer at once. extra: what this program knows besides."""
        message = {"role": "assistant", "content": text, "refusal": None}
        choice = {"index": 0, "message": message, "finish_reason": finish, "logprobs": None}
        return {
            **self._head("chat.completion"),
            "choices": [choice],
            "usage": self.usage(text),
            "longshort": extra,
        }

    def chunk(
        self, text: str | None = None, finish: str | None = None, first: bool = False
    ) -> dict[str, Any]:
        """A part of a streamed answer."""
        delta: dict[str, Any] = {"role": "assistant"} if first else {}
        if text is not None:
            delta["content"] = text
        choice = {"index": 0, "delta": delta, "finish_reason": finish, "logprobs": None}
        return {**self._head("chat.completion.chunk"), "choices": [choice]}

    def last(self, text: str) -> dict[str, Any]:
        """The chunk that counts tokens."""
        return {**self._head("chat.completion.chunk"), "choices": [], "usage": self.usage(text)}

    def _head(self, kind: str) -> dict[str, Any]:
        return {"id": self.id, "object": kind, "created": self.created, "model": self.model}
