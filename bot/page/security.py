"""What surrounds every request: whose Host is answered, which paths exist, and what headers a browser is given."""

import re
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Gradio serves much that a page of quotes has no use for (uploads, files, a proxy, its editor): only what this
# page asks for exists.
_PATHS = re.compile(
    r"/|/healthz|/quoth/[a-z.]+|/assets/[\w.-]+|/static/(?:js|img|fonts)/[\w./-]+|/theme\.css|/favicon\.ico|/config/?"
    r"|/gradio_api/(?:queue/(?:join|data)|component_server/?|cancel|reset/?|heartbeat/\w+|info/?|startup-events|app_id/?)",
    re.ASCII,
)
_HASHED = re.compile(r"/assets/[\w.-]+-[\w-]{8}\.(?:js|css)", re.ASCII)
_META_OF_OTHERS = re.compile(r"<meta\s+(?:property|name)=\"(?:og|twitter):[^>]*>\s*")
_LARGEST_BODY = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Hosts:
    """The names under which this server may be asked; any other Host is a page of somebody else's that found us."""

    names: frozenset[str]

    @classmethod
    def of(cls, host: str, more: Iterable[str] = ()) -> "Hosts":
        """The address that is listened on, and further names -> the hosts.

        An address of this machine may always be named, since nobody can rebind an IP address: only names are
        in question.
        """
        return cls(frozenset({"localhost", host.lower(), *(name.lower() for name in more)}))

    def allow(self, header: str) -> bool:
        """A Host header -> whether it is one of ours."""
        try:
            name = urlsplit(f"//{header}").hostname or ""
        except ValueError:
            return False
        return name in self.names or _is_address(name)


class Guard:
    """ASGI middleware around the whole application."""

    def __init__(self, app: ASGIApp, hosts: Hosts, head: str, first: str) -> None:
        """Wraps an application.

        Args:
            app: what is guarded.
            hosts: whose requests are answered.
            head: HTML put at the end of the page's head; `{nonce}` in it becomes the response's nonce.
            first: HTML put at the beginning of the page's body: what is painted before the scripts have run.
        """
        self._app = app
        self._hosts = hosts
        self._head = head
        self._first = first

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request, or lets the application answer it."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":  # no websocket is served
            return
        nonce = secrets.token_urlsafe(16)
        send = _with_headers(send, nonce, scope["path"])
        refusal = self._refusal(scope)
        if refusal is not None:
            await refusal(scope, receive, send)
        elif scope["path"] == "/":
            await self._app(_uncompressed(scope), receive, _Rewriter(send, self._rewrite, nonce))
        else:
            await self._app(scope, receive, send)

    def _refusal(self, scope: Scope) -> PlainTextResponse | None:
        headers = Headers(scope=scope)
        for name in ("host", "x-forwarded-host"):
            for value in headers.getlist(name):
                if not self._hosts.allow(value):
                    return PlainTextResponse("This server doesn't answer to that name.\n", 421)
        if "host" not in headers:
            return PlainTextResponse("A request needs a Host.\n", 400)
        origin = headers.get("origin")
        if origin is not None and not _same_origin(origin, headers["host"]):
            return PlainTextResponse("Other sites may not ask here.\n", 403)
        if _PATHS.fullmatch(scope["path"]) is None:
            return PlainTextResponse("There is nothing here.\n", 404)
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > _LARGEST_BODY:
            return PlainTextResponse(f"At most {_LARGEST_BODY:,} bytes.\n", 413)
        return None

    def _rewrite(self, page: str, nonce: str) -> str:
        page = _META_OF_OTHERS.sub("", page).replace("<script", f'<script nonce="{nonce}"')
        page = page.replace("</head>", self._head.replace("{nonce}", nonce) + "</head>", 1)
        body = page.index(">", page.index("<body")) + 1
        return page[:body] + self._first + page[body:]


class _Rewriter:
    """Collects an HTML response and sends it rewritten."""

    def __init__(self, send: Send, rewrite: Callable[[str, str], str], nonce: str) -> None:
        self._send = send
        self._rewrite = rewrite
        self._nonce = nonce
        self._start: Message | None = None
        self._body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
            return
        self._body += message.get("body", b"")
        if message.get("more_body", False) or self._start is None:
            return
        headers = MutableHeaders(raw=self._start["headers"])
        if headers.get("content-type", "").startswith("text/html"):
            self._body = self._rewrite(self._body.decode(), self._nonce).encode()
            headers["content-length"] = str(len(self._body))
        await self._send(self._start)
        await self._send({"type": "http.response.body", "body": self._body})


def content_security_policy(nonce: str) -> str:
    """A response's nonce -> its policy: nothing from anywhere but this server, no script but ours and Gradio's.

    `unsafe-eval` stays because Gradio compiles the templates of `gr.HTML` with `Function`; nothing of a document
    is ever in one. Styles may be inline because Gradio sets them so; no address outside can be named in them.
    """
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self' 'nonce-{nonce}' 'unsafe-eval'",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data:",
            "font-src 'self'",
            "connect-src 'self'",
            "manifest-src 'self'",
            "base-uri 'self'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


def _with_headers(send: Send, nonce: str, path: str) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(raw=message["headers"])
            headers["content-security-policy"] = content_security_policy(nonce)
            headers["x-content-type-options"] = "nosniff"
            headers["x-frame-options"] = "DENY"
            headers["referrer-policy"] = "no-referrer"
            headers["cross-origin-opener-policy"] = "same-origin"
            headers["cross-origin-resource-policy"] = "same-origin"
            headers["permissions-policy"] = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
            if message["status"] == 200 and _HASHED.fullmatch(path):  # noqa: PLR2004 - "OK"
                headers["cache-control"] = "public, max-age=31536000, immutable"
            elif "cache-control" not in headers:
                headers["cache-control"] = "no-store"
            del headers["server"]
        await send(message)

    return sending


def _uncompressed(scope: Scope) -> Scope:
    return {**scope, "headers": [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]}


def _same_origin(origin: str, host: str) -> bool:
    try:
        return urlsplit(origin).netloc.lower() == host.lower()
    except ValueError:
        return False


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
