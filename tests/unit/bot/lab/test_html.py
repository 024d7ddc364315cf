"""report.html: whole in itself, harmless whatever the documents hold, and readable without its script."""

import io
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from rich.console import Console

from bot.lab.charts import charts_of
from bot.lab.html import page_of
from bot.lab.table import show_report
from tests.unit.bot.lab.outcomes import DOCUMENT, A, B, C, D, labelled, outcome_of
from tests.unit.bot.lab.reports import report_of

HOSTILE = '<script>alert(1)</script><img src=x onerror="alert(2)">"\' &lt; javascript:alert(3)'


class Page(HTMLParser):
    """What a browser would find: elements with their attributes, and the text of each script and of the rest."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element begins."""
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        """A stretch of text."""
        self.text += data


def hostile_page() -> Page:
    document = replace(DOCUMENT, title=HOSTILE)
    question = replace(labelled("a", A), id=HOSTILE, question=HOSTILE)
    outcome = outcome_of(question, "answered", B)
    quote = replace(outcome.answer.quotes[0], document=document)
    outcome = replace(outcome, answer=replace(outcome.answer, quotes=(quote,)), gold_texts=(HOSTILE,))
    return Page(page_of(report_of([outcome], name=f"{HOSTILE}.csv")))


def test_hostile_text_is_only_text() -> None:
    """One script, which is ours; no handler, no picture; and the text is there for a person to read."""
    page = hostile_page()
    tags = [tag for tag, _ in page.elements]
    assert tags.count("script") == 1
    assert not {"img", "iframe", "object", "embed", "link", "form", "base"} & set(tags)
    for tag, attributes in page.elements:
        assert not [name for name in attributes if name.startswith("on")], tag
    assert page.text.count(HOSTILE) >= 5  # file, id, question, gold, title


def test_no_address_is_asked() -> None:
    """Nothing is fetched, and the policy would let nothing be: no address but places within the page."""
    page = hostile_page()
    for _, attributes in page.elements:
        for name in ("src", "href", "xlink:href", "action", "data", "style"):
            value = attributes.get(name) or ""
            assert "url(" not in value.replace("url(#", "")
            assert name == "style" or not value or value.startswith("#")
    policy = next(a["content"] for t, a in page.elements if t == "meta" and a.get("http-equiv"))
    assert policy is not None
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-")


def test_the_failures_stand_there_without_a_script() -> None:
    """Each with its question, gold, what was said, and the stage; the script only sorts them."""
    refused = outcome_of(labelled("a", A), "not_found", A)
    page = Page(page_of(report_of([refused, outcome_of(labelled("b", B), "answered", B)])))
    rows = page.text.split("Failures (1)")[1]
    for words in ("question a?", "Cranes lift.", "refused", "paragraph 1", "notes.txt 0:12"):
        assert words in rows
    assert "question b?" not in rows


def test_a_report_without_failures_says_so() -> None:
    """Rather than an empty table."""
    assert "There are none." in page_of(report_of([outcome_of(labelled("b", B), "answered", B)]))


def test_charts_are_elements_of_the_page() -> None:
    """Equal reports give equal charts; no id stands in two, and every reference finds its own."""
    report = report_of([outcome_of(labelled("a", A), "answered", A), outcome_of(labelled("b"), "not_found", B)])
    charts = charts_of(report)
    assert charts == charts_of(report)
    ids = [found for svg in charts.values() for found in re.findall(r'\bid="([^"]+)"', svg)]
    assert len(ids) == len(set(ids))
    for svg in charts.values():
        assert svg.startswith("<svg")
        assert "<style" not in svg
        assert set(re.findall(r'(?:href="#|url\(#)([^")]+)', svg)) <= set(ids)


def test_the_charts_hold_the_figures() -> None:
    """The names of the systems are text, and the curve passes through as many points as the report has."""
    report = report_of([outcome_of(labelled(str(n), A), "answered", A, probability=n / 10) for n in range(1, 6)])
    charts = charts_of(report)
    for name in ("vectors", "terms (BM25)", "both, fused", "reader"):
        assert name in charts["retrieval"]
    assert "wrong among answered" in charts["risk"]


@pytest.mark.parametrize("verdict", ["error", "not_found"])
def test_nothing_measurable_still_makes_a_page(verdict: str) -> None:
    """No answerable question, or none that could be asked: dashes instead of figures."""
    assert "–" in page_of(report_of([outcome_of(labelled("e"), verdict)]))  # type: ignore[arg-type]


def test_one_of_a_kind_is_no_plural() -> None:
    """One document, one passage, one sentence shared: said as a person would, here and in the terminal."""
    report = report_of([outcome_of(labelled("a", A), "answered", A)], text="Cranes lift.")
    console = Console(width=200, record=True, file=io.StringIO())
    console.print(show_report(report))
    for said in (page_of(report), console.export_text()):
        assert "1 document," in said
        assert "1 passage" in said
        assert not re.search(r"\b1 (questions|documents|passages|sentences|seconds)\b", said)


def test_gold_in_many_places_is_cut_short() -> None:
    """A question that dozens of documents answer does not fill the page; how many more there are is said."""
    report = report_of([outcome_of(labelled("a", A, B, C, D), "answered")])
    page = Page(page_of(report))
    rows = page.text.split("Failures (1)")[1]
    assert "Lamps burn." in rows
    assert "Ropes hold." not in rows
    assert "and 1 other place" in rows
