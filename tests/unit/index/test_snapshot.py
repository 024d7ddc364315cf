"""The snapshot: what is read is what was written, or a clear refusal."""

import hashlib
import json
import os
import pickle
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from index import snapshot as module
from index.build import build_index
from index.errors import SnapshotDamaged, SnapshotError, SnapshotForeign, SnapshotMissing
from index.snapshot import Contents, current_id, load_snapshot, read_manifest, write_snapshot
from index.terms import TermIndex
from index.vectors import VectorIndex
from tests.unit.fakes import SETTINGS, TEXTS, FakeEncoder, awkward_corpora, contents_of, write_corpus

OTHER = {"other.txt": "Something else altogether. It has two sentences."}


def same(one: Contents, other: Contents) -> bool:
    """Whether all that can be compared is equal, and rows and terms find the same."""
    rows = np.arange(len(one.passages))
    query = FakeEncoder().encode(["harbour"])[0]
    return (
        replace(one, vectors=other.vectors, terms=other.terms, words=dict(one.words))
        == replace(other, words=dict(other.words))
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
    (folder / "current").write_text(id + "\n", "ascii")


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
        build_index(corpus, tmp_path / name, SETTINGS, FakeEncoder())
    one, other = (files_of(tmp_path / name) for name in ("one", "other"))
    assert {name for name, data in one.items() if other.get(name) != data} == {
        name for name in one if name.endswith("/build.json")
    }


def every_file(folder: Path) -> list[str]:
    return sorted(set(files_of(generation(folder))) - {"build.json"})


def test_every_file_is_checked(index: Path) -> None:
    """A file cut short, with one bit turned, grown, emptied or removed is named in a SnapshotDamaged, each in turn."""
    names = every_file(index)
    assert len(names) >= 8
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
                load_snapshot(index)
            assert name in str(raised.value), damage
            assert "run: quoth index" in str(raised.value)
            file.write_bytes(data)
    load_snapshot(index)


def test_every_byte_of_the_manifest_counts(index: Path) -> None:
    """Whichever byte of the manifest is altered, the index is refused with one of its own errors."""
    file = generation(index) / "manifest.json"
    data = file.read_bytes()
    for position in range(len(data)):
        file.write_bytes(data[:position] + bytes([data[position] ^ 1]) + data[position + 1 :])
        with pytest.raises(SnapshotError):
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
    reseal(index, lambda manifest: manifest.update(format_version=3))
    with pytest.raises(SnapshotForeign, match=r"has format 3; this version of Quoth reads 2; run: quoth index"):
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


@pytest.mark.parametrize("name", ["documents.jsonl", "texts.utf8", "sentences.npy", "passages.npy", "vectors.faiss"])
@pytest.mark.parametrize("data", [b"", b"\x80\x04N.", b"{}\n", b"[1]\n"])
def test_nonsense_with_a_right_hash_is_damage(index: Path, name: str, data: bytes) -> None:
    """A file that cannot be parsed is damage, though its checksum fits."""
    (generation(index) / name).write_bytes(data)
    reseal(index)
    with pytest.raises(SnapshotDamaged):
        load_snapshot(index)


class _Bomb:
    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, ("went-off",)


@pytest.mark.parametrize("name", ["sentences.npy", "passages.npy", "terms/data.csc.index.npy"])
def test_a_pickle_is_never_opened(index: Path, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An array that carries a pickle, though its checksum fits, is damage, and its code does not run."""
    monkeypatch.chdir(tmp_path)
    file = generation(index) / name
    assert file.is_file()
    np.save(file, np.array([_Bomb()], dtype=object), allow_pickle=True)
    reseal(index)
    with pytest.raises(SnapshotDamaged):
        load_snapshot(index)
    assert not Path("went-off").exists()


def test_no_file_is_a_pickle(index: Path) -> None:
    """No file of an index is named or made like a pickle."""
    for name, data in files_of(index).items():
        assert not name.endswith((".pkl", ".pickle"))
        assert not data.startswith(pickle.PROTO), name


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


def test_a_file_is_no_index_folder(tmp_path: Path) -> None:
    """A file in the folder's place is refused, and stays as it was."""
    file = tmp_path / "index"
    file.write_text("mine", "utf-8")
    with pytest.raises(SnapshotForeign):
        write_snapshot(file, contents_of(TEXTS), {})
    with pytest.raises(SnapshotForeign):
        load_snapshot(file)
    assert file.read_text("utf-8") == "mine"


def test_a_new_generation_replaces_the_old(index: Path) -> None:
    """After a build of something else only the new generation is there, and it is current."""
    old = current_id(index)
    new = write_snapshot(index, contents_of(OTHER), {})
    assert new != old
    assert current_id(index) == new
    assert sorted(path.name for path in index.iterdir()) == ["current", "generations"]
    assert [path.name for path in (index / "generations").iterdir()] == [new]


def test_the_same_contents_leave_the_generation_alone(index: Path) -> None:
    """A build of the same contents does not touch files that others may be reading."""
    inode = (generation(index) / "texts.utf8").stat().st_ino
    write_snapshot(index, load_snapshot(index).contents, {})
    assert (generation(index) / "texts.utf8").stat().st_ino == inode


@pytest.mark.parametrize("name", ["manifest.json", "texts.utf8", "terms/params.index.json", "current"])
@pytest.mark.parametrize("damage", [b"", b"garbage", None])
def test_a_build_heals_a_damaged_index(index: Path, name: str, damage: bytes | None) -> None:
    """What a damaged index's message says to run repairs it, whichever file was hurt, with the same contents."""
    contents = load_snapshot(index).contents
    file = index / "current" if name == "current" else generation(index) / name
    file.unlink()
    if damage is not None:
        file.write_bytes(damage)
    write_snapshot(index, contents, {})
    assert same(load_snapshot(index).contents, contents)


class _Died(BaseException):
    """Stands for the power cut."""


STEPS = ("_write", "_write_table", "_flush", "_manifest", "_write_files")


def dying_after(n: int, monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """Patches every step of a write so that the n-th raises; returns how many ran."""
    count = 0

    def wrap(owner: object, name: str) -> None:
        real = getattr(owner, name)

        def step(*args: Any, **kwargs: Any) -> Any:
            nonlocal count
            count += 1
            if count > n:
                raise _Died
            return real(*args, **kwargs)

        monkeypatch.setattr(owner, name, step)

    for name in STEPS:
        wrap(module, name)
    for owner, name in ((Path, "rename"), (Path, "replace"), (VectorIndex, "save"), (TermIndex, "save")):
        wrap(owner, name)
    return lambda: count


def test_a_write_that_dies_leaves_old_or_new(index: Path, tmp_path: Path) -> None:
    """At whichever step a write dies, a reader gets the old snapshot whole or the new one whole; then it goes on."""
    old, new = load_snapshot(index), contents_of(OTHER)
    saw = {"old": 0, "new": 0}
    n = 0
    while True:
        folder = tmp_path / f"try-{n}"
        shutil.copytree(index, folder)
        with pytest.MonkeyPatch.context() as monkeypatch:
            ran = dying_after(n, monkeypatch)
            try:
                write_snapshot(folder, new, {})
            except _Died:
                died = True
            else:
                died = ran() > n
        found = load_snapshot(folder)
        is_old = found.id == old.id
        assert same(found.contents, old.contents if is_old else new)
        saw["old" if is_old else "new"] += 1
        assert not [path.name for path in (folder / "generations").iterdir() if path.name.startswith(".new-")]
        write_snapshot(folder, new, {})
        assert same(load_snapshot(folder).contents, new)
        assert len(list((folder / "generations").iterdir())) == 1
        if not died:
            break
        n += 1
    assert saw["old"] > 10
    assert saw["new"] >= 2


def test_a_first_write_that_dies_leaves_no_index(tmp_path: Path) -> None:
    """Without an old snapshot there is none after a write that died, and the next one succeeds."""
    for n in range(12):
        folder = tmp_path / str(n)
        with pytest.MonkeyPatch.context() as monkeypatch:
            dying_after(n, monkeypatch)
            with pytest.raises(_Died):
                write_snapshot(folder, contents_of(OTHER), {})
        with pytest.raises(SnapshotMissing):
            load_snapshot(folder)
        write_snapshot(folder, contents_of(OTHER), {})
        load_snapshot(folder)


def test_a_write_that_was_killed_is_cleared_away(index: Path) -> None:
    """What a killed write left behind is no obstacle to reading, and gone after the next write."""
    write_corpus(index, {"generations/.new-abc/texts.utf8": b"half", ".current-0123456789abcdef": b""})
    load_snapshot(index)
    write_snapshot(index, contents_of(OTHER), {})
    assert sorted(path.name for path in index.rglob("*") if path.name.startswith(".")) == []


@pytest.mark.skipif(os.name != "posix", reason="folders cannot be flushed elsewhere")
def test_everything_is_flushed_before_the_pointer_moves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every file and folder of the generation, and the pointer itself, is on the disk before the pointer is moved."""
    flushed: set[int] = set()
    unflushed: list[str] = []
    fsync, move = os.fsync, Path.replace

    def remember(handle: int) -> None:
        flushed.add(os.fstat(handle).st_ino)
        fsync(handle)

    def check(self: Path, target: Path) -> Path:
        needed = [self, *(self.parent / "generations").rglob("*")]
        unflushed.extend(path.name for path in needed if path.stat().st_ino not in flushed)
        return move(self, target)

    monkeypatch.setattr(os, "fsync", remember)
    monkeypatch.setattr(Path, "replace", check)
    write_snapshot(tmp_path / "index", contents_of(TEXTS), {})
    assert unflushed == []


def test_a_reader_outlives_a_rebuild(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A rebuild that ends while a reader is on its way to the old generation gives the reader the new one."""
    new = contents_of(OTHER)
    verify = module._verify
    rebuilt: list[bool] = []

    def rebuild_first(*args: Any) -> None:
        if not rebuilt:
            rebuilt.append(True)
            write_snapshot(index, new, {})
        verify(*args)

    monkeypatch.setattr(module, "_verify", rebuild_first)
    assert same(load_snapshot(index).contents, new)


def test_the_manifest_names_sources_and_counts(index: Path, corpus: Path) -> None:
    """The manifest says which files, by their hash, an index was built from, and how much it holds."""
    manifest = read_manifest(index)
    assert manifest["sources"] == {
        name: hashlib.sha256((corpus / name).read_bytes()).hexdigest() for name in sorted(TEXTS)
    }
    contents = load_snapshot(index).contents
    assert manifest["counts"] == {
        "documents": len(contents.documents),
        "sentences": len(contents.sentences),
        "passages": len(contents.passages),
    }
    assert manifest["corpus_root"] == str(corpus)


def test_a_document_is_found_by_its_name(index: Path) -> None:
    """A document is found by its whole path, and None stands for one that is not there."""
    snapshot = load_snapshot(index)
    found = snapshot.document_named("rules/leave.md")
    assert found is not None
    assert found.title == "Leave"
    assert snapshot.document_named("leave.md") is None
