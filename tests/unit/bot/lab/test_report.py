"""report.json: figures by hand, keys that stay, and files that are never replaced unasked."""

import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from bot.lab.report import check_folder, read_report, write_report
from bot.lab.run import SYSTEMS
from index.errors import AnswersError, SettingsError
from tests.unit.bot.lab.outcomes import A, B, C, D, labelled, outcome_of
from tests.unit.bot.lab.reports import report_of

ROOT = Path(__file__).resolve().parents[4]
SCHEMA = json.loads((ROOT / "docs" / "report.schema.json").read_text(encoding="utf-8"))
OUTCOMES = [
    outcome_of(labelled("a", A), "answered", A, B, probability=0.9),  # right at once
    outcome_of(labelled("b", C), "answered", A, B, C, probability=0.8, ranking=(0, 0, 1)),  # outranked
    outcome_of(labelled("c", D), "answered", A, probability=0.7, ranking=(0,), retrieved=False),
    outcome_of(labelled("d", D), "not_found", D, probability=0.2),  # refused, the nearest right
    outcome_of(labelled("e"), "answered", B, probability=0.6),  # should have been refused
    outcome_of(labelled("f"), "not_found", B, probability=0.1),
]


def test_figures_by_hand() -> None:
    """Four answerable and two unanswerable questions, small enough to count on one's fingers."""
    report = report_of(OUTCOMES)
    retrieval, abstention = report["measures"]["retrieval"], report["measures"]["abstention"]
    assert (report["questions"]["n"], report["questions"]["n_answerable"]) == (6, 4)
    for system in SYSTEMS:
        assert retrieval[system]["success@1"]["value"] == 0.5
        assert retrieval[system]["success@3"]["value"] == 0.75
        assert retrieval[system]["mrr@10"]["value"] == pytest.approx((1 + 1 / 3 + 0 + 1) / 4, abs=1e-6)
        assert retrieval[system]["recall@20"]["n"] == 4
    assert report["measures"]["quotes"]["right_first"]["value"] == 0.5
    assert report["measures"]["quotes"]["answer_em"]["value"] == pytest.approx(2 / 6, abs=1e-6)  # a, and f's silence
    assert abstention["auroc"] == pytest.approx(7 / 8)  # of 8 pairs only d against e is the wrong way round
    assert abstention["answered"]["value"] == pytest.approx(4 / 6, abs=1e-6)
    assert abstention["wrong_among_answered"]["value"] == 0.75
    assert abstention["refused_answerable"]["value"] == 0.25
    assert abstention["refused_unanswerable"]["value"] == 0.5
    assert report["failures"] == {
        "not_retrieved": 1,
        "outranked": 1,
        "refused": 1,
        "answered_unanswerable": 1,
        "not_asked": 0,
    }
    assert [entry["lost"] for entry in report["outcomes"]] == [
        None,
        "outranked",
        "not_retrieved",
        "refused",
        "answered_unanswerable",
        None,
    ]


def test_the_keys_are_those_of_the_schema() -> None:
    """Whoever reads reports with a program can rely on docs/report.schema.json, which allows no other keys."""
    jsonschema.validate(report_of(OUTCOMES), SCHEMA)
    jsonschema.validate(report_of([outcome_of(labelled("e"), "error")]), SCHEMA)


def test_a_measure_of_nothing_is_null() -> None:
    """Without answerable questions there is no success, rather than a good or a bad one."""
    report = report_of([outcome_of(labelled("e"), "not_found", B)])
    assert report["measures"]["retrieval"]["fused"]["success@1"]["value"] is None
    assert report["measures"]["abstention"]["auroc"] is None


def test_a_question_that_could_not_be_asked_counts_as_lost() -> None:
    """It is among the failures, and is no rightly refused one."""
    report = report_of([*OUTCOMES, outcome_of(labelled("g"), "error")])
    assert report["failures"]["not_asked"] == 1
    assert len(report["curves"]["risk_coverage"]) == 6


def test_a_report_is_written_and_read(tmp_path: Path) -> None:
    """By its folder or its file; nothing else is left there."""
    report = report_of(OUTCOMES)
    write_report(report, "<p>\udc80</p>", tmp_path / "a" / "b")
    assert read_report(tmp_path / "a" / "b") == report
    assert read_report(tmp_path / "a" / "b" / "report.json") == report
    assert {entry.name for entry in (tmp_path / "a" / "b").iterdir()} == {"report.json", "report.html"}


@pytest.mark.parametrize("name", ["report.json", "report.html"])
def test_nothing_is_replaced_without_force(tmp_path: Path, name: str) -> None:
    """Whichever of the two is there; it is said before the work."""
    check_folder(tmp_path / "new", force=False)
    (tmp_path / name).write_text("mine")
    with pytest.raises(SettingsError, match=r"is there already; --force replaces it, --out names another folder"):
        check_folder(tmp_path, force=False)
    check_folder(tmp_path, force=True)
    with pytest.raises(SettingsError, match=r"is a file; name a folder"):
        check_folder(tmp_path / name, force=True)
    with pytest.raises(SettingsError, match=r"is a file; name a folder"):
        check_folder(tmp_path / name / "new" / "deep", force=True)


def test_a_folder_that_cannot_be_written_is_told_before_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half an hour of asking is not thrown away for it."""
    monkeypatch.setattr("bot.lab.report.os.access", lambda place, _: place != tmp_path)
    with pytest.raises(SettingsError, match=r"cannot be written; name another folder with --out"):
        check_folder(tmp_path / "new", force=False)


@pytest.mark.parametrize("text", ["", "[]", '{"schema_version": 2}', '{"schema_version": 1}', "7"])
def test_what_is_no_report_is_refused(tmp_path: Path, text: str) -> None:
    """In one line, as is a file that is missing."""
    (tmp_path / "report.json").write_text(text)
    with pytest.raises(AnswersError):
        read_report(tmp_path)
    with pytest.raises(AnswersError, match=r"cannot be read"):
        read_report(tmp_path / "gone")


def test_unencodable_text_is_no_obstacle(tmp_path: Path) -> None:
    """A question may hold half a surrogate pair, which UTF-8 cannot."""
    odd = replace(labelled("a", A), question="what \ud800 lifts?")
    write_report(report_of([outcome_of(odd, "answered", A)]), "", tmp_path)
    assert read_report(tmp_path)["outcomes"][0]["question"].startswith("what ")
