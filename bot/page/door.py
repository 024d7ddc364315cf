"""The door in front of the page where users are asked for: a form, a cookie, and a list of who is in.

Whoever is not in gets the form or a refusal, whatever they ask for; nothing of Gradio's is reached. The form needs no
script. A visit lives in this process only: stopping the page ends it.
"""

import hashlib
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files
from urllib.parse import parse_qs

import anyio
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.page.escape import escape
from bot.page.users import Admits

_VISIT_S = 12 * 3600
_MAX_VISITS = 10_000
_MAX_FORM_BYTES = 8_192
# One guess at a time, and a wrong one learns so this much later: guessing gets nowhere, a typing error hardly hurts.
_WRONG_S = 0.5
# Guesses that may wait for their turn, of some 0.1 s each.
_MAX_WAITING = 20
_FORMS = frozenset({"/", "/login"})
_OPEN = frozenset({"/healthz", "/quoth/page.css", "/quoth/icon.svg", "/favicon.ico"})


@dataclass(slots=True)
class _Visit:
    name: str
    mark: str | None
    until: float


class Door:
    """ASGI middleware that lets only users in."""

    def __init__(self, app: ASGIApp, users: Admits, clock: Callable[[], float] = time.monotonic) -> None:
        """Stands in front of an application."""
        self._app = app
        self._users = users
        self._clock = clock
        self._visits: dict[str, _Visit] = {}
        self._form = files("bot.page").joinpath("assets/login.html").read_text(encoding="utf-8")
        self._one_at_a_time = anyio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request, or lets the application answer it."""
        if scope["type"] != "http" or scope["path"] in _OPEN:
            await self._app(scope, receive, send)
            return
        path, method = scope["path"], scope["method"]
        response: Response
        # The form posts to the address that it came from, so that the fragment (`#cite:...`) is still there afterwards.
        if path in _FORMS and method == "POST":
            response = await self._login(Request(scope, receive))
        elif self._visit(scope) is None:
            wants_page = path in _FORMS and method in {"GET", "HEAD"}
            response = HTMLResponse(self._page(), 401) if wants_page else PlainTextResponse("Sign in first.\n", 401)
        elif path == "/logout" and method == "POST":
            response = self._logout(scope)
        elif path in {"/login", "/logout"}:
            response = RedirectResponse("/", 303)
        else:
            await self._app(scope, receive, send)
            return
        await response(scope, receive, send)

    async def _login(self, request: Request) -> Response:
        try:
            form = await _read_form(request)
        except (ValueError, ClientDisconnect):
            return HTMLResponse(self._page("That was no name and password."), 400)
        name, password = form.get("name", ""), form.get("password", "")
        if self._one_at_a_time.statistics().tasks_waiting >= _MAX_WAITING:
            return HTMLResponse(self._page("Too many are signing in; try again.", name), 429)
        async with self._one_at_a_time:
            admitted = await anyio.to_thread.run_sync(self._users.admit, name, password)
        if not admitted:
            await anyio.sleep(_WRONG_S)  # whoever types the right one meanwhile does not wait for this
            return HTMLResponse(self._page("Name or password is wrong.", name), 401)
        token = secrets.token_urlsafe(32)
        self._forget_old()
        self._visits[_key(token)] = _Visit(name, self._users.mark(name), self._clock() + _VISIT_S)
        response = RedirectResponse("/", 303)
        response.set_cookie(
            _cookie(request.scope),
            token,
            max_age=_VISIT_S,
            httponly=True,
            # Not "strict": who follows a link to a citation, in a mail or a wiki, would have to sign in again. What
            # changes anything is a POST or DELETE, sent without it by other sites; and the Origin is checked besides.
            samesite="lax",
            secure=request.headers.get("x-forwarded-proto") == "https",
        )
        return response

    def _logout(self, scope: Scope) -> Response:
        self._visits.pop(_key(_token(scope)), None)
        response = PlainTextResponse("Signed out.\n")
        response.delete_cookie(_cookie(scope), httponly=True, samesite="lax")
        return response

    def _visit(self, scope: Scope) -> _Visit | None:
        visit = self._visits.get(_key(_token(scope)))
        if visit is None or visit.until <= self._clock():
            return None
        # Who was removed, or has another password by now, is out.
        return visit if visit.mark == self._users.mark(visit.name) is not None else None

    def _forget_old(self) -> None:
        now = self._clock()
        for key in [key for key, visit in self._visits.items() if visit.until <= now]:
            del self._visits[key]
        while len(self._visits) >= _MAX_VISITS:
            del self._visits[next(iter(self._visits))]

    def _page(self, message: str = "", name: str = "") -> str:
        return self._form.replace("{message}", escape(message)).replace("{name}", escape(name))


async def _read_form(request: Request) -> dict[str, str]:
    """A posted form -> its fields; a name given twice counts once.

    Raises:
        ValueError: it is too long, or no form.
    """
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MAX_FORM_BYTES:
            raise ValueError("too long")
    fields = parse_qs(body.decode(), strict_parsing=True, keep_blank_values=True, max_num_fields=8)
    return {name: values[0] for name, values in fields.items()}


def _cookie(scope: Scope) -> str:
    """A request -> the name of its cookie: browsers don't tell the ports of a host apart, and each may have a page."""
    server = scope.get("server")
    return f"quoth-{server[1]}" if server else "quoth"


def _token(scope: Scope) -> str:
    # Not SimpleCookie: at one malformed cookie of somebody else's it gives up all.
    for pair in Headers(scope=scope).get("cookie", "").split(";"):
        name, _, value = pair.strip().partition("=")
        if name == _cookie(scope):
            return value
    return ""


def _key(token: str) -> str:
    """Tokens are kept hashed: looking one up takes a time that tells nothing about the others."""
    return hashlib.sha256(token.encode()).hexdigest()
