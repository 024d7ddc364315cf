"""A power cut at any moment of any write: the index is the old one or the new one, and the next build goes through."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from index.errors import SnapshotDamaged, SnapshotMissing
from index.snapshot import builder_of, current_id, roll_back, settle, write_snapshot
from index.storage import Disk
from tests.faults.replay import RecordingDisk, State, crashes, lay_out, moved
from tests.faults.worlds import QuickDisk, World, leftovers, world_in

EVERY = os.environ.get("FAULTS") == "all"
ONE, TWO, THREE = World("Ada"), World("Boole"), World("Curie")


def nothing(_: Path) -> None:
    """No index yet."""


def one(index: Path) -> None:
    """A first generation."""
    write_snapshot(index, ONE.contents, {}, QuickDisk())


def two(index: Path) -> None:
    """Two generations, of which a build keeps one."""
    one(index)
    write_snapshot(index, TWO.contents, {}, QuickDisk())


def gone_back(index: Path) -> None:
    """Two generations, the earlier one current."""
    two(index)
    roll_back(index)


def littered(index: Path) -> None:
    """Two generations, and what builders that died left behind."""
    two(index)
    for name in (".new-0123", ".old-0123"):
        (index / "generations" / name).mkdir()
        (index / "generations" / name / "texts.utf8").write_bytes(b"half")
    (index / ".current-new").write_bytes(b"half")


def damaged(index: Path) -> None:
    """Two generations, the current one damaged."""
    two(index)
    (index / "generations" / current_id(index) / "vectors.high").write_bytes(b"")


def undated(index: Path) -> None:
    """Two generations, of the current one of which it is not known when it was built."""
    two(index)
    (index / "generations" / current_id(index) / "build.json").unlink()


def misdated(index: Path) -> None:
    """The same, because that was altered."""
    two(index)
    (index / "generations" / current_id(index) / "build.json").write_bytes(b"{}")


def build(world: World) -> Callable[[Path, Disk], object]:
    return lambda index, disk: write_snapshot(index, world.contents, {}, disk)


def build_after_a_death(index: Path, disk: Disk) -> object:
    """A first build where a builder before had made the folders, and died before it had flushed them."""
    for folder in (index, index / "generations"):
        disk.make_folder(folder)
    return write_snapshot(index, ONE.contents, {}, disk)


def back(index: Path, disk: Disk) -> object:
    return roll_back(index, disk=disk)


def settled(index: Path, disk: Disk) -> None:
    with builder_of(index, disk=disk):
        settle(index, disk)


# What there is, what is done, and what the index may answer as before that is over: None is "there is no index", "-" is
# "it is damaged", which only a damaged one may be; and after it is over.
CASES = [
    pytest.param(nothing, build(ONE), {None, "Ada"}, "Ada", id="first build"),
    pytest.param(nothing, build_after_a_death, {None, "Ada"}, "Ada", id="first build after a death"),
    pytest.param(one, build(TWO), {"Ada", "Boole"}, "Boole", id="second build"),
    pytest.param(two, build(THREE), {"Boole", "Curie"}, "Curie", id="third build"),
    pytest.param(two, build(TWO), {"Boole"}, "Boole", id="same again"),
    pytest.param(two, build(ONE), {"Boole", "Ada"}, "Ada", id="the one before again"),
    pytest.param(gone_back, build(THREE), {"Ada", "Curie"}, "Curie", id="build after going back"),
    pytest.param(littered, build(THREE), {"Boole", "Curie"}, "Curie", id="build over litter"),
    pytest.param(damaged, build(TWO), {"-", "Boole"}, "Boole", id="healing"),
    pytest.param(damaged, build(THREE), {"-", "Curie"}, "Curie", id="build over a damaged one"),
    pytest.param(undated, build(TWO), {"Boole"}, "Boole", id="a new date"),
    pytest.param(misdated, build(TWO), {"Boole"}, "Boole", id="a date again"),
    pytest.param(littered, settled, {"Boole"}, "Boole", id="only litter goes"),
    pytest.param(two, back, {"Boole", "Ada"}, "Ada", id="going back"),
]


class Proof:
    """Lays states out, asks them, and builds upon them.

    A reader looks at the pointer and at the generation that it names; a builder at names, and at those. So of states
    that agree in that one is asked, and one is built upon, unless FAULTS=all asks every one: `make faults` does.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._asked: dict[object, str | None] = {}
        self._built: set[object] = set()
        self.states: set[State] = set()

    def answers_as(self, state: State) -> str | None:
        """The world that the state answers from; the next build must go through and leave no litter."""
        self.states.add(state)
        seen = state if EVERY else _seen_by_readers(state)
        names = state if EVERY else (seen, frozenset(name for name, _ in state))
        if seen not in self._asked or names not in self._built:
            root = self._folder / "state"
            root.mkdir()
            lay_out(state, root)
            self._asked[seen] = _world_or_not(root / "index")
            if names not in self._built:
                self._built.add(names)
                write_snapshot(root / "index", World("Noether").contents, {}, QuickDisk())
                assert world_in(root / "index") == "Noether"
                assert leftovers(root / "index") == []
            shutil.rmtree(root)
        return self._asked[seen]


