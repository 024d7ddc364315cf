"""The page as an HTTP server: our files, the Gradio page, the guard around both, and the socket."""

import errno
import hashlib
import socket
from collections.abc import Callable
from contextlib import suppress
from importlib.resources import files

import gradio as gr
import uvicorn
from fastapi import FastAPI, Response
from starlette.types import ASGIApp

from bot.page.app import Answering, build_page
from bot.page.security import Guard, Hosts
from index.errors import ServerError

_TYPES = {"page.css": "text/css", "page.js": "text/javascript", "icon.svg": "image/svg+xml"}
# Fonts of the system only: Gradio's own themes bring theirs, or ask for them elsewhere.
_FONT, _FONT_MONO = ("system-ui", "sans-serif"), ("monospace",)
_STOP_WITHIN_S = 2


def build_app(responder: Answering, hosts: Hosts) -> ASGIApp:
    """A responder -> the whole application."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    assets = {name: files("bot.page").joinpath("assets", name).read_bytes() for name in _TYPES}

    @app.get("/healthz")
    def healthz() -> dict[str, str]:
        return {"status": "ok", "index": responder.snapshot.id}

    @app.get("/quoth/{name}")
    def asset(name: str) -> Response:
        if name not in assets:
            return Response(status_code=404)
        # The address carries the contents' hash, so a browser never needs to ask again.
        return Response(
            assets[name], media_type=_TYPES[name], headers={"cache-control": "public, max-age=31536000, immutable"}
        )

    gr.mount_gradio_app(
        app,
        build_page(responder),
        path="/",
        theme=gr.themes.Base(font=_FONT, font_mono=_FONT_MONO),
        footer_links=[],
        run_history=False,  # it would keep the questions in the browser
        show_error=False,
        enable_monitoring=False,
        pwa=False,
        ssr_mode=False,
        mcp_server=False,
        max_file_size=0,
    )
    versions = {name: hashlib.sha256(data).hexdigest()[:12] for name, data in assets.items()}
    head = (
        "<title>Quoth</title>"
        f'<link rel="icon" type="image/svg+xml" href="quoth/icon.svg?{versions["icon.svg"]}">'
        f'<link rel="stylesheet" href="quoth/page.css?{versions["page.css"]}">'
        f'<script nonce="{{nonce}}" defer src="quoth/page.js?{versions["page.js"]}"></script>'
    )
    first = files("bot.page").joinpath("assets/first.html").read_text(encoding="utf-8")
    return Guard(app, hosts, head, first)


class Server:
    """The page, bound to its address; nothing is served before `run`."""

    def __init__(self, responder: Answering, host: str, port: int) -> None:
        """Takes the address.

        Raises:
            ServerError: it cannot be listened on.
        """
        self._socket = bind(host, port)
        self._server = _Server(_config(build_app(responder, Hosts.of(host))))
        self.address = address(self._socket)

    def run(self, announce: Callable[[str], object]) -> None:
        """Serves until interrupted or stopped; `announce` gets the address once requests are answered."""
        self._server.listening = lambda: announce(self.address)
        with self._socket, suppress(KeyboardInterrupt):
            self._server.run(sockets=[self._socket])

    def stop(self) -> None:
        """Ends `run`, from another thread."""
        self._server.should_exit = True


def bind(host: str, port: int) -> socket.socket:
    """Address -> a socket that listens there.

    Raises:
        ServerError: in use, not allowed, or no address of this machine.
    """
    if not 0 <= port <= 65535:  # noqa: PLR2004 - the highest port there is
        raise ServerError(f"port {port} does not exist; choose one from 0 to 65535 with --port")
    try:
        family, kind, protocol, _, where = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.socket(family, kind, protocol)
    except (OSError, UnicodeError) as error:
        raise ServerError(f"{host} is no address of this machine; choose another with --host") from error
    try:
        # Without this, a port stays taken for a minute after the page was stopped.
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(where)
        listening.listen(256)
    except OSError as error:
        listening.close()
        reason = {"EADDRINUSE": f"port {port} is in use", "EACCES": f"port {port} is not allowed"}.get(
            _name_of(error), f"{host}, port {port} cannot be listened on ({error.strerror})"
        )
        remedy = "--host" if _name_of(error) == "EADDRNOTAVAIL" else "--port"
        raise ServerError(f"{reason}; choose another with {remedy}") from error
    return listening


def address(listening: socket.socket) -> str:
    """A listening socket -> the URL of the page."""
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class _Server(uvicorn.Server):
    """uvicorn's, which tells when it listens."""

    listening: Callable[[], object]

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self.listening()


def _config(app: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        ws="none",
        timeout_graceful_shutdown=_STOP_WITHIN_S,
        lifespan="on",
    )


def _name_of(error: OSError) -> str:
    return errno.errorcode.get(error.errno or 0, "")
