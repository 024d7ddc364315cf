"""Builders killed with SIGKILL at random moments: after each the index answers from one world, wholly.

    python -m tests.faults.kill FOLDER --kills 1800 --commands 200

However the moments fall, it goes on until one kill has come within a build, and one build has ended before its kill.
One process asks; it forks one builder after another, which builds world upon world until it is killed. Then it forks
`quoth index` itself, which reads a folder of documents that changes each time, and kills that, too.
"""

import argparse
import os
import random
import shutil
import signal
import sys
import time
from pathlib import Path
from typing import NoReturn

from bot import cli
from index import encoder
from index.locks import only_builder
from index.snapshot import read_pointer, write_snapshot
from index.snapshot.layout import generation_of
from index.snapshot.read import verify_generation
from index.storage import Disk
from tests.faults.worlds import World, leftovers, world_in
from tests.unit.fakes import SETTINGS, FakeEncoder

# A kill comes within so many times what a build takes: before its end, or after, or within the next.
_WITHIN_BUILDS = 3
# Writing takes about so little of a command; the rest is reading.
_WRITING_SHARE = 20
# So many times the kills that were asked for are tried before it is given up that one proves something.
_TRIES = 10


def main() -> None:
    """Kills, asks, and prints how often a kill left something half done."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--kills", type=int, default=1800)
    parser.add_argument("--commands", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    moments = random.Random(given.seed)
    index = given.folder / "index"
    write_snapshot(index, World("first").contents, {})
    kill_writers(index, given.kills, moments)
    kill_commands(index, given.folder / "corpus", given.commands, moments)


def kill_writers(index: Path, kills: int, moments: random.Random) -> None:
    """Kills builders that do nothing but write."""
    begun = time.perf_counter()
    write_snapshot(index, World("w0").contents, {})
    within_s = (time.perf_counter() - begun) * _WITHIN_BUILDS
    worlds: set[str] = set()
    half_done, number = 0, 0
    while number < kills or (number < _TRIES * kills and not (half_done and len(worlds) > 1)):
        builder = os.fork()
        if builder == 0:
            _build_for_ever(index, number)
        time.sleep(moments.uniform(0, within_s))
        os.kill(builder, signal.SIGKILL)
        os.waitpid(builder, 0)
        worlds.add(_world_after(index))
        half_done += bool(leftovers(index))
        number += 1
        if number % 100 == 0:
            print(f"{number} kills so far", file=sys.stderr, flush=True)
        if number >= kills:  # building may take longer by now than it took when it was measured
            within_s *= 2
    write_snapshot(index, World("last").contents, {})
    assert world_in(index) == "last"
    assert leftovers(index) == []
    assert half_done, "no kill came within a build: nothing was proved"
    assert len(worlds) > 1, "no build ended before its kill: nothing was proved"
    print(f"{number} kills: {half_done} left something half done, {len(worlds)} worlds were asked, each whole")


def kill_commands(index: Path, corpus: Path, kills: int, moments: random.Random) -> None:
    """Kills `quoth index`: every other time at any moment, else within so long after it begins to write."""
    half_done, done, number = 0, 0, 0
    begun = time.perf_counter()
    assert _command(index, corpus, World("c")) == 0
    whole_s = time.perf_counter() - begun
    while number < kills or (number < _TRIES * kills and not half_done):
        world, before = World(f"c{number}"), world_in(index)
        heard, told = os.pipe()
        command = os.fork()
        if command == 0:
            _run_command(index, corpus, world, told)
        os.close(told)
        if number % 2 == 0:
            time.sleep(moments.uniform(0, whole_s))
        elif os.read(heard, 1):
            time.sleep(moments.uniform(0, whole_s / _WRITING_SHARE))
        os.kill(command, signal.SIGKILL)
        os.waitpid(command, 0)
        os.close(heard)
        after = _world_after(index)
        assert after in {before, world.name}
        half_done += bool(leftovers(index))
        done += after == world.name
        number += 1
    assert _command(index, corpus, World("end")) == 0
    assert world_in(index) == "end"
    assert leftovers(index) == []
    assert half_done or not kills, "no kill came within a command's writing: nothing was proved"
    print(f"{number} commands killed: {half_done} left something half done, {done} had done their work")


def _world_after(index: Path) -> str:
    """The world that is asked after a kill; the dead builder has no lock on it."""
    world = world_in(index)
    verify_generation(generation_of(index, read_pointer(index).current))
    with only_builder(index / "lock", lambda: _fail("a dead builder still has the lock")):
        return world


def _command(index: Path, corpus: Path, world: World) -> int:
    """Runs `quoth index` to its end -> its exit code."""
    command = os.fork()
    if command == 0:
        _run_command(index, corpus, world, os.open(os.devnull, os.O_WRONLY))
    return os.waitstatus_to_exitcode(os.waitpid(command, 0)[1])


def _run_command(index: Path, corpus: Path, world: World, told: int) -> NoReturn:
    """`quoth index` of a world's documents, with a model without weights; `told` hears when it begins to write."""
    try:
        shutil.rmtree(corpus, ignore_errors=True)
        for name, text in world.texts.items():
            corpus.mkdir(exist_ok=True)
            (corpus / name).write_bytes(text.encode())
        make_folder = Disk.make_folder

        def tell(disk: Disk, path: Path) -> None:
            make_folder(disk, path)
            os.write(told, b"!")

        setattr(Disk, "make_folder", tell)  # noqa: B010 - as below, in this process alone
        setattr(encoder, "load_encoder", lambda name, **_: FakeEncoder(name=name))  # noqa: B010
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        sys.argv = ["quoth", "index", str(corpus), "--index", str(index)]
        sys.argv += ["--model", SETTINGS.model, "--passage-tokens", str(SETTINGS.passage_tokens)]
        cli.main()
    except SystemExit as left:
        os._exit(int(left.code or 0))
    finally:
        os._exit(1)


def _build_for_ever(index: Path, number: int) -> NoReturn:
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