def _seen_by_readers(state: State) -> State:
    """The pointer, and the generations that it names."""
    pointer = dict(state).get("index/current") or b""
    named = tuple(f"index/generations/{id}" for id in pointer.decode("ascii", "replace").split())
    return tuple(
        entry
        for entry in state
        if entry[0] in {"index", "index/current", "index/generations"} or entry[0].startswith(named)
    )


def _world_or_not(index: Path) -> str | None:
    try:
        return world_in(index)
    except SnapshotMissing:
        return None
    except SnapshotDamaged:
        return "-"


def recorded(
    tmp_path: Path, prepare: Callable[[Path], object], act: Callable[[Path, Disk], object], forgets: str = ""
) -> tuple[list[tuple[int, set[State]]], Proof]:
    """What there is and what is done -> the states of every crash, and a proof to ask them with."""
    before, live, scratch = tmp_path / "before", tmp_path / "live", tmp_path / "states"
    before.mkdir()
    scratch.mkdir()
    prepare(before / "index")
    shutil.copytree(before, live)
    disk = RecordingDisk(forgets)
    act(live / "index", disk)
    return list(crashes(moved(disk.log, live, before), before)), Proof(scratch)


@pytest.mark.parametrize(("prepare", "act", "during", "after"), CASES)
def test_every_crash_leaves_old_or_new(
    tmp_path: Path,
    prepare: Callable[[Path], object],
    act: Callable[[Path, Disk], object],
    during: set[str | None],
    after: str,
) -> None:
    """After a power cut at any operation, whatever of the unflushed is lost or torn, the index is old or new.

    Once the write has returned it is the new one, whatever is lost. And from every state the next build goes through.
    """
    points, proof = recorded(tmp_path, prepare, act)
    seen = set()
    for _, states in points:
        for state in states:
            answer = proof.answers_as(state)
            assert answer in during
            seen.add(answer)
    assert seen == during
    assert {proof.answers_as(state) for state in points[-1][1]} == {after}
    assert len(points) > 3
    print(f"{len(points)} crash points, {len(proof.states)} distinct states")


def test_a_date_is_put_where_it_is_missing(tmp_path: Path) -> None:
    """The one file that is put into a generation that is there already is so by a rename; then it is on the disk."""
    points, _ = recorded(tmp_path, undated, build(TWO))
    dates = [
        {name: data for name, data in state if name.endswith("build.json") and "/.new-" not in name}
        for state in points[-1][1]
    ]
    assert len(dates) > 0
    assert {len(found) for found in dates} == {2}
    assert all(data and data.endswith(b"}\n") for found in dates for data in found.values())


@pytest.mark.parametrize("forgets", ["flush", "flush_folder"])
def test_the_proof_can_fail(tmp_path: Path, forgets: str) -> None:
    """Were files, or folders, not flushed, the same enumeration would find states that are neither old nor new."""
    points, proof = recorded(tmp_path, two, build(THREE), forgets)
    last = points[-1][1]
    # From the end, where most has happened that was not flushed.
    assert any(
        proof.answers_as(state) not in ({"Curie"} if states is last else {"Boole", "Curie"})
        for _, states in reversed(points)
        for state in sorted(states, key=len)
    )
