"""A served page and a browser that records every address it asks for."""

import gc
import os
import re
import shutil
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from bot.page import REPORT, stay_offline
from bot.page.users import Users
from tests.browser.fakes import FakeResponder, make_document

stay_offline()

if TYPE_CHECKING:
    from playwright.sync_api import APIResponse, Browser, Page, Route

    from bot.page.library import Answering

CORPUS = Path(__file__).parents[2] / "corpus"
_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
_LOCAL = {"127.0.0.1", "localhost", "::1"}


# Gradio may leave the event loop of a worker thread open, with the loop's pair of Unix sockets.
_OF_GRADIO = (
    "ignore:unclosed event loop:ResourceWarning",
    r"ignore:unclosed <socket\.socket fd=\d+, family=1,:ResourceWarning",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Lets pass the warnings that are Gradio's own."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.filterwarnings(*_OF_GRADIO))


@pytest.fixture(scope="session", autouse=True)
def only_loopback() -> Iterator[None]:
    """Refuses every connection of the server's beyond this machine; afterwards, none may have been tried."""
    tried: list[object] = []
    connect, connect_ex, resolve = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo

    def guarded(true: Callable[..., Any]) -> Callable[..., Any]:
        def connecting(self: socket.socket, where: Any) -> Any:
            if self.family in {socket.AF_INET, socket.AF_INET6} and where[0] not in _LOCAL:
                tried.append(where)
                raise ConnectionRefusedError(f"a connection to {where}")
            return true(self, where)

        return connecting

    def resolving(host: Any, *arguments: Any, **named: Any) -> Any:
        if host not in {*_LOCAL, None, ""}:
            tried.append(host)
            raise socket.gaierror(f"a look-up of {host}")
        return resolve(host, *arguments, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded(connect))
        patch.setattr(socket.socket, "connect_ex", guarded(connect_ex))
        patch.setattr(socket, "getaddrinfo", resolving)
        yield
    assert tried == []


@dataclass
class Seen:
    """What a page asked for and complained about."""

    urls: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    @property
    def foreign(self) -> list[str]:
        """Addresses beyond this machine; data, blob and about addresses ask nobody."""
        return [
            url
            for url in self.urls
            if urlsplit(url).scheme not in {"data", "blob", "about"} and urlsplit(url).hostname not in _LOCAL
        ]


def chromium_launch() -> dict[str, Any]:
    """How Chromium is launched: where it is ("" where it is not), and so that it asks nobody by itself."""
    return {
        "executable_path": next((found for name in _NAMES if (found := shutil.which(name))), ""),
        "args": _ARGUMENTS,
    }


@pytest.fixture(scope="session")
def browser() -> Iterator["Browser"]:
    how = chromium_launch()
    if not how["executable_path"]:
        reason = "no Chromium here; install one (Debian: apt-get install chromium) to run the browser tests"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(**how)
        yield browser
        browser.close()


def until(page: "Page", happened: Callable[[], bool]) -> None:
    """Waits, the browser at work meanwhile, for what no page shows; half a minute, as Playwright does."""
    for _ in range(1_500):
        if happened():
            return
        page.wait_for_timeout(20)
    raise AssertionError("it did not happen within half a minute")


def drawn(page: "Page") -> None:
    """Waits until the page has made of the replies so far what it makes of them: what is asked now comes last."""
    page.evaluate(
        """async () => { await (await fetch("healthz", { cache: "no-store" })).text();
        await new Promise((done) => requestAnimationFrame(() => setTimeout(done))); }"""
    )


class Held:
    """Replies of the server that do not come before they are let go, in whatever order."""

    def __init__(self, page: "Page", address: str | re.Pattern[str], words: str = "", *, at_most: int = 99) -> None:
        """Holds the replies to the next requests of an address whose body has these words."""
        self._page = page
        self._words = words
        self._left = at_most
        self._routes: list[Route] = []
        self._replies: dict[int, APIResponse] = {}
        page.route(address, self._hold)

    def _hold(self, route: "Route") -> None:
        if self._left == 0 or self._words not in (route.request.post_data or ""):
            route.continue_()
            return
        self._left -= 1
        number = len(self._routes)  # in the order of the requests, whichever reply comes first
        self._routes.append(route)
        self._replies[number] = route.fetch()

    def reply(self, number: int = 0) -> "APIResponse":
        """One of the replies, once the server has given it."""
        until(self._page, lambda: number in self._replies)
        return self._replies[number]

    def let_go(self, number: int = 0) -> None:
        """Lets the page have one of the replies, and waits until it is drawn."""
        reply, route = self.reply(number), self._routes[number]
        with self._page.expect_event("requestfinished", lambda request: request == route.request):
            route.fulfill(response=reply)
        drawn(self._page)


CALLS = "**/component_server/**"  # whatever the page asks of the server but files and pictures


@contextmanager
def served(
    responder: "Answering",
    users: Users | None = None,
    *,
    port: int = 0,
    names: Iterable[str] = (),
    allow_upload: bool = False,
    report: Path = REPORT,
) -> Iterator[str]:
    """A responder -> the address of its page."""
    from bot.page.server import Server  # noqa: PLC0415 - Gradio takes seconds to import

    server = Server(responder, "127.0.0.1", port, users=users, names=names, allow_upload=allow_upload, report=report)
    ready = threading.Event()
    thread = threading.Thread(target=server.run, args=(lambda _: ready.set(),), daemon=True)
    thread.start()
    assert ready.wait(timeout=60), "the page did not start"
    try:
        yield server.address
    finally:
        server.stop()
        thread.join(timeout=20)
        # What Gradio left open is warned about here, where that is let pass, and not in somebody else's test.
        gc.collect()


@pytest.fixture(scope="module")
def essay() -> FakeResponder:
    """Answers from the essay of the corpus."""
    return FakeResponder((make_document((CORPUS / "putins-pivot.txt").read_text("utf-8"), "putins-pivot.txt"),))


# Of a module, not of the session, which ends with whatever test is last: there, what Gradio leaves open is an error.
@pytest.fixture(scope="module")
def address(essay: FakeResponder) -> Iterator[str]:
    with served(essay) as where:
        yield where


@pytest.fixture
def sky() -> FakeResponder:
    """Answers from two sentences, for one test alone: to be held up, stopped, or asked what it was asked."""
    return FakeResponder((make_document("A title\n\nThe sky is blue today. Grass is green."),))


@pytest.fixture
def sky_address(sky: FakeResponder) -> Iterator[str]:
    with served(sky) as where:
        yield where


@pytest.fixture
def open_page(browser: "Browser") -> Iterator[Callable[..., tuple["Page", Seen]]]:
    """Opens pages, each in a browser of its own; afterwards, none may have asked a host beyond this machine."""
    contexts = []
    everything: list[Seen] = []

    def open_one(url: str, *, width: int = 1280, height: int = 860, dark: bool = False) -> tuple["Page", Seen]:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            permissions=["clipboard-read", "clipboard-write"],
        )
        contexts.append(context)
        page = context.new_page()
        seen = Seen()
        everything.append(seen)
        page.on("request", lambda request: seen.urls.append(request.url))
        page.on("pageerror", lambda error: seen.complaints.append(f"pageerror: {error}"))
        page.on(
            "console",
            lambda message: seen.complaints.append(message.text) if message.type == "error" else None,
        )
        page.goto(url)
        page.wait_for_selector("#first", state="detached")
        return page, seen

    yield open_one
    for context in contexts:
        context.close()
    assert [url for seen in everything for url in seen.foreign] == []
