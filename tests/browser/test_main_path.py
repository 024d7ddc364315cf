"""The way everybody goes: open, ask, see the quote, open its source."""

import re
from collections.abc import Callable
from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.real]

QUESTION = "What share of China's oil imports came from Russia in 2011?"
Open = Callable[..., tuple[Any, Any]]


def ask(page: Any, question: str) -> Any:
    """Types a question, sends it, and gives the turn that came back."""
    before = page.locator(".turn").count()
    page.fill("#question", question)
    page.keyboard.press("Enter")
    turn = page.locator(".turn").nth(before)
    turn.locator("article").first.wait_for()
    return turn


def test_a_question_gets_quotes_and_a_click_opens_the_source(open_page: Open, address: str, essay: Any) -> None:
    """The quote is the document's own text; a click highlights the very same characters in the source."""
    page, seen = open_page(address)
    turn = ask(page, QUESTION)
    said = turn.locator(".said").first.text_content()
    document = essay.documents[0]
    assert said in document.text
    assert turn.locator(".quote mark").first.is_visible()
    turn.locator(".cite a").first.click()
    highlighted = page.locator("#source-text .inq")
    highlighted.wait_for()
    assert highlighted.text_content() == said
    assert highlighted.locator("mark").text_content() == turn.locator(".quote mark").first.text_content()
    box, pane = highlighted.bounding_box(), page.locator("#source-scroll").bounding_box()
    assert pane["y"] <= box["y"]
    assert box["y"] + box["height"] <= pane["y"] + pane["height"]
    assert turn.locator(".cite a[aria-current]").count() == 1, "which citation is open is told"
    match = re.search(r"#cite:([0-9a-f]{12}):(\d+):(\d+)$", page.url)
    assert match is not None
    assert document.sha256.startswith(match[1])
    assert document.text[int(match[2]) : int(match[3])] == said
    assert seen.complaints == []


def test_a_refusal_looks_different(open_page: Open, address: str) -> None:
    """What nothing answers is refused in fixed words, with the nearest passages folded and labelled."""
    page, _ = open_page(address)
    turn = ask(page, "Zebras?")
    refusal = turn.locator("article.refusal")
    assert refusal.locator(".verdict").text_content() == "The documents don’t answer this."
    assert not refusal.locator(".passage").first.is_visible()
    refusal.locator("summary", has_text="Closest passages, not answers").click()
    assert refusal.locator(".passage").first.is_visible()
    assert turn.locator(".quote").count() == 0


@pytest.mark.parametrize(
    ("question", "words"),
    [("???", "no words"), ("a" * 10_000, "10,000 characters"), ("what\u0007ever", "U+0007")],
    ids=["no words", "too long", "control character"],
)
def test_a_question_that_cannot_be_asked_is_told_why(open_page: Open, address: str, question: str, words: str) -> None:
    """An error is one clear line, and the page goes on."""
    page, _ = open_page(address)
    turn = ask(page, question)
    assert words in turn.locator("article.error").text_content()
    assert ask(page, QUESTION).locator("article.quote").first.is_visible()


def test_a_defect_shows_no_traceback(open_page: Open, address: str) -> None:
    """Whatever is raised, the person reads a sentence and can go on."""
    page, _ = open_page(address)
    turn = ask(page, "Will it crash?")
    shown = turn.text_content()
    assert "Something went wrong" in shown
    assert "RuntimeError" not in shown
    assert "a defect with" not in shown
    assert ask(page, QUESTION).locator("article.quote").first.is_visible()


def test_a_follow_up_is_read_with_the_question_before_it(open_page: Open, address: str, essay: Any) -> None:
    """Each person's last question goes along with the next one, and how it was read is shown."""
    page, _ = open_page(address)
    ask(page, QUESTION)
    turn = ask(page, "And Saudi Arabia?")
    assert ("And Saudi Arabia?", QUESTION) in essay.asked
    assert f"Read as: {QUESTION} And Saudi Arabia?" in turn.locator(".note").first.text_content()
    other, _ = open_page(address)
    assert ("And Saudi Arabia?", None) not in essay.asked
    ask(other, "And Saudi Arabia?")
    assert ("And Saudi Arabia?", None) in essay.asked
