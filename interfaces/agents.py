"""An MCP server: tools with which other programs' agents translate, remember and look things up.

Each tool answers with plain JSON. A memory is a conversation of the chat's store: it belongs to whoever began
it, and can be forgotten like any other.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import asdict
from typing import Annotated, Any

from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from pydantic import Field

from chat.conversations import Forgotten, View
from chat.documents import PassageIndex, passages_of
from chat.forgetting import order_in
from chat.mind import Mind
from interfaces.refusing import Refusal, refusal_of
from interfaces.services import Services
from interfaces.telling import kept_here, told
from interfaces.translating import Direction, translate_texts
from translate.detect import detect
from translate.grammar import can_correct, correct
from translate.languages import LANGUAGES

MEMORY = "What agents remember"  # the title of a memory
HERE = "agents"  # the owner of what agents of this machine's user remember, over stdin and stdout
_NOBODY = "nobody"  # of what clients remember that do not say who they are: only its id opens it
INSTRUCTIONS = (
    "Longshort runs offline on this machine. It translates everyday sentences between English and German, "
    "French and Spanish, and remembers short English statements that it is told. It is a small model: check "
    "`never_told` and `sources` before you rely on an answer."
)
_CODES = ", ".join(f"{code} ({name})" for code, name in LANGUAGES.items())
Text = Annotated[str, Field(description="the text")]
Code = Annotated[str, Field(description=f"a language: {_CODES}")]
MemoryId = Annotated[
    str, Field(description="a memory that `remember` named; left out: your own, where one is known")
]


class Tools:
    """What the tools do. owner: whose memory, "" where nobody is known."""

    def __init__(self, services: Services) -> None:
        self.services, self._lock = services, threading.Lock()

    def translate(self, text: str, target: str, source: str) -> dict[str, Any]:
        """As the tool of this name."""
        self.services.limits.check_length(len(text))
        answer = translate_texts(self.services, [text], Direction(source, target))[0]
        found = answer.detection.language if answer.detection else source
        return {"text": answer.text, "source": found, "target": target, "warnings": list(answer.warnings)}

    def detect_language(self, text: str) -> dict[str, Any]:
        """As the tool of this name."""
        self.services.limits.check_length(len(text))
        found = detect(text)
        return {
            "language": found.language,
            "confidence": round(found.confidence, 3),
            "seems_to_be_another_language": found.foreign,
        }

    def correct_grammar(self, text: str) -> dict[str, Any]:
        """As the tool of this name."""
        translator = self.services.translating()
        self.services.limits.check_length(len(text))
        done = correct(translator, [text], check=self.services.limits.deadline().check)[0]
        return {"text": done.text, "changes": [asdict(change) for change in done.changes]}

    def remember(self, owner: str, text: str, memory: str) -> dict[str, Any]:
        """As the tool of this name."""
        conversations = self.services.talking()
        self.services.limits.check_length(len(text))
        deadline = self.services.limits.deadline()
        with self._lock:  # two at once would each change what the other has seen
            known = self._memory(owner, memory)
            view = known or conversations.begin(owner or _NOBODY, MEMORY)
            try:
                *_, done = conversations.say(view, text, stop=lambda: deadline.passed)
            except Exception:
                if known is None:  # what was begun for this text alone
                    conversations.delete(view)
                raise
        if isinstance(done, Forgotten):
            gone = [place + 1 for place in (*done.gone, *done.repeated)]
            return {"memory": view.info.id, "forgotten_turns": gone}
        if order_in(text) is not None:
            return {"memory": view.info.id, "forgotten_turns": []}
        assert isinstance(done, View)  # the last part always is
        said = [turn for turn in done.turns if turn.speaker == "user"][-1]
        return {"memory": view.info.id, "turn": said.position + 1}

    def recall(self, owner: str, question: str, memory: str) -> dict[str, Any]:
        """As the tool of this name."""
        conversations = self.services.talking()
        self.services.limits.check_length(len(question))
        view = self._memory(owner, memory)
        if view is None:
            raise Refusal(404, "nothing is remembered here yet: name the memory that `remember` gave you")
        if order_in(question) is not None:
            raise Refusal(400, "`recall` asks and changes nothing: give the order to forget to `remember`")
        mind = conversations.minds.of(view.info, view.turns)
        deadline = self.services.limits.deadline()
        answer = told(conversations.bot, mind, view.turns, question, stop=lambda: deadline.passed)
        return {"answer": answer.text, **answer.about()}

    def ask_document(self, question: str, text: str, name: str) -> dict[str, Any]:
        """As the tool of this name."""
        bot, limits = self.services.talking().bot, self.services.limits
        limits.check_length(len(question))
        limits.check_length(len(text), most=limits.document)
        deadline = limits.deadline()
        passages = PassageIndex(passages_of(name, text)).search(question, "")
        mind = Mind(bot.new_state())
        answer = told(bot, mind, [], question, None, passages, lambda: deadline.passed)
        return {"answer": answer.text, **answer.about()}

    def _memory(self, owner: str, memory: str) -> View | None:
        """The memory that was named, else the owner's newest; None where there is none yet."""
        conversations = self.services.talking()
        if memory:
            return kept_here(conversations, owner or _NOBODY, memory)
        if not owner:
            return None
        found = [one for one in conversations.store.conversations(owner) if one.title == MEMORY]
        return kept_here(conversations, owner, found[0].id) if found else None


