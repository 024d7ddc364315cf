"""The confidence fitted on a user's questions: kept with the index, used where it fits, and told of."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot import respond
from bot.confidence import Confidence
from bot.fitted import Fitted, examine_fitted, read_fitted, write_fitted
from bot.kept import forget_kept
from bot.respond import open_responder
from bot.risk import Calibration
from index.build import build_index
from index.errors import SettingsError, SnapshotDamaged, SnapshotForeign
from index.snapshot import roll_back
from index.snapshot.layout import FITTED
from tests.unit.fakes import SETTINGS, FakeEncoder


@pytest.fixture
def opened(index: Path, monkeypatch: pytest.MonkeyPatch) -> respond.Responder:
    monkeypatch.setattr(respond, "load_encoder", FakeEncoder)
    return open_responder(index)


def fitted_for(responder: respond.Responder) -> Fitted:
    weights = dict.fromkeys(responder.confidence.weights, 0.5)
    own = Confidence(
        responder.reader.name, responder.encoder.name, weights, -1.5, 0.37, "60 questions of mine.csv", "ab dev"
    )
    fingerprints = responder.encoder.fingerprint, responder.reader.fingerprint
    return Fitted(own, *fingerprints, Calibration((0.9,) * 60, (0.1,) * 3))


def test_what_is_kept_is_read_again(index: Path, opened: respond.Responder) -> None:
    """All of it, and nothing else is left in the folder."""
    assert read_fitted(index) is None
    before = {entry.name for entry in index.iterdir()}
    fitted = fitted_for(opened)
    write_fitted(index, fitted)
    assert read_fitted(index) == fitted
    assert {entry.name for entry in index.iterdir()} - before == {"fitted.json"}


def test_it_is_used_and_told_of(index: Path, opened: respond.Responder) -> None:
    """Every answer says on which questions its percentage was fitted; a promised risk is taken from those too."""
    write_fitted(index, fitted_for(opened))
    responder = open_responder(index)
    assert responder.confidence.threshold == 0.37
    assert "Percentages were fitted on 60 questions of mine.csv." in responder.answer("Who was it?").notes
    assert open_responder(index, 0.05).confidence.threshold == 0.9
    with pytest.raises(SettingsError, match=r"lower than 63 questions"):
        open_responder(index, 0.01)


@pytest.mark.parametrize("of", ["encoder", "reader"])
def test_for_another_reader_or_model_it_is_not_used(index: Path, opened: respond.Responder, of: str) -> None:
    """The one that comes with Quoth is, and every answer says why."""
    fitted = fitted_for(opened)
    for_encoder = replace(fitted, encoder_fingerprint="other")
    write_fitted(index, for_encoder if of == "encoder" else replace(fitted, reader_fingerprint="other"))
    responder = open_responder(index)
    assert responder.confidence == opened.confidence
    assert any("fitted on your questions are not used" in note for note in responder.answer("Who was it?").notes)


def test_a_rebuild_and_going_back_leave_it(index: Path, corpus: Path, opened: respond.Responder) -> None:
    """It lies beside the generations, not inside one."""
    write_fitted(index, fitted_for(opened))
    (corpus / "more.txt").write_text("Tugs pull barges.")
    build_index([corpus], index, SETTINGS, FakeEncoder)
    roll_back(index)
    assert read_fitted(index) == fitted_for(opened)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format_version": 1}', '{"format_version": 9}'])
def test_a_damaged_file_is_passed_over_and_told_of(index: Path, opened: respond.Responder, text: str) -> None:
    """Questions are still answered; the doctor names the file and what to do."""
    (index / "fitted.json").write_text(text)
    with pytest.raises(SnapshotDamaged, match=r"run: quoth calibrate QUESTIONS --force"):
        read_fitted(index)
    finding = examine_fitted(index)
    assert finding is not None
    assert finding.problem is not None
    responder = open_responder(index)
    assert responder.confidence == opened.confidence
    assert any("are not used" in note for note in responder.answer("Who was it?").notes)


def test_the_doctor_tells_what_was_fitted(index: Path, opened: respond.Responder) -> None:
    """On which questions, and for what; nothing where nothing was."""
    assert examine_fitted(index) is None
    write_fitted(index, fitted_for(opened))
    finding = examine_fitted(index)
    assert finding is not None
    assert finding.problem is None
    assert "60 questions of mine.csv" in finding.subject


def test_it_can_be_forgotten(index: Path, opened: respond.Responder) -> None:
    """Then the one that ships counts again."""
    write_fitted(index, fitted_for(opened))
    assert forget_kept(index, FITTED)
    assert not forget_kept(index, FITTED)
    assert open_responder(index).confidence == opened.confidence


def test_nothing_is_written_into_a_folder_that_is_no_index(tmp_path: Path, opened: respond.Responder) -> None:
    """Nor removed from one."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "diary.txt").write_text("x")
    with pytest.raises(SnapshotForeign):
        write_fitted(tmp_path / "mine", fitted_for(opened))
    with pytest.raises(SnapshotForeign):
        forget_kept(tmp_path / "mine", FITTED)
