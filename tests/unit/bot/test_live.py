"""The running chat follows its index, and no question is failed or mixed by it."""

import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot import respond
from bot.fitted import write_fitted
from bot.kept import forget_kept
from bot.live import LiveResponder
from bot.respond import Responder
from bot.risk import Calibration
from bot.tuned import KeptSearch, write_search
from index.errors import EncoderError, SnapshotDamaged
from index.search import SearchSettings
from index.snapshot import current_id, roll_back, write_snapshot
from index.snapshot.layout import FITTED, TUNED
from tests.unit.bot.test_fitted import fitted_for
from tests.unit.fakes import TEXTS, FakeEncoder, contents_of

NEW = {"zeppelin.txt": "The zeppelin burned over Lakehurst in 1937. Nobody knows why it burned."}
QUESTION = "Where did the zeppelin burn in 1937?"


@pytest.fixture
def responder(index: Path, monkeypatch: pytest.MonkeyPatch) -> LiveResponder:
    """A responder of an index of the fake encoder's, with the simple reader."""
    monkeypatch.setattr(respond, "load_encoder", lambda name: FakeEncoder(name=name))
    return LiveResponder(index)


def test_a_rebuild_is_picked_up(responder: LiveResponder, index: Path) -> None:
    """The question after a rebuild is asked of the new documents, spelling included; a deleted one is gone."""
    assert "zeppelin.txt" not in str(responder.answer(QUESTION).as_json())
    id = write_snapshot(index, contents_of(NEW), {})
    answer = responder.answer("Where did the zepelin burn?")
    shown = answer.quotes or answer.nearest
    assert {quote.document.path for quote in shown} == {"zeppelin.txt"}
    assert "zeppelin" in answer.resolved_question
    assert answer.index == id == responder.snapshot.id


def test_going_back_is_picked_up(responder: LiveResponder, index: Path) -> None:
    """So is a rollback."""
    old = current_id(index)
    write_snapshot(index, contents_of(NEW), {})
    assert responder.snapshot.id != old
    roll_back(index)
    assert responder.snapshot.id == old
    assert responder.answer("Who dredged the harbour?").index == old


