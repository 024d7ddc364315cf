"""Every file of an index cut short and altered in turn: the doctor names it, nobody who asks crashes or is misled."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.live import LiveResponder
from index.doctor import examine
from index.errors import SnapshotError
from index.snapshot import load_snapshot, read_pointer, write_snapshot
from tests.faults.worlds import QUESTIONS, QuickDisk, World, responder_of, told
from tests.unit.fakes import FakeEncoder

OLD, NEW = World("Ada"), World("Boole")
NAMES = sorted(
    "blocks.sha256 build.json counts.at current documents.at documents.jsonl gaps.at manifest.json notes.json "
    "passages.i32 passages.key sentences.i32 stems.at terms.at terms.counts terms.docs terms.gaps terms.lengths "
    "terms.txt texts.utf8 vectors.high vectors.low words.at words.counts words.stems words.txt".split()
)


@pytest.fixture
def index(tmp_path: Path) -> Path:
    """Two generations."""
    for world in (OLD, NEW):
        write_snapshot(tmp_path / "index", world.contents, {"built_at": "then"}, QuickDisk())
    return tmp_path / "index"


def files_of(index: Path) -> dict[str, Path]:
    """Names -> the files of the living generation, and the pointer."""
    generation = index / "generations" / read_pointer(index).current
    return {"current": index / "current"} | {path.name: path for path in generation.iterdir()}


def damages(data: bytes) -> Iterator[bytes]:
    """A file's bytes -> the same cut short, grown, zeroed, and with one bit turned at many places."""
    yield b""
    yield data[: len(data) // 2]
    yield data[:-1]
    yield data + b"\0"
    yield bytes(len(data))
    places = {0, len(data) - 1, *range(0, len(data), max(1, len(data) // 12))}
    for place in sorted(places):
        for bit in (0x01, 0x80):
            yield data[:place] + bytes([data[place] ^ bit]) + data[place + 1 :]


def test_every_file_is_tried(index: Path) -> None:
    """The names below are those of all files of an index."""
    assert sorted(files_of(index)) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_the_doctor_names_the_damaged_file(index: Path, name: str) -> None:
    """However a file is damaged, the doctor names it, and says what to do."""
    file = files_of(index)[name]
    data = file.read_bytes()
    for damaged in damages(data):
        file.write_bytes(damaged)
        diagnosis = examine(index, lambda model: FakeEncoder(name=model))
        assert any(name in problem for problem in diagnosis.problems), (name, damaged[:40], diagnosis.problems)
        assert "quoth index" in diagnosis.remedy
    file.write_bytes(data)
    assert examine(index, lambda model: FakeEncoder(name=model)).problems == []


@pytest.mark.parametrize("name", NAMES)
def test_nobody_who_asks_crashes_or_is_misled(index: Path, name: str) -> None:
    """Asked over damage, an index gives the right answer or one line that says it is damaged, never another answer."""
    file = files_of(index)[name]
    data = file.read_bytes()
    for damaged in damages(data):
        file.write_bytes(damaged)
        try:
            responder = responder_of(load_snapshot(index))
        except SnapshotError:
            continue
        for question, expected in zip(QUESTIONS, NEW.answers, strict=True):
            answer = responder.answer(question)
            if answer.verdict == "error":
                assert "was altered" in (answer.reason or "")
            else:
                assert told(answer) == expected


@pytest.mark.parametrize("name", NAMES)
def test_whoever_has_it_open_goes_on(index: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A running chat whose index is damaged under it answers as before, or says that it was altered, and never dies.

    The question after that on the sound file, opened anew, is answered.
    """
    monkeypatch.setattr("bot.live.open_responder", lambda folder, _: responder_of(load_snapshot(folder)))
    file = files_of(index)[name]
    data = file.read_bytes()
    for damaged in (b"", data[: len(data) // 2], bytes(len(data))):
        file.write_bytes(data)
        live = LiveResponder(index)
        before = told(live.answer(QUESTIONS[2]))
        with file.open("r+b") as open_file:  # in its place, so that whoever has it open sees it
            open_file.truncate(0)
            open_file.write(damaged)
        assert before == NEW.answers[2]
        for question, expected in zip(QUESTIONS, NEW.answers, strict=True):
            answer = live.answer(question)
            assert told(answer) == expected or "was altered" in (answer.reason or ""), (name, answer)
