"""Builders killed with SIGKILL at random moments: after each the index answers from one world, wholly.

    python -m tests.faults.kill FOLDER --kills 2000

One process asks; it forks one builder after another, which builds world upon world until it is killed.
"""

import argparse
import os
import random
import signal
import time
from pathlib import Path

from index.locks import only_builder
from index.snapshot import read_pointer, write_snapshot
from index.snapshot.layout import generation_of
from index.snapshot.read import verify_generation
from tests.faults.worlds import World, leftovers, world_in

# A kill comes within so many times what a build takes: before its end, or after, or within the next.
_WITHIN_BUILDS = 3


def main() -> None:
    """Kills, asks, and prints how often a kill left something half done."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--kills", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    moments = random.Random(given.seed)
    index = given.folder / "index"
    write_snapshot(index, World("first").contents, {})
    begun = time.perf_counter()
    write_snapshot(index, World("w0").contents, {})
    within_s = (time.perf_counter() - begun) * _WITHIN_BUILDS
    worlds, half_done = set(), 0
    for number in range(given.kills):
        builder = os.fork()
        if builder == 0:
            _build_for_ever(index, number)
        time.sleep(moments.uniform(0, within_s))
        os.kill(builder, signal.SIGKILL)
        os.waitpid(builder, 0)
        worlds.add(world_in(index))
        verify_generation(generation_of(index, read_pointer(index).current))
        half_done += bool(leftovers(index))
    with only_builder(index / "lock", lambda: _fail("a dead builder still has the lock")):
        pass
    write_snapshot(index, World("last").contents, {})
    assert world_in(index) == "last"
    assert leftovers(index) == []
    assert half_done, "no kill came within a build: nothing was proved"
    assert len(worlds) > 1, "no build ended before its kill: nothing was proved"
    print(f"{given.kills} kills: {half_done} left something half done, {len(worlds)} worlds were asked, each whole")


def _build_for_ever(index: Path, number: int) -> None:
    try:
        n = 0
        while True:
            n += 1
            write_snapshot(index, World(f"w{number}x{n}").contents, {})
    finally:
        os._exit(1)


def _fail(reason: str) -> None:
    raise AssertionError(reason)


if __name__ == "__main__":
    main()
