"""The web app: the translation tab and the chat tab, each built by its own package, on this machine only.

`python app.py` (or `make app`) opens it in the browser; `serve` is what the `longshort` command calls.
"""

from __future__ import annotations

import argparse
import os
import socket
import sys
import threading
import time
import webbrowser
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import uvicorn

import front.passing
from chat.bot import Bot
from chat.store import open_store
from front import memory
from front.accounts import Accounts
from interfaces.addresses import is_loopback
from interfaces.keys import Keys
from interfaces.services import Limits, Services
from interfaces.watching import log_requests
from lstm_models.scheduler import SWITCH
from lstm_models.shared import share
from translate.detect import detect
from translate.translator import Translator
from web import LARGEST_REQUEST, SECURITY_HEADERS

__all__ = ["LARGEST_REQUEST", "SECURITY_HEADERS", "load", "main", "serve"]

CHECKPOINT = "a checkpoint folder (default: the shipped one)"
STORE = "where conversations are kept: a file, or a database's URL (default: a file in your data folder)"
USERS = "a file of `longshort users`: the page asks people to sign in (default: it does not)"
HOST, PORT = "127.0.0.1", 7860

Loaded = TypeVar("Loaded")


def load(make: Callable[[Path | None], Loaded], path: Path | None, option: str) -> tuple[Loaded | None, str]:
    """A model, or why there is none, for its tab to say.

    Raises: ValueError if a path was given and holds no model: whoever asked for it should know at once.
    """
    try:
        return make(path), ""
    except ValueError as error:
        if path is not None:
            raise ValueError(f"{option}: {error}") from error
        return None, str(error)


def serve(
    host: str = HOST,
    port: int = PORT,
    translate_model: Path | None = None,
    chat_model: Path | None = None,
    open_browser: bool = False,
    store: str | None = None,
    keys: Path | None = None,
    per_minute: int = Limits().per_minute,
    log: bool = False,
    users: Path | None = None,
) -> None:
    """Loads the models (the shipped ones by default) and serves page and interfaces until Ctrl-C.

    store: where conversations are kept, a file or a database's URL (default: the user's data folder).
    keys: a file of API keys; then the interfaces ask for one. per_minute: requests of one client (0: any
    number). log: write a line for each request to stderr.
    users: a file of accounts; then the page asks people to sign in.
    Raises: ValueError for a host that is not loopback, a port that is none or taken, or what cannot be
    loaded or opened.
    """
    _check_address(host, port)
    memory.spare()
    sys.setswitchinterval(SWITCH)
    log_requests(quiet=not log)
    asked_for = Keys.of_file(keys) if keys else None
    accounts = Accounts.of_file(users) if users else None
    with ThreadPoolExecutor(2) as pool:  # most of loading is the runtime's own work, which leaves Python free
        translating = pool.submit(load, Translator.load, translate_model, "--translate-model")
        talking = pool.submit(load, Bot.load, chat_model, "--chat-model")
        from page import Desk, build_app, web_app  # meanwhile: it brings Gradio

        (translator, no_translator), (bot, no_bot) = translating.result(), talking.result()
    share(translator, bot)
    desk = Desk(bot, open_store(store)) if bot else None
    limits = Limits(per_minute=per_minute)
    services = Services.of(translator, desk.kept if desk else None, limits, asked_for)
    passing = front.passing.own_folder()
    blocks = build_app(translator, desk, (no_translator, no_bot), services, accounts is not None)
    name = f"[{host}]" if ":" in host else host
    address = f"http://{name}:{port}"
    page = web_app(blocks, (HOST, "localhost", name), desk, services, passing, accounts)
    config = uvicorn.Config(page, host=host, port=port, log_level="warning", server_header=False)
    server = uvicorn.Server(config)
    threading.Thread(target=_announce, args=(server, address, open_browser), daemon=True).start()
    memory.keep_giving_back()  # first what loading took
    server.run()


def _check_address(host: str, port: int) -> None:
    if not is_loopback(host):
        raise ValueError(
            f"--host {host}: the app serves this machine only; give 127.0.0.1, ::1 or localhost. "
            f"To use it from elsewhere, forward the port: ssh -L {port}:127.0.0.1:{port} THIS-MACHINE"
        )
    if not 1 <= port <= 65535:
        raise ValueError(f"--port {port}: give a number from 1 to 65535")
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise ValueError(
                f"--port {port}: {error.strerror or error}. If the app runs already, open "
                f"http://{host}:{port}; else give another port, such as --port {port + 1}"
            ) from error


def _announce(server: uvicorn.Server, address: str, open_browser: bool) -> None:
    while not server.started:
        time.sleep(0.05)
        if server.should_exit:
            return
    threading.Thread(target=detect, args=("Longshort",), daemon=True).start()  # unpacked before it is needed
    print(f"Longshort is at {address} (Ctrl-C ends it)", flush=True)
    # Without a display, a text browser could take over the terminal.
    has_display = sys.platform != "linux" or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    if open_browser and has_display:
        webbrowser.open(address)


def main(arguments: list[str] | None = None) -> int:
    """The command line of `python app.py`; an error is one line on stderr and exit code 2."""
    parser = argparse.ArgumentParser(prog="app.py", description="Longshort in the browser, on this machine.")
    parser.add_argument("--host", default=HOST, help="a loopback address (default: %(default)s)")
    parser.add_argument("--port", type=int, default=PORT, help="default: %(default)s")
    parser.add_argument("--translate-model", type=Path, metavar="FOLDER", help=CHECKPOINT)
    parser.add_argument("--chat-model", type=Path, metavar="FOLDER", help=CHECKPOINT)
    parser.add_argument("--store", default=os.environ.get("LONGSHORT_STORE"), help=STORE)
    parser.add_argument("--users", type=Path, metavar="FILE", help=USERS)
    parser.add_argument("--no-browser", action="store_true", help="only serve, do not open the browser")
    options: Any = parser.parse_args(arguments)
    try:
        models = options.translate_model, options.chat_model
        serve(options.host, options.port, *models, not options.no_browser, options.store, users=options.users)
    except (ValueError, OSError) as error:
        print(f"app.py: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
