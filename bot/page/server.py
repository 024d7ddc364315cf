"""The page as an HTTP server: our files, the Gradio page, the guard around both, and the socket."""

import gzip
import hashlib
import socket
from collections.abc import Callable, Iterable
from contextlib import suppress
from importlib.resources import files
from pathlib import Path

import gradio as gr
import uvicorn
from fastapi import FastAPI, Request, Response
from starlette.types import ASGIApp

from bot.page import REPORT
from bot.page.accuracy import Accuracy
from bot.page.app import build_page
from bot.page.door import Door
from bot.page.hosts import Hosts, require_users
from bot.page.library import Answering, Library
from bot.page.listening import address_of, bind
from bot.page.security import Guard
from bot.page.uploads import MAX_FILE_BYTES, mount
from bot.page.users import Admits

_TYPES = {
    "page.css": "text/css",
    "pictures.js": "text/javascript",
    "shelf.js": "text/javascript",
    "page.js": "text/javascript",
    "icon.svg": "image/svg+xml",
}
_SCRIPTS = ("pictures.js", "shelf.js", "page.js")
# Fonts of the system only: Gradio's own themes bring theirs, or ask for them elsewhere.
_FONT, _FONT_MONO = ("system-ui", "sans-serif"), ("monospace",)
_STOP_WITHIN_S = 2


def build_app(
    responder: Answering,
    hosts: Hosts,
    users: Admits | None = None,
    *,
    allow_upload: bool = False,
    report: Path = REPORT,
) -> Guard:
    """A responder -> the whole application, behind a door where there are users, with uploads where allowed."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    assets = {name: files("bot.page").joinpath("assets", name).read_bytes() for name in _TYPES}

    @app.get("/healthz")
    def healthz() -> dict[str, str]:
        return {"status": "ok", "index": responder.snapshot.id}

    packed = {name: gzip.compress(data, mtime=0) for name, data in assets.items()}

    @app.get("/quoth/{name}")
    def asset(name: str, request: Request) -> Response:
        if name not in assets:
            return Response(status_code=404)
        # The address carries the contents' hash, so a browser never needs to ask again.
        headers = {"cache-control": "public, max-age=31536000, immutable", "vary": "accept-encoding"}
        if "gzip" not in request.headers.get("accept-encoding", ""):
            return Response(assets[name], media_type=_TYPES[name], headers=headers)
        return Response(packed[name], media_type=_TYPES[name], headers={**headers, "content-encoding": "gzip"})

    library = Library(responder, allow_upload=allow_upload)
    if library.uploads is not None:
        mount(app, library.uploads)

    @app.get("/quoth/page/{sha}/{number}.png")
    def picture(sha: str, number: int, visit: str = "", path: str = "") -> Response:
        png = library.png(sha, number, visit, path)
        if png is None:
            return Response(status_code=404)
        # What a person brought is in no browser's cache once it is removed.
        kept = "no-store" if visit else "private, max-age=3600"
        return Response(png, media_type="image/png", headers={"cache-control": kept})

    gr.mount_gradio_app(
        app,
        build_page(library, Accuracy(report), signed_in=users is not None),
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
    )
    # Deferred scripts run in the order in which they stand, Gradio's module among them: it starts the page with ours.
    scripts = "".join(f'<script defer src="quoth/{name}?{versions[name]}"></script>' for name in _SCRIPTS)
    first = files("bot.page").joinpath("assets/first.html").read_text(encoding="utf-8")
    largest = MAX_FILE_BYTES if allow_upload else 0
    guarded = app if users is None else Door(app, users)
    return Guard(guarded, hosts, head, first, scripts=scripts, largest_upload=largest, has_door=users is not None)


class Server:
    """The page, bound to its address; nothing is served before `run`."""

    def __init__(
        self,
        responder: Answering,
        host: str,
        port: int,
        *,
        users: Admits | None = None,
        names: Iterable[str] = (),
        allow_upload: bool = False,
        report: Path = REPORT,
    ) -> None:
        """Takes the address.

        Args:
            responder: answers the questions.
            host: the address to listen on.
            port: the port there; 0 takes a free one.
            users: who may come in; None lets everybody in who reaches the address.
            names: under which the page may be asked for, besides its address.
            allow_upload: whether files may be dropped in.
            report: the folder of the report that the view Accuracy shows.

        Raises:
            ServerError: the address cannot be listened on, others reach it and there are no users, or a name is none.
        """
        require_users(host, users)
        hosts = Hosts.of(host, names)
        self._socket = bind(host, port)
        guard = build_app(responder, hosts, users, allow_upload=allow_upload, report=report)
        self._server = _Server(_config(guard), guard.close)
        self.address = address_of(self._socket)

    def run(self, announce: Callable[[str], object]) -> None:
        """Serves until interrupted or stopped; `announce` gets the address once requests are answered."""
        self._server.listening = lambda: announce(self.address)
        with self._socket, suppress(KeyboardInterrupt):
            self._server.run(sockets=[self._socket])

    def stop(self) -> None:
        """Ends `run`, from another thread."""
        self._server.should_exit = True


class _Server(uvicorn.Server):
    """uvicorn's, which tells when it listens, and lets streams end before it waits for them."""

    listening: Callable[[], object]

    def __init__(self, config: uvicorn.Config, closing: Callable[[], None]) -> None:
        super().__init__(config)
        self._closing = closing

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self.listening()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._closing()
        await super().shutdown(sockets)


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
