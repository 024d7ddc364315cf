"""The search that was tuned on a user's questions: kept with the index, used, and told of."""

from pathlib import Path

import pytest

from bot import respond
from bot.respond import open_responder
from bot.tuned import KeptSearch, examine_search, read_search, write_search
from index.errors import SnapshotDamaged
from index.search import SearchSettings
from index.snapshot import sound_snapshot
from tests.unit.fakes import FakeEncoder

KEPT = KeptSearch(SearchSettings(rrf_k=30, passages=2), "40 questions of mine.csv")


@pytest.fixture(autouse=True)
def _fake_models(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(respond, "load_encoder", FakeEncoder)


def test_it_is_used_and_told_of(index: Path) -> None:
    """As many passages are read as it says; without it, the usual ones."""
    assert read_search(index) is None
    assert open_responder(index).search == SearchSettings()
    write_search(index, KEPT)
    assert read_search(index) == KEPT
    responder = open_responder(index)
    traced = responder.trace("Who dredged the harbour?")
    assert traced.read is not None
    assert len(traced.read.hits) == 2
    assert "How passages are searched was tuned on 40 questions of mine.csv." in traced.answer.notes
    assert sound_snapshot(index) is not None


@pytest.mark.parametrize(
    "text", ["", "[]", '{"format_version": 1}', '{"format_version": 1, "rrf_k": 10, "depth": 0, "passages": true}']
)
def test_a_damaged_file_is_passed_over_and_told_of(index: Path, text: str) -> None:
    """Questions are still answered, as usual; the doctor names the file."""
    (index / "tuned.json").write_text(text)
    with pytest.raises(SnapshotDamaged, match=r"run: quoth tune QUESTIONS --keep --force"):
        read_search(index)
    finding = examine_search(index)
    assert finding is not None
    assert finding.problem is not None
    assert open_responder(index).search == SearchSettings()


def test_the_doctor_tells_of_it(index: Path) -> None:
    """On which questions it was tuned; nothing where nothing was."""
    assert examine_search(index) is None
    write_search(index, KEPT)
    finding = examine_search(index)
    assert finding is not None
    assert finding.subject == "tuned.json: search tuned on 40 questions of mine.csv"
