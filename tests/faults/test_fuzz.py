"""Damaged and hostile files: every one is read or refused for a known reason, and touches nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from index.loaders import NOT_PARSED
from index.workers import CRASHED, TIMED_OUT, Workers
from tests.faults.fuzz import BOMBS_SAID, LIMITS, SLOW_S, Outcome, bombs, damaged, outcomes, seeds


@pytest.fixture
def workers() -> Iterator[Workers]:
    made = Workers(LIMITS)
    yield made
    made.close()


def test_sound_files_are_read(workers: Workers) -> None:
    """What is damaged below is sound before: were it not, nothing would be tried."""
    assert {outcome.said for outcome in outcomes(seeds(), workers)} == {"read"}


@pytest.mark.parametrize(
    "reason", [f"{NOT_PARSED} (KeyError)", f"{CRASHED}, or needed", f"{TIMED_OUT} within", "what?"]
)
def test_a_loaders_defect_is_a_finding(reason: str) -> None:
    """An exception that no loader expects, a crash and a hang are found, also those of attachments."""
    assert not Outcome("a.pdf", reason, 0.0).is_known
    assert not Outcome("a.eml", "read", 0.0, ("empty", reason)).is_known
    assert Outcome("a.eml", "read", 0.0, ("damaged: is no whole PDF",)).is_known


def test_damaged_files_are_read_or_refused(workers: Workers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 300 damaged files none hangs or crashes its loader, writes a file, or gives a reason that nobody knows.

    Some are read; of those that have pages, one is drawn, and has its words on it.
    """
    inside = tmp_path / "a" / "b"
    inside.mkdir(parents=True)
    monkeypatch.chdir(inside)
    found = list(outcomes(damaged(300), workers))
    assert [outcome for outcome in found if not outcome.is_known] == []
    assert [outcome for outcome in found if outcome.seconds > SLOW_S] == []
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    assert 50 < sum(outcome.said == "read" for outcome in found) < 280


def test_bombs_are_refused_or_harmless(workers: Workers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Zip bombs, entity bombs, endless nesting, lying PDFs and names that lead out end nothing and write nothing."""
    inside = tmp_path / "a" / "b"
    inside.mkdir(parents=True)
    monkeypatch.chdir(inside)
    found = {outcome.name: outcome for outcome in outcomes(bombs(), workers)}
    assert {name: outcome.said[: len(BOMBS_SAID[name])] for name, outcome in found.items()} == BOMBS_SAID
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
