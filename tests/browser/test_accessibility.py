"""For everybody: axe finds nothing serious, roles and names are sane, small screens and large text work."""

import os
from collections.abc import Callable
from importlib.resources import files
from importlib.util import find_spec
from typing import Any

import pytest

from bot.page.users import Secret, Users
from index.loaders.markdown import load
from tests.browser.conftest import served
from tests.browser.fakes import FakeResponder
from tests.browser.test_main_path import QUESTION, ask

pytestmark = [pytest.mark.browser, pytest.mark.real]
Open = Callable[..., tuple[Any, Any]]


@pytest.fixture(scope="module")
def axe() -> str:
    """The source of axe-core, out of the package that carries it."""
    if find_spec("axe_playwright_python") is None:
        reason = "no axe-core here; run: pip install axe-playwright-python"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")


def grave_findings(page: Any, axe: str) -> list[str]:
    """A page -> axe's serious and critical findings, each with the element it is about."""
    page.evaluate(axe)
    found = page.evaluate("() => axe.run(document, { resultTypes: ['violations'] })")
    return [
        f"{violation['id']}: {node['html'][:160]} {node['failureSummary'][:300]}"
        for violation in found["violations"]
        if violation["impact"] in {"serious", "critical"}
        for node in violation["nodes"]
    ]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_serious(open_page: Open, address: str, axe: str, width: int, *, dark: bool) -> None:
    """In every state of the page: first visit, answer with all folds open, source, refusal, error, waiting."""
    page, _ = open_page(address, width=width, dark=dark)
    page.locator("#examples button").first.wait_for()
    findings = grave_findings(page, axe)
    ask(page, QUESTION).locator(".cite a").first.click()
    page.locator("#source-text .inq").wait_for()
    for question in ("Zebras?", "???", "Will it crash?"):
        ask(page, question)
    page.evaluate("document.querySelectorAll('details').forEach(fold => { fold.open = true; })")
    findings += grave_findings(page, axe)
    page.evaluate("location.hash = '#cite:000000000000:0:1'")
    page.wait_for_function("document.getElementById('source-message').textContent !== ''")
    findings += grave_findings(page, axe)
    assert findings == []


def test_axe_finds_nothing_serious_while_waiting_and_signing_in(open_page: Open, axe: str, sky: FakeResponder) -> None:
    """The busy page, and the form in front of it."""
    with served(sky) as where:
        page, _ = open_page(where)
        page.fill("#question", "Please wait for it")
        page.keyboard.press("Enter")
        page.locator(".waiting").wait_for()
        assert grave_findings(page, axe) == []
        sky.go.set()
    with served(sky, Users({"anna": Secret.of("correct horse")})) as where:
        page, _ = open_page(where)
        assert grave_findings(page, axe) == []


def test_names_and_roles_tell_what_is_seen(open_page: Open, address: str) -> None:
    """A screen reader gets headings in order, a log that announces additions, named articles, links and buttons."""
    page, _ = open_page(address)
    turn = ask(page, QUESTION)
    said = turn.locator(".said").first.text_content()
    tree = page.locator("#quoth").aria_snapshot()
    for line in (
        'heading "Quoth" [level=1]',
        f'heading "You asked {QUESTION}" [level=3]',
        'article "Quote"',
        'button "Copy with citation"',
        'textbox "Your question"',
        'button "Ask"',
        'log "Answers"',
        'region "Conversation"',
        'region "Source"',
        'heading "Documents" [level=2]',
    ):
        assert line in tree, tree
    assert "<" not in tree.replace(said, "")
    log = page.locator("#log")
    assert log.get_attribute("aria-live") == "polite"
    assert log.get_attribute("aria-relevant") == "additions"


