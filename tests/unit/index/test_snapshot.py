"""The snapshot: what is read is what was written, or a clear refusal. What dies while it writes: see tests/faults."""

import errno
import hashlib
import json
import os
import pickletools
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from bot.cli.common import DEFAULT_INDEX
from index import locks
from index.build import build_index
from index.errors import SnapshotDamaged, SnapshotError, SnapshotForeign, SnapshotMissing
from index.snapshot import (
    Contents,
    builder_of,
    current_id,
    load_snapshot,
    publish,
    read_manifest,
    read_pointer,
    roll_back,
    write_snapshot,
)
from index.snapshot.layout import DEFAULT_FOLDER
from index.snapshot.manifest import read_build
from index.snapshot.pointer import Pointer
from index.stored import Stored
from index.tables import Keys, Passages, Sentences
from index.words import Words
from tests.unit.fakes import POSTINGS, SETTINGS, TEXTS, FakeEncoder, awkward_corpora, contents_of, write_corpus

ROOT = Path(__file__).parents[3]
OTHER = {"other.txt": "Something else altogether. It has two sentences."}


def same(one: Contents, other: Contents) -> bool:
    """Whether all that can be compared is equal, and rows and terms find the same."""
    rows = np.arange(len(one.passages))
    query = FakeEncoder().encode(["harbour"])[0]
    return (
        replace(one, vectors=other.vectors, terms=other.terms) == other
        and one.terms.postings.terms == other.terms.postings.terms
        and one.vectors.cosines(query, rows).tolist() == other.vectors.cosines(query, rows).tolist()
        and one.terms.scores(["harbour", "crane"]).tolist() == other.terms.scores(["harbour", "crane"]).tolist()
    )


def generation(folder: Path) -> Path:
    return folder / "generations" / current_id(folder)


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def reseal(folder: Path, change: Callable[[dict[str, Any]], None] = lambda _: None) -> None:
    """Makes hashes and id fit whatever lies in the living generation: damage that no checksum shows."""
    old = generation(folder)
    manifest = json.loads((old / "manifest.json").read_text("utf-8"))
    for name in manifest["files"]:
        data = (old / name).read_bytes()
        manifest["files"][name] = {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    change(manifest)
    text = json.dumps(manifest)
    (old / "manifest.json").write_text(text, "utf-8")
    id = hashlib.sha256(text.encode()).hexdigest()[:16]
    old.rename(old.with_name(id))
    (folder / "current").write_text(f"{id}\n-\n", "ascii")


@given(awkward_corpora())
@settings(max_examples=60)
def test_what_is_read_is_what_was_written(texts: dict[str, str]) -> None:
    """Documents, spans, headings, passages, vectors, terms and words of any corpus come back as they were."""
    contents = contents_of(texts)
    with tempfile.TemporaryDirectory() as folder:
        id = write_snapshot(Path(folder), contents, {"built_at": "now"})
        loaded = load_snapshot(Path(folder))
        assert loaded.id == id
        assert same(loaded.contents, contents)
        assert [document.text for document in loaded.contents.documents] == [texts[path] for path in sorted(texts)]


@given(awkward_corpora())
@settings(max_examples=20)
def test_two_builds_are_byte_identical(texts: dict[str, str]) -> None:
    """Built twice from scratch, two indexes differ in nothing but build.json."""
    with tempfile.TemporaryDirectory() as parent:
        ids = [write_snapshot(Path(parent, name), contents_of(texts), {"built_at": name}) for name in ("one", "other")]
        one, other = (files_of(generation(Path(parent, name))) for name in ("one", "other"))
        assert ids[0] == ids[1]
        assert one.pop("build.json") != other.pop("build.json")
        assert one == other


def test_a_folder_build_is_byte_identical(corpus: Path, tmp_path: Path) -> None:
    """The same over files on the disk, whatever the order in which the folder lists them."""
    for name in ("one", "other"):
        build_index([corpus], tmp_path / name, SETTINGS, FakeEncoder)
    one, other = (files_of(tmp_path / name) for name in ("one", "other"))
    assert {name for name, data in one.items() if other.get(name) != data} == {
        name for name in one if name.endswith("/build.json")
    }


def every_file(folder: Path) -> list[str]:
    return sorted(set(files_of(generation(folder))) - {"build.json"})


def read_whole(folder: Path) -> Contents:
    """Opens a snapshot and looks at every text."""
    contents = load_snapshot(folder).contents
    postings = contents.terms.postings
    sentences, passages, keys = (
        Sentences.of(contents.sentences),
        Passages.of(contents.passages),
        Keys.of(contents.keys),
    )
    words = Words.of(contents.words)
    stored: list[Stored[Any]] = [*(getattr(postings, name) for name in POSTINGS), words.counts]
    assert all(document.text for document in contents.documents)
    assert all(len(rows) for rows in (sentences.rows, passages.rows, keys.rows, contents.vectors.rows))
    assert all(map(list, (postings.terms, words.words, words.stems)))
    assert all(len(part.whole) for part in stored)
    return contents


def test_every_file_is_checked(index: Path) -> None:
    """A file cut short, with one bit turned, grown, emptied or removed is named in a SnapshotDamaged, each in turn."""
    names = every_file(index)
    assert len(names) == 24
    for name in names:
        file = generation(index) / name
        data = file.read_bytes()
        middle = len(data) // 2
        damages: dict[str, bytes | None] = {
            "cut": data[:-1],
            "empty": b"",
            "grown": data + b"\0",
            "first": bytes([data[0] ^ 1]) + data[1:],
            "middle": data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :],
            "last": data[:-1] + bytes([data[-1] ^ 0x80]),
            "gone": None,
        }
        for damage, damaged in damages.items():
            file.unlink()
            if damaged is not None:
                file.write_bytes(damaged)
            with pytest.raises(SnapshotDamaged) as raised:
                read_whole(index)
            assert name in str(raised.value), damage
            assert "run: quoth index" in str(raised.value)
            file.write_bytes(data)
    read_whole(index)


