"""Real processes: killed while they build, and building beside each other while somebody asks."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from bot.live import LiveResponder
from index.snapshot import load_snapshot, write_snapshot
from tests.faults.worlds import QUESTIONS, QuickDisk, World, leftovers, responder_of, told, world_in

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
    """Twenty builders killed at random moments, six of them `quoth index`, leave no lock and an index that is whole.

    They are more where none of the twenty was killed while it was writing.
    """
    killing = _start("tests.faults.kill", str(tmp_path), "--kills", "14", "--commands", "6")
    output, _ = killing.communicate(timeout=240)
    assert killing.returncode == 0, output
    said = re.match(r"(\d+) kills: .*\n(\d+) commands killed: ", output)
    assert said is not None, output
    assert int(said[1]) >= 14
    assert int(said[2]) >= 6


def test_two_writers_and_a_reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two processes build world upon world into an index that is asked: no error, every answer is its world's."""
    monkeypatch.setattr("bot.live.open_responder", lambda folder, _: responder_of(load_snapshot(folder)))
    index = tmp_path / "index"
    write_snapshot(index, World("zero").contents, {})
    confidence = responder_of(load_snapshot(index)).confidence
    monkeypatch.setattr("bot.respond._confidence", lambda *_: (confidence, ()))
    live = LiveResponder(index)
    every = [World("zero"), *(World(f"{name}{n + 1}") for name in ("left", "right") for n in range(_BUILDS))]
    # What is written is named by its contents, so here it gets the same name.
    known = {write_snapshot(tmp_path / world.name, world.contents, {}, QuickDisk()): world for world in every}
    writers = [_start("tests.faults.write", str(index), name, str(_BUILDS)) for name in ("left", "right")]
    worlds = set()
    while any(writer.poll() is None for writer in writers):
        for number, question in enumerate(QUESTIONS):
            answer = live.answer(question)
            world = known[answer.index]
            worlds.add(world.name)
            assert told(answer) == world.answers[number]
        worlds.add(world_in(index))
    for writer in writers:
        output, _ = writer.communicate(timeout=60)
        assert (writer.returncode, output) == (0, "")
    assert world_in(index) in {f"left{_BUILDS}", f"right{_BUILDS}"}
    assert len(worlds) > 2
    assert leftovers(index) == []