def test_headings_skip_no_level(open_page: Open) -> None:
    """From the page's name down, in every state: whoever goes from heading to heading misses no part."""
    text = b"# A book\n\n## Part\n\n### Chapter\n\nThe sky is blue.\n\n##### Note\n\nGrass is green."
    book = load("a.md", text)
    with served(FakeResponder((book,))) as where:
        page, _ = open_page(where)
        levels = """() => [...document.querySelectorAll('h1, h2, h3, h4, h5, h6')]
          .filter(heading => heading.offsetParent).map(heading => Number(heading.tagName[1]))"""
        states = [page.evaluate(levels)]
        ask(page, "Is the sky blue?").locator(".cite a").first.click()
        page.locator("#source-text .inq").wait_for()
        states.append(page.evaluate(levels))
    assert states == [[1, 2, 2], [1, 2, 3, 2, 3, 4, 5]]


def test_what_was_answered_before_is_not_touched(open_page: Open, address: str) -> None:
    """A new turn is added to the log; the others stay the very same nodes, folds open, so nothing is read out twice."""
    page, _ = open_page(address)
    ask(page, QUESTION).locator(".more > summary").click()
    page.evaluate("window.first = document.querySelector('.turn')")
    ask(page, "Zebras?")
    assert page.evaluate("window.first === document.querySelector('.turn')")
    assert page.locator(".turn").first.locator(".more").get_attribute("open") is not None


@pytest.mark.parametrize(("width", "zoom"), [(360, 1), (320, 1), (1280, 2), (760, 1), (2560, 1)])
def test_nothing_is_cut_off(open_page: Open, address: str, width: int, zoom: int) -> None:
    """On a small phone and at 200% zoom nothing needs scrolling sideways, and the question can be typed and sent."""
    page, _ = open_page(address, width=width // zoom, height=860 // zoom)
    ask(page, QUESTION).locator(".cite a").first.click()
    page.locator("#source-text .inq").wait_for()
    ask(page, "Zebras?")
    page.evaluate("document.querySelectorAll('details').forEach(fold => { fold.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    sticking_out = page.evaluate(
        """() => [...document.querySelectorAll('#quoth *')]
          .filter(e => e.offsetParent && !e.closest('.unseen, .skip'))
          .filter(e => e.getBoundingClientRect().right > innerWidth + 1)
          .map(e => e.outerHTML.slice(0, 80))"""
    )
    assert sticking_out == []
    box = page.locator("#question").bounding_box()
    assert box["width"] >= 120
    assert page.locator("#send").bounding_box()["height"] >= 24


def test_large_text_alone_works_too(open_page: Open, address: str) -> None:
    """Somebody who doubles the size of letters only still reads everything."""
    page, _ = open_page(address)
    page.add_style_tag(content="html { font-size: 200%; } #quoth { font-size: 30px !important; }")
    ask(page, QUESTION).locator(".cite a").first.click()
    page.locator("#source-text .inq").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert page.locator("#question").bounding_box()["width"] > 200


def test_motion_is_reduced_where_asked(open_page: Open, browser: Any, address: str) -> None:
    """Whoever asks for less motion gets none: no animation, no smooth scrolling."""
    context = browser.new_context(reduced_motion="reduce")
    page = context.new_page()
    page.goto(address)
    page.locator("#first").wait_for(state="detached")
    page.evaluate(
        """() => { const true_one = Element.prototype.scrollIntoView; window.behaviours = [];
        Element.prototype.scrollIntoView = function (how) {
          window.behaviours.push(how.behavior); return true_one.call(this, how); }; }"""
    )
    # The waiting card is the one thing that moves: it is looked at in the moment in which it appears.
    running = """() => { const question = document.getElementById("question");
        question.value = "Is there anything?"; document.getElementById("ask").requestSubmit();
        const card = document.querySelector(".waiting");
        return [getComputedStyle(card, "::after").animationName, card.getAnimations({ subtree: true }).length]; }"""
    assert page.evaluate(running) == ["none", 0]
    page.locator(".turn article").first.wait_for()
    ask(page, QUESTION)
    assert set(page.evaluate("window.behaviours")) <= {"auto", None}
    context.close()
    open_page(address)