def test_every_byte_of_the_manifest_counts(index: Path) -> None:
    """Whichever byte of the manifest is altered, that is named as damage, never taken for another program's index."""
    file = generation(index) / "manifest.json"
    data = file.read_bytes()
    for position in range(len(data)):
        file.write_bytes(data[:position] + bytes([data[position] ^ 1]) + data[position + 1 :])
        with pytest.raises(SnapshotDamaged, match=r"manifest\.json of the index in .* was altered; run: quoth index"):
            load_snapshot(index)


def test_a_file_that_became_a_folder_is_damage(index: Path) -> None:
    """A folder in the place of a file is named like a missing file."""
    for name in every_file(index):
        file = generation(index) / name
        data = file.read_bytes()
        file.unlink()
        file.mkdir()
        with pytest.raises(SnapshotDamaged, match=name.rsplit("/", 1)[-1]):
            load_snapshot(index)
        file.rmdir()
        file.write_bytes(data)


def test_a_lost_generation_is_damage(index: Path) -> None:
    """A pointer to a generation that is not there is damage, and the message says what to run."""
    shutil.rmtree(generation(index))
    with pytest.raises(SnapshotDamaged, match="run: quoth index"):
        load_snapshot(index)


def test_a_file_in_a_generations_place_is_damage(index: Path) -> None:
    """A file where a generation's folder, or that of all, should be is refused in one line; a build heals it."""
    contents = read_whole(index)
    for place in (generation(index), index / "generations"):
        kept = index.parent / "kept"
        place.rename(kept)
        place.write_bytes(b"a file")
        with pytest.raises(SnapshotDamaged, match=r"cannot be opened \(Not a directory\); expected a folder .* run: "):
            load_snapshot(index)
        place.unlink()
        kept.rename(place)
    id = current_id(index)
    shutil.rmtree(generation(index))
    generation(index).write_bytes(b"a file")
    for _ in range(2):
        assert write_snapshot(index, contents, {}) == id
        assert same(load_snapshot(index).contents, contents)
        assert generations(index) == {id}


