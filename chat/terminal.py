"""Talking to the bot in a terminal, or through a pipe: one message a line, one reply a line."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TextIO

from chat.bot import Bot, Reply
from lstm_models.state import ContextState

GREETING = (
    "Tell the bot something, ask for it later. /back takes back a turn, /reset forgets all, /quit ends."
)
PROMPT = "> "


def talk(bot: Bot, memory: Path | None = None, out: TextIO | None = None) -> None:
    """Answers stdin line by line until it ends, /quit or Ctrl-C.

    memory: a file that the state is read from, if it is there, and kept in after every turn.
    Raises: ValueError if that file is no memory of this model; nothing is overwritten then.
    """
    out = out or sys.stdout
    state = ContextState.load(memory) if memory and memory.exists() else bot.new_state()
    if state.model_hash != bot.engine.model_hash:
        raise ValueError(
            f"{memory} is the memory of another model: give --model for that one, or another file"
        )
    interactive = sys.stdin.isatty()
    if interactive:
        print(GREETING, file=out)
    states = [state]
    for message in _messages(interactive):
        if message == "/quit":
            return
        if not _obeyed(message, states, bot, out) and not _answered(message, states, bot, out):
            continue
        if memory:
            states[-1].save(memory)


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


def _obeyed(message: str, states: list[ContextState], bot: Bot, out: TextIO) -> bool:
    """Whether the message was an order and has been followed."""
    if message == "/reset":
        states[:] = [bot.new_state()]
        print("(all forgotten)", file=out)
    elif message == "/back":
        taken = len(states) > 1 and states.pop()
        print("(one turn taken back)" if taken else "(nothing to take back)", file=out)
    else:
        return False
    return True


def _answered(message: str, states: list[ContextState], bot: Bot, out: TextIO) -> bool:
    """Prints the reply as it grows and notes the next state; False, with the reason, if there is none."""
    shown = ""
    try:
        for step in bot.stream(message, states[-1]):
            reply: Reply = step[0] if isinstance(step, tuple) else step
            if isinstance(step, tuple):
                states.append(step[1])
            # Almost always the text grows at its end; where it does not, it starts again on a new line.
            grown = reply.text[len(shown) :] if reply.text.startswith(shown) else f"\n{reply.text}"
            print(grown, end="", file=out, flush=True)
            shown = reply.text
    except ValueError as error:
        print(f"({error})", file=sys.stderr)
        return False
    print(file=out, flush=True)
    return True
