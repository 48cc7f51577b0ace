"""The web app's page with its tabs, and the application that carries it beside the interfaces.

Importing it imports Gradio, which is most of the app's start: `app.py` loads the models meanwhile.
"""

from __future__ import annotations

import os

# Read when gradio is imported: nothing may leave this machine.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
os.environ["HF_HUB_OFFLINE"] = "1"

from pathlib import Path

from front.later import absent, postponed, without_source  # isort: split

# pandas is large, and the page needs none of it; MCP has a server of its own (interfaces/mounting.py).
with postponed("pandas"), absent("mcp"), without_source("gradio"):
    import gradio as gr

from fastapi import FastAPI
from starlette.middleware.trustedhost import TrustedHostMiddleware

import chat.tab
import chat.texts
import front.passing
import front.texts
import lab.panel
import lab.suggestions
import lab.tab
import lab.texts
import translate.tab
import translate.texts
from chat.tab import Desk
from front import frame
from front.about import build_about
from front.accounts import Accounts
from front.first import First
from front.signing import SIGN_OUT, SigningIn
from interfaces.attach import PATHS, attach, new_server
from interfaces.endpoints import add_endpoints
from interfaces.raw import Raw
from interfaces.services import Services
from translate.translator import Translator
from web import Guard
from wording import CHOOSING, LANGUAGES, Spoken

__all__ = ["Desk", "build_app", "web_app"]


def build_app(
    translator: Translator | None,
    desk: Desk | None,
    missing: tuple[str, str] = ("", ""),
    services: Services | None = None,
    accounts: bool = False,
) -> gr.Blocks:
    """The page: the tabs. A tab without a model shows its part of `missing` (translate, chat) instead.

    services: what `gradio_client` can call by name. accounts: people sign in, so they can sign out.
    """
    t = front.texts.TEXTS.label
    with gr.Blocks(title="Longshort", analytics_enabled=False, delete_cache=front.passing.DELETE) as blocks:
        frame.header(SIGN_OUT if accounts else "")
        with gr.Tab(t("tab.translate"), id="translate"):
            translate.tab.build_tab(translator, missing[0], lab.panel.beside_translation)
        with gr.Tab(t("tab.chat"), id="chat"):
            chat.tab.build_tab(desk, missing[1], lab.panel.beside_chat, lab.suggestions.below_box)
        with gr.Tab(t("tab.lab"), id="lab"):
            lab.tab.build_tab()
        with gr.Tab(t("tab.about"), id="about"):
            engines = [one.engine for one in (translator, desk.bot if desk else None) if one is not None]
            cards = [(engine.card, engine.model_hash) for engine in engines]
            build_about(cards, desk.kept.store.place if desk else "", front.passing.HOURS)
        add_endpoints(services or Services())
    return blocks


def web_app(
    blocks: gr.Blocks,
    hosts: tuple[str, ...] = ("127.0.0.1", "localhost"),
    desk: Desk | None = None,
    services: Services | None = None,
    passing: Path | None = None,
    accounts: Accounts | None = None,
) -> FastAPI:
    """The page and the interfaces as one ASGI application.

    It answers to `hosts` only: no site's name can be pointed at it. services: what the interfaces offer.
    passing: the folder of files that pass through, which goes when the application ends.
    accounts: who may use the page (None: everybody on this machine).
    """
    server = new_server()
    server.add_middleware(Raw, blocks=blocks)
    server.add_middleware(chat.tab.Sessions)
    services = services or Services()
    if accounts is not None:
        server.add_middleware(
            SigningIn, accounts=accounts, cookie=chat.tab.COOKIE, keys=services.keys is not None
        )
    attach(server, services)
    server.add_middleware(TrustedHostMiddleware, allowed_hosts=list(hosts))
    larger = {chat.tab.ROUTE: chat.tab.LARGEST_REQUEST, **translate.tab.UPLOADS, **PATHS}
    server.add_middleware(First, script=CHOOSING)
    server.add_middleware(Spoken)
    server.add_middleware(Guard, larger=larger)
    if desk is not None:
        chat.tab.add_routes(server, desk)
    lab.tab.add_routes(server)
    if passing is not None:
        front.passing.remove_at_end(server, passing)
    blocks.queue(max_size=64, api_open=False)
    return gr.mount_gradio_app(
        server,
        blocks,
        path="/",
        theme=frame.theme(),
        i18n=gr.I18n(**{code: _told(code) for code in LANGUAGES}),
        css="\n".join((frame.CSS, translate.tab.CSS, chat.tab.CSS, lab.tab.CSS)),
        head=frame.HEAD + chat.tab.HEAD + translate.tab.HEAD + lab.suggestions.SCRIPT,
        footer_links=[],
        run_history=False,
        allowed_paths=[],
        enable_monitoring=False,
        show_error=False,
        ssr_mode=False,
        pwa=False,
        mcp_server=False,
    )


def _told(language: str) -> dict[str, str]:
    """Every text of the page in one language, as the browser gets it."""
    parts = (front.texts, translate.texts, chat.texts, lab.texts)
    return {key: text for part in parts for key, text in part.TEXTS.of(language).items()}
