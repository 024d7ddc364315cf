"""The view "Accuracy": figures, curves, and failures that open their source."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.lab.report import write_report
from index.records import Span
from tests.browser.conftest import CALLS, Held, served
from tests.browser.fakes import FakeResponder, make_document
from tests.unit.bot.lab.outcomes import A, B, labelled, outcome_of
from tests.unit.bot.lab.reports import report_of

pytestmark = [pytest.mark.browser, pytest.mark.real]
Open = Callable[..., tuple[Any, Any]]
TEXT = "Cranes lift. Herring swim. Lamps burn. Ropes hold."


@pytest.mark.parametrize("width", [1280, 390])
def test_a_failure_leads_to_its_source(open_page: Open, tmp_path: Path, width: int) -> None:
    """The button shows the last report in the place of the conversation, and takes it away again."""
    hostile = labelled("<img src=x onerror=document.title='hacked'>", A)
    write_report(report_of([outcome_of(hostile, "answered", B)]), "", tmp_path)
    with served(FakeResponder((make_document(TEXT),)), report=tmp_path) as address:
        page, seen = open_page(address, width=width)
        page.get_by_role("button", name="Accuracy").click()
        view = page.get_by_role("region", name="The last report")
        view.get_by_role("heading", name="Failures (1)").wait_for()
        assert view.locator("svg").count() == 3
        assert not page.locator("#question").is_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        # No column is out of sight: in so little room, each failure is a card.
        failures = view.locator("#failures")
        assert failures.evaluate("table => table.parentElement.scrollWidth <= table.parentElement.clientWidth")
        assert all(failures.locator("td").nth(column).is_visible() for column in range(6))
        view.locator("#failures a").first.click()
        page.locator("#source-text .inq").wait_for()
        assert page.locator("#source-text .inq").text_content() == TEXT[A.start : A.end]
        page.get_by_role("button", name="Back to the report").click()
        assert page.evaluate("document.activeElement.closest('#failures') !== null")
        if width > 760:  # the view alone has moved to it; on a telephone, the whole page does
            assert page.get_by_role("button", name="Accuracy").bounding_box()["y"] >= 0
        page.get_by_role("button", name="Accuracy").click()
        assert page.locator("#question").is_visible()
        assert not page.get_by_role("button", name="Back to").is_visible()  # what it led back to is gone
        assert page.title() == "Quoth"
        assert seen.complaints == []


def test_a_report_that_comes_late_is_shown_where_it_is_awaited(open_page: Open, tmp_path: Path) -> None:
    """Opened, closed and opened again, the view shows one report, and calls nobody back who went elsewhere."""
    write_report(report_of([outcome_of(labelled("a", A), "answered", B)]), "", tmp_path)
    with served(FakeResponder((make_document(TEXT),)), report=tmp_path) as address:
        page, _ = open_page(address)
        late = Held(page, CALLS, "show_accuracy")
        for _ in range(3):
            page.get_by_role("button", name="Accuracy").click()
        late.let_go(1)
        page.locator("#failures").wait_for()
        page.evaluate("window.before = document.querySelector('#failures')")
        page.locator(".documents a").focus()
        late.let_go(0)
        assert page.evaluate("window.before.isConnected")
        assert page.evaluate("document.activeElement.matches('.documents a')")


def test_without_a_report_the_view_says_how_to_make_one(open_page: Open, tmp_path: Path) -> None:
    """And where it was looked for."""
    with served(FakeResponder((make_document(TEXT),)), report=tmp_path / "none") as address:
        page, _ = open_page(address)
        page.get_by_role("button", name="Accuracy").click()
        page.get_by_text(f"There is no report in {tmp_path / 'none'}").wait_for()


def test_a_place_that_has_changed_is_told(open_page: Open, tmp_path: Path) -> None:
    """A report on other texts than those that are open: nothing else is shown in their stead."""
    write_report(report_of([outcome_of(labelled("a", Span(0, 3)), "answered", B)]), "", tmp_path)
    with served(FakeResponder((make_document("Other words."),)), report=tmp_path) as address:
        page, _ = open_page(address)
        page.get_by_role("button", name="Accuracy").click()
        page.locator("#failures a").first.click()
        page.get_by_text("has changed").wait_for()
