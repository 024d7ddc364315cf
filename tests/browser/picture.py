"""The picture of the page in the README: `python -m tests.browser.picture INDEX docs/page.png`."""

import sys
import threading
from pathlib import Path

from playwright.sync_api import sync_playwright

from bot.page import stay_offline
from bot.respond import open_responder
from tests.browser.conftest import chromium_launch
from tests.browser.test_main_path import QUESTION, ask


def main(index: Path, picture: Path) -> None:
    """An index of the essay -> a picture of an answer, its source, and a refusal."""
    stay_offline()
    from bot.page.server import Server  # noqa: PLC0415 - Gradio takes seconds to import

    server = Server(open_responder(index), "127.0.0.1", 0)
    ready = threading.Event()
    threading.Thread(target=server.run, args=(lambda _: ready.set(),), daemon=True).start()
    ready.wait()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**chromium_launch())
        page = browser.new_page(viewport={"width": 1280, "height": 860})
        page.goto(server.address)
        page.locator("#first").wait_for(state="detached")
        ask(page, QUESTION).locator(".cite a").first.click()
        page.locator("#source-text .inq").wait_for()
        ask(page, "What is the population of Vladivostok?")
        page.locator("#talk-scroll").evaluate("pane => { pane.scrollTop = 0; document.activeElement.blur(); }")
        page.wait_for_timeout(800)
        page.screenshot(path=picture)
        browser.close()
    server.stop()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
