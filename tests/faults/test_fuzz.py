"""Damaged and hostile files: every one is read or refused for a known reason, and touches nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from index.workers import Workers
from tests.faults.fuzz import LIMITS, bombs, damaged, outcomes, seeds


@pytest.fixture
def workers() -> Iterator[Workers]:
    made = Workers(LIMITS)
    yield made
    made.close()


def test_sound_files_are_read(workers: Workers) -> None:
    """What is damaged below is sound before: were it not, nothing would be tried."""
    assert {outcome.said for outcome in outcomes(seeds(), workers)} == {"read"}


def test_damaged_files_are_read_or_refused(workers: Workers) -> None:
    """Of 300 damaged files none hangs, none fails in an unknown way, and some are read, some refused."""
    found = list(outcomes(damaged(300), workers))
    assert [outcome for outcome in found if not outcome.is_known or outcome.said.startswith("timed out")] == []
    assert 50 < sum(outcome.said == "read" for outcome in found) < 280


def test_bombs_are_refused_or_harmless(workers: Workers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Zip bombs, entity bombs, endless nesting, lying PDFs and names that lead out end nothing and write nothing."""
    inside = tmp_path / "a" / "b"
    inside.mkdir(parents=True)
    monkeypatch.chdir(inside)
    found = {outcome.name: outcome for outcome in outcomes(bombs(), workers)}
    assert [outcome for outcome in found.values() if not outcome.is_known or outcome.said.startswith("timed out")] == []
    for name in ("zip.docx", "zip.epub", "many.docx"):
        assert found[name].said.startswith("too large")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