def test_what_the_system_refuses_is_said_in_one_line(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the system says when a generation is held comes as an error of the index, with what to do."""

    def refuse(*_: Any) -> None:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    monkeypatch.setattr("index.locks.fcntl.flock", refuse)
    with pytest.raises(SnapshotDamaged, match=r"cannot be opened \(Too many open files\).*; run: quoth index"):
        load_snapshot(index)
    for act in (load_snapshot, lambda folder: write_snapshot(folder, contents_of(OTHER), {})):
        with pytest.raises(SnapshotForeign, match="name another folder with --index"):
            act(index.parent / ("x" * 300))


@pytest.mark.parametrize(
    "pointer",
    [b"", b"\n", b"../../etc", b"a/b", b"..", b"0123456789abcdef\n", b"two words", b"a" * 5000, b"\x00", b"a\x00b"],
)
def test_a_garbled_pointer_is_damage(index: Path, pointer: bytes) -> None:
    """Whatever text stands in the pointer, nothing outside the index is read and the remedy is named."""
    (index / "current").write_bytes(pointer)
    with pytest.raises(SnapshotDamaged, match="run: quoth index"):
        load_snapshot(index)


def test_a_pointer_that_is_no_text_is_refused(index: Path) -> None:
    """Bytes that are no ASCII, or a folder, in the place of the pointer are refused with an error of the index."""
    (index / "current").write_bytes(b"\xff\xfe")
    with pytest.raises(SnapshotError):
        load_snapshot(index)
    (index / "current").unlink()
    (index / "current").mkdir()
    with pytest.raises(SnapshotError):
        load_snapshot(index)


@pytest.mark.parametrize("manifest", [b"", b"[]", b"null", b"{}", b"\xff", b"[" * 100_000, b'{"format": 1}', b"{"])
def test_a_garbled_manifest_is_refused(index: Path, manifest: bytes) -> None:
    """Whatever stands in the manifest, reading it ends in an error of the index."""
    (generation(index) / "manifest.json").write_bytes(manifest)
    with pytest.raises(SnapshotError):
        load_snapshot(index)


def test_another_format_version_is_named(index: Path) -> None:
    """An index of another version is refused by both versions' numbers, with the remedy."""
    reseal(index, lambda manifest: manifest.update(format_version=2))
    with pytest.raises(SnapshotForeign, match=r"has format 2; this version of Quoth reads 6; run: quoth index"):
        load_snapshot(index)


def test_another_programs_manifest_is_foreign(index: Path) -> None:
    """A manifest of another format is no index of ours."""
    reseal(index, lambda manifest: manifest.update(format="something"))
    with pytest.raises(SnapshotForeign, match="is not an index"):
        load_snapshot(index)


@pytest.mark.parametrize("key", ["files", "encoder", "settings", "corpus_root"])
def test_a_manifest_that_lacks_a_part_is_damage(index: Path, key: str) -> None:
    """A manifest whose hash is right but which lacks what we need is damage, and no KeyError."""
    reseal(index, lambda manifest: manifest.pop(key))
    with pytest.raises(SnapshotDamaged):
        load_snapshot(index)


@pytest.mark.parametrize(
    "name",
    ["documents.jsonl", "sentences.i32", "passages.i32", "vectors.high", "terms.txt", "gaps.at"],
)
@pytest.mark.parametrize("data", [b"", b"\x80\x04N.", b"{}\n", b"[1]\n"])
def test_nonsense_with_a_right_hash_is_damage(index: Path, name: str, data: bytes) -> None:
    """A file that cannot be what it must be is damage, though its checksum fits."""
    (generation(index) / name).write_bytes(data)
    reseal(index)
    with pytest.raises(SnapshotDamaged):
        load_snapshot(index)


def test_no_file_is_a_pickle(index: Path) -> None:
    """No file of an index is named or made like a pickle."""
    for name, data in files_of(index).items():
        assert not name.endswith((".pkl", ".pickle"))
        with pytest.raises((ValueError, IndexError, UnicodeDecodeError)):
            list(pickletools.genops(data))


def use(folder: Path) -> None:
    """Reads an index from end to end."""
    opened = load_snapshot(folder)
    read_build(folder / "generations" / opened.id)
    read_whole(folder)


@pytest.mark.parametrize(
    "name", ["current", "manifest.json", "build.json", "texts.utf8", "vectors.high", "generations"]
)
def test_the_advice_names_the_index(index: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is wrong with an index is mended by the command that is named: it says which index, unless that is `.quoth`.

    A folder with spaces is named as a shell reads it.
    """
    monkeypatch.chdir(index.parent)
    for folder, expected in (
        (Path("my index"), "run: quoth index FOLDER --index 'my index'"),
        (Path(".quoth"), "run: quoth index FOLDER"),
    ):
        shutil.copytree(index, folder)
        path = next(folder.rglob(name))
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.write_bytes(bytes(path.stat().st_size))
        with pytest.raises(SnapshotError) as error:
            use(folder)
        assert str(error.value).removesuffix(" --force").endswith(f"; {expected}")


def test_the_default_is_the_commands() -> None:
    """The index folder that goes without saying is the one that every command takes where none is named."""
    assert DEFAULT_FOLDER == DEFAULT_INDEX


def test_a_missing_index_says_what_to_run(tmp_path: Path) -> None:
    """No folder, and an empty one, are an index that is still to be built."""
    for folder in (tmp_path / "none", tmp_path):
        with pytest.raises(SnapshotMissing, match="run: quoth index"):
            load_snapshot(folder)


def photos(folder: Path) -> None:
    write_corpus(folder, {"photo.jpg": b"1", "notes/a.txt": b"2"})


def someones_generations(folder: Path) -> None:
    write_corpus(folder, {"generations/grandmother.txt": b"born in 1904"})


def generations_file(folder: Path) -> None:
    write_corpus(folder, {"generations": b"a list"})


@pytest.mark.parametrize("fill", [photos, someones_generations, generations_file])
def test_a_foreign_folder_is_refused_and_untouched(tmp_path: Path, fill: Callable[[Path], None]) -> None:
    """A folder that holds anything but an index is neither read nor written, and stays as it was."""
    folder = tmp_path / "mine"
    fill(folder)
    before = files_of(folder)
    with pytest.raises(SnapshotForeign, match="name another folder with --index"):
        write_snapshot(folder, contents_of(TEXTS), {})
    with pytest.raises(SnapshotForeign, match="name another folder with --index"):
        load_snapshot(folder)
    assert files_of(folder) == before


@pytest.mark.parametrize("name", [".current-backup", ".current-", ".current-newer", ".current-0123456789abcdef.txt"])
def test_what_only_begins_like_ours_is_anothers(index: Path, name: str) -> None:
    """A file whose name no version gave the pointer is not taken for half of one: it is named, and stays."""
    (index / name).write_bytes(b"mine")
    with pytest.raises(SnapshotForeign, match=f"holds {re.escape(name)}, which is no part of an index"):
        write_snapshot(index, contents_of(OTHER), {})
    assert (index / name).read_bytes() == b"mine"


@pytest.mark.parametrize(
    "name", [".DS_Store", "._current", "Thumbs.db", "desktop.ini", ".nfs000000000001", "lost+found"]
)
def test_what_a_system_leaves_is_no_stranger(index: Path, name: str) -> None:
    """A file that a system put into an index's folders stops no build, and stays; what died half-made still goes."""
    strays = write_corpus(index, {name: b"1", f"generations/{name}": b"2", "generations/.old-abc/x": b"half"})
    ids = [current_id(index), *(write_snapshot(index, contents_of({"a.txt": f"No. {n}."}), {}) for n in range(2))]
    assert load_snapshot(index).id == ids[-1]
    assert (strays / name).read_bytes() + (strays / "generations" / name).read_bytes() == b"12"
    assert generations(index) == {*ids[-2:], name}


def test_a_damaged_pointer_costs_no_generation(index: Path) -> None:
    """Over a pointer that is damaged, lost, or names what is not there, all stays that is sound, the latest next."""
    first = current_id(index)
    second = write_snapshot(index, contents_of(OTHER), {"built_at": "2999"})
    text = (index / "current").read_text()
    for number, damaged in enumerate([b"garbage", None, f"{'0' * 16}\n{first}\n".encode()]):
        (index / "current").unlink()
        if damaged is not None:
            (index / "current").write_bytes(damaged)
        third = write_snapshot(index, contents_of({"third.txt": f"A third text, {number}."}), {})
        assert {first, second} <= generations(index)
        assert read_pointer(index) == Pointer(third, first if number == 2 else second)
        (index / "current").write_text(text)
    fourth = write_snapshot(index, contents_of({"fourth.txt": "A fourth text."}), {})
    assert generations(index) == {second, fourth}


def test_a_file_is_no_index_folder(tmp_path: Path) -> None:
    """A file in the folder's place is refused, and stays as it was."""
    file = tmp_path / "index"
    file.write_text("mine", "utf-8")
    with pytest.raises(SnapshotForeign):
        write_snapshot(file, contents_of(TEXTS), {})
    with pytest.raises(SnapshotForeign):
        load_snapshot(file)
    assert file.read_text("utf-8") == "mine"


def generations(folder: Path) -> set[str]:
    return {path.name for path in (folder / "generations").iterdir()}


def test_the_generation_before_stays_and_older_ones_go(index: Path) -> None:
    """After a build of something else the new generation is current and the one before it is kept; no third one is."""
    ids = [current_id(index)]
    for number in range(3):
        ids.append(write_snapshot(index, contents_of({"other.txt": f"Something else altogether, {number}."}), {}))
        assert read_pointer(index) == Pointer(ids[-1], ids[-2])
        assert generations(index) == set(ids[-2:])
    assert sorted(path.name for path in index.iterdir()) == ["current", "generations", "lock"]


def test_a_generation_that_is_read_stays(index: Path) -> None:
    """While a snapshot lives its files stay, however many builds there are; once it is gone they go with the next."""
    snapshot = load_snapshot(index)
    for number in range(3):
        write_snapshot(index, contents_of({"other.txt": f"Something else altogether, {number}."}), {})
    assert snapshot.id in generations(index)
    assert [document.text for document in snapshot.contents.documents] == list(TEXTS.values())
    id = snapshot.id
    del snapshot
    write_snapshot(index, contents_of(OTHER), {})
    assert id not in generations(index)


def test_a_reader_on_its_way_to_what_goes_finds_what_is(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two builds that end while a reader is on its way to a generation give the reader the latest one."""
    rebuilt: list[str] = []
    hold = locks.hold

    def rebuild_first(folder: Path) -> locks.Hold:
        if not rebuilt:
            rebuilt.extend(write_snapshot(index, contents_of({"o.txt": f"Something else, {n}."}), {}) for n in range(2))
        return hold(folder)

    monkeypatch.setattr("index.snapshot.read.hold", rebuild_first)
    assert load_snapshot(index).id == rebuilt[-1]


def test_a_reader_that_dies_holds_nothing(index: Path) -> None:
    """A process that reads a generation and is killed does not keep it from going."""
    code = "import sys, time; from pathlib import Path; from index.locks import hold; held = hold(Path(sys.argv[1])); "
    reader = subprocess.Popen(
        [sys.executable, "-c", f"{code}print(1, flush=True); time.sleep(600)", str(generation(index))],
        cwd=ROOT,
        stdout=subprocess.PIPE,
    )
    assert reader.stdout is not None
    assert reader.stdout.readline() == b"1\n"
    old = current_id(index)
    for number in range(2):
        write_snapshot(index, contents_of({"o.txt": f"Something else, {number}."}), {})
    assert old in generations(index)
    reader.kill()
    reader.wait()
    reader.stdout.close()
    write_snapshot(index, contents_of(OTHER), {})
    assert old not in generations(index)


def test_a_text_that_was_read_holds_nothing(index: Path) -> None:
    """A document whose text has been read, as one that is quoted, keeps no generation from going."""
    document = load_snapshot(index).contents.documents[0]
    id, text = current_id(index), document.text
    for number in range(2):
        write_snapshot(index, contents_of({"other.txt": f"Something else altogether, {number}."}), {})
    assert id not in generations(index)
    assert document.text == text == TEXTS["harbour.txt"]


def test_a_text_is_verified_when_it_is_first_looked_at(index: Path) -> None:
    """An altered text is refused by its document's name, and only there: the other documents can be quoted."""
    file = generation(index) / "texts.utf8"
    data = file.read_bytes()
    file.write_bytes(bytes([data[0] ^ 1]) + data[1:])
    one, other = load_snapshot(index).contents.documents
    for _ in range(2):
        with pytest.raises(SnapshotDamaged, match=r"the text of harbour\.txt in texts\.utf8 of the index was altered"):
            _ = one.text
    assert other.text == TEXTS["rules/leave.md"]
    file.write_bytes(data)
    assert one.text == TEXTS["harbour.txt"]


def test_documents_that_are_forgotten_are_read_again(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of many documents few are remembered, and each is what it was, by number, in part, and as a whole."""
    monkeypatch.setattr("index.snapshot.documents._REMEMBERED", 1)
    documents = load_snapshot(index).contents.documents
    for _ in range(2):
        assert [documents[number].text for number in (0, 1, -1)] == [*TEXTS.values(), TEXTS["rules/leave.md"]]
    assert documents == contents_of(TEXTS).documents
    assert list(documents[:1]) == list(contents_of(TEXTS).documents[:1])
    assert documents[0] is documents[0]
    with pytest.raises(IndexError):
        documents[2]


def test_an_altered_array_is_never_searched(index: Path) -> None:
    """FAISS and the scores of terms get no number of a block whose checksum is wrong."""
    for name in ("vectors.high", "terms.gaps"):
        file = generation(index) / name
        file.write_bytes(b"\xff" * file.stat().st_size)
    contents = load_snapshot(index).contents
    query = FakeEncoder().encode(["harbour"])[0]
    with pytest.raises(SnapshotDamaged, match=r"vectors\.high of the index was altered"):
        contents.vectors.nearest(query, 3)
    with pytest.raises(SnapshotDamaged, match=r"terms\.gaps of the index was altered"):
        contents.terms.scores(["harbour"])


def test_going_back(index: Path) -> None:
    """Rolled back, the generation before is current as it was; rolled back again, the later one is."""
    old = current_id(index)
    new = write_snapshot(index, contents_of(OTHER), {})
    contents = load_snapshot(index).contents
    assert roll_back(index) == Pointer(old, new)
    assert [document.path for document in load_snapshot(index).contents.documents] == list(TEXTS)
    assert roll_back(index) == Pointer(new, old)
    assert same(load_snapshot(index).contents, contents)
    roll_back(index)
    write_snapshot(index, contents, {})
    assert read_pointer(index) == Pointer(new, old)


def test_what_is_not_there_or_damaged_is_not_gone_back_to(index: Path, tmp_path: Path) -> None:
    """Without an index, without one before, or with a damaged one, going back is refused and changes nothing."""
    with pytest.raises(SnapshotMissing, match="there is no index"):
        roll_back(tmp_path / "none")
    assert not (tmp_path / "none").exists()
    with pytest.raises(SnapshotMissing, match="has no earlier generation to go back to; nothing was changed"):
        roll_back(index)
    old = generation(index)
    write_snapshot(index, contents_of(OTHER), {})
    before = read_pointer(index)
    (old / "words.txt").write_bytes(b"{}")
    with pytest.raises(SnapshotDamaged, match="the earlier generation cannot be gone back to"):
        roll_back(index)
    assert read_pointer(index) == before


def test_a_damaged_generation_is_not_kept_to_go_back_to(index: Path) -> None:
    """Built over a damaged generation, a new one is followed by the sound one before that."""
    first = current_id(index)
    write_snapshot(index, contents_of(OTHER), {})
    (generation(index) / "vectors.high").unlink()
    third = write_snapshot(index, contents_of({"third.txt": "A third text."}), {})
    assert read_pointer(index) == Pointer(third, first)


@pytest.mark.parametrize("text", ["", "{}", '{"built_at": "x", "sha256": "y"}\n', "[]", None])
def test_a_build_file_vouches_for_itself(index: Path, text: str | None) -> None:
    """When and how an index was built is not believed from an altered file; a build with --force heals it."""
    contents = load_snapshot(index).contents
    assert set(read_build(generation(index))) == {"built_at", "seconds"}
    (generation(index) / "build.json").unlink()
    if text is not None:
        (generation(index) / "build.json").write_text(text)
    with pytest.raises(SnapshotDamaged, match=r"build\.json"):
        read_build(generation(index))
    write_snapshot(index, contents, {"built_at": "now"})
    assert read_build(generation(index)) == {"built_at": "now"}


def beside(index: Path, said: threading.Event) -> threading.Thread:
    """Another builder, begun: it sets `said` if it must wait."""

    def build() -> None:
        with builder_of(index, said.set):
            publish(index, contents_of(OTHER), {})

    thread = threading.Thread(target=build)
    thread.start()
    return thread


def test_a_second_builder_waits(index: Path) -> None:
    """While one builds another waits, and says so; then it builds."""
    said = threading.Event()
    with builder_of(index):
        old = current_id(index)
        second = beside(index, said)
        assert said.wait(timeout=30)
        assert current_id(index) == old
    second.join(timeout=30)
    assert current_id(index) != old


def test_a_living_builder_is_not_disturbed(index: Path) -> None:
    """What one builder writes is not cleared away by another that comes meanwhile, which waits."""
    scratch, said = index / "generations" / ".new-abc", threading.Event()
    with builder_of(index):
        scratch.mkdir()
        second = beside(index, said)
        assert said.wait(timeout=30)
        assert scratch.is_dir()
    second.join(timeout=30)
    assert not scratch.exists()


def test_what_a_dead_builder_left_is_cleared_away(index: Path) -> None:
    """Half a generation, one half removed, half a pointer: nobody minds them, and they go with the next build."""
    write_corpus(
        index,
        {"generations/.new-abc/texts.utf8": b"half", "generations/.old-abc/x": b"half"}
        | {".current-new": b"0123", f".current-{current_id(index)}": b"of an earlier version"},
    )
    load_snapshot(index)
    write_snapshot(index, contents_of(OTHER), {})
    assert sorted(path.name for path in index.rglob("*") if path.name.startswith(".")) == []


def test_an_index_of_the_first_format_is_built_again(index: Path) -> None:
    """A pointer of one line, as the first format had it, is refused with the remedy, which works."""
    contents = load_snapshot(index).contents
    (index / "current").write_text(current_id(index) + "\n", "ascii")
    with pytest.raises(SnapshotDamaged, match=r"written by an earlier version of Quoth; run: quoth index"):
        load_snapshot(index)
    write_snapshot(index, contents, {})
    load_snapshot(index)


def test_the_same_contents_leave_the_generation_alone(index: Path) -> None:
    """A build of the same contents does not touch files that others may be reading."""
    inode = (generation(index) / "texts.utf8").stat().st_ino
    write_snapshot(index, load_snapshot(index).contents, {})
    assert (generation(index) / "texts.utf8").stat().st_ino == inode


@pytest.mark.parametrize("name", ["manifest.json", "texts.utf8", "terms.gaps", "current"])
@pytest.mark.parametrize("damage", [b"", b"garbage", None])
def test_a_build_heals_a_damaged_index(index: Path, name: str, damage: bytes | None) -> None:
    """What a damaged index's message says to run repairs it, whichever file was hurt, with the same contents."""
    contents = read_whole(index)
    file = index / "current" if name == "current" else generation(index) / name
    file.unlink()
    if damage is not None:
        file.write_bytes(damage)
    write_snapshot(index, contents, {})
    assert same(load_snapshot(index).contents, contents)


def test_the_documents_name_their_sources_and_the_manifest_counts(index: Path, corpus: Path) -> None:
    """A document says of which file it was made, by its hash; the manifest how much there is, how it is searched."""
    manifest = read_manifest(index)
    contents = load_snapshot(index).contents
    assert {document.path: document.source_sha256 for document in contents.documents} == {
        name: hashlib.sha256((corpus / name).read_bytes()).hexdigest() for name in sorted(TEXTS)
    }
    assert manifest.vectors == {"search": "exact", "limit": contents.vectors.limit}
    assert manifest.counts == {
        "documents": len(contents.documents),
        "sentences": len(contents.sentences),
        "passages": len(contents.passages),
        "terms": len(contents.terms.postings.terms),
        "postings": len(contents.terms.postings),
        "words": len(contents.words),
        "stems": len(Words.of(contents.words).stems),
    }
    assert manifest.corpus_root == str(corpus)


def test_a_document_is_found_by_its_name(index: Path) -> None:
    """A document is found by its whole path, and None stands for one that is not there."""
    snapshot = load_snapshot(index)
    found = snapshot.document_named("rules/leave.md")
    assert found is not None
    assert found.title == "Leave"
    assert snapshot.document_named("leave.md") is None