def build(services: Services, owner: Callable[[Context[Any, Any]], str]) -> MCPServer[Any]:
    """The server. owner: whose memory a call is about; it raises Refusal where a key is missing."""
    server: MCPServer[Any] = MCPServer(
        "longshort", title="Longshort", instructions=INSTRUCTIONS, log_level="ERROR"
    )
    tools = Tools(services)

    async def run(context: Context[Any, Any], work: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
        """What `work` gives for the owner, computed in a thread. Raises ToolError, which agents can read."""
        try:
            return await services.workers.run(work, owner(context))
        except Exception as error:
            raise ToolError(refusal_of(error).message) from None

    @server.tool()
    async def translate(
        context: Context[Any, Any], text: Text, target: Code, source: str = "auto"
    ) -> dict[str, Any]:
        """Translate a text. One of the two languages has to be English; source: a code, or auto."""
        return await run(context, lambda _: tools.translate(text, target, source))

    @server.tool()
    async def detect_language(context: Context[Any, Any], text: Text) -> dict[str, Any]:
        """Which of the four languages a text is in, and how sure that is (0 to 1)."""
        return await run(context, lambda _: tools.detect_language(text))

    if services.translator is not None and can_correct(services.translator):

        @server.tool()
        async def correct_grammar(context: Context[Any, Any], text: Text) -> dict[str, Any]:
            """Correct an English text: the corrected one, and each change with its place and reason."""
            return await run(context, lambda _: tools.correct_grammar(text))

    @server.tool()
    async def remember(context: Context[Any, Any], text: Text, memory: MemoryId = "") -> dict[str, Any]:
        """Remember a short statement in English, such as "The key is under the mat.".

        "Forget that", "Forget turn 3" and "Forget what I said about the key" are obeyed, too.
        """
        return await run(context, lambda who: tools.remember(who, text, memory))

    @server.tool()
    async def recall(context: Context[Any, Any], question: Text, memory: MemoryId = "") -> dict[str, Any]:
        """Ask what was remembered. The answer names the sentences that it was taken from."""
        return await run(context, lambda who: tools.recall(who, question, memory))

    @server.tool()
    async def ask_document(
        context: Context[Any, Any], question: Text, text: Text, name: str = "document"
    ) -> dict[str, Any]:
        """Ask a question about a text that is handed over with it. Nothing of it is kept."""
        return await run(context, lambda _: tools.ask_document(question, text, name))

    return server
