"""A served page and a browser that records every address it asks for."""

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from bot.page import stay_offline
from tests.browser.fakes import FakeResponder, make_document

stay_offline()

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

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


# Gradio summarises its queue with an option that pandas is about to drop; in a thread of its own, to no effect here.
_OF_GRADIO = "ignore:'future.no_silent_downcasting' is deprecated:pandas.errors.Pandas4Warning"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Lets pass the one warning that Gradio gives."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.filterwarnings(_OF_GRADIO))


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


@pytest.fixture(scope="session")
def browser() -> Iterator["Browser"]:
    chromium = next((found for name in _NAMES if (found := shutil.which(name))), None)
    if chromium is None:
        reason = "no Chromium here; install one (Debian: apt-get install chromium) to run the browser tests"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(_ARGUMENTS))
        yield browser
        browser.close()


@contextmanager
def served(responder: FakeResponder) -> Iterator[str]:
    """A responder -> the address of its page."""
    from bot.page.server import Server  # noqa: PLC0415 - Gradio takes seconds to import

    server = Server(responder, "127.0.0.1", 0)
    ready = threading.Event()
    thread = threading.Thread(target=server.run, args=(lambda _: ready.set(),), daemon=True)
    thread.start()
    assert ready.wait(timeout=60), "the page did not start"
    try:
        yield server.address
    finally:
        server.stop()
        thread.join(timeout=20)


@pytest.fixture(scope="session")
def essay() -> FakeResponder:
    """Answers from the essay of the corpus."""
    return FakeResponder((make_document((CORPUS / "putins-pivot.txt").read_text("utf-8"), "putins-pivot.txt"),))


@pytest.fixture(scope="session")
def address(essay: FakeResponder) -> Iterator[str]:
    with served(essay) as where:
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
