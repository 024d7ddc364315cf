"""The run with which `make accuracy` compares: of all of the essay's test questions, and no other."""

import json
from pathlib import Path

from bot.lab.compare import compare
from bot.lab.report import read_report

ACCURACY = Path(__file__).resolve().parents[2] / "accuracy"
REPORT = read_report(ACCURACY / "reached-report.json")


def test_it_is_of_the_test_questions() -> None:
    """Whoever changes a question measures again, or it would silently no longer be compared."""
    lines = (ACCURACY / "essay.jsonl").read_text(encoding="utf-8").splitlines()
    asked = {entry["id"]: entry for line in lines if (entry := json.loads(line))["split"] == "test"}
    assert {entry["id"]: entry["question"] for entry in REPORT["outcomes"]} == {
        id: entry["question"] for id, entry in asked.items()
    }
    for entry in REPORT["outcomes"]:
        assert bool(entry["gold"]) == bool(asked[entry["id"]]["gold"]), entry["id"]


def test_it_is_the_run_whose_figures_were_reached() -> None:
    """Both files are written by one run."""
    reached = json.loads((ACCURACY / "reached.json").read_text(encoding="utf-8"))
    answerable = [entry for entry in REPORT["outcomes"] if entry["gold"]]
    assert len(answerable) == reached["n_answerable"]
    assert round(sum(entry["right"] for entry in answerable) / len(answerable), 4) == reached["success_1"]


def test_it_can_be_compared_with() -> None:
    """With itself: nothing is worse, nothing flipped."""
    found = compare(REPORT, REPORT, 0.0)
    assert not found.is_worse
    assert found.flips == ()
