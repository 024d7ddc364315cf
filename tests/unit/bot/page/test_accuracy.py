"""The view "Accuracy": the last report, whatever lies there, with places that open their source."""

import json
import os
from pathlib import Path

import pytest

from bot.lab.report import write_report
from bot.page.accuracy import Accuracy
from tests.unit.bot.lab.outcomes import DOCUMENT, A, B, labelled, outcome_of
from tests.unit.bot.lab.reports import report_of


def test_places_lead_to_their_source(tmp_path: Path) -> None:
    """Gold and what was shown are links to addresses in the page; the figures and the curves are there."""
    report = report_of([outcome_of(labelled("a", A), "answered", B), outcome_of(labelled("b"), "not_found", A)])
    write_report(report, "", tmp_path)
    html = Accuracy(tmp_path).view()["html"]
    for span in (A, B):
        assert f'href="#cite:{DOCUMENT.sha256[:12]}:{span.start}:{span.end}"' in html
    assert html.count("<svg") == 3
    assert "wrong among answered" in html
    assert "<script" not in html


def test_without_a_report_it_says_where_it_looked_and_how_one_is_made(tmp_path: Path) -> None:
    """The folder's name is text, whatever it is."""
    html = Accuracy(tmp_path / "<b>").view()["html"]
    assert f"There is no report in <code>{tmp_path}/&lt;b&gt;</code>" in html
    assert "quoth eval QUESTIONS" in html


@pytest.mark.parametrize("text", ["", "{", "[]", '{"schema_version": 9}', json.dumps({"schema_version": 1})])
def test_what_is_no_report_is_told(tmp_path: Path, text: str) -> None:
    """In a sentence."""
    (tmp_path / "report.json").write_text(text)
    html = Accuracy(tmp_path).view()["html"]
    assert html.startswith("<h2>Accuracy</h2><p>")
    assert "report" in html


def test_a_report_with_other_values_is_told(tmp_path: Path) -> None:
    """Where a number should be, a text is none."""
    report = report_of([outcome_of(labelled("a", A), "answered", B)])
    report["measures"]["quotes"]["iou"]["value"] = "<script>alert(1)</script>"
    write_report(report, "", tmp_path)
    html = Accuracy(tmp_path).view()["html"]
    assert "holds no report that can be read" in html
    assert "<script" not in html


def test_the_view_follows_the_last_report(tmp_path: Path) -> None:
    """Another report in the same folder is shown from then on, without a new start."""
    accuracy = Accuracy(tmp_path)
    write_report(report_of([outcome_of(labelled("a", A), "answered", B)]), "", tmp_path)
    first = accuracy.view()["html"]
    assert accuracy.view()["html"] is first
    write_report(report_of([outcome_of(labelled("a", A), "answered", A)]), "", tmp_path)
    os.utime(tmp_path / "report.json", ns=(1, 1))
    assert "There are none." in accuracy.view()["html"]