def test_a_question_in_flight_keeps_its_generation(
    responder: LiveResponder, index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A question that was begun before three rebuilds is answered wholly from the generation it began with."""
    old = current_id(index)
    begun, go = threading.Event(), threading.Event()
    read = Responder.read

    def slow(self: Responder, query: Any, documents: Any) -> Any:
        begun.set()
        assert go.wait(timeout=60)
        return read(self, query, documents)

    monkeypatch.setattr(Responder, "read", slow)
    answers = []
    thread = threading.Thread(target=lambda: answers.append(responder.answer("Who dredged the harbour?")))
    thread.start()
    assert begun.wait(timeout=60)
    for number in range(3):
        write_snapshot(index, contents_of({"new.txt": f"The harbour number {number} was dredged by nobody."}), {})
    go.set()
    thread.join(timeout=60)
    assert answers[0].index == old
    assert {quote.document.path for quote in answers[0].quotes + answers[0].nearest} <= set(TEXTS)
    assert responder.answer("Who dredged the harbour?").index == current_id(index)


def test_others_are_answered_while_a_new_generation_opens(
    responder: LiveResponder, index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While one asker opens the new generation another is answered from the old one."""
    old = current_id(index)
    opening, go = threading.Event(), threading.Event()
    reopened = respond.reopened

    def slow(*args: Any) -> Responder:
        opening.set()
        assert go.wait(timeout=60)
        return reopened(*args)

    monkeypatch.setattr(respond, "reopened", slow)
    new = write_snapshot(index, contents_of(NEW), {})
    answers = []
    thread = threading.Thread(target=lambda: answers.append(responder.answer(QUESTION)))
    thread.start()
    assert opening.wait(timeout=60)
    assert responder.answer(QUESTION).index == old
    go.set()
    thread.join(timeout=60)
    assert answers[0].index == new


@pytest.mark.parametrize("harm", ["damaged", "other model", "lost", "pointer"])
def test_what_cannot_be_opened_is_passed_over(
    responder: LiveResponder, index: Path, harm: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A new generation that cannot be asked is passed over, with one line in the log; the old one answers on."""
    old = current_id(index)
    contents = contents_of(NEW, FakeEncoder(fingerprint="0" * 64) if harm == "other model" else None)
    new = write_snapshot(index, contents, {})
    if harm == "damaged":
        (index / "generations" / new / "vectors.high").write_bytes(b"")
    elif harm == "lost":
        (index / "current").unlink()
    elif harm == "pointer":
        (index / "current").write_bytes(b"\xff")
    for _ in range(3):
        assert responder.answer("Who dredged the harbour?").index == old
    logged = [record.getMessage() for record in caplog.records]
    assert len(logged) == (0 if harm in {"lost", "pointer"} else 1)
    assert all(line.startswith(f"generation {new} is passed over: ") for line in logged)
    fixed = write_snapshot(index, contents_of({"fixed.txt": "It has been mended."}), {})
    assert responder.snapshot.id == fixed


@pytest.mark.parametrize(
    "error", [OSError(24, "Too many open files"), EncoderError("no memory"), SnapshotDamaged("x"), MemoryError()]
)
def test_what_may_pass_is_tried_again(
    responder: LiveResponder,
    index: Path,
    error: Exception,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A generation that could not be opened once is tried again, after pauses that grow, and why is said once."""
    now, tried = [0.0], list[float]()

    def fail(*_: Any) -> Responder:
        tried.append(now[0])
        raise error

    new = write_snapshot(index, contents_of(NEW), {})
    with monkeypatch.context() as patch:
        patch.setattr("bot.live.time.monotonic", lambda: now[0])
        patch.setattr(respond, "reopened", fail)
        for second in range(200):
            now[0] = float(second)
            assert responder.snapshot.id != new
    assert tried == [0, 2, 6, 14, 30, 62, 122, 182]
    logged = [record.getMessage() for record in caplog.records]
    assert logged == [f"generation {new} is passed over: {str(error) or type(error).__name__}"]
    monkeypatch.setattr("bot.live.time.monotonic", lambda: 1e9)
    assert responder.snapshot.id == new


def test_a_repaired_generation_is_picked_up(responder: LiveResponder, index: Path) -> None:
    """A generation that was damaged when it became current, and is built again under the same name, is opened then."""
    new = write_snapshot(index, contents_of(NEW), {})
    (index / "generations" / new / "vectors.high").write_bytes(b"")
    assert responder.snapshot.id != new
    assert write_snapshot(index, contents_of(NEW), {}) == new
    assert responder.snapshot.id == new


def test_another_model_is_loaded_with_its_index(responder: LiveResponder, index: Path) -> None:
    """An index built with another model brings that model along."""
    write_snapshot(index, contents_of(NEW, FakeEncoder(name="another", fingerprint="fa" * 32)), {})
    assert responder.now().encoder.name == "another"


def test_a_changed_model_is_loaded_with_its_index(
    responder: LiveResponder, index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An index that was built again because its model has changed brings the changed one along, under the same name."""
    changed = FakeEncoder(fingerprint="0b" * 32)
    monkeypatch.setattr(respond, "load_encoder", lambda _: changed)
    write_snapshot(index, contents_of(NEW, changed), {})
    assert responder.now().encoder is changed


def test_an_altered_text_is_never_quoted(responder: LiveResponder, index: Path) -> None:
    """A question that comes upon an altered text gets an error in one line that names it, and no word of the text."""
    file = next(index.rglob("texts.utf8"))
    data = file.read_bytes()
    file.write_bytes(data.replace(b"1904", b"1905"))
    fresh = LiveResponder(index)
    answer = fresh.answer("When was the harbour dredged?")
    assert answer.verdict == "error"
    assert answer.reason is not None
    assert "the text of harbour.txt in texts.utf8 of the index was altered" in answer.reason
    assert "1905" not in str(answer.as_json())
    assert responder.snapshot.id == current_id(index)


def test_what_is_fitted_and_tuned_is_picked_up(responder: LiveResponder, index: Path) -> None:
    """The question after `quoth calibrate` or `tune --keep` is answered by what was kept; forgotten, as before."""
    before = responder.now()
    write_fitted(index, fitted_for(before))
    assert responder.now().confidence.threshold == 0.37
    assert "Percentages were fitted on 60 questions of mine.csv." in responder.answer("Who was it?").notes
    write_search(index, KeptSearch(SearchSettings(passages=3), "9 questions of mine.csv"))
    assert responder.now().search.passages == 3
    assert "How passages are searched was tuned on 9 questions of mine.csv." in responder.answer("Who was it?").notes
    assert responder.now().snapshot is before.snapshot
    forget_kept(index, FITTED)
    forget_kept(index, TUNED)
    assert responder.now() == before


def test_what_is_fitted_keeps_the_risk_that_was_asked_for(
    index: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The threshold is that of the new questions; where they are too few for the risk, the former one stays."""
    monkeypatch.setattr(respond, "load_encoder", lambda name: FakeEncoder(name=name))
    live = LiveResponder(index, 0.4)
    fitted = fitted_for(live.now())
    write_fitted(index, fitted)
    assert live.now().confidence.threshold == 0.1
    kept = live.now()
    write_fitted(index, replace(fitted, calibration=Calibration((0.8,), (0.9,))))
    assert live.now() is kept
    (record,) = caplog.records
    assert record.getMessage().startswith("what was fitted or tuned is passed over: a risk of 40.0% is lower than 2")


def test_a_rebuild_keeps_what_was_fitted(responder: LiveResponder, index: Path) -> None:
    """A new generation is asked with it too."""
    write_fitted(index, fitted_for(responder.now()))
    id = write_snapshot(index, contents_of(NEW), {})
    assert responder.snapshot.id == id
    assert responder.now().confidence.threshold == 0.37
