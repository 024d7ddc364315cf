"""Real processes: killed while they build, and building beside each other while somebody asks."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot.live import LiveResponder
from index.snapshot import load_snapshot, write_snapshot
from tests.faults.worlds import QUESTIONS, World, leftovers, responder_of, told, world_in

ROOT = Path(__file__).parents[2]
_BUILDS = 12


def _start(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", *arguments],
        cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_twenty_kills(tmp_path: Path) -> None:
    """Twenty builders killed at random moments leave an index that answers wholly, and no lock behind."""
    killing = _start("tests.faults.kill", str(tmp_path), "--kills", "20")
    output, _ = killing.communicate(timeout=240)
    assert killing.returncode == 0, output
    assert output.startswith("20 kills: ")


def test_two_writers_and_a_reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two processes build world upon world into an index that is asked: no error, every answer of one world."""
    monkeypatch.setattr("bot.live.open_responder", lambda folder: responder_of(load_snapshot(folder)))
    index = tmp_path / "index"
    write_snapshot(index, World("zero").contents, {})
    live = LiveResponder(index)
    writers = [_start("tests.faults.write", str(index), name, str(_BUILDS)) for name in ("left", "right")]
    names: dict[str, str] = {}
    worlds = set()
    while any(writer.poll() is None for writer in writers):
        for number, question in enumerate(QUESTIONS):
            answer = live.answer(question)
            assert answer.verdict != "error", answer.reason
            if number == 0:
                name = (answer.quotes or answer.nearest)[0].text.split("dredged by ")[1].split(".")[0]
                assert names.setdefault(answer.index, name) == name
                assert told(answer) == World(name).answers[0]
        worlds.add(world_in(index))
    for writer in writers:
        output, _ = writer.communicate(timeout=60)
        assert (writer.returncode, output) == (0, "")
    assert world_in(index) in {f"left{_BUILDS}", f"right{_BUILDS}"}
    assert len(worlds | set(names.values())) > 2
    assert leftovers(index) == []
