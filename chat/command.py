"""The command `longshort chat`: talking in the terminal, in a conversation that is kept."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

Model = Annotated[
    Path | None,
    typer.Option("--model", "-m", help="a checkpoint folder; the shipped weights if left out"),
]
StorePlace = Annotated[
    str | None,
    typer.Option(
        "--store",
        envvar="LONGSHORT_STORE",
        help="where conversations are kept: a file or a database's URL (default: your data folder)",
        show_default=False,
    ),
]


def chat(
    model: Model = None,
    store: StorePlace = None,
    temporary: Annotated[bool, typer.Option("--temporary", help="keep nothing of this conversation")] = False,
    listed: Annotated[bool, typer.Option("--list", "-l", help="list the conversations and end")] = False,
    resume: Annotated[
        int | None, typer.Option("--continue", "-c", min=1, help="go on with this number of the list")
    ] = None,
    restore: Annotated[
        Path | None, typer.Option("--import", help="go on with a conversation that was exported")
    ] = None,
) -> None:
    """Talk to the bot in the terminal; it answers from what you told it, today or before."""
    from chat import terminal
    from chat.bot import Bot
    from chat.conversations import Conversations
    from chat.exchange import LARGEST
    from chat.files import read_file
    from chat.store import open_store

    if temporary and (listed or resume or restore):
        raise ValueError("--temporary keeps nothing: leave out --list, --continue and --import with it")
    conversations = Conversations(Bot.load(model), open_store(":memory:" if temporary else store))
    if listed:
        print(*terminal.listing(conversations) or ["(none yet)"], sep="\n")
        return
    view = terminal.find(conversations, str(resume)) if resume else None
    if restore:
        view = conversations.import_file(terminal.OWNER, read_file(restore, LARGEST))
    kind = "temporary: nothing of it is kept" if temporary else f"kept in {conversations.store.place}"
    terminal.Talk(conversations, view, sys.stdout).run(terminal.GREETING.format(kind))
