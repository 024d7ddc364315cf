"""What surrounds every request: whose is answered, which paths exist, and what headers a browser is given."""

import asyncio
import re
import secrets
from collections.abc import Callable
from functools import partial
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.page.hosts import Hosts

# Gradio serves much that a page of quotes has no use for (uploads, files, a proxy, its editor): only what this
# page asks for exists.
_PATHS = re.compile(
    r"/|/healthz|/quoth/[a-z.]+|/quoth/page/[0-9a-f]{12}/[0-9]{1,5}\.png|/assets/[\w.-]+|/static/(?:js|img|fonts)/[\w./-]+|/theme\.css|/favicon\.ico|/config/?"
    r"|/gradio_api/(?:component_server/?|heartbeat/\w+|info/?|startup-events|app_id/?)",
    re.ASCII,
)
# Where users are asked for.
_DOOR = frozenset({"/login", "/logout"})
# Where files may be dropped in, they are.
_UPLOADS = re.compile(r"/quoth/upload/[0-9a-f]{32}(?:/[0-9a-f]{12}|/progress)?", re.ASCII)
# Server-sent events: Gradio's sign of life.
_STREAM = "/gradio_api/heartbeat/"
_OK = 200
_HASHED = re.compile(r"/assets/[\w.-]+-[\w-]{8}\.(?:js|css)", re.ASCII)
_META_OF_OTHERS = re.compile(r"<meta\s+(?:property|name)=\"(?:og|twitter):[^>]*>\s*")
# A question of a million characters still gets its answer that it is too long; more is nobody's typing.
_LARGEST_BODY = 8 * 1024 * 1024


class Guard:
    """ASGI middleware around the whole application."""

    def __init__(
        self,
        app: ASGIApp,
        hosts: Hosts,
        head: str,
        first: str,
        *,
        scripts: str = "",
        largest_upload: int = 0,
        has_door: bool = False,
    ) -> None:
        """Wraps an application.

        Args:
            app: what is guarded.
            hosts: whose requests are answered.
            head: HTML put at the end of the page's head.
            first: HTML put at the beginning of the page's body: what is painted before the scripts have run.
            scripts: HTML put before the first script of the page: those of ours that run before Gradio's.
            largest_upload: how many bytes a file may have that is dropped in; 0 where none may be.
            has_door: whether the application has a form to sign in.
        """
        self._app = app
        self._hosts = hosts
        self._head = head
        self._first = first
        self._scripts = scripts
        self._largest_upload = largest_upload
        self._has_door = has_door
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
        is_door = self._has_door and scope["path"] in _DOOR
        if not is_upload and not is_door and _PATHS.fullmatch(scope["path"]) is None:
            return PlainTextResponse("There is nothing here.\n", 404)
        length = headers.get("content-length", "0")
        largest = self._largest_upload if is_upload else _LARGEST_BODY
        if "transfer-encoding" in headers or not length.isdecimal() or int(length) > largest:
            return PlainTextResponse(f"Say how long the body is; expected at most {largest:,} bytes.\n", 413)
        return None

    def _rewrite(self, page: str, nonce: str) -> str:
        page = _META_OF_OTHERS.sub("", page).replace("<script", f"{self._scripts}<script", 1)
        page = page.replace("<script", f'<script nonce="{nonce}"').replace("</head>", f"{self._head}</head>", 1)
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
