"""What surrounds every request: whose Host is answered, which paths exist, and what headers a browser is given."""

import asyncio
import re
import secrets
import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from index.errors import ServerError

# Gradio serves much that a page of quotes has no use for (uploads, files, a proxy, its editor): only what this
# page asks for exists.
_PATHS = re.compile(
    r"/|/healthz|/login|/logout|/quoth/[a-z.]+|/quoth/page/[0-9a-f]{12}/[0-9]{1,5}\.png|/assets/[\w.-]+|/static/(?:js|img|fonts)/[\w./-]+|/theme\.css|/favicon\.ico|/config/?"
    r"|/gradio_api/(?:component_server/?|heartbeat/\w+|info/?|startup-events|app_id/?)",
    re.ASCII,
)
_NAME = re.compile(r"[\w.-]+", re.ASCII)
# Where files may be dropped in, they are.
_UPLOADS = re.compile(r"/quoth/upload/[0-9a-f]{32}(?:/[0-9a-f]{12})?", re.ASCII)
_HOST = re.compile(r"(?:(?P<name>[\w.-]+)|\[(?P<address>[0-9a-f:.]+)\])(?::[0-9]{1,5})?", re.ASCII | re.IGNORECASE)
# Server-sent events: Gradio's sign of life.
_STREAM = "/gradio_api/heartbeat/"
_OK = 200
_HASHED = re.compile(r"/assets/[\w.-]+-[\w-]{8}\.(?:js|css)", re.ASCII)
_META_OF_OTHERS = re.compile(r"<meta\s+(?:property|name)=\"(?:og|twitter):[^>]*>\s*")
# A question of a million characters still gets its answer that it is too long; more is nobody's typing.
_LARGEST_BODY = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Hosts:
    """The names under which this server may be asked.

    Any other Host comes from a page of somebody else's whose name was pointed at this address (DNS rebinding).
    Only names can be pointed anywhere; an address in a Host header was reached as that address.

    Attributes:
        names: lower case.
        any_address: whether every IP address is one of ours, else only those among the names and loopback.
    """

    names: frozenset[str]
    any_address: bool = False

    @classmethod
    def of(cls, host: str, more: Iterable[str] = ()) -> "Hosts":
        """The address that is listened on, and further names -> the hosts.

        Raises:
            ServerError: a name is none that a browser could send.
        """
        names = {"localhost", host.lower(), *(_checked(name) for name in more)}
        address = _address(host)
        everywhere = address is not None and address.is_unspecified
        if everywhere:
            own = socket.gethostname().lower()
            names |= {own, f"{own}.local"}
        return cls(frozenset(names), any_address=everywhere)

    def allow(self, header: str) -> bool:
        """A Host header -> whether it is one of ours."""
        match = _HOST.fullmatch(header)
        name = (match["address"] or match["name"]).lower() if match is not None else ""
        address = _address(name)
        return name in self.names or (address is not None and (self.any_address or address.is_loopback))


class Guard:
    """ASGI middleware around the whole application."""

    def __init__(self, app: ASGIApp, hosts: Hosts, head: str, first: str, *, largest_upload: int = 0) -> None:
        """Wraps an application.

        Args:
            app: what is guarded.
            hosts: whose requests are answered.
            head: HTML put at the end of the page's head; `{nonce}` in it becomes the response's nonce.
            first: HTML put at the beginning of the page's body: what is painted before the scripts have run.
            largest_upload: how many bytes a file may have that is dropped in; 0 where none may be.
        """
        self._app = app
        self._hosts = hosts
        self._head = head
        self._first = first
        self._largest_upload = largest_upload
        self._closing = asyncio.Event()

    def close(self) -> None:
        """Ends the streams that browsers keep open, so that stopping the server need not cut them off."""
        self._closing.set()

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
            await self._app(_plain(scope), receive, _Rewriter(send, self._rewrite, nonce))
        elif scope["path"].startswith(_STREAM):
            await self._stream(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _stream(self, scope: Scope, receive: Receive, send: Send) -> None:
        ended: bool | None = None

        async def sending(message: Message) -> None:
            nonlocal ended
            ended = message["type"] == "http.response.body" and not message.get("more_body", False)
            await send(message)

        await self._app(scope, partial(self._until_closing, receive), sending)
        if self._closing.is_set() and ended is False:
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _until_closing(self, receive: Receive) -> Message:
        """What a stream receives next: on closing, that its browser has gone."""
        told = asyncio.ensure_future(receive())
        closing = asyncio.ensure_future(self._closing.wait())
        try:
            await asyncio.wait({told, closing}, return_when=asyncio.FIRST_COMPLETED)
            return told.result() if told.done() else {"type": "http.disconnect"}
        finally:
            told.cancel()
            closing.cancel()

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
        is_upload = self._largest_upload > 0 and _UPLOADS.fullmatch(scope["path"]) is not None
        if not is_upload and _PATHS.fullmatch(scope["path"]) is None:
            return PlainTextResponse("There is nothing here.\n", 404)
        length = headers.get("content-length", "0")
        largest = self._largest_upload if is_upload else _LARGEST_BODY
        if "transfer-encoding" in headers or not length.isdecimal() or int(length) > largest:
            return PlainTextResponse(f"At most {largest:,} bytes.\n", 413)
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
        # The door's form is sent with 401 and needs nothing of this.
        is_page = self._start["status"] == _OK and headers.get("content-type", "").startswith("text/html")
        if is_page and self._body:  # the answer to HEAD has none
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
            # Not "no-referrer": with that, a browser sends the sign-in form from the origin "null".
            headers["referrer-policy"] = "same-origin"
            headers["cross-origin-opener-policy"] = "same-origin"
            headers["cross-origin-resource-policy"] = "same-origin"
            headers["permissions-policy"] = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
            if message["status"] == _OK and _HASHED.fullmatch(path):
                headers["cache-control"] = "public, max-age=31536000, immutable"
            elif "cache-control" not in headers:
                headers["cache-control"] = "no-store"
            del headers["server"]
        await send(message)

    return sending


def _plain(scope: Scope) -> Scope:
    """The request for the page, to be answered uncompressed, and without what Gradio reads from its query."""
    headers = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
    return {**scope, "headers": headers, "query_string": b""}


def _same_origin(origin: str, host: str) -> bool:
    try:
        return urlsplit(origin).netloc.lower() == host.lower()
    except ValueError:
        return False


def _address(name: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(name)
    except ValueError:
        return None


def _checked(name: str) -> str:
    """A further name -> the same in lower case, as browsers send it.

    Raises:
        ServerError: it is no name.
    """
    if _NAME.fullmatch(name) is None:
        raise ServerError(f"{name!r} is no host name; say --name quotes.example, without http:// and without a port")
    return name.lower()


def require_users(host: str, users: object | None) -> None:
    """Lets nobody open the page to others without saying who may come in.

    Raises:
        ServerError: others can reach the address, and there are no users.
    """
    if users is None and not is_loopback(host):
        raise ServerError(
            f"others can reach {host}: say who may come in with --auth-file FILE "
            f"(made with: quoth user add NAME --auth-file FILE), or leave out --host"
        )


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches what listens there."""
    address = _address(host)
    return host.lower() == "localhost" if address is None else address.is_loopback
