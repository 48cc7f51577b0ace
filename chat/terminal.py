"""Talking to the bot in a terminal, or through a pipe: one message a line, one reply a line.

The conversation is kept in the store (`/list` shows all of them), unless it is temporary.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TextIO

from chat.conversations import Conversations, Forgotten, View
from chat.documents import LARGEST_FILE
from chat.files import read_file
from chat.reply import Reply
from chat.sources import reply_of, sources_of
from chat.store import NotThere, StoreConflict
from lstm_models.tokenizer import normalise

OWNER = ""  # whose conversations begin in a terminal
GREETING = (
    "Tell the bot something, ask for it later. /help lists what else there is, /quit ends. "
    "This conversation is {}."
)
HELP = """/back            take back the last message and its reply
/reset           forget the whole conversation, and the files that were read
/forget N        forget turn N and what repeats it ("forget that" works, too)
/memories        what is remembered, by turn
/why             where the last reply came from
/attach FILE     read a text, Markdown, HTML or PDF file
/list            all conversations in the store
/open N          go on with number N of the list
/title TEXT      another title
/delete          delete this conversation, and begin a new one
/export FILE     write the conversation into a file
/replay          read the text again with this model
/quit            end"""
PROMPT = "> "


class Talk:
    """A conversation in a terminal. What others may have written is shown without codes that steer one."""

    def __init__(self, conversations: Conversations, view: View | None, out: TextIO) -> None:
        self.conversations, self.out = conversations, out
        self.view = view or conversations.begin(OWNER)
        self.begun = view is None

    def run(self, greeting: str = "") -> None:
        """Answers stdin line by line until it ends, /quit or Ctrl-C. Problems go to stderr."""
        interactive = sys.stdin.isatty()
        if interactive:
            print(greeting, file=self.out)
        try:
            for message in _messages(interactive):
                if message == "/quit":
                    return
                try:
                    self._take(message)
                except (ValueError, OSError) as error:
                    print(f"({error})", file=sys.stderr)
        finally:
            with contextlib.suppress(ValueError):
                self._leave()

    def _take(self, message: str) -> None:
        try:
            self._obey(message) if message.startswith("/") else self._answer(message)
        except StoreConflict as error:
            self._catch_up(error)

    def _begin(self) -> None:
        self.view, self.begun = self.conversations.begin(OWNER), True

    def _leave(self) -> None:
        """A conversation that began here leaves no trace while it is empty. Raises StoreError."""
        store, conversation = self.conversations.store, self.view.info.id
        if self.begun and not (self.view.turns or store.turns(conversation) or store.documents(conversation)):
            self.conversations.delete(self.view)

    def _catch_up(self, conflict: StoreConflict) -> None:
        """After somebody else was quicker: the conversation as it stands now, what is new of it shown."""
        known = {(turn.position, turn.text) for turn in self.view.turns}
        try:
            self.view = self.conversations.view(None, self.view.info.id)
        except NotThere:
            self._begin()
            conflict = StoreConflict(
                "this conversation was deleted in another window or program: a new one has begun, send your "
                "message again"
            )
        print(f"({conflict})", file=sys.stderr)
        for turn in self.view.turns:
            if (turn.position, turn.text) not in known:
                print(f"{turn.position + 1:>4}  {turn.speaker}: {normalise(turn.text)}", file=self.out)

    def _answer(self, message: str) -> None:
        """Prints the reply as it grows."""
        shown = ""
        try:
            for part in self.conversations.say(self.view, message):
                if isinstance(part, Forgotten):
                    self._forgot(part)
                    return
                if isinstance(part, View):
                    self.view = part
                    text = part.turns[-1].text
                else:
                    text = part.text if isinstance(part, Reply) else ""
                # Almost always the text grows at its end; where it does not, it starts again on a new line.
                grown = text[len(shown) :] if text.startswith(shown) else f"\n{text}"
                print(grown, end="", file=self.out, flush=True)
                shown = text
        except ValueError:
            if shown:  # a reply that could not be kept: the reason stands below it
                print(file=self.out, flush=True)
            raise
        print(file=self.out, flush=True)

    def _forgot(self, done: Forgotten) -> None:
        self.view = done.view
        gone = ", ".join(str(position + 1) for position in done.gone)
        more = f", and {len(done.repeated)} that repeated it" if done.repeated else ""
        print(f"(forgotten: turn {gone}{more})" if gone else "(all forgotten)", file=self.out)

    def _obey(self, order: str) -> None:
        name, _, rest = order[1:].partition(" ")
        rest = rest.strip()
        act = getattr(self, f"_do_{name}", None)
        if act is None:
            raise ValueError(f"/{name} is no order: /help lists them")
        for line in act(rest):
            print(line, file=self.out)

    def _do_help(self, _: str) -> Sequence[str]:
        return [HELP]

    def _do_back(self, _: str) -> Sequence[str]:
        users = [turn.position for turn in self.view.turns if turn.speaker == "user"]
        if not users:
            return ["(nothing to take back)"]
        while users[-1] > 0 and self._speaker(users[-1] - 1) == "doc":
            users[-1] -= 1
        self.view = self.conversations.rewind(self.view, users[-1])
        return ["(one turn taken back)"]

    def _speaker(self, position: int) -> str:
        return next((turn.speaker for turn in self.view.turns if turn.position == position), "")

    def _do_reset(self, _: str) -> Sequence[str]:
        self.view = self.conversations.clear(self.view).view
        return ["(all forgotten)"]

    def _do_forget(self, rest: str) -> Sequence[str]:
        if not rest.isdigit():
            raise ValueError(f"/forget {rest}: give a turn's number, as /memories shows it")
        self._forgot(self.conversations.forget(self.view, [int(rest) - 1]))
        return []

    def _do_memories(self, _: str) -> Sequence[str]:
        found = self.conversations.memories(self.view)
        return [
            f"{memory.position + 1:>4}  {normalise(memory.text)}{'' if memory.held else '  (faded)'}"
            for memory in found
        ] or ["(nothing yet)"]

    def _do_why(self, _: str) -> Sequence[str]:
        noted = ((turn, reply) for turn in reversed(self.view.turns) if (reply := reply_of(turn)) is not None)
        if (last := next(noted, None)) is None:
            return ["(no reply yet)"]
        turn, reply = last
        lines = [
            f"turn {source.position + 1} ({normalise(source.document) or source.speaker}, {source.age} turns "
            f"before, {source.weight:.1f} tokens): {normalise(source.sentence)}"
            for source in sources_of(self.conversations.bot, turn, self.view.turns)
        ]
        told = f"never told: {100 * reply.never_told:.0f} %, null slot: {100 * reply.null_weight:.0f} %"
        if reply.confidence is not None:
            told = f"sure: {100 * reply.confidence:.0f} %, {told}"
        return [*(lines or ["no word was copied"]), told]

    def _do_attach(self, rest: str) -> Sequence[str]:
        path = _path(rest)
        self.view = self.conversations.attach(self.view, path.name, read_file(path, LARGEST_FILE))
        return [f"(read {path.name})"]

    def _do_list(self, _: str) -> Sequence[str]:
        return listing(self.conversations) or ["(none yet)"]

    def _do_open(self, rest: str) -> Sequence[str]:
        found = find(self.conversations, rest)
        if found.info.id != self.view.info.id:
            self._leave()
            self.begun = False
        self.view = found
        return [f"({normalise(found.info.title)}: {len(found.turns)} turns)"]

    def _do_title(self, rest: str) -> Sequence[str]:
        self.view = self.conversations.rename(self.view, rest)
        return []

    def _do_delete(self, _: str) -> Sequence[str]:
        self.conversations.delete(self.view)
        self._begin()
        return ["(deleted: a new conversation has begun)"]

    def _do_export(self, rest: str) -> Sequence[str]:
        from lstm_models.files import write_atomic

        if not rest:
            raise ValueError("/export needs a file to write, such as /export ada.json")
        write_atomic(_path(rest), self.conversations.export(self.view))
        return [f"(written to {rest})"]

    def _do_replay(self, _: str) -> Sequence[str]:
        self.view = self.conversations.replay(self.view)
        return [f"({len(self.view.turns)} turns read again)"]


def listing(conversations: Conversations) -> list[str]:
    """The conversations of a store, newest first, with the numbers that `find` takes."""
    found = conversations.store.conversations(None)
    days = (time.strftime("%Y-%m-%d %H:%M", time.localtime(info.updated)) for info in found)
    return [
        f"{n:>4}  {day}  {normalise(info.title)}"
        for n, (info, day) in enumerate(zip(found, days, strict=True), 1)
    ]


def find(conversations: Conversations, number: str) -> View:
    """The conversation with a number of the listing. Raises ValueError where there is none."""
    found = conversations.store.conversations(None)
    if not number.isdigit() or not 1 <= int(number) <= len(found):
        raise ValueError(
            f"there is no conversation {number!r}: give a number from 1 to {len(found)} of the list"
            if found
            else "the store holds no conversation yet: begin one"
        )
    return conversations.view(None, found[int(number) - 1].id)


def _path(name: str) -> Path:
    """The path that somebody wrote; "~word" stands as it is where nobody has that name."""
    return Path(os.path.expanduser(name))


def _messages(interactive: bool) -> Iterator[str]:
    """Lines of stdin; at a terminal with a prompt, and with editing where readline is there."""
    if not interactive:
        lines: Iterable[str] = sys.stdin
        yield from (line.strip() for line in lines)
        return
    with contextlib.suppress(ImportError):
        import readline  # noqa: F401 - gives input() its editing and history
    while True:
        try:
            yield input(PROMPT).strip()
        except (EOFError, KeyboardInterrupt):
            print()
            return
