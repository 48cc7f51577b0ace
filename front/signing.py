"""ASGI middleware: with accounts, nobody uses the page without signing in, and each user has their own.

Behind it a user is one browser, whichever they sit at: the session's cookie is exchanged for the token under
which the chat keeps this user's conversations. What the browser itself says there is thrown away.
"""

from __future__ import annotations

import hashlib
import html
import secrets
import time
from collections import OrderedDict
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from front.accounts import LONGEST, Accounts, TooMany, User
from front.texts import TEXTS
from wording import asked_in

Headers = list[tuple[bytes, bytes]]
SIGN_IN, SIGN_OUT = "/sign-in", "/sign-out"
COOKIE = "longshort-session"
UNUSED = 12 * 3600  # seconds after which a session ends
MOST_SESSIONS = 1000
_OPEN = ("/health",)
# What other programs call. Where keys are asked for, a key is what opens these.
INTERFACES = (
    "/v1/", "/mcp", "/translate", "/translate_file", "/download_file/", "/detect", "/languages",
    "/frontend/settings", "/suggest", "/metrics", "/openapi.json", "/docs", "/static-offline-docs/",
)  # fmt: skip
_PAGE = """<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>Longshort</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><style>
:root {{ color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }}
body {{ display: grid; min-height: 90vh; margin: 0; place-items: center; }}
form {{ display: grid; gap: 12px; width: min(320px, 86vw); }}
h1 {{ font-size: 24px; margin: 0; }} label {{ display: grid; gap: 4px; font-size: 14px; }}
input, button {{ font: inherit; padding: 9px 12px; border-radius: 10px; border: 1px solid #85858f; }}
button {{ background: #0f766e; color: white; border: 0; cursor: pointer; }}
:focus-visible {{ outline: 2px solid #0f766e; outline-offset: 2px; }}
[role=alert] {{ margin: 0; font-size: 14px; color: light-dark(#b42318, #fda29b); }}
</style></head><body><main><form method="post" action="{action}"><h1>Longshort</h1>{problem}
<label>{name}<input name="name" autocomplete="username" maxlength="64" required autofocus></label>
<label>{password}<input name="password" type="password" autocomplete="current-password" maxlength="{longest}"
required></label><button>{go}</button></form></main></body></html>"""


class SigningIn:
    """Lets signed-in users through; shows everybody else where to sign in."""

    def __init__(self, app: ASGIApp, accounts: Accounts, cookie: str, keys: bool = False) -> None:
        """cookie: of the chat, which says whose a conversation is. keys: the interfaces ask for keys."""
        self.app, self.accounts, self.cookie, self.keys = app, accounts, cookie, keys
        self._sessions: OrderedDict[str, tuple[User, float]] = OrderedDict()  # SHA-256 -> who, last use

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request, path = Request(scope, receive), scope["path"]
        session = request.cookies.get(COOKIE, "")
        user = self._user(session)
        if path == SIGN_IN:
            await (await self._sign_in(request))(scope, receive, send)
        elif path == SIGN_OUT and request.method == "POST":
            self._sessions.pop(_hashed(session), None)
            answer: Response = RedirectResponse(SIGN_IN, 303)
            answer.delete_cookie(COOKIE, httponly=True, samesite="strict")
            await answer(scope, receive, send)
        elif user is not None:
            scope["headers"] = self._as(scope, user)  # in place: what is outside sees the route that answers
            await self.app(scope, receive, self._untold(send))
        elif path in _OPEN or (self.keys and path.startswith(INTERFACES)):
            scope["headers"] = self._as(scope, "")
            await self.app(scope, receive, send)
        elif path == "/" and request.method == "GET":
            await RedirectResponse(SIGN_IN, 303)(scope, receive, send)
        else:
            await Response(f"sign in first: {SIGN_IN}\n", 401, media_type="text/plain")(scope, receive, send)

    def _user(self, session: str) -> str | None:
        """The token of the user whose session it is; None for nobody's, and one that has ended.

        One ends when it is not used for long, when its user gets another password, and when the account goes,
        whoever gets one of that name afterwards.
        """
        then, used = self._sessions.get(_hashed(session), (None, 0.0))
        if then is None:
            return None
        now = self.accounts.named(then.name)
        same = now is not None and (now.token, now.since) == (then.token, then.since)
        if not same or time.monotonic() - used >= UNUSED:
            self._sessions.pop(_hashed(session), None)
            return None
        self._sessions[_hashed(session)] = then, time.monotonic()
        return then.token

    async def _sign_in(self, request: Request) -> Response:
        if request.method not in ("GET", "POST"):
            return Response(status_code=405)
        if request.method == "GET":
            return _page()
        given = parse_qs((await request.body()).decode("utf-8", "replace"), max_num_fields=8)
        name, password = (given.get(field, [""])[0] for field in ("name", "password"))
        try:
            user = await run_in_threadpool(self.accounts.sign_in, name[:64], password)
        except TooMany as error:
            answer = _page(TEXTS("sign.many", minutes=-(-error.seconds // 60)), 429)
            answer.headers["retry-after"] = str(error.seconds)
            return answer
        if user is None:
            return _page(TEXTS("sign.wrong"), 403)
        session = secrets.token_urlsafe(32)  # a new one each time: nobody can have set it beforehand
        self._sessions[_hashed(session)] = user, time.monotonic()
        while len(self._sessions) > MOST_SESSIONS:
            self._sessions.popitem(last=False)
        done = RedirectResponse("/", 303)
        done.set_cookie(COOKIE, session, httponly=True, samesite="strict")
        return done

    def _as(self, scope: Scope, token: str) -> Headers:
        """The request's headers as this user's: their token in the place of what the browser sent."""
        sent = b";".join(value for name, value in scope["headers"] if name == b"cookie").split(b";")
        ours = (self.cookie.encode(), COOKIE.encode())
        kept = [cookie.strip() for cookie in sent if cookie.partition(b"=")[0].strip() not in ours]
        told = [*kept, f"{self.cookie}={token}".encode()] if token else kept
        headers = [(name, value) for name, value in scope["headers"] if name != b"cookie"]
        return [*headers, (b"cookie", b"; ".join(told))]

    def _untold(self, send: Send) -> Send:
        """Keeps the user's token from the browser, where it would outlast their session."""
        chats = f"{self.cookie}=".encode()

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = message.get("headers", [])
                message["headers"] = [
                    (name, value)
                    for name, value in headers
                    if not (name.lower() == b"set-cookie" and value.startswith(chats))
                ]
            await send(message)

        return sending


def _page(problem: str = "", status: int = 200) -> HTMLResponse:
    said = f'<p role="alert">{html.escape(problem)}</p>' if problem else ""
    texts = {key: TEXTS(f"sign.{key}") for key in ("name", "password", "go")}
    page = _PAGE.format(language=asked_in(), action=SIGN_IN, problem=said, longest=LONGEST, **texts)
    return HTMLResponse(page, status, headers={"cache-control": "no-store"})


def _hashed(session: str) -> str:
    return hashlib.sha256(session.encode("utf-8", "replace")).hexdigest()
